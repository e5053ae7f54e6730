// SPDX-License-Identifier: LGPL-2.1-or-later
/* input.c - see input.h. */
#include "util/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/pipe.h"
#include "util/scratch.h"

enum {
	// Large enough to make system calls cheap, small enough to stay in the second level cache.
	WINDOW = 256 * 1024,
	// A pipe is asked in memory for no more than this.
	MAX_AHEAD = 8 * 1024 * 1024,
};

static enum crit_status input_create(int fd, const char *name, struct crit_input **out,
				     struct crit_error *err)
{
	struct crit_input *in = calloc(1, sizeof(*in));

	if (!in)
		return error_no_memory(err);
	in->fd = fd;
	in->size = in->hold = UINT64_MAX;
	in->name = strdup(name);
	if (!in->name) {
		free(in);
		return error_no_memory(err);
	}
	*out = in;
	return CRIT_OK;
}

/** Regular files say how long they are and can be read again. */
static enum crit_status look_at(struct crit_input *in, struct crit_error *err)
{
	struct stat st;
	off_t at;

	if (fstat(in->fd, &st) != 0)
		return error_os(err, errno, "%s", in->name);
	if (S_ISDIR(st.st_mode))
		return error_set(err, CRIT_INVALID, "%s: a directory, not a file", in->name);
	at = S_ISREG(st.st_mode) ? lseek(in->fd, 0, SEEK_CUR) : -1;
	if (at < 0)
		return CRIT_OK;
	in->seekable = true;
	in->base = (uint64_t)at;
	in->size = st.st_size > at ? (uint64_t)st.st_size : (uint64_t)at;
	return CRIT_OK;
}

/** @param fd  Taken over, also on failure. */
static enum crit_status open_fd(int fd, const char *path, struct crit_input **out,
				struct crit_error *err)
{
	const char *slash = strrchr(path, '/');
	enum crit_status status = input_create(fd, slash && slash[1] ? slash + 1 : path, out, err);

	if (status) {
		close(fd);
		return status;
	}
	(*out)->close_fd = true;
	(*out)->path = strdup(path);
	if ((*out)->path)
		return CRIT_OK;
	crit_input_close(*out);
	return error_no_memory(err);
}

enum crit_status input_open_file(const char *path, struct crit_input **out, struct crit_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct crit_input *in;
	enum crit_status status;

	if (fd < 0)
		return error_os(err, errno, "%s", path);
	status = open_fd(fd, path, &in, err);
	if (status)
		return status;
	status = look_at(in, err);
	if (status)
		crit_input_close(in);
	else
		*out = in;
	return status;
}

enum crit_status input_open_part(int fd, uint64_t start, uint64_t len, const char *path,
				 struct crit_input **out, struct crit_error *err)
{
	enum crit_status status = open_fd(fd, path, out, err);

	if (status)
		return status;
	(*out)->seekable = true;
	(*out)->start = start;
	(*out)->size = len;
	return CRIT_OK;
}

enum crit_status crit_input_from_fd(int fd, const char *name, struct crit_input **out,
				    struct crit_error *err)
{
	struct crit_input *in;
	enum crit_status status = input_create(fd, name, &in, err);

	if (status)
		return status;
	status = look_at(in, err);
	if (status) {
		crit_input_close(in);
		return status;
	}
	*out = in;
	return CRIT_OK;
}

enum crit_status crit_input_from_memory(const void *data, size_t len, const char *name,
					struct crit_input **out, struct crit_error *err)
{
	struct crit_input *in;
	enum crit_status status = input_create(-1, name, &in, err);

	if (status)
		return status;
	in->data = (uint8_t *)data;
	in->len = len;
	in->size = len;
	in->eof = true;
	in->seekable = true;
	*out = in;
	return CRIT_OK;
}

void crit_input_close(struct crit_input *in)
{
	if (!in)
		return;
	if (in->close_fd)
		close(in->fd);
	if (in->cap)
		free(in->data);
	free(in->name);
	free(in->path);
	free(in);
}

static bool stopped(const struct crit_input *in)
{
	uint64_t total = in->size == UINT64_MAX ? 0 : in->size;

	return in->keep_going && !in->keep_going(in->ctx, input_off(in), total);
}

/** Bytes at the front of the window that nobody wants any more. */
static size_t unwanted(const struct crit_input *in)
{
	if (in->hold >= input_off(in))
		return in->pos;
	return in->hold > in->base ? (size_t)(in->hold - in->base) : 0;
}

