/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * critcore.h - read CRIU checkpoints: processes, registers, memory, files.
 *
 * Threads   One checkpoint serves one thread at a time; different checkpoints are independent,
 *           also when they were opened from the same directory. Nothing is printed, and the process
 *           is never ended. The one thing that belongs to the whole process is a handler for SIGBUS,
 *           which stands while large pieces of images are mapped, and passes on what is not about
 *           them; where that cannot be, they are read without it.
 * Lifetime  The checkpoint owns everything. A pointer that is *returned* (or a pointer inside a
 *           struct the caller passed) is borrowed and lives until crit_checkpoint_close(). What
 *           comes through a `**out` belongs to the caller; its comment names the partner.
 * Errors    Functions that can fail return enum crit_status and fill an optional struct crit_error
 *           (NULL is fine everywhere). Results are written on success only, unless said otherwise.
 * Safety    Images are hostile input. They are opened read-only, only regular files are opened, and
 *           none is changed but by crit_checkpoint_compress() and crit_checkpoint_decompress(). An
 *           image that is cut short while it is open gives an error.
 * Units     Lengths, offsets and addresses are in bytes, ranges are [start, end), page counts say
 *           "pages" and mean the task's own page size.
 *
 * Glossary  image: one file of a checkpoint. record: one message in an image. task: a process.
 *           mapping: a VMA. run: adjacent pages of a pagemap. pid: as it was *inside* the
 *           checkpointed pid namespace.
 */
#ifndef CRITCORE_H
#define CRITCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CRIT_API __attribute__((visibility("default")))
#else
#define CRIT_API
#endif

/* ---- Errors ------------------------------------------------------------------------------- */

enum crit_status {
	CRIT_OK = 0,
	CRIT_NOT_FOUND,	  /* no such file, process, thread, register */
	CRIT_UNMAPPED,	  /* no mapping at this address */
	CRIT_NOT_DUMPED,  /* mapped, but the checkpoint does not hold the bytes; see enum crit_why */
	CRIT_CORRUPT,	  /* an image breaks its own format */
	CRIT_UNSUPPORTED, /* sound, but not understood by this version of the library */
	CRIT_INVALID,	  /* the caller's argument */
	CRIT_NO_MEMORY,	  /* out of memory, or an image asks for an absurd amount of it */
	CRIT_OS,	  /* a system call failed; see crit_error.os_errno */
	CRIT_KEPT,	  /* done; what was not understood is in the output as it was */
	CRIT_INTERRUPTED, /* a callback asked to stop */
};

/** Details of a failure, in storage of the caller's. Nothing in it needs freeing. */
struct crit_error {
	enum crit_status status;
	int os_errno;	   /* errno of a CRIT_OS failure, else 0 */
	bool has_off;	   /* off is meaningful */
	uint64_t off;	   /* byte in the image where the trouble starts */
	char image[128];   /* name of the image, "" when the failure is not about one */
	char message[512]; /* one line, complete: "task 812: pagemap-812.img: record 3 at byte 96: ..." */
};

/** A status as it is written in this header ("CRIT_CORRUPT"); never NULL. Static storage. */
CRIT_API const char *crit_status_name(enum crit_status status);

/** The library's version, for example "0.1.0". Static storage. */
CRIT_API const char *crit_version(void);

/* ---- Checkpoints -------------------------------------------------------------------------- */

struct crit_checkpoint;
struct crit_task;
struct crit_thread;

struct crit_checkpoint_info {
	const char *path;	/* as given to crit_checkpoint_open() */
	uint32_t img_version;	/* 1: first framing, 2: today's, 3: compressed pages (CRIU 4.3) */
	bool compressed;	/* pages may be LZ4-compressed */
	bool has_parent;	/* an incremental dump: a `parent` link exists */
	bool big_endian;	/* byte order of the machine that dumped */
	int64_t written;	/* when inventory.img was last written, seconds since 1970; a copy
				   that did not keep times says when it was copied */
	size_t nr_tasks;	/* processes in the tree, dead ones included */
};

/**
 * Open a checkpoint directory. Reads inventory.img and pstree.img and nothing else.
 *
 * @param path  A directory holding *.img files. Not NULL.
 * @param out   [out] The checkpoint; release it with crit_checkpoint_close().
 * @param err   [out] Details on failure. May be NULL.
 * @return CRIT_OK; CRIT_NOT_FOUND: no such directory, or no checkpoint in it; CRIT_CORRUPT;
 *         CRIT_UNSUPPORTED: an img_version of the future; CRIT_NO_MEMORY; CRIT_OS.
 */
CRIT_API enum crit_status crit_checkpoint_open(const char *path, struct crit_checkpoint **out,
					       struct crit_error *err);

/** Release a checkpoint and all that was borrowed from it. NULL is fine. */
CRIT_API void crit_checkpoint_close(struct crit_checkpoint *ckpt);

/**
 * Take turns: between the two nobody else does. crit_serve() does so for each request, so that
 * several tasks of one checkpoint can be served at once, each in a thread of its own; whatever else
 * such a program asks of the checkpoint stands between these two. Not recursive.
 */
CRIT_API void crit_checkpoint_lock(struct crit_checkpoint *ckpt);
CRIT_API void crit_checkpoint_unlock(struct crit_checkpoint *ckpt);

CRIT_API void crit_checkpoint_info(const struct crit_checkpoint *ckpt,
				   struct crit_checkpoint_info *out);

/**
 * Say where the checkpointed processes' file names are looked up: PATH/usr/bin/foo instead of
 * /usr/bin/foo. With a sysroot no file outside it is ever opened, whatever its symbolic links say.
 * Call it before the first memory or file question: what was looked up stays looked up.
 *
 * @param sysroot  Copied. NULL or "" means the root of this machine.
 */
CRIT_API enum crit_status crit_checkpoint_set_sysroot(struct crit_checkpoint *ckpt,
						      const char *sysroot, struct crit_error *err);

/**
 * Offer a local file as a copy of whichever mapped file of the checkpoint has the same build-id
 * and size, under whatever name. It is only taken where both agree; offering a wrong file is no
 * error and changes nothing. Same timing as crit_checkpoint_set_sysroot().
 *
 * @param path  Copied.
 * @return CRIT_OK; CRIT_NOT_FOUND, CRIT_INVALID (not a regular file), CRIT_NO_MEMORY, CRIT_OS.
 */
CRIT_API enum crit_status crit_checkpoint_offer_file(struct crit_checkpoint *ckpt,
						     const char *path, struct crit_error *err);

/**
 * Use mapped files even when their size or build-id differs from the checkpoint's. Off by default:
 * the bytes of a different build are not the process's. Same timing as
 * crit_checkpoint_set_sysroot().
 */
CRIT_API void crit_checkpoint_set_trust_files(struct crit_checkpoint *ckpt, bool trust);

/**
 * Name a second folder with pages: a dump through a page server leaves pagemap and pages images on
 * the machine of the server. What the checkpoint's own folder does not have is looked for there,
 * and in the parents of that folder. Call it before the first task is loaded.
 *
 * @param path  A directory; opened at once.
 * @return CRIT_OK; CRIT_NOT_FOUND, CRIT_INVALID (not a directory), CRIT_OS, CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_checkpoint_set_pages_dir(struct crit_checkpoint *ckpt,
							const char *path, struct crit_error *err);

/** One checkpoint of an incremental chain. */
struct crit_level {
	const char *path;    /* level 0: as given; parents: absolute, without links */
	const char *problem; /* one line on why the chain ends here although there is a `parent`
				link ("the parent link leads to ../1, which is not there"); else NULL */
	bool in_pages_dir;   /* of the folder of crit_checkpoint_set_pages_dir(), or its parents */
};

/** How many levels there are: this checkpoint, its parent, and so on, then likewise those of the
 *  second folder. Follows the `parent` links at the first call. crit_origin.level is an index. */
CRIT_API size_t crit_level_count(struct crit_checkpoint *ckpt);
/** False past the end. */
CRIT_API bool crit_level_at(struct crit_checkpoint *ckpt, size_t index, struct crit_level *out);

/* ---- Tasks (processes) -------------------------------------------------------------------- */

enum crit_task_state {
	CRIT_TASK_UNKNOWN = 0, /* its core image is missing or says a number we do not know */
	CRIT_TASK_ALIVE,       /* running or sleeping: CRIU does not record which */
	CRIT_TASK_STOPPED,     /* by a stop signal */
	CRIT_TASK_ZOMBIE,      /* dead: has an exit status, no memory and no registers */
};

/** A short name ("alive", "zombie"); never NULL. Static storage. */
CRIT_API const char *crit_task_state_name(enum crit_task_state state);

struct crit_task_info {
	uint32_t pid, ppid, pgid, sid;
	enum crit_task_state state;
	uint32_t exit_code;   /* wait status of a zombie */
	uint32_t stop_signo;  /* of a stopped task, 0 if not recorded */
	const char *comm;     /* command name, "" if unknown; may hold any bytes */
	size_t nr_threads;    /* the leader included */
	unsigned int depth;   /* in the tree; the root has 0 */
};

