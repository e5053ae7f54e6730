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

/* Strings of the process, from its memory. */
static int add_strings(struct crit_task *task, struct buf *out,
		       enum crit_status (*get)(struct crit_task *task, char **text, size_t *len,
					       struct crit_error *err))
{
	char *text;
	size_t len;
	int status = failure(get(task, &text, &len, NULL));

	if (status)
		return status;
	buf_add(out, text, len);
	free(text);
	return 0;
}

static int proc_cmdline(struct crit_task *task, struct crit_thread *thread, struct buf *out)
{
	(void)thread;
	return add_strings(task, out, crit_task_args);
}

static int proc_environ(struct crit_task *task, struct crit_thread *thread, struct buf *out)
{
	(void)thread;
	return add_strings(task, out, crit_task_env);
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
	buf_add_str(out, exe.path);
	if (exe.deleted)
		buf_add_str(out, " (deleted)");
	return 0;
}

static int add_path(struct buf *out, const char *path)
{
	if (!path || !*path)
		return -ENOENT;
	buf_add_str(out, path);
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
	return add_path(out, fd.link);
}

int proc_readlink(struct crit_task *task, const char *name, struct buf *out)
{
	struct crit_task_dirs dirs;

	if (strcmp(name, "exe") == 0)
		return link_of_exe(task, out);
	if (strncmp(name, "fd/", 3) == 0)
		return link_of_fd(task, name + 3, out);
	if (strcmp(name, "cwd") != 0 && strcmp(name, "root") != 0)
		return -ENOENT;
	if (crit_task_dirs(task, &dirs, NULL) != CRIT_OK)
		return -ENOENT;
	return add_path(out, *name == 'c' ? dirs.cwd : dirs.root);
}
