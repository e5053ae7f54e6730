// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The texts of /proc/PID/stat and status (proc(5)). A checkpoint does not say whether a task that
 * was not stopped ran or slept: its state is '?', which gdb prints like any other letter. The root
 * of the tree has parent 0: nothing is recorded of processes outside the checkpoint.
 */
#include "target/proc.h"

#include <errno.h>
#include <inttypes.h>

static char state_letter(enum crit_task_state state)
{
	switch (state) {
	case CRIT_TASK_STOPPED:
		return 'T';
	case CRIT_TASK_ZOMBIE:
		return 'Z';
	default:
		return '?';
	}
}

static const char *state_words(enum crit_task_state state)
{
	switch (state) {
	case CRIT_TASK_STOPPED:
		return "T (stopped)";
	case CRIT_TASK_ZOMBIE:
		return "Z (zombie)";
	default:
		return "? (running or sleeping)";
	}
}

static struct crit_thread *thread_or_leader(struct crit_task *task, struct crit_thread *thread)
{
	return thread ? thread : crit_thread_at(task, 0);
}

/* The kernel escapes what would break the line. */
static void add_comm(struct buf *out, const char *name)
{
	for (; *name; name++) {
		if (*name == '\n')
			buf_add_str(out, "\\n");
		else if (*name == '\\')
			buf_add_str(out, "\\\\");
		else
			buf_add_byte(out, (uint8_t)*name);
	}
}

int proc_stat(struct crit_task *task, struct crit_thread *thread, struct buf *out)
{
	struct crit_task_info info;

	thread = thread_or_leader(task, thread);
	if (crit_task_info(task, &info, NULL) != CRIT_OK)
		return -EIO;
	buf_printf(out, "%" PRIu32 " (", crit_thread_tid(thread));
	add_comm(out, crit_thread_name(thread));
	// Without the kernel's line end, which gdb takes for a terminal with number 0.
	buf_printf(out, ") %c %" PRIu32 " %" PRIu32 " %" PRIu32, state_letter(info.state),
		   info.ppid, info.pgid, info.sid);
	return 0;
}

int proc_status(struct crit_task *task, struct crit_thread *thread, struct buf *out)
{
	struct crit_task_info info;
	struct crit_task_dirs dirs;

	thread = thread_or_leader(task, thread);
	if (crit_task_info(task, &info, NULL) != CRIT_OK)
		return -EIO;
	buf_add_str(out, "Name:\t");
	add_comm(out, crit_thread_name(thread));
	if (crit_task_dirs(task, &dirs, NULL) == CRIT_OK && dirs.has_umask)
		buf_printf(out, "\nUmask:\t%04" PRIo32, dirs.umask);
	buf_printf(out, "\nState:\t%s\n", state_words(info.state));
	buf_printf(out, "Tgid:\t%" PRIu32 "\nPid:\t%" PRIu32 "\n", info.pid,
		   crit_thread_tid(thread));
	if (info.ppid)
		buf_printf(out, "PPid:\t%" PRIu32 "\n", info.ppid);
	buf_printf(out, "Threads:\t%zu\n", info.nr_threads);
	return 0;
}