/** Tasks in pstree.img order (the root first). */
CRIT_API size_t crit_task_count(const struct crit_checkpoint *ckpt);
/** The @p index-th task, NULL past the end. */
CRIT_API struct crit_task *crit_task_at(struct crit_checkpoint *ckpt, size_t index);
/** The task with this pid, NULL if there is none. */
CRIT_API struct crit_task *crit_task_find(struct crit_checkpoint *ckpt, uint32_t pid);
/** The task that has a thread with this id (its pid counts), NULL if there is none. */
CRIT_API struct crit_task *crit_task_find_by_tid(struct crit_checkpoint *ckpt, uint32_t tid);

/**
 * What is known of a task without its memory. Reads core-PID.img once.
 * @return CRIT_OK; CRIT_NOT_FOUND, CRIT_CORRUPT, CRIT_UNSUPPORTED, CRIT_OS, CRIT_NO_MEMORY when the
 *         core image cannot be read: @p out then still holds what pstree.img says, with state
 *         CRIT_TASK_UNKNOWN and comm "".
 */
CRIT_API enum crit_status crit_task_info(struct crit_task *task, struct crit_task_info *out,
					 struct crit_error *err);

/**
 * Load all that a debugger needs of a task (core, mm, pagemap, thread cores), so that a checkpoint
 * that cannot be debugged fails here with one clear error instead of piecemeal later. The other
 * functions load on demand; calling this first is optional. Calling it again is cheap.
 * @return CRIT_OK, also when the task is only partly there: see crit_task_note_at();
 *         CRIT_NOT_DUMPED: a zombie, it has no memory; else as crit_task_info().
 */
CRIT_API enum crit_status crit_task_load(struct crit_task *task, struct crit_error *err);

/**
 * What the user must know about a loaded task, one line each, most serious first: mapped files that
 * are missing or differ, missing images, memory that is left elsewhere. NULL past the end.
 * crit_task_load() must have succeeded. Looks up the mapped files.
 */
CRIT_API const char *crit_task_note_at(struct crit_task *task, size_t index);

/** The architecture's gdb name, for example "i386:x86-64"; NULL before a successful load. */
CRIT_API const char *crit_task_arch(struct crit_task *task);
/** The byte order of its memory and registers; false before a successful load. The images may be
 *  framed in another one, crit_checkpoint_info.big_endian, when crit wrote them elsewhere. */
CRIT_API bool crit_task_big_endian(const struct crit_task *task);
/** In bytes; 0 before a successful load. From AT_PAGESZ of the saved auxiliary vector. */
CRIT_API uint32_t crit_task_page_size(struct crit_task *task);

/**
 * The auxiliary vector in the task's own word size and byte order, terminated by AT_NULL.
 * @param out  [out] Borrowed bytes.
 * @param len  [out] Their number.
 */
CRIT_API enum crit_status crit_task_auxv(struct crit_task *task, const void **out, size_t *len,
					 struct crit_error *err);

/* ---- Threads and registers ---------------------------------------------------------------- */

CRIT_API size_t crit_thread_count(const struct crit_task *task);
/** The @p index-th thread, the leader first, NULL past the end. */
CRIT_API struct crit_thread *crit_thread_at(struct crit_task *task, size_t index);
CRIT_API struct crit_thread *crit_thread_find(struct crit_task *task, uint32_t tid);
CRIT_API uint32_t crit_thread_tid(const struct crit_thread *thread);
/** The thread's name; "" when its core image is missing or has none. May hold any bytes. */
CRIT_API const char *crit_thread_name(struct crit_thread *thread);

struct crit_register {
	const char *name;  /* gdb's: "rip", "xmm0", "ymm0h", "k1" */
	uint16_t size;	   /* in bytes */
	bool available;	   /* false: the image does not have it; bytes is then NULL */
	const void *bytes; /* in the task's byte order */
};

/** How many registers the task's target description has, in gdb's order. 0 before a load. */
CRIT_API size_t crit_register_count(struct crit_task *task);
/** The index of a register by gdb's name; crit_register_count() if there is none. */
CRIT_API size_t crit_register_index(struct crit_task *task, const char *name);
/**
 * One register of one thread.
 * @return CRIT_OK, also when the register is not available; CRIT_NOT_FOUND: @p index too large, or
 *         the thread's core image is missing; CRIT_CORRUPT, CRIT_OS, CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_register_get(struct crit_thread *thread, size_t index,
					    struct crit_register *out, struct crit_error *err);

/* ---- What the kernel knew of processes and threads ------------------------------------------ */

enum crit_thread_activity {
	CRIT_THREAD_UNKNOWN = 0, /* nothing that is in the images tells */
	CRIT_THREAD_RUNNING,	 /* its own code, not in a system call */
	CRIT_THREAD_IN_CALL,	 /* at a system call: about to enter, waiting, or just back */
	CRIT_THREAD_SLEEPING,	 /* waiting in a system call, where the dump interrupted it */
	CRIT_THREAD_DEAD,	 /* of a zombie */
};

/** CRIU does not record whether a thread ran or slept; this is what its registers, and the
 *  instruction they point to, prove. docs/threads.md says how, for each CPU. */
struct crit_thread_state {
	enum crit_thread_activity activity;
	int32_t call_nr;	/* of the system call, in the thread's own ABI; -1: none, or not known */
	const char *call_name;	/* "futex"; NULL: not known. Static storage */
	uint64_t args[6];	/* as they are in the registers, of a known call */
	bool has_first_arg;	/* args[0] is one: else the result took its place */
	uint32_t stop_signo;	/* the process was stopped by this signal; 0: it was not, or the
				   images do not say by which */
	bool stopped;
	bool on_altstack;	/* in a signal handler: its stack pointer is in the alternate
				   signal stack. Handlers on other stacks are not seen */
	uint32_t exit_code;	/* wait status of a zombie */
};

/**
 * What a thread was doing. Loads the task if it can; reads a few bytes of memory on some CPUs.
 * @return CRIT_OK, also when nothing is known; as crit_register_get() when the thread's core image
 *         cannot be read: @p out then says CRIT_THREAD_UNKNOWN, and what is known of the process.
 */
CRIT_API enum crit_status crit_thread_state(struct crit_thread *thread,
					    struct crit_thread_state *out, struct crit_error *err);

enum { CRIT_STATE_TEXT_MAX = 128 };

/**
 * The same in words: "sleeping in futex", "running", "stopped by SIGSTOP, in pause", "sleeping in
 * pause, in signal handler", "exited with status 7". "" when nothing is known.
 *
 * @param thread  Whose state it is; names of signals differ from CPU to CPU.
 * @param buf     Receives the text, cut to @p len bytes with its terminator; CRIT_STATE_TEXT_MAX
 *                is enough for all.
 */
CRIT_API void crit_thread_state_text(const struct crit_thread *thread,
				     const struct crit_thread_state *state, char *buf, size_t len);

/** How a process with this wait status ended: "exited with status 7", "killed by SIGSEGV (core
 *  dumped)". @param buf  As above. */
CRIT_API void crit_wait_status_text(const struct crit_task *task, uint32_t status, char *buf,
				    size_t len);

/** A signal's name as gdb has it ("SIGSEGV", "SIG37"), by the numbers of the task's CPU; "SIG?" for
 *  0 and numbers above 128. Static storage. */
CRIT_API const char *crit_signal_name(const struct crit_task *task, uint32_t signo);

/** What crit_flag_text() has names for. */
enum crit_flag_kind {
	CRIT_FLAGS_SIGACTION,	   /* crit_sigaction.flags */
	CRIT_FLAGS_MIPS_SIGACTION, /* the same, on MIPS */
	CRIT_FLAGS_SECUREBITS,	/* crit_creds.securebits */
	CRIT_FLAGS_MEMBARRIER,	/* crit_task_details.membarrier */
	CRIT_FLAGS_PERSONALITY, /* crit_task_details.personality */
	CRIT_FLAGS_ALTSTACK,	/* crit_thread_details.altstack_flags */
	CRIT_FLAGS_CAPABILITIES,   /* of crit_creds */
};

/** Signals: bit n - 1 of low is signal n, bit n - 65 of high (MIPS only) signal n. */
struct crit_sigset {
	uint64_t low, high;
};

/** Which members of a struct crit_pending mean something. */
enum crit_siginfo_kind {
	CRIT_SIGINFO_PLAIN,    /* none */
	CRIT_SIGINFO_SENDER,   /* pid, uid: kill(2), tgkill(2), the kernel (pid 0) */
	CRIT_SIGINFO_QUEUED,   /* pid, uid, value: sigqueue(3), message queues */
	CRIT_SIGINFO_TIMER,    /* timer_id, overrun, value */
	CRIT_SIGINFO_FAULT,    /* addr */
	CRIT_SIGINFO_CHILD,    /* pid, uid, status */
	CRIT_SIGINFO_POLL,     /* band, fd */
	CRIT_SIGINFO_SYSCALL,  /* addr, call_nr */
};

