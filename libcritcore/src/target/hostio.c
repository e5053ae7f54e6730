// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the client can open:
 *
 *	/proc/PID/NAME			see proc.c; some can be read as links, too
 *	/proc/PID/task/TID/NAME		gdb reads maps at connect, to find the vdso's symbols
 *	/proc/PID/exe			the executable
 *	the name of a mapped file	with gdb's default sysroot, "target:", this is where its
 *					symbols come from
 *
 * The names are matched as text; no path of the client's ever reaches the file system. What is
 * opened is the local file that the checkpoint layer found and verified for a mapping.
 */
#include "target/hostio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "checkpoint/debug.h"
#include "target/mapped_file.h"
#include "target/proc.h"

void hostio_init(struct hostio *h, struct crit_task *task)
{
	struct crit_task_info info;

	crit_task_info(task, &info, NULL);
	memset(h, 0, sizeof(*h));
	h->task = task;
	h->pid = info.pid;
}

void hostio_deinit(struct hostio *h)
{
	for (uint64_t i = 0; i < HOSTIO_HANDLES; i++)
		hostio_close(h, i);
}

static struct hostio_handle *find_handle(struct hostio *h, uint64_t handle)
{
	if (handle >= HOSTIO_HANDLES || h->handle[handle].kind == HOSTIO_FREE)
		return NULL;
	return &h->handle[handle];
}

/* Like sscanf("%u"), but strict: digits only, no sign, no overflow. */
static const char *take_decimal(const char *s, uint32_t *out)
{
	uint64_t value = 0;
	const char *start = s;

	for (; *s >= '0' && *s <= '9' && value <= UINT32_MAX; s++)
		value = value * 10 + (uint64_t)(*s - '0');
	*out = (uint32_t)value;
	return s > start && value <= UINT32_MAX ? s : NULL;
}

/* What follows "/proc/PID/" or "/proc/PID/task/TID/" of our process, and in the second case the
 * thread; NULL for any other path. */
static const char *proc_entry(struct hostio *h, const char *path, struct crit_thread **thread)
{
	uint32_t pid, tid;

	*thread = NULL;
	if (strncmp(path, "/proc/", 6) != 0)
		return NULL;
	path = take_decimal(path + 6, &pid);
	if (!path || pid != h->pid)
		return NULL;
	if (strncmp(path, "/task/", 6) == 0) {
		path = take_decimal(path + 6, &tid);
		*thread = path ? crit_thread_find(h->task, tid) : NULL;
		if (!*thread)
			return NULL;
	}
	return *path == '/' ? path + 1 : NULL;
}

static int open_text(struct hostio *h, struct crit_thread *thread, const char *name,
		     struct hostio_handle *out)
{
	int status;

	buf_init(&out->text);
	status = proc_read(h->task, thread, name, &out->text);
	if (!status && out->text.failed)
		status = -ENOMEM;
	if (status)
		buf_deinit(&out->text);
	else
		out->kind = HOSTIO_TEXT;
	return status;
}

static int open_file(struct crit_task *task, const struct crit_file *file,
		     struct hostio_handle *out)
{
	int fd;

	if (file->verdict == CRIT_FILE_GHOST) {
		out->kind = HOSTIO_GHOST;
		out->file_id = file->id;
		return 0;
	}
	fd = task_file_open(task, file->id);
	if (fd < 0)
		return fd;
	out->kind = HOSTIO_FILE;
	out->fd = fd;
	return 0;
}

static int open_into(struct hostio *h, const char *path, struct hostio_handle *out)
{
	struct crit_thread *thread;
	const char *entry = proc_entry(h, path, &thread);
	struct crit_file file;

	if (entry && strcmp(entry, "exe") != 0)
		return open_text(h, thread, entry, out);
	if (entry ? crit_task_exe(h->task, &file, NULL) != CRIT_OK :
		    !mapped_file_find(h->task, path, &file))
		return -ENOENT;
	return open_file(h->task, &file, out);
}

int hostio_open(struct hostio *h, const char *path)
{
	for (int i = 0; i < HOSTIO_HANDLES; i++) {
		if (h->handle[i].kind != HOSTIO_FREE)
			continue;
		int status = open_into(h, path, &h->handle[i]);
		return status < 0 ? status : i;
	}
	return -EMFILE;
}

int hostio_close(struct hostio *h, uint64_t handle)
{
	struct hostio_handle *slot = find_handle(h, handle);

	if (!slot)
		return -EBADF;
	if (slot->kind == HOSTIO_FILE)
		close(slot->fd);
	if (slot->kind == HOSTIO_TEXT)
		buf_deinit(&slot->text);
	slot->kind = HOSTIO_FREE;
	return 0;
}

static int64_t read_buf(const struct buf *b, uint64_t off, void *out, size_t len)
{
	if (off >= b->len)
		return 0;
	if (len > b->len - off)
		len = (size_t)(b->len - off);
	memcpy(out, b->data + off, len);
	return (int64_t)len;
}

int64_t hostio_read(struct hostio *h, uint64_t handle, uint64_t off, void *out, size_t len)
{
	struct hostio_handle *slot = find_handle(h, handle);

	if (!slot)
		return -EBADF;
	if (off > INT64_MAX)
		return -EINVAL;
	if (slot->kind == HOSTIO_TEXT)
		return read_buf(&slot->text, off, out, len);
	if (slot->kind == HOSTIO_GHOST)
		return task_ghost_read(h->task, slot->file_id, off, out, len);
	ssize_t n = pread(slot->fd, out, len, (off_t)off);
	return n < 0 ? -errno : n;
}

int hostio_stat(struct hostio *h, uint64_t handle, struct stat *out)
{
	struct hostio_handle *slot = find_handle(h, handle);
	int64_t size;

	if (!slot)
		return -EBADF;
	if (slot->kind == HOSTIO_FILE)
		return fstat(slot->fd, out) < 0 ? -errno : 0;
	size = slot->kind == HOSTIO_GHOST ? task_ghost_size(h->task, slot->file_id) :
					    (int64_t)slot->text.len;
	if (size < 0)
		return (int)size;
	memset(out, 0, sizeof(*out));
	out->st_mode = S_IFREG | 0444;
	out->st_nlink = 1;
	out->st_size = size;
	return 0;
}

int hostio_readlink(struct hostio *h, const char *path, struct buf *out)
{
	struct crit_thread *thread;
	const char *entry = proc_entry(h, path, &thread);

	return entry ? proc_readlink(h->task, entry, out) : -ENOENT;
}
