/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * checkpoint.h - what the files with methods of the Python type Checkpoint share.
 *
 * The library wants one thread at a time per checkpoint, and its calls run without the GIL, so a
 * `busy` flag (only touched with the GIL held) turns a second thread away. Every method is:
 * enter (find the task, mark busy), ask without the GIL, leave (mark free, hand the result on).
 */
#ifndef MODULE_CHECKPOINT_H
#define MODULE_CHECKPOINT_H

#include "module.h"

#include <stdbool.h>

struct checkpoint {
	PyObject ob_base;
	struct crit_checkpoint *ckpt; /* NULL once closed */
	bool busy;
};

/* Run EXPR, which may read files, without the GIL. */
#define WITHOUT_GIL(EXPR)                      \
	do {                                   \
		Py_BEGIN_ALLOW_THREADS;        \
		EXPR;                          \
		Py_END_ALLOW_THREADS;          \
	} while (0)

const struct module_state *state_of(struct checkpoint *self);

/** Begin to use it; false with an exception set. */
bool enter(struct checkpoint *self);
/** Begin with a task; NULL with an exception set. */
struct crit_task *enter_task(struct checkpoint *self, unsigned int pid);
/** Begin with a thread; NULL with an exception set. */
struct crit_thread *enter_thread(struct checkpoint *self, unsigned int pid, unsigned int tid);
/** enter_task() of a method whose one argument is a pid. */
struct crit_task *enter_task_arg(struct checkpoint *self, PyObject *args);

/** End the use. @return @p result. */
PyObject *leave(struct checkpoint *self, PyObject *result);
PyObject *leave_none(struct checkpoint *self);
/** End with the library's error as the exception. */
PyObject *fail(struct checkpoint *self, const struct crit_error *err);

/* Methods; the table in checkpoint.c says what they give. */

/* tasks.c */
PyObject *task_find(struct checkpoint *self, PyObject *args);
PyObject *task_list(struct checkpoint *self, PyObject *ignored);
PyObject *task_of_tid(struct checkpoint *self, PyObject *args);
PyObject *task_load(struct checkpoint *self, PyObject *args);
PyObject *task_machine(struct checkpoint *self, PyObject *args);
PyObject *task_notes(struct checkpoint *self, PyObject *args);
PyObject *task_threads(struct checkpoint *self, PyObject *args);
PyObject *task_registers(struct checkpoint *self, PyObject *args);
PyObject *task_exe(struct checkpoint *self, PyObject *args);
PyObject *task_files(struct checkpoint *self, PyObject *args);

/* memory.c */
PyObject *memory_mappings(struct checkpoint *self, PyObject *args);
PyObject *memory_totals(struct checkpoint *self, PyObject *args);
PyObject *memory_locate(struct checkpoint *self, PyObject *args);
PyObject *memory_next(struct checkpoint *self, PyObject *args);
PyObject *memory_read(struct checkpoint *self, PyObject *args);
PyObject *memory_args(struct checkpoint *self, PyObject *args);
PyObject *memory_env(struct checkpoint *self, PyObject *args);

/* details.c */
PyObject *task_details(struct checkpoint *self, PyObject *args);
PyObject *thread_details(struct checkpoint *self, PyObject *args);
PyObject *task_namespaces(struct checkpoint *self, PyObject *args);

/* stacks.c */
PyObject *thread_stacks(struct checkpoint *self, PyObject *args);

/* view.c, dump.c, core.c, search.c */
PyObject *memory_view(struct checkpoint *self, PyObject *args);
PyObject *memory_dump(struct checkpoint *self, PyObject *args);
PyObject *task_core(struct checkpoint *self, PyObject *args);
PyObject *memory_find(struct checkpoint *self, PyObject *args);

/* report.c: methods that print a report; see there. */

/** How a report of the library gets to Python. */
struct report {
	struct crit_output *out;
	struct crit_report_options options;
};

/**
 * Begin one. The library calls back all the time, so the caller keeps the GIL; an exception in
 * @p write, Ctrl-C among them, ends the work.
 * @param write   Borrowed until report_end(). Called with pieces of the text, which may end
 *                inside a line or a character.
 * @return false with an exception set.
 */
bool report_begin(struct checkpoint *self, struct report *report, PyObject *write, bool json,
		  bool colour);
/** End one, and the use of the checkpoint. */
PyObject *report_end(struct checkpoint *self, struct report *report, enum crit_status status,
		     const struct crit_error *err);

/* check.c */
PyObject *checkpoint_check(struct checkpoint *self, PyObject *args);

/* inspect.c */
PyObject *checkpoint_container(struct checkpoint *self, PyObject *args);

/* stats.c */
PyObject *checkpoint_stats(struct checkpoint *self, PyObject *args);

/* explore.c */
PyObject *checkpoint_explore(struct checkpoint *self, PyObject *args);

/* diff.c */
PyObject *checkpoint_diff(struct checkpoint *self, PyObject *args);
PyObject *checkpoint_diff_ranges(struct checkpoint *self, PyObject *args);
PyObject *checkpoint_same_run(struct checkpoint *self, PyObject *args);
PyObject *checkpoint_read_pages(struct checkpoint *self, PyObject *args);

/* tls.c */
PyObject *tls_modules(struct checkpoint *self, PyObject *args);
PyObject *tls_address(struct checkpoint *self, PyObject *args);

#endif