/** A signal that was sent and not taken yet. */
struct crit_pending {
	uint32_t signo;
	int32_t os_errno, code;	/* si_errno, si_code */
	enum crit_siginfo_kind kind;
	uint32_t pid, uid, timer_id, overrun;
	int32_t status, fd, call_nr;
	int64_t band;
	uint64_t value, addr;	/* value: si_value, as a pointer */
	const void *raw;	/* siginfo_t as the dumping machine had it */
	size_t raw_len;		/* in bytes: 128 */
};

/** What one signal does. */
struct crit_sigaction {
	uint32_t signo;
	uint64_t handler;  /* address; 0: the default action, 1: ignored */
	uint64_t flags;	   /* SA_*; their names are in flag_kind's table */
	enum crit_flag_kind flag_kind;
	uint64_t restorer; /* address of the code that a handler returns to */
	struct crit_sigset mask;
};

struct crit_rlimit {
	const char *name, *unit; /* as in /proc/PID/limits: "Max open files", "files"; unit "" if
				    it has none. Static storage */
	uint64_t soft, hard;	 /* in that unit; UINT64_MAX: unlimited */
};

/** A timer of setitimer(2). Durations are in nanoseconds. */
struct crit_itimer {
	const char *name;	 /* "real", "virtual", "profiling". Static storage */
	uint32_t signo;
	uint64_t interval, left; /* left 0: not running */
};

/** A timer of timer_create(2). Durations are in nanoseconds. */
struct crit_posix_timer {
	uint32_t id;
	int32_t clock;		 /* CLOCK_*; negative: the CPU time of some process */
	const char *clock_name;	 /* "CLOCK_MONOTONIC"; NULL: none of those. Static storage */
	uint32_t signo, notify;	 /* SIGEV_* */
	const char *notify_name; /* "SIGEV_SIGNAL"; NULL: not known. Static storage */
	int32_t notify_tid;	 /* of SIGEV_THREAD_ID; 0 if not recorded */
	uint64_t value;		 /* handed to the handler */
	uint32_t overrun;
	uint64_t interval, left; /* left 0: not running */
};

/** What the images say of a whole process besides struct crit_task_info. What a `has_` denies is
 *  not recorded: an older CRIU, or a zombie. */
struct crit_task_details {
	uint32_t personality; /* personality(2) */
	uint32_t flags;	      /* the kernel's PF_* bits */
	bool has_loginuid, has_oom_score_adj, has_child_subreaper, has_membarrier;
	uint32_t loginuid; /* UINT32_MAX: never set */
	int32_t oom_score_adj;
	bool child_subreaper;
	uint32_t membarrier; /* MEMBARRIER_CMD_* the process registered for, or-ed */
	bool has_pending, has_itimers, has_posix_timers;
	const struct crit_pending *pending; /* for the process, whichever thread takes them, oldest
					       first */
	size_t nr_pending;
	const struct crit_sigaction *actions; /* by number; SIGKILL and SIGSTOP have none */
	size_t nr_actions;		      /* 0: not recorded */
	const struct crit_rlimit *rlimits;    /* by RLIMIT_* number */
	size_t nr_rlimits;		      /* 0: not recorded */
	struct crit_itimer itimers[3];	      /* real, virtual, profiling */
	const struct crit_posix_timer *posix_timers;
	size_t nr_posix_timers;
};

/**
 * Read what the images say of a process, at each call anew.
 * @param out  [out] Release it with crit_task_details_free().
 * @return CRIT_OK; or as crit_task_info().
 */
CRIT_API enum crit_status crit_task_details_read(struct crit_task *task,
						 struct crit_task_details **out,
						 struct crit_error *err);
/** NULL is fine. */
CRIT_API void crit_task_details_free(struct crit_task_details *details);

enum crit_seccomp_mode {
	CRIT_SECCOMP_NONE = 0, /* or not recorded: CRIU leaves it out then */
	CRIT_SECCOMP_STRICT,
	CRIT_SECCOMP_FILTER,
};

/** Who a thread is and what it may do. Capabilities: bit n is crit_capability_name(n). */
struct crit_creds {
	uint32_t uid, euid, suid, fsuid, gid, egid, sgid, fsgid;
	const uint32_t *groups;
	size_t nr_groups;
	uint64_t inheritable, permitted, effective, bounding, ambient;
	bool has_ambient, has_no_new_privs, no_new_privs;
	uint32_t securebits;
	const char *lsm_profile, *lsm_sockcreate; /* NULL: not recorded */
};

/** What the images say of one thread. */
struct crit_thread_details {
	bool has_blocked, has_altstack, has_pending, has_creds, has_rseq;
	bool has_nice, has_policy, has_priority, has_pdeath_signal, has_timerslack;
	struct crit_sigset blocked;
	uint64_t altstack_start, altstack_len; /* address, bytes */
	uint32_t altstack_flags;	       /* SS_*; 2: there is none */
	const struct crit_pending *pending;    /* for this thread alone, oldest first */
	size_t nr_pending;
	struct crit_creds creds;
	int32_t nice;
	uint32_t policy;	 /* SCHED_* */
	const char *policy_name; /* "SCHED_OTHER"; NULL: not known. Static storage */
	uint32_t priority;
	uint32_t pdeath_signal; /* sent when the parent ends; 0: none */
	uint64_t timerslack;	/* in nanoseconds */
	uint64_t robust_list;	/* address of the list of robust futexes; 0: none */
	uint32_t robust_list_len;
	uint64_t rseq, rseq_cs; /* addresses; rseq_cs 0: in no critical section */
	uint32_t rseq_len, rseq_signature;
	enum crit_seccomp_mode seccomp;
	bool has_seccomp_filters; /* the chain of filters was found */
	size_t nr_seccomp_filters;
};

/** Likewise of a thread. Older CRIUs kept credentials by process: its threads then have them all.
 *  @param out  [out] Release it with crit_thread_details_free(). */
CRIT_API enum crit_status crit_thread_details_read(struct crit_thread *thread,
						   struct crit_thread_details **out,
						   struct crit_error *err);
/** NULL is fine. */
CRIT_API void crit_thread_details_free(struct crit_thread_details *details);

enum { CRIT_SIGINFO_MAX = 128 };

/**
 * The siginfo_t that a debugger shows for a thread: of the oldest signal that waits for this thread;
 * for the leader also of the oldest that waits for the process. In the layout of the task's own ABI.
 *
 * @param out  Receives @p len bytes, CRIT_SIGINFO_MAX at most.
 * @return CRIT_OK; CRIT_NOT_FOUND: no signal waits; or as crit_task_info().
 */
CRIT_API enum crit_status crit_thread_siginfo(struct crit_thread *thread,
					      uint8_t out[CRIT_SIGINFO_MAX], size_t *len,
					      struct crit_error *err);

struct crit_namespace {
	const char *kind;     /* "pid", "net", "ipc", "uts", "mnt", "user", "cgroup", "time" */
	bool has_id, has_own; /* recorded; known whether own */
	uint32_t id;	      /* CRIU's number; it names the images ("utsns-12.img") */
	bool own;	      /* another one than that of the process that ran the dump */
	const char *known;    /* one line on what the images say of it ("node demo-box"); "" */
};

/**
 * The namespaces of a task, a row for each kind of Linux's.
 * @param out  [out] An array of @p nr; release it with crit_namespaces_free().
 * @return CRIT_OK, also when nothing is recorded; CRIT_CORRUPT, CRIT_OS, CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_namespaces_read(struct crit_task *task,
					       struct crit_namespace **out, size_t *nr,
					       struct crit_error *err);
/** NULL is fine. */
CRIT_API void crit_namespaces_free(struct crit_namespace *namespaces);

/** "CAP_NET_ADMIN"; NULL: not known. Static storage. */
CRIT_API const char *crit_capability_name(unsigned int number);

/** Bits in words: "SA_ONSTACK|SA_RESTART|0x80"; "" for none. Cut to @p len bytes with its
 *  terminator; 2048 are enough for all. */
CRIT_API void crit_flag_text(enum crit_flag_kind kind, uint64_t bits, char *buf, size_t len);

/* ---- Mapped files ------------------------------------------------------------------------- */

enum crit_file_verdict {
	CRIT_FILE_USED,		  /* found, and size and build-id agree (or are trusted) */
	CRIT_FILE_MISSING,	  /* no such file here */
	CRIT_FILE_UNREADABLE,	  /* there, but not allowed, not a regular file, ... */
	CRIT_FILE_SIZE_DIFFERS,
	CRIT_FILE_BUILD_ID_DIFFERS,
	CRIT_FILE_UNVERIFIED,	  /* neither size nor build-id are recorded (old images) */
	CRIT_FILE_CHANGED,	  /* no build-id recorded, and modified after the images were written */
	CRIT_FILE_CHECKSUM_DIFFERS,
	CRIT_FILE_NAMESPACE,	  /* no build-id recorded, and a file of the task's own mount namespace
				     while no sysroot says where that is */
	CRIT_FILE_DELETED,	  /* had no name any more when the checkpoint was taken, and the images
				     do not have it either */
	CRIT_FILE_GHOST,	  /* had no name any more; its contents are in an image of the
				     checkpoint: used */
	CRIT_FILE_NOT_REGULAR,	  /* a memfd, a device: never looked for on this machine */
	CRIT_FILE_OTHER_CPU,	  /* of crit_task_exe() only: it is the executable, and for another CPU
				     than the one that the core image has registers of */
};

