/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* process.h - what the kernel knew of processes and threads. A part of critcore.h. */
#ifndef CRITCORE_PROCESS_H
#define CRITCORE_PROCESS_H

#include "critcore/task.h"

#ifdef __cplusplus
extern "C" {
#endif

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
	int32_t call_nr;	/* of the system call, in the thread's ABI; -1: none, not known */
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
 * The siginfo_t that a debugger shows for a thread: of the oldest signal that waits for this
 * thread; for the leader also of the oldest that waits for the process. In the layout of the task's
 * own ABI.
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

#ifdef __cplusplus
}
#endif

#endif
