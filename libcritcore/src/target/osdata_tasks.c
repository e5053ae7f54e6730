// SPDX-License-Identifier: LGPL-2.1-or-later
/* Tables of `info os`: processes, their groups, their threads. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "target/osdata_rows.h"
#include "target/xml.h"

/* The arguments with blanks between them; "[name]", as gdb does it, when they are not there. */
static void add_command_line(struct buf *out, const char *column, struct crit_task *task)
{
	char *args = NULL;
	size_t len = 0;

	if (crit_task_args(task, &args, &len, NULL) != CRIT_OK)
		len = 0;
	while (len && !args[len - 1])
		len--;
	buf_printf(out, "<column name=\"%s\">", column);
	for (size_t i = 0; i < len; i++)
		if (!args[i])
			args[i] = ' ';
	if (len)
		xml_add_text(out, args);
	if (!len) {
		buf_add_byte(out, '[');
		xml_add_text(out, osdata_command(task));
		buf_add_byte(out, ']');
	}
	buf_add_str(out, "</column>");
	free(args);
}

/* As a number; empty when it is not recorded. */
static void add_user(struct buf *out, struct crit_task *task)
{
	struct crit_thread_details *leader = NULL;
	char user[16] = "";

	crit_thread_details_read(&task->threads[0], &leader, NULL);
	if (leader && leader->has_creds)
		snprintf(user, sizeof(user), "%" PRIu32, leader->creds.euid);
	crit_thread_details_free(leader);
	osdata_add(out, "user", user);
}

static int add_process(struct crit_task *task, struct buf *out)
{
	osdata_begin_item(out);
	osdata_add_number(out, "pid", task->pid);
	add_user(out, task);
	add_command_line(out, "command", task);
	return osdata_end_item(out);
}

static int add_threads(struct crit_task *task, struct buf *out)
{
	int status = 0;

	for (size_t i = 0; i < task->nr_threads && !status; i++) {
		osdata_begin_item(out);
		osdata_add_number(out, "pid", task->pid);
		osdata_add(out, "command", osdata_command(task));
		osdata_add_number(out, "tid", task->threads[i].tid);
		status = osdata_end_item(out);
	}
	return status;
}

int osdata_processes(struct crit_checkpoint *ckpt, struct buf *out)
{
	return osdata_each_task(ckpt, out, add_process);
}

int osdata_threads(struct crit_checkpoint *ckpt, struct buf *out)
{
	return osdata_each_task(ckpt, out, add_threads);
}

/* The leader of each group first. */
static int compare_groups(const void *a, const void *b)
{
	const struct crit_task *ta = *(struct crit_task *const *)a;
	const struct crit_task *tb = *(struct crit_task *const *)b;
	bool leads_a = ta->pid == ta->pgid, leads_b = tb->pid == tb->pgid;

	if (ta->pgid != tb->pgid)
		return ta->pgid < tb->pgid ? -1 : 1;
	if (leads_a != leads_b)
		return leads_a ? -1 : 1;
	return (ta->pid > tb->pid) - (ta->pid < tb->pid);
}

static int add_member(struct crit_task *task, struct buf *out)
{
	struct crit_task *leader = crit_task_find(task->ckpt, task->pgid);

	osdata_begin_item(out);
	osdata_add_number(out, "pgid", task->pgid);
	osdata_add(out, "leader command", leader ? osdata_command(leader) : "");
	osdata_add_number(out, "pid", task->pid);
	add_command_line(out, "command line", task);
	return osdata_end_item(out);
}

int osdata_groups(struct crit_checkpoint *ckpt, struct buf *out)
{
	struct crit_task **tasks = calloc(ckpt->nr_tasks + 1, sizeof(struct crit_task *));
	int status = 0;

	if (!tasks)
		return -ENOMEM;
	for (size_t i = 0; i < ckpt->nr_tasks; i++)
		tasks[i] = &ckpt->tasks[i];
	qsort(tasks, ckpt->nr_tasks, sizeof(struct crit_task *), compare_groups);
	for (size_t i = 0; i < ckpt->nr_tasks && !status && !out->failed; i++)
		status = add_member(tasks[i], out);
	free(tasks);
	return status;
}