struct crit_file {
	uint32_t id;		      /* in files.img */
	const char *path;	      /* absolute, as it was in the checkpoint; "" of what has none,
					 as a socket */
	const char *local_path;	      /* the file looked at here; NULL if none was found */
	enum crit_file_verdict verdict;
	bool has_size;		      /* size is recorded */
	uint64_t size, local_size;    /* in bytes; local_size 0 when there is no local_path */
	const uint8_t *build_id;      /* as recorded; NULL if not */
	size_t build_id_len;	      /* in bytes */
	const uint8_t *local_build_id; /* of local_path; NULL if it has none */
	size_t local_build_id_len;
	int os_errno;		      /* why it is CRIT_FILE_UNREADABLE, else 0 */
	const char *ghost;	      /* the image with its contents ("ghost-file-1.img"), when it
					 was deleted and the images name one; else NULL */
	bool has_checksum;	      /* recorded: CRC32C over parts of the file */
	uint32_t checksum, local_checksum; /* local: 0 when there is no local_path */
	bool deleted;		      /* had no name any more: path is the one it had last */
};

/** One sentence for a verdict ("its build-id differs"); never NULL. Static storage. */
CRIT_API const char *crit_file_verdict_text(enum crit_file_verdict verdict);

/**
 * The executable of a task: the file behind mm_entry.exe_file_id, looked up on this machine.
 * @return CRIT_OK whatever the verdict; CRIT_NOT_FOUND: the images do not name one; or as
 *         crit_task_load().
 */
CRIT_API enum crit_status crit_task_exe(struct crit_task *task, struct crit_file *out,
					struct crit_error *err);

/** How many different files are mapped by the task. Loads the task; 0 if that fails. */
CRIT_API size_t crit_task_file_count(struct crit_task *task);
/** The @p index-th of them in address order; false past the end. Looks the file up. */
CRIT_API bool crit_task_file_at(struct crit_task *task, size_t index, struct crit_file *out);

/* ---- Open files --------------------------------------------------------------------------- */

/** Where a task stands in the file system. */
struct crit_task_dirs {
	const char *cwd, *root; /* absolute, from the root of its mount namespace; NULL when the
				   images do not say */
	bool has_umask;		/* recorded */
	uint32_t umask;
};

/**
 * A task's current directory, root and umask, from fs-PID.img.
 * @return CRIT_OK; CRIT_NOT_FOUND: there is no such image, as of a zombie; CRIT_CORRUPT, CRIT_OS,
 *         CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_task_dirs(struct crit_task *task, struct crit_task_dirs *out,
					 struct crit_error *err);

enum crit_fd_kind {
	CRIT_FD_UNKNOWN = 0,
	CRIT_FD_REG, /* a regular file, directory or device */
	CRIT_FD_PIPE,
	CRIT_FD_FIFO,
	CRIT_FD_INETSK, /* sockets: see crit_fd_socket() */
	CRIT_FD_UNIXSK,
	CRIT_FD_PACKETSK,
	CRIT_FD_NETLINKSK,
	CRIT_FD_EVENTFD,
	CRIT_FD_EVENTPOLL,
	CRIT_FD_SIGNALFD,
	CRIT_FD_TIMERFD,
	CRIT_FD_INOTIFY,
	CRIT_FD_FANOTIFY,
	CRIT_FD_TTY,
	CRIT_FD_NS,   /* of a namespace */
	CRIT_FD_TUNF, /* of a tun or tap device */
	CRIT_FD_MEMFD,
	CRIT_FD_BPFMAP,
	CRIT_FD_PIDFD,
	CRIT_FD_EXT, /* supplied by a plugin on restore */
};

/** CRIU's name ("REG", "INETSK"); never NULL. Static storage. */
CRIT_API const char *crit_fd_kind_name(enum crit_fd_kind kind);

/** A file descriptor of a task. */
struct crit_fd {
	uint32_t fd;
	uint32_t file_id;	/* of the open file; descriptors that have it in common share offset
				   and flags */
	enum crit_fd_kind kind;
	bool cloexec;
	bool known;		/* the images have the open file; else what is above is all */
	const char *link;	/* as the link /proc/PID/fd/N had it: "/etc/passwd", "pipe:[156673]",
				   "anon_inode:[eventfd]"; '?' stands for a number that is not
				   recorded. "" when nothing is known */
	bool has_flags;		/* recorded */
	uint32_t flags;		/* O_*, in the numbering of the dumped machine */
	bool has_pos;		/* recorded, as of files that have one */
	uint64_t pos;		/* offset, in bytes */
	uint64_t ino;		/* inode of a pipe, fifo or socket; 0: not recorded */
};

/**
 * Read a task's table of descriptors (fdinfo-N.img). The other functions do it on demand.
 * @return CRIT_OK; CRIT_NOT_FOUND: there is none, as of a zombie; CRIT_CORRUPT, CRIT_OS,
 *         CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_fd_load(struct crit_task *task, struct crit_error *err);
/** How many descriptors; 0 if they cannot be read. */
CRIT_API size_t crit_fd_count(struct crit_task *task);
/** The @p index-th, by number; false past the end. */
CRIT_API bool crit_fd_at(struct crit_task *task, size_t index, struct crit_fd *out);
/** The index of a descriptor; crit_fd_count() if there is none. */
CRIT_API size_t crit_fd_find(struct crit_task *task, uint32_t fd);

/** A socket. Families, types, protocols and states have the numbers of Linux. */
struct crit_socket {
	enum crit_fd_kind kind;
	uint32_t family; /* AF_* */
	uint32_t type;	 /* SOCK_* */
	uint32_t protocol; /* IPPROTO_*, NETLINK_*, ETH_P_* (as in the image) */
	bool has_state;
	uint32_t state;	   /* TCP_*, used for all families: 1 established, 7 closed, 10 listening */
	uint64_t ino;	   /* 0: not recorded, as of packet sockets */
	uint32_t ns_id;	   /* network namespace, CRIU's number; 0: not recorded */
	uint32_t backlog;  /* of a listening one */
	bool has_uid;
	uint32_t uid;	   /* of who made it */
	bool has_queues;   /* the two below are known */
	uint64_t rcv_len;  /* bytes that wait to be read */
	uint64_t snd_len;  /* bytes that were not sent or not acknowledged */
	/* INETSK: numeric addresses, of AF_INET6 without brackets; "" when not recorded. */
	char src_addr[48], dst_addr[48];
	uint32_t src_port, dst_port;
	/* UNIXSK */
	const char *name; /* address, not terminated; a NUL first: an abstract one. NULL otherwise */
	size_t name_len;
	const char *name_dir; /* what a relative one starts from; NULL if not recorded */
	uint64_t peer;	      /* ino of the other end; 0: not connected */
	/* NETLINKSK */
	uint32_t port_id, dst_port_id;
	/* PACKETSK */
	uint32_t ifindex; /* network device; 0: all */
};

/**
 * The socket behind a descriptor.
 * @return CRIT_OK; CRIT_NOT_FOUND: no such descriptor, or it is not of a socket, or the images do
 *         not have it; CRIT_CORRUPT, CRIT_OS, CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_fd_socket(struct crit_task *task, size_t index,
					 struct crit_socket *out, struct crit_error *err);
/** A state's name ("ESTABLISHED"), as netstat(8) has it; "?" for others. Static storage. */
CRIT_API const char *crit_socket_state_name(uint32_t state);

enum crit_ipc_kind {
	CRIT_IPC_SHM, /* segments of shared memory */
	CRIT_IPC_SEM, /* sets of semaphores */
	CRIT_IPC_MSG, /* message queues */
};

/** A System V IPC object. CRIU records those of the IPC namespaces that it dumped. */
struct crit_ipc {
	enum crit_ipc_kind kind;
	uint32_t ns; /* namespace, CRIU's number */
	uint32_t key, id, mode, uid, gid, cuid, cgid;
	uint64_t size;	 /* SHM: bytes; MSG: bytes in the queue */
	uint64_t number; /* SEM: semaphores in the set; MSG: messages in the queue */
};

/** Read them, from ipcns-*.img. The other functions do it on demand.
 *  @return CRIT_OK; CRIT_NOT_FOUND: no IPC namespace was dumped, only that of the machine was in
 *          use, whose objects are not recorded; CRIT_CORRUPT, CRIT_OS, CRIT_NO_MEMORY. */
CRIT_API enum crit_status crit_ipc_load(struct crit_checkpoint *ckpt, struct crit_error *err);
/** By kind, then by namespace, then by id; 0 if they cannot be read. */
CRIT_API size_t crit_ipc_count(struct crit_checkpoint *ckpt);
CRIT_API bool crit_ipc_at(struct crit_checkpoint *ckpt, size_t index, struct crit_ipc *out);
/** False if there is none. */
CRIT_API bool crit_ipc_find(struct crit_checkpoint *ckpt, enum crit_ipc_kind kind, uint32_t ns,
			    uint32_t id, struct crit_ipc *out);

/* ---- Memory ------------------------------------------------------------------------------- */

