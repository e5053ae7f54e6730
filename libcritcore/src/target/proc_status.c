// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The texts of /proc/PID/stat, status and limits (proc(5)). A checkpoint says nothing of whether a
 * task that was not stopped ran or slept, but its registers may; where they do not its state is
 * '?', which gdb prints like any other letter. The root of the tree has parent 0: nothing is
 * recorded of processes outside the checkpoint.
 */
#include "target/proc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "checkpoint/checkpoint.h"
#include "target/xml.h"

static const char *state_of(struct crit_task *task, struct crit_thread *thread)
{
	struct crit_thread_state state;
	struct crit_task_info info;

	crit_task_info(task, &info, NULL);
	if (info.state == CRIT_TASK_STOPPED)
		return "T (stopped)";
	if (info.state == CRIT_TASK_ZOMBIE)
		return "Z (zombie)";
	if (crit_thread_state(thread, &state, NULL) == CRIT_OK) {
		if (state.activity == CRIT_THREAD_RUNNING)
			return "R (running)";
		if (state.activity == CRIT_THREAD_SLEEPING)
			return "S (sleeping)";
	}
	return "? (running or sleeping)";
}

static struct crit_thread *thread_or_leader(struct crit_task *task, struct crit_thread *thread)
{
	return thread ? thread : crit_thread_at(task, 0);
}

