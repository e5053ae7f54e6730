/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stacks.h - stacks: frames, functions, source lines. A part of critcore.h. */
#ifndef CRITCORE_STACKS_H
#define CRITCORE_STACKS_H

#include "critcore/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One function call on a stack. Strings are borrowed and live until crit_stacks_close(). */
struct crit_frame {
	uint64_t pc; /* of the newest frame: where it goes on. Of others: behind their call */
	uint64_t sp; /* stack pointer while this frame runs */
	const char *function;  /* demangled; NULL: not known */
	const char *symbol;    /* as the symbol table has it; NULL: not known */
	uint64_t function_off; /* of pc in the function, in bytes; 0 if that is not known */
	const char *object;    /* program, library: path in the checkpoint, "[vdso]"; NULL: none */
	uint64_t object_addr;  /* pc as the object's own tables have it; 0: not known */
	const char *file;      /* source file as it was named to the compiler; NULL: not known */
	unsigned int line;     /* in it; 0: not known */
	bool inlined;	       /* it was inlined into the next frame's function: same pc and sp */
	bool in_exe;	       /* object is the process's program */
	bool signal;	       /* no function: a signal handler was called here */
	bool guessed;	       /* found by frame pointers: no unwind table covers its callee */
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

/** Threads whose stacks are the same: the same calls of the same files, also in different
 *  processes. It does not matter where in the newest function they are. */
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

#ifdef __cplusplus
}
#endif

#endif