enum crit_mapping_kind {
	CRIT_MAP_ANON,	   /* private anonymous, heap and stack included */
	CRIT_MAP_FILE,	   /* private mapping of a file */
	CRIT_MAP_FILE_SHARED,
	CRIT_MAP_ANON_SHARED,
	CRIT_MAP_SYSV,	   /* a System V shared memory segment */
	CRIT_MAP_MEMFD,
	CRIT_MAP_SOCKET,   /* packet socket ring */
	CRIT_MAP_VDSO,
	CRIT_MAP_VVAR,
	CRIT_MAP_VSYSCALL,
	CRIT_MAP_AIO,	   /* asynchronous I/O ring */
	CRIT_MAP_SHADOW_STACK,
	CRIT_MAP_PLUGIN,   /* contents owned by a CRIU plugin (GPU memory) */
	CRIT_MAP_OTHER,
};

/** A short name ("anon", "file", "vdso"); never NULL. Static storage. */
CRIT_API const char *crit_mapping_kind_name(enum crit_mapping_kind kind);

struct crit_mapping {
	uint64_t start, end;	/* addresses; end exclusive */
	uint32_t prot;		/* PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4 */
	uint32_t flags;		/* MAP_* of Linux */
	uint32_t status;	/* CRIU's vma status bits, as recorded */
	uint64_t pgoff;		/* byte offset in the file or shared object */
	uint64_t shmid;		/* as recorded: file id, shared memory id or 0 */
	enum crit_mapping_kind kind;
	bool heap, stack;	/* holds the program break, the initial stack */
	const char *path;	/* of the mapped file; NULL if there is none */
	const char *name;	/* path, or what /proc/PID/maps has instead ("[heap]", "[vdso]"); "" if
				   nothing */
	bool deleted;		/* as crit_file.deleted */
};

/** How many mappings, in address order. Loads the task; 0 if that fails. */
CRIT_API size_t crit_mapping_count(struct crit_task *task);
/** False past the end. */
CRIT_API bool crit_mapping_at(struct crit_task *task, size_t index, struct crit_mapping *out);

enum crit_origin_kind {
	CRIT_ORIGIN_UNMAPPED,	 /* no mapping here */
	CRIT_ORIGIN_IMAGE,	 /* bytes of an image of the checkpoint */
	CRIT_ORIGIN_ZERO,	 /* never written: reads as zeros */
	CRIT_ORIGIN_FILE,	 /* bytes of the mapped file on this machine, verified */
	CRIT_ORIGIN_UNAVAILABLE, /* mapped, but not here; see enum crit_why */
};

/** Why bytes are unavailable. */
enum crit_why {
	CRIT_WHY_NONE = 0,
	CRIT_WHY_PARENT,	  /* in a parent checkpoint that is not there; crit_level.problem */
	CRIT_WHY_PARENT_PAGE,	  /* in the parent checkpoint, which does not have it */
	CRIT_WHY_LAZY,		  /* left with the page server (--lazy-pages) */
	CRIT_WHY_PUNCHED,	  /* punched out by deduplication */
	CRIT_WHY_NO_PAGEMAP,	  /* the pagemap image is missing */
	CRIT_WHY_BAD_PAGEMAP,	  /* it is damaged, and what was understood does not say */
	CRIT_WHY_NO_PAGES,	  /* the pages image is missing */
	CRIT_WHY_PAGES_UNREADABLE, /* it cannot be opened, or is no regular file */
	CRIT_WHY_PAGES_SHORT,	  /* the pages image ends before them */
	CRIT_WHY_CONTRADICTION,	  /* both here and in the parent, says the pagemap */
	CRIT_WHY_FILE_MISSING,	  /* the mapped file is not on this machine */
	CRIT_WHY_FILE_UNREADABLE,
	CRIT_WHY_FILE_DIFFERS,	  /* its size, build-id, checksum or time is not the checkpoint's */
	CRIT_WHY_FILE_UNVERIFIED, /* nothing is recorded to know the file by */
	CRIT_WHY_FILE_NAMESPACE,  /* nothing but size and time, and it is a file of a container */
	CRIT_WHY_FILE_DELETED,	  /* kept nowhere, or its ghost image is missing or damaged */
	CRIT_WHY_FILE_UNKNOWN,	  /* the images do not say which file it is */
	CRIT_WHY_PAST_EOF,	  /* beyond the end of the mapped file */
	CRIT_WHY_VVAR,		  /* kernel data, never dumped */
	CRIT_WHY_VSYSCALL,	  /* kernel page, never dumped */
	CRIT_WHY_DROPPABLE,	  /* MAP_DROPPABLE, contents never dumped */
	CRIT_WHY_GUARD,		  /* a guard page has no contents */
	CRIT_WHY_DEVICE,	  /* a mapping of a device or socket */
	CRIT_WHY_PLUGIN,	  /* kept by a CRIU plugin */
	CRIT_WHY_UNKNOWN,	  /* the images use flags this version does not know */
};

/** One clause for a reason ("the mapped file is not on this machine"); never NULL. Static. */
CRIT_API const char *crit_why_text(enum crit_why why);

/** Where the bytes of an address range come from. */
struct crit_origin {
	enum crit_origin_kind kind;
	enum crit_why why;   /* of CRIT_ORIGIN_UNAVAILABLE */
	uint64_t vaddr, len; /* the longest range from the address asked that has one origin with
				adjacent offsets; of CRIT_ORIGIN_UNMAPPED: up to the next mapping.
				len is 0 when the range reaches the top of the address space */
	const char *source;  /* IMAGE: name of the image; FILE: path on this machine; else NULL */
	uint64_t off;	     /* byte in source where vaddr's byte stands, or its LZ4 block */
	size_t mapping;	     /* index of the mapping; SIZE_MAX when unmapped */
	bool shared;	     /* from shared memory: other processes may have the same bytes */
	bool in_image;	     /* a pagemap or ghost file of the checkpoint decided it, whatever kind:
				level says of which one */
	unsigned int level;  /* 0: this checkpoint, 1: its parent, ...; see crit_level_at() */
	/* An LZ4 block, which the byte is in. block_len 0: it is not in one. */
	uint32_t block_len;	/* bytes it has in source, from off on */
	uint32_t block_mem_len; /* bytes of memory it holds */
	uint32_t block_pos;	/* vaddr's byte in those */
	uint64_t block_index;	/* in its run, from 0 */
};

/**
 * Say where the byte at an address comes from. Touches no page contents.
 * @return CRIT_OK, also for unmapped and unavailable addresses; or as crit_task_load().
 */
CRIT_API enum crit_status crit_mem_locate(struct crit_task *task, uint64_t vaddr,
					  struct crit_origin *out, struct crit_error *err);

/**
 * Copy a task's memory as it was when the checkpoint was taken.
 *
 * @param vaddr   First byte, in the task's own address space.
 * @param len     In bytes. 0 succeeds and touches nothing.
 * @param buf     Receives at most @p len bytes; the rest is left alone.
 * @param nread   [out] Bytes filled from @p vaddr on; also set when the call fails part-way.
 *                May be NULL.
 * @return CRIT_OK; CRIT_UNMAPPED: no mapping at the next byte; CRIT_NOT_DUMPED: mapped, but the
 *         checkpoint does not hold the byte (the error says why, as crit_mem_locate() does);
 *         CRIT_CORRUPT, CRIT_OS; or as crit_task_load().
 */
CRIT_API enum crit_status crit_mem_read(struct crit_task *task, uint64_t vaddr, size_t len,
					void *buf, size_t *nread, struct crit_error *err);

/**
 * The first range at or behind an address that comes from one of some kinds of origin.
 *
 * @param kinds  1 << CRIT_ORIGIN_IMAGE | ...; for what is populated, IMAGE and FILE.
 * @return CRIT_OK; CRIT_NOT_FOUND: there is none; or as crit_task_load().
 */
CRIT_API enum crit_status crit_mem_next(struct crit_task *task, uint64_t vaddr, unsigned int kinds,
					struct crit_origin *out, struct crit_error *err);

/** Bytes of a range by where they come from. The second line is part of the first. */
struct crit_mem_totals {
	uint64_t image, zero, file, unavailable; /* in bytes; their sum is what is mapped */
	uint64_t parent;     /* of image: in parent checkpoints */
	uint64_t compressed; /* of image: in LZ4 blocks */
	uint64_t shared;     /* of image: in images of shared memory */
	uint64_t lazy;	     /* of unavailable: left with the page server */
};

/**
 * Add up crit_mem_locate() over [start, end). Use 0 and UINT64_MAX for the whole task.
 * @param out  [out] Set, not added to.
 */
CRIT_API enum crit_status crit_mem_totals(struct crit_task *task, uint64_t start, uint64_t end,
					  struct crit_mem_totals *out, struct crit_error *err);

/** Bytes of a task that lie in a row in one file, mapped and not copied. */
struct crit_view;