/** Room for more behind the window, and what was handed out moved away. */
static enum crit_status make_room(struct crit_input *in, struct crit_error *err)
{
	size_t gone = unwanted(in), cap = in->cap ? in->cap : WINDOW;

	if (gone) {
		memmove(in->data, in->data + gone, in->len - gone);
		in->base += gone;
		in->pos -= gone;
		in->len -= gone;
	}
	// Doubling, so that memory follows what was really read.
	if (in->cap && in->len == in->cap)
		cap = in->cap * 2;
	if (cap != in->cap) {
		uint8_t *grown = realloc(in->data, cap);

		if (!grown)
			return error_no_memory(err);
		in->data = grown;
		in->cap = cap;
	}
	return CRIT_OK;
}

static enum crit_status read_some(struct crit_input *in, struct crit_error *err)
{
	for (;;) {
		size_t room = in->cap - in->len;
		uint64_t at = in->base + in->len;
		ssize_t n;

		if (in->start && room > in->size - at)
			room = (size_t)(in->size - at);
		n = in->seekable ? pread(in->fd, in->data + in->len, room, (off_t)(in->start + at))
				 : pipe_read(in->fd, in->data + in->len, room);

		if (n > 0) {
			in->len += (size_t)n;
			return CRIT_OK;
		}
		if (n == 0) {
			in->eof = true;
			in->size = in->base + in->len;
			return CRIT_OK;
		}
		if (errno != EINTR)
			return error_os(err, errno, "%s: reading at byte %llu", in->name,
					(unsigned long long)(in->base + in->len));
		if (stopped(in))
			return error_set(err, CRIT_INTERRUPTED, "interrupted");
	}
}

enum crit_status input_fill(struct crit_input *in, size_t want, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	if (in->fd < 0)
		return CRIT_OK;
	if (stopped(in))
		return error_set(err, CRIT_INTERRUPTED, "interrupted");
	while (!status && !in->eof && input_have(in) < want) {
		status = make_room(in, err);
		if (!status)
			status = read_some(in, err);
	}
	return status;
}

/** Write the window, from its byte @p from on, to a file at its own place. */
static enum crit_status put(struct crit_input *in, int fd, size_t from, struct crit_error *err)
{
	while (from < in->len) {
		ssize_t n = pwrite(fd, in->data + from, in->len - from, (off_t)(in->base + from));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_os(err, errno, "%s: copying it to a temporary file", in->name);
		from += (size_t)n;
	}
	return CRIT_OK;
}

/** Copy what is left of a pipe to a file and go on there. Offsets stay what they were: the file
 *  has a hole in front. */
static enum crit_status make_seekable(struct crit_input *in, struct crit_error *err)
{
	uint64_t start = input_off(in), hold = in->hold;
	size_t from = unwanted(in);
	enum crit_status status;
	int fd;

	status = scratch_open(&fd, err);
	if (status)
		return status;
	in->hold = UINT64_MAX;
	do {
		status = put(in, fd, from, err);
		in->pos = in->len;
		from = 0;
		if (!status && !in->eof)
			status = input_fill(in, 1, err);
	} while (!status && input_have(in));
	if (status) {
		close(fd);
		return status;
	}
	if (in->close_fd)
		close(in->fd);
	in->fd = fd;
	in->close_fd = in->seekable = true;
	in->eof = false;
	in->size = in->base + in->len;
	in->base = start;
	in->pos = in->len = 0;
	in->hold = hold;
	return CRIT_OK;
}

enum crit_status input_has(struct crit_input *in, uint64_t len, bool *has, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	*has = input_have(in) >= len;
	if (*has)
		return CRIT_OK;
	if (!in->seekable && len <= MAX_AHEAD) {
		status = input_need(in, (size_t)len, err);
		*has = input_have(in) >= len;
		return status;
	}
	if (!in->seekable && !in->eof)
		status = make_seekable(in, err);
	*has = !status && in->size != UINT64_MAX && in->size >= input_off(in) &&
	       in->size - input_off(in) >= len;
	return status;
}

enum crit_status input_seek(struct crit_input *in, uint64_t off, struct crit_error *err)
{
	if (off >= in->base && off <= in->base + in->len) {
		in->pos = (size_t)(off - in->base);
		return CRIT_OK;
	}
	if (!in->seekable)
		return error_set(err, CRIT_INVALID, "%s: cannot go back in a pipe", in->name);
	in->base = off;
	in->pos = in->len = 0;
	in->eof = in->fd < 0;
	return CRIT_OK;
}
