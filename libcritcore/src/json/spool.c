// SPDX-License-Identifier: LGPL-2.1-or-later
/* spool.c - see spool.h. */
#include "json/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void spool_init(struct spool *s)
{
	buf_init(&s->memory);
	s->fd = -1;
	s->len = 0;
}

static void close_file(struct spool *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

void spool_deinit(struct spool *s)
{
	close_file(s);
	buf_deinit(&s->memory);
	s->len = 0;
}

void spool_clear(struct spool *s)
{
	close_file(s);
	buf_clear(&s->memory);
	s->len = 0;
}

/** A file that nobody else sees and that is gone when it is closed. */
static enum crit_status open_file(struct spool *s, struct crit_error *err)
{
	const char *folder = secure_getenv("TMPDIR");
	char path[4096];

	if (!folder || !*folder)
		folder = "/tmp";
	s->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (s->fd >= 0)
		return CRIT_OK;
	if (snprintf(path, sizeof(path), "%s/critcore-XXXXXX", folder) < (int)sizeof(path))
		s->fd = mkostemp(path, O_CLOEXEC);
	if (s->fd < 0)
		return error_os(err, errno, "a temporary file in %s", folder);
	unlink(path);
	return CRIT_OK;
}

enum crit_status spool_flush(struct spool *s, struct crit_error *err)
{
	const uint8_t *from = s->memory.data;
	size_t len = s->memory.len;

	if (s->fd < 0)
		return CRIT_OK;
	while (len) {
		ssize_t n = write(s->fd, from, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_os(err, errno, "writing a temporary file");
		from += n;
		len -= (size_t)n;
	}
	buf_clear(&s->memory);
	return CRIT_OK;
}

enum crit_status spool_add(struct spool *s, const void *data, size_t len, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	if (s->memory.len + len > SPOOL_MEMORY && s->fd < 0)
		status = open_file(s, err);
	if (!status && s->memory.len + len > SPOOL_MEMORY)
		status = spool_flush(s, err);
	if (status)
		return status;
	buf_add(&s->memory, data, len);
	s->len += len;
	return s->memory.failed ? error_no_memory(err) : CRIT_OK;
}

enum crit_status spool_write(struct spool *s, struct crit_output *out, struct crit_error *err)
{
	enum crit_status status = spool_flush(s, err);

	if (status || s->fd < 0)
		return status ? status : output_write(out, s->memory.data, s->memory.len, err);
	return output_copy(out, s->fd, s->len, err);
}