/**
 * Look at memory without copying it: where it comes from one uncompressed image or mapped file and
 * lies in a row there. The view lives on when the checkpoint is closed.
 *
 * Should the file be cut short meanwhile, reading what is gone would end the process with SIGBUS.
 * While there are views a handler for that signal stands; it puts zeros where nothing is any more
 * and remembers it, so ask crit_view_intact() *after* using the bytes. Other faults go to the
 * handler that was there before.
 *
 * @param len  In bytes, not 0.
 * @param out  [out] Release it with crit_view_close().
 * @return CRIT_OK; CRIT_UNMAPPED or CRIT_NOT_DUMPED, as crit_mem_read(); CRIT_UNSUPPORTED: there
 *         are bytes, but they do not lie in a row (several runs, LZ4, never written): ask
 *         crit_mem_read(), which also knows whether all of them are there; CRIT_OS;
 *         CRIT_NO_MEMORY; or as crit_task_load().
 */
CRIT_API enum crit_status crit_mem_view(struct crit_task *task, uint64_t vaddr, size_t len,
					struct crit_view **out, struct crit_error *err);
/** NULL is fine. */
CRIT_API void crit_view_close(struct crit_view *view);
CRIT_API const void *crit_view_data(const struct crit_view *view);
CRIT_API size_t crit_view_len(const struct crit_view *view);
/** Have a function called the first time that a byte was asked for that is not there any more. It
 *  runs in the signal handler, in the thread that asked, and may only do what is safe there. */
CRIT_API void crit_view_on_loss(struct crit_view *view, void (*on_loss)(void *ctx), void *ctx);
/** False once some byte that was asked for was not there any more. */
CRIT_API bool crit_view_intact(const struct crit_view *view);

/**
 * Command line arguments of a task, as they were in its memory when it was checkpointed: strings
 * with a NUL behind each; a program may have written anything there.
 *
 * @param out  [out] Bytes; free() them.
 * @return CRIT_OK; as crit_mem_read(); CRIT_CORRUPT: more than 64 MiB.
 */
CRIT_API enum crit_status crit_task_args(struct crit_task *task, char **out, size_t *len,
					 struct crit_error *err);
/** Likewise its environment, "NAME=value" strings. */
CRIT_API enum crit_status crit_task_env(struct crit_task *task, char **out, size_t *len,
					struct crit_error *err);
/** Bytes of address space that map shared memory or shared files (MAP_SHARED). Loads the task; 0 if
 *  that fails. */
CRIT_API uint64_t crit_task_shared_len(struct crit_task *task);

/* ---- Thread-local storage ------------------------------------------------------------------- */

/**
 * Where a thread-local variable is: of glibc (2.31 and later) and musl, and in the executable of
 * any C library.
 *
 * @param link_map  Address of the struct link_map of the module that has the variable, as the list
 *                  that r_debug begins has it; 0: a static executable.
 * @param offset    Of the variable in its module's block, in bytes (a symbol's value).
 * @param vaddr     [out] The address in the task.
 * @return CRIT_OK; CRIT_NOT_FOUND: the thread has not used the module's variables yet, so that they
 *         are nowhere, or the module has none, or its thread pointer is not recorded;
 *         CRIT_UNSUPPORTED: not a C library that is understood; CRIT_CORRUPT: what is there is no
 *         link map, or what hangs on it contradicts itself; CRIT_INVALID: 0 of an executable that
 *         is not static; or as crit_mem_read() and crit_register_get().
 */
CRIT_API enum crit_status crit_tls_address(struct crit_thread *thread, uint64_t link_map,
					   uint64_t offset, uint64_t *vaddr,
					   struct crit_error *err);

/** A module with thread-local storage. */
struct crit_tls_module {
	uint64_t number;   /* the C library's, from 1 on */
	uint64_t link_map; /* for crit_tls_address(); 0: a static executable */
	uint64_t base;	   /* what its addresses are ahead of those in its file */
	uint64_t dynamic;  /* address of its dynamic section; 0: none */
	const char *name;  /* as the dynamic linker knows it, "" for the executable; lives during
			      the call */
	bool plain;	   /* in every thread, the element for the module in the thread's table is
			      all one needs to look at: no static storage beside it, and nothing
			      left there by a module that was unloaded */
};

/**
 * Tell of all modules with thread-local storage, in the order of the dynamic linker's list.
 *
 * @param found  Called for each; false ends the call (CRIT_OK).
 * @return as crit_tls_address().
 */
CRIT_API enum crit_status crit_tls_modules(struct crit_task *task,
					   bool (*found)(void *ctx,
							 const struct crit_tls_module *module),
					   void *ctx, struct crit_error *err);

/* ---- Input and output ---------------------------------------------------------------------- */

/** Bytes to convert. */
struct crit_input;
/** Where converted bytes go. */
struct crit_output;

/**
 * @param path  A file, a named pipe, /dev/stdin. Not a directory.
 * @param out   [out] Release it with crit_input_close().
 * @return CRIT_OK; CRIT_NOT_FOUND; CRIT_INVALID: a directory; CRIT_OS; CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_input_open(const char *path, struct crit_input **out,
					  struct crit_error *err);
/** @param fd    Stays the caller's; is read from its current offset on.
 *  @param name  For messages. Copied. */
CRIT_API enum crit_status crit_input_from_fd(int fd, const char *name, struct crit_input **out,
					     struct crit_error *err);
/** @param data  @p len bytes that stay as they are until crit_input_close(). */
CRIT_API enum crit_status crit_input_from_memory(const void *data, size_t len, const char *name,
						 struct crit_input **out, struct crit_error *err);
/** NULL is fine. */
CRIT_API void crit_input_close(struct crit_input *in);

/**
 * Write a file. Until crit_output_commit() nothing is seen of it: there is the old file, or none.
 * Devices and pipes are written to directly.
 *
 * @param out  [out] Release it with crit_output_close().
 */
CRIT_API enum crit_status crit_output_create(const char *path, struct crit_output **out,
					     struct crit_error *err);
/** @param fd  Stays the caller's. */
CRIT_API enum crit_status crit_output_from_fd(int fd, struct crit_output **out,
					      struct crit_error *err);
/** @param write  Takes all of @p len bytes, or returns false to stop (CRIT_INTERRUPTED). */
CRIT_API enum crit_status crit_output_from_function(bool (*write)(void *ctx, const void *data,
								  size_t len),
						    void *ctx, struct crit_output **out,
						    struct crit_error *err);
/** Put the file in place, synced to the disk. Nothing to do for other outputs. */
CRIT_API enum crit_status crit_output_commit(struct crit_output *out, struct crit_error *err);
/** A file that was not committed leaves no trace. NULL is fine. */
CRIT_API void crit_output_close(struct crit_output *out);

/** How long work is watched and stopped. @p total is 0 when it is not known. */
typedef bool (*crit_keep_going_fn)(void *ctx, uint64_t done, uint64_t total);

/* ---- Searching memory ----------------------------------------------------------------------- */

enum crit_pattern_kind {
	CRIT_PATTERN_TEXT,    /* these very bytes */
	CRIT_PATTERN_HEX,     /* "de ad be ef", blanks optional; "?" is any half byte: "4? ?? 05" */
	CRIT_PATTERN_INTEGER, /* "42", "-1", "0x2a": of int_size bytes, in the task's byte order */
	CRIT_PATTERN_REGEX,   /* PCRE2's syntax, over bytes */
};

struct crit_pattern_options {
	bool ignore_case;	 /* TEXT, REGEX: of ASCII letters */
	bool utf16;		 /* TEXT: given as UTF-8, looked for as UTF-16 in the byte order */
	unsigned int int_size;	 /* INTEGER: 1, 2, 4 or 8; 0: the smallest that holds the value */
	bool big_endian;	 /* INTEGER, utf16: as crit_checkpoint_info.big_endian says */
};

struct crit_pattern;

/**
 * @param text     @p len bytes; TEXT may hold any, the others are ASCII.
 * @param options  NULL: all zero.
 * @param out      [out] Release it with crit_pattern_free().
 * @return CRIT_OK; CRIT_INVALID: the error says what is wrong and where; CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_pattern_new(enum crit_pattern_kind kind, const void *text,
					   size_t len, const struct crit_pattern_options *options,
					   struct crit_pattern **out, struct crit_error *err);
/** NULL is fine. */
CRIT_API void crit_pattern_free(struct crit_pattern *pattern);

struct crit_match {
	struct crit_task *task;
	uint64_t vaddr, len; /* in bytes */
	size_t mapping;	     /* of the first byte */
	uint64_t nr;	     /* from 0, of this search */
};

struct crit_search_options {
	uint64_t start, end;   /* addresses; end 0: to the top */
	uint64_t align;	       /* only matches at multiples of it; 0 and 1: anywhere */
	uint64_t max_matches;  /* stop after so many; 0: all */
	bool overlapping;      /* also matches that begin inside the one before; not for REGEX */
	crit_keep_going_fn keep_going; /* bytes looked at, and of how many; from the caller's thread */
	/** Hears of memory that is said to be there but cannot be read, and so was not searched. */
	void (*unreadable)(void *ctx, struct crit_task *task, uint64_t vaddr, uint64_t len,
			   const struct crit_error *why);
	void *ctx;	       /* for keep_going, unreadable, found and skipped */
};

