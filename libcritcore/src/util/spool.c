// SPDX-License-Identifier: LGPL-2.1-or-later
/* spool.c - see spool.h. */
#include "util/spool.h"

#include <errno.h>
#include <unistd.h>

#include "util/scratch.h"

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
		status = scratch_open(&s->fd, err);
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