/* The kernel escapes what would break the line. */
static void add_comm(struct buf *out, const char *name)
{
	for (;;) {
		size_t len = strcspn(name, "\n\\");

		text_add_proc(out, name, len, "");
		name += len;
		if (!*name)
			return;
		buf_add_str(out, *name++ == '\n' ? "\\n" : "\\\\");
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
	buf_printf(out, ") %c %" PRIu32 " %" PRIu32 " %" PRIu32, *state_of(task, thread), info.ppid,
		   info.pgid, info.sid);
	return 0;
}

/* ---- status ------------------------------------------------------------------------------- */

static void add_ids(struct buf *out, const char *key, uint32_t real, uint32_t effective,
		    uint32_t saved, uint32_t fs)
{
	buf_printf(out, "%s:\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu32 "\n", key, real,
		   effective, saved, fs);
}

static void add_creds(struct buf *out, const struct crit_creds *c)
{
	add_ids(out, "Uid", c->uid, c->euid, c->suid, c->fsuid);
	add_ids(out, "Gid", c->gid, c->egid, c->sgid, c->fsgid);
	buf_add_str(out, "Groups:\t");
	for (size_t i = 0; i < c->nr_groups; i++)
		buf_printf(out, "%" PRIu32 " ", c->groups[i]);
	buf_add_byte(out, '\n');
}

/* MIPS has 128 signals. */
static void add_signals(struct buf *out, const char *key, struct crit_sigset set, bool mips)
{
	buf_printf(out, "%s:\t", key);
	if (mips)
		buf_printf(out, "%016" PRIx64, set.high);
	buf_printf(out, "%016" PRIx64 "\n", set.low);
}

static void add_signal(struct crit_sigset *set, uint32_t signo)
{
	if (signo >= 1 && signo <= 64)
		set->low |= UINT64_C(1) << (signo - 1);
	else if (signo > 64 && signo <= 128)
		set->high |= UINT64_C(1) << (signo - 65);
}

static struct crit_sigset pending_set(const struct crit_pending *pending, size_t nr)
{
	struct crit_sigset set = { 0 };

	for (size_t i = 0; i < nr; i++)
		add_signal(&set, pending[i].signo);
	return set;
}

/* Of signals that are ignored, or that have a handler. */
static struct crit_sigset action_set(const struct crit_task_details *task, bool ignored)
{
	struct crit_sigset set = { 0 };

	for (size_t i = 0; i < task->nr_actions; i++)
		if (task->actions[i].handler && (task->actions[i].handler == 1) == ignored)
			add_signal(&set, task->actions[i].signo);
	return set;
}

static void add_all_signals(struct buf *out, const struct crit_task_details *task,
			    const struct crit_thread_details *thread, bool mips)
{
	if (thread->has_pending)
		add_signals(out, "SigPnd", pending_set(thread->pending, thread->nr_pending), mips);
	if (task->has_pending)
		add_signals(out, "ShdPnd", pending_set(task->pending, task->nr_pending), mips);
	if (thread->has_blocked)
		add_signals(out, "SigBlk", thread->blocked, mips);
	if (!task->nr_actions)
		return;
	add_signals(out, "SigIgn", action_set(task, true), mips);
	add_signals(out, "SigCgt", action_set(task, false), mips);
}

static void add_mask(struct buf *out, const char *key, uint64_t mask)
{
	buf_printf(out, "%s:\t%016" PRIx64 "\n", key, mask);
}

static void add_privileges(struct buf *out, const struct crit_thread_details *thread)
{
	const struct crit_creds *c = &thread->creds;

	if (thread->has_creds) {
		add_mask(out, "CapInh", c->inheritable);
		add_mask(out, "CapPrm", c->permitted);
		add_mask(out, "CapEff", c->effective);
		add_mask(out, "CapBnd", c->bounding);
	}
	if (thread->has_creds && c->has_ambient)
		add_mask(out, "CapAmb", c->ambient);
	if (thread->has_creds && c->has_no_new_privs)
		buf_printf(out, "NoNewPrivs:\t%d\n", c->no_new_privs);
	// Without it nobody knows whether there was none, or a CRIU that does not record it.
	if (thread->seccomp)
		buf_printf(out, "Seccomp:\t%d\n", thread->seccomp);
	if (thread->seccomp && thread->has_seccomp_filters)
		buf_printf(out, "Seccomp_filters:\t%zu\n", thread->nr_seccomp_filters);
}

static void add_identity(struct buf *out, struct crit_task *task, struct crit_thread *thread,
			 const struct crit_task_info *info)
{
	struct crit_task_dirs dirs;

	buf_add_str(out, "Name:\t");
	add_comm(out, crit_thread_name(thread));
	if (crit_task_dirs(task, &dirs, NULL) == CRIT_OK && dirs.has_umask)
		buf_printf(out, "\nUmask:\t%04" PRIo32, dirs.umask);
	buf_printf(out, "\nState:\t%s\n", state_of(task, thread));
	buf_printf(out, "Tgid:\t%" PRIu32 "\nPid:\t%" PRIu32 "\n", info->pid,
		   crit_thread_tid(thread));
	if (info->ppid)
		buf_printf(out, "PPid:\t%" PRIu32 "\n", info->ppid);
}

int proc_status(struct crit_task *task, struct crit_thread *thread, struct buf *out)
{
	struct crit_task_details *of_task = NULL;
	struct crit_thread_details *of_thread = NULL;
	struct crit_task_info info;

	thread = thread_or_leader(task, thread);
	if (crit_task_info(task, &info, NULL) != CRIT_OK)
		return -EIO;
	crit_task_details_read(task, &of_task, NULL);
	crit_thread_details_read(thread, &of_thread, NULL);
	add_identity(out, task, thread, &info);
	if (of_thread && of_thread->has_creds)
		add_creds(out, &of_thread->creds);
	buf_printf(out, "Threads:\t%zu\n", info.nr_threads);
	if (of_task && of_thread)
		add_all_signals(out, of_task, of_thread, task->mips);
	if (of_thread)
		add_privileges(out, of_thread);
	crit_thread_details_free(of_thread);
	crit_task_details_free(of_task);
	return 0;
}

/* ---- limits ------------------------------------------------------------------------------- */

static void add_limit(struct buf *out, uint64_t limit)
{
	char text[24] = "unlimited";

	if (limit != UINT64_MAX)
		snprintf(text, sizeof(text), "%" PRIu64, limit);
	buf_printf(out, "%-20s ", text);
}

int proc_limits(struct crit_task *task, struct crit_thread *thread, struct buf *out)
{
	struct crit_task_details *details;

	(void)thread;
	if (crit_task_details_read(task, &details, NULL) != CRIT_OK)
		return -EIO;
	if (details->nr_rlimits)
		buf_printf(out, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit",
			   "Units");
	for (size_t i = 0; i < details->nr_rlimits; i++) {
		const struct crit_rlimit *limit = &details->rlimits[i];

		buf_printf(out, "%-25s ", limit->name);
		add_limit(out, limit->soft);
		add_limit(out, limit->hard);
		if (*limit->unit)
			buf_printf(out, "%-10s", limit->unit);
		buf_add_byte(out, '\n');
	}
	crit_task_details_free(details);
	return out->len ? 0 : -ENOENT;
}