/**
 * Look for a pattern in all memory of a task that is there, in address order. Matches may cross
 * the borders of pages, runs and mappings, but every byte of them is there: nothing matches across
 * unavailable bytes. A match of REGEX is at most 64 KiB long.
 *
 * @param options  NULL: all zero.
 * @param found    Called for each match; false ends the search (CRIT_OK).
 * @return CRIT_OK, whatever was found; CRIT_INTERRUPTED; CRIT_INVALID: a regular expression that
 *         needs too much work; CRIT_NO_MEMORY; or as crit_task_load(). Images that cannot be read
 *         in places are searched where they can.
 */
CRIT_API enum crit_status crit_search(struct crit_task *task, const struct crit_pattern *pattern,
				      const struct crit_search_options *options,
				      bool (*found)(void *ctx, const struct crit_match *match),
				      struct crit_error *err);

/**
 * The same in every process of a checkpoint, one after the other in crit_task_at() order. Memory
 * that several share, and clean pages of files, are searched once: matches wholly inside are told
 * for the first process that maps them. Processes without memory are passed over; so are those
 * that cannot be loaded, after @p skipped heard why.
 */
CRIT_API enum crit_status crit_search_all(struct crit_checkpoint *ckpt,
					  const struct crit_pattern *pattern,
					  const struct crit_search_options *options,
					  bool (*found)(void *ctx, const struct crit_match *match),
					  void (*skipped)(void *ctx, struct crit_task *task,
							  const struct crit_error *why),
					  struct crit_error *err);

/* ---- Dumping memory ------------------------------------------------------------------------- */

struct crit_dump_gap {
	uint64_t start, end; /* addresses of bytes that are not there */
	const char *why;     /* one clause; lives during the call */
};

struct crit_dump_options {
	bool hex;	    /* text, 16 bytes a line, as hexdump -C; "??" where a byte is not there */
	uint8_t fill;	    /* for bytes that are not there, when not hex */
	/** Hears of every range of bytes that are not there, in address order. */
	void (*gap)(void *ctx, const struct crit_dump_gap *gap);
	crit_keep_going_fn keep_going;
	void *ctx; /* for both */
};

/**
 * Write the bytes of [start, end) to an output: the byte at @p start first. Where nothing was ever
 * written, or nothing is there and fill is 0, a file gets a hole.
 *
 * @param options  NULL: all zero.
 * @param missing  [out] Bytes that are not there: unmapped or unavailable. May be NULL.
 * @return CRIT_OK, whatever is missing; CRIT_INVALID: end is not behind start; CRIT_INTERRUPTED;
 *         CRIT_OS; CRIT_NO_MEMORY; or as crit_task_load().
 */
CRIT_API enum crit_status crit_mem_dump(struct crit_task *task, uint64_t start, uint64_t end,
					struct crit_output *out,
					const struct crit_dump_options *options, uint64_t *missing,
					struct crit_error *err);

/**
 * The same to a file, and what is not there to a list beside it: PATH.missing, one line for each
 * range, "0xSTART 0xEND REASON". Both take their places when they are complete, the list first;
 * when nothing is missing there is none, and one that an earlier dump left is removed.
 *
 * @param json  The list as JSON: {"start": N, "end": N, "why": "..."} on each line.
 * @return also CRIT_INVALID: @p path is an image of the checkpoint itself.
 */
CRIT_API enum crit_status crit_mem_dump_file(struct crit_task *task, uint64_t start, uint64_t end,
					     const char *path,
					     const struct crit_dump_options *options, bool json,
					     uint64_t *missing, struct crit_error *err);

/* ---- Stacks --------------------------------------------------------------------------------- */

/** One function call on a stack. Strings are borrowed and live until crit_stacks_close(). */
struct crit_frame {
	uint64_t pc; /* of the newest frame: where it goes on. Of others: behind their call */
	uint64_t sp; /* stack pointer while this frame runs */
	const char *function;  /* demangled; NULL: not known */
	const char *symbol;    /* as the symbol table has it; NULL: not known */
	uint64_t function_off; /* of pc in the function, in bytes; 0 if that is not known */
	const char *object;    /* program or library: its path in the checkpoint, "[vdso]"; NULL: none */
	uint64_t object_addr;  /* pc as the object's own tables have it; 0: not known */
	const char *file;      /* source file as it was named to the compiler; NULL: not known */
	unsigned int line;     /* in it; 0: not known */
	bool inlined;	       /* the call was inlined into the next frame's function: same pc and sp */
	bool in_exe;	       /* object is the process's program */
	bool signal;	       /* no function: a signal handler was called here */
	bool guessed;	       /* found by frame pointers, because no unwind table covers its callee */
};

/** Why a stack has no further frame. */
enum crit_stack_end {
	CRIT_STACK_COMPLETE,	/* it is the outermost frame */
	CRIT_STACK_MAIN,	/* it is main(); crit_stack_options.past_main goes on */
	CRIT_STACK_LIMIT,	/* there are more than asked for */
	CRIT_STACK_UNAVAILABLE, /* memory is not there */
	CRIT_STACK_LOOP,	/* it does not go on upwards: overwritten, or no stack */
	CRIT_STACK_NO_TABLE,	/* nothing says how to unwind */
	CRIT_STACK_BAD_TABLE,	/* what says so makes no sense */
	CRIT_STACK_NONE,	/* it has no frame at all: its registers are not there */
};

/** A short name ("complete", "limit"); never NULL. Static storage. */
CRIT_API const char *crit_stack_end_name(enum crit_stack_end end);

struct crit_stack {
	struct crit_thread *thread;
	const struct crit_frame *frames; /* the newest first */
	size_t nr_frames;
	enum crit_stack_end end;
	const char *why; /* one line about end */
};

struct crit_stack_options {
	size_t max_frames; /* of a stack, inlined ones included; 0: 10000 */
	bool past_main;	   /* also what called main(), as gdb's `set backtrace past-main` */
};

/** What walking stacks needs to know of programs and libraries: found when needed, and kept. */
struct crit_stacks;

/**
 * Stacks of a checkpoint's threads, by the unwind tables and symbols of the mapped files that are
 * here and verified, of their separate debug files and of the vdso in memory. Debug files are found
 * by build-id in /usr/lib/debug/.build-id of the sysroot and of this machine, or by name and
 * checksum in the sysroot.
 *
 * @param options  NULL: all zero.
 * @param out      [out] Release it with crit_stacks_close(), before the checkpoint is closed.
 */
CRIT_API enum crit_status crit_stacks_open(struct crit_checkpoint *ckpt,
					   const struct crit_stack_options *options,
					   struct crit_stacks **out, struct crit_error *err);
/** NULL is fine. */
CRIT_API void crit_stacks_close(struct crit_stacks *stacks);

/**
 * The stack of a thread.
 *
 * @param out  [out] Lives until the next walk. Also set on failure: with end CRIT_STACK_NONE, and
 *             why.
 * @return CRIT_OK, however far the stack goes; CRIT_NOT_DUMPED: no registers; CRIT_UNSUPPORTED: a
 *         CPU whose stacks are not walked; CRIT_NO_MEMORY; or as crit_task_load(),
 *         crit_register_get().
 */
CRIT_API enum crit_status crit_stack_walk(struct crit_stacks *stacks, struct crit_thread *thread,
					  struct crit_stack *out, struct crit_error *err);

/** Threads whose stacks are the same: the same calls of the same files, also in different processes.
 *  It does not matter where in the newest function they are. */
struct crit_stack_group {
	const struct crit_stack *stack; /* of the first of them */
	struct crit_thread *const *threads;
	size_t nr_threads;
	const char *label; /* "990 threads: 12-1001 (worker-*)" */
};

struct crit_stack_groups;

/**
 * Walk all stacks of a process, or of all processes, and put the same ones together.
 *
 * @param task        NULL: of all processes that are not dead.
 * @param keep_going  Called before each thread; counts threads. May be NULL.
 * @param out         [out] Release it with crit_stack_groups_free(), before @p stacks is closed.
 * @return CRIT_OK; CRIT_INTERRUPTED; CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_stacks_group(struct crit_stacks *stacks, struct crit_task *task,
					    crit_keep_going_fn keep_going, void *ctx,
					    struct crit_stack_groups **out, struct crit_error *err);
/** The @p index-th group, the largest first; false past the end. Borrowed from @p groups. */
CRIT_API bool crit_stack_group_at(const struct crit_stack_groups *groups, size_t index,
				  struct crit_stack_group *out);
/** NULL is fine. */
CRIT_API void crit_stack_groups_free(struct crit_stack_groups *groups);

/* ---- gdb remote protocol ------------------------------------------------------------------ */

enum crit_serve_flags {
	CRIT_SERVE_EXEC_FILE = 1, /* tell gdb the executable's name, so that it loads it by itself */
};

/**
 * Serve one task over the gdb remote serial protocol until the client detaches, kills or closes.
 * Blocks. Writes nothing but protocol to @p out_fd; does not close the descriptors. Several may run
 * on one checkpoint, in different threads: see crit_checkpoint_lock().
 *
 * @param in_fd   Blocking descriptor of the client's packets.
 * @param out_fd  Descriptor for replies; may be the same (a socket).
 * @param flags   Of enum crit_serve_flags, or-ed.
 * @return CRIT_OK: the client is gone; CRIT_OS: reading or writing failed; or as crit_task_load().
 */
