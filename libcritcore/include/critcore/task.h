/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* task.h - processes, threads and their registers. A part of critcore.h. */
#ifndef CRITCORE_TASK_H
#define CRITCORE_TASK_H

#include "critcore/checkpoint.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Tasks (processes) ----------------------------------------------------------------------- */

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

/* ---- Threads and registers ------------------------------------------------------------------- */

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

#ifdef __cplusplus
}
#endif

#endif
