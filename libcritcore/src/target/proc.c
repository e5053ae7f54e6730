// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Entries of /proc/PID (proc(5)) as a debugger reads them: gdb for `info proc` and
 * `generate-core-file`, a user with `remote get`.
 *
 * What the images do not have is not made up: there is no coredump_filter, io or sched, a line of
 * `status` that is not recorded is left out, and `stat`, whose fields are known by their place
 * only, ends before the first such.
 */
#include "target/proc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target/xml.h"

/* The kernel has them in links and arguments, and they do no harm. */
#define LINES "\n\t"

/* What an answer of the library means to who reads a file. */
static int failure(enum crit_status status)
{
	switch (status) {
	case CRIT_OK:
		return 0;
	case CRIT_NOT_FOUND:
		return -ENOENT;
	case CRIT_NO_MEMORY:
		return -ENOMEM;
	default:
		return -EIO;
	}
}

static int proc_cmdline(struct crit_task *task, struct crit_thread *thread, struct buf *out)
{
	char *args;
	size_t len;
	int status = failure(crit_task_args(task, &args, &len, NULL));

	(void)thread;
	if (status)
		return status;
	for (size_t at = 0; at < len; at += strlen(args + at) + 1) {
		text_add_proc(out, args + at, len - at, LINES);
		if (at + strlen(args + at) < len)
			buf_add_byte(out, '\0');
	}
	free(args);
	return 0;
}

static int proc_environ(struct crit_task *task, struct crit_thread *thread, struct buf *out)
{
	char *text;
	size_t len;
	int status = failure(crit_task_env(task, &text, &len, NULL));

	(void)thread;
	if (status)
		return status;
	buf_add(out, text, len);
	free(text);
	return 0;
}

static int proc_comm(struct crit_task *task, struct crit_thread *thread, struct buf *out)
{
	const char *name = crit_thread_name(thread ? thread : crit_thread_at(task, 0));

	if (!*name)
		return -ENOENT;
	buf_add_str(out, name);
	buf_add_byte(out, '\n');
	return 0;
}

static int proc_auxv(struct crit_task *task, struct crit_thread *thread, struct buf *out)
{
	const void *bytes;
	size_t len;
	int status = failure(crit_task_auxv(task, &bytes, &len, NULL));

	(void)thread;
	if (!status)
		buf_add(out, bytes, len);
	return status;
}

static const struct {
	const char *name;
	int (*read)(struct crit_task *task, struct crit_thread *thread, struct buf *out);
} entries[] = {
	{ "maps", proc_maps },
	{ "smaps", proc_smaps },
	{ "stat", proc_stat },
	{ "status", proc_status },
	{ "limits", proc_limits },
	{ "cmdline", proc_cmdline },
	{ "environ", proc_environ },
	{ "comm", proc_comm },
	{ "auxv", proc_auxv },
};

int proc_read(struct crit_task *task, struct crit_thread *thread, const char *name,
	      struct buf *out)
{
	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++)
		if (strcmp(entries[i].name, name) == 0)
			return entries[i].read(task, thread, out);
	return -ENOENT;
}

static int link_of_exe(struct crit_task *task, struct buf *out)
{
	struct crit_file exe;
	int status = failure(crit_task_exe(task, &exe, NULL));

	if (status)
		return status;
	text_add_proc(out, exe.path, SIZE_MAX, LINES);
	if (exe.deleted)
		buf_add_str(out, " (deleted)");
	return 0;
}

static int link_of_fd(struct crit_task *task, const char *digits, struct buf *out)
{
	struct crit_fd fd;
	char *end;
	unsigned long number;

	if (*digits < '0' || *digits > '9')
		return -ENOENT;
	number = strtoul(digits, &end, 10);
	if (*end || number > UINT32_MAX ||
	    !crit_fd_at(task, crit_fd_find(task, (uint32_t)number), &fd))
		return -ENOENT;
	if (!*fd.link)
		return -ENOENT;
	buf_add_str(out, fd.link); // which gdb does not print
	return 0;
}

int proc_readlink(struct crit_task *task, const char *name, struct buf *out)
{
	struct crit_task_dirs dirs;
	const char *path;

	if (strcmp(name, "exe") == 0)
		return link_of_exe(task, out);
	if (strncmp(name, "fd/", 3) == 0)
		return link_of_fd(task, name + 3, out);
	if (strcmp(name, "cwd") != 0 && strcmp(name, "root") != 0)
		return -ENOENT;
	if (crit_task_dirs(task, &dirs, NULL) != CRIT_OK)
		return -ENOENT;
	path = *name == 'c' ? dirs.cwd : dirs.root;
	if (!path || !*path)
		return -ENOENT;
	text_add_proc(out, path, SIZE_MAX, LINES);
	return 0;
}