CRIT_API enum crit_status crit_serve(struct crit_task *task, int in_fd, int out_fd,
				     unsigned int flags, struct crit_error *err);

struct crit_listener;

enum crit_listen_flags {
	CRIT_LISTEN_ANYWHERE = 1, /* also at addresses that other machines reach */
};

/**
 * Make a place where one debugger can connect. Whoever does reads the process's memory: a unix
 * socket is open to its owner only, and nothing but loopback addresses is taken without
 * CRIT_LISTEN_ANYWHERE.
 *
 * @param where  "unix:PATH", "127.0.0.1:PORT", "[::1]:PORT", ":PORT" (of 127.0.0.1); port 0 lets the
 *               kernel choose. A socket that nobody listens on is replaced, other files are not.
 * @param flags  Of enum crit_listen_flags, or-ed.
 * @param out    [out] Release it with crit_listener_close().
 * @return CRIT_OK; CRIT_INVALID: not such a place, not allowed, or taken; CRIT_NOT_FOUND: no such
 *         folder; CRIT_OS; CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_listener_open(const char *where, unsigned int flags,
					     struct crit_listener **out, struct crit_error *err);
/** Also removes the socket's file, unless that was replaced. NULL is fine. */
CRIT_API void crit_listener_close(struct crit_listener *listener);
/** Where it is, with the port that was chosen: "127.0.0.1:40123", "unix:PATH". Borrowed. */
CRIT_API const char *crit_listener_name(const struct crit_listener *listener);
/**
 * Wait for the one client. Nobody can connect any more when this returns.
 *
 * @param keep_going  Asked some times a second, and after each signal; false ends the wait. NULL:
 *                    wait for ever.
 * @param fd          [out] For crit_serve(); the caller closes it.
 * @return CRIT_OK; CRIT_INTERRUPTED; CRIT_INVALID: called a second time; CRIT_OS.
 */
CRIT_API enum crit_status crit_listener_accept(struct crit_listener *listener,
					       crit_keep_going_fn keep_going, void *ctx, int *fd,
					       struct crit_error *err);

/* ---- Images as JSON ------------------------------------------------------------------------- */

enum crit_json_layout {
	CRIT_JSON_LINE,	    /* everything on one line */
	CRIT_JSON_INDENTED, /* by four spaces a level */
};

/** All zero is CRIT's `decode`. */
struct crit_decode_options {
	enum crit_json_layout layout;
	bool pretty;	 /* numbers as addresses, flags, devices, names, as the schema says */
	bool no_payload; /* only say how large payloads are; cannot be encoded again */
	/** Hears, one line at a time, what the JSON keeps in members that start with '_'. */
	void (*note)(void *ctx, const char *line);
	/** Called now and then; false ends the call with CRIT_INTERRUPTED. */
	crit_keep_going_fn keep_going;
	void *ctx; /* for both */
};

/**
 * Write an image as JSON, as CRIT does: {"magic": "CORE", "entries": [{...}, ...]}, without a
 * newline at the end. What that form cannot hold is in members whose names start with '_', so that
 * crit_image_encode() always gives back the very same bytes; docs/json.md lists them.
 *
 * @param options  NULL: all zero.
 * @return CRIT_OK; CRIT_KEPT: the output is complete, but some of the image was not understood and
 *         is in it undecoded, @p err says what and where; CRIT_CORRUPT: not an image;
 *         CRIT_UNSUPPORTED: a raw image, without records; CRIT_OS; CRIT_NO_MEMORY;
 *         CRIT_INTERRUPTED.
 */
CRIT_API enum crit_status crit_image_decode(struct crit_input *in, struct crit_output *out,
					    const struct crit_decode_options *options,
					    struct crit_error *err);

struct crit_encode_options {
	void (*note)(void *ctx, const char *line); /* what was ignored or given up */
	crit_keep_going_fn keep_going;
	void *ctx;
};

/**
 * Write JSON as an image: the inverse of crit_image_decode() in all its forms, and of CRIT's and
 * go-crit's decoders.
 *
 * @return CRIT_OK; CRIT_CORRUPT: @p err says line, column and path ("entries[3].vmas[0].start");
 *         its off is the byte in the JSON; CRIT_OS; CRIT_NO_MEMORY; CRIT_INTERRUPTED.
 */
CRIT_API enum crit_status crit_image_encode(struct crit_input *in, struct crit_output *out,
					    const struct crit_encode_options *options,
					    struct crit_error *err);

struct crit_image_info {
	const char *magic; /* CRIU's name of the kind ("CORE"); static storage */
	uint64_t count;	   /* records; without the head of a pagemap */
};

/** What kind of image it is and how many records it has. @return as crit_image_decode(). */
CRIT_API enum crit_status crit_image_info(struct crit_input *in, struct crit_image_info *out,
					  struct crit_error *err);

/**
 * Change one field of an image; every other byte stays as it is.
 *
 * @param path   "entries[0].tc.comm", "entries[3].vmas[0].start".
 * @param value  JSON, as crit_image_encode() takes it for the field ("\"name\"", "42",
 *               "\"0x2a\"", "{\"low\": 1}").
 * @return as crit_image_encode(); CRIT_NOT_FOUND: no such record, or no such field in the schema.
 */
CRIT_API enum crit_status crit_image_set(struct crit_input *in, struct crit_output *out,
					 const char *path, const char *value,
					 struct crit_error *err);

/* ---- Compressed pages ----------------------------------------------------------------------- */

enum crit_compress_outcome {
	CRIT_COMPRESS_DONE,
	CRIT_COMPRESS_ALREADY,	   /* the checkpoint has that form: nothing was done */
	CRIT_COMPRESS_NO_PAGEMAPS, /* there are no pages in the directory: nothing was done */
};

/** What became of one pagemap. */
struct crit_compress_pages {
	const char *pagemap;		/* name of the image; lives during the call */
	uint64_t nr_pages;		/* that have their bytes in this checkpoint */
	uint64_t len_before, len_after; /* of the pages image, in bytes */
	uint64_t nr_kept; /* compressing: pages of runs with holes in the file, which stay raw, so
			     that pages that were punched out can still be told from zeros */
};

/** All zero is crit's default. */
struct crit_compress_options {
	uint32_t block_len;	/* bytes of memory in a block: a power of two from one page to
				   4 MiB; 0: one page. Not for decompressing */
	unsigned int acceleration; /* of LZ4, 1 to 65537; 0: 1. Not for decompressing */
	bool in_place;		   /* no backups */
	unsigned int nr_threads;   /* 0: one for each CPU that may be used */
	/** Hears of every pagemap, by name, after all is done. */
	void (*report)(void *ctx, const struct crit_compress_pages *pages);
	/** Called from the caller's thread: with @p done 0 when all checks are passed and work
	 *  begins, then some ten times a second and after each pagemap. Counts bytes of memory.
	 *  False ends the call with CRIT_INTERRUPTED, and the checkpoint is as it was. */
	crit_keep_going_fn keep_going;
	void *ctx; /* for both */
};

/**
 * Turn a plain checkpoint into a compressed one (LZ4 blocks, img_version 3), or back, as CRIU 4.3
 * reads it. Huge pages and memory of plugins stay raw. Only inventory.img, the pagemap images and
 * their pages images change, and of the first two only the fields that are about compression.
 *
 * All or nothing: new images are made beside the old ones and put in their place at the end, and
 * when something fails the old ones come back. They keep owner, permissions, extended attributes
 * and times. Should the machine stop meanwhile, there still is a whole checkpoint: the old one, the
 * new one, or one that says it is compressed and is so in part. Files whose names begin with '.',
 * or a pages-4294967294.img, can be left then. Unless in_place, the old images are kept with ".bak"
 * behind their names.
 *
 * The parent checkpoint is not touched. Needs memory for a few blocks a thread, whatever the size.
 *
 * @param dir      The checkpoint's directory. It must be writable.
 * @param options  NULL: all zero.
 * @param outcome  [out] May be NULL.
 * @return CRIT_OK; CRIT_NOT_FOUND: no checkpoint, or an image is missing; CRIT_INVALID: a wrong
 *         option, or a backup is there already; CRIT_CORRUPT; CRIT_UNSUPPORTED: an img_version or
 *         a form of compression that is not known; CRIT_OS; CRIT_NO_MEMORY; CRIT_INTERRUPTED.
 */
CRIT_API enum crit_status crit_checkpoint_compress(const char *dir,
						   const struct crit_compress_options *options,
						   enum crit_compress_outcome *outcome,
						   struct crit_error *err);
/**
 * The inverse: `compress`, then `decompress` gives back the very same images. Where a parent is
 * involved img_version stays 3, as the parent may still be compressed.
 * Parameters and return values as above.
 */
CRIT_API enum crit_status crit_checkpoint_decompress(const char *dir,
						     const struct crit_compress_options *options,
						     enum crit_compress_outcome *outcome,
						     struct crit_error *err);

#ifdef __cplusplus
}
#endif

#endif
