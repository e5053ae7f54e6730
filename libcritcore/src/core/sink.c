// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * sink.c - between the bytes of segments and the output. A process can have a million mappings, or
 * runs of pages, of one page each: a system call for each would cost more than their bytes, and so
 * would, in most file systems, a piece of the file of its own for each. So small pieces are
 * gathered, and zeros in a row count together; up to SMALL_HOLE of them between bytes are written.
 */
#include "core/sink.h"

#include <stdlib.h>
#include <string.h>

enum { SMALL_HOLE = 12 * 1024 /* at most: a scattered process takes four times its pages */ };

enum crit_status sink_init(struct sink *sink, struct crit_output *out, struct crit_error *err)
{
	*sink = (struct sink){ .out = out, .buf = malloc(SINK_ROOM) };
	if (!sink->buf)
		return error_no_memory(err);
	// Where zeros are written in any case they may as well be written here.
	sink->small = out && !output_can_skip(out) ? SINK_ROOM : SMALL_HOLE;
	return CRIT_OK;
}

void sink_deinit(struct sink *sink)
{
	free(sink->buf);
}

static enum crit_status put_bytes(struct sink *sink, struct crit_error *err)
{
	size_t len = sink->len;

	sink->len = 0;
	return sink->out && len ? output_write(sink->out, sink->buf, len, err) : CRIT_OK;
}

enum crit_status sink_flush(struct sink *sink, struct crit_error *err)
{
	enum crit_status status = put_bytes(sink, err);
	uint64_t zeros = sink->zeros;

	sink->zeros = 0;
	return !status && zeros && sink->out ? output_skip(sink->out, zeros, err) : status;
}

enum crit_status sink_room(struct sink *sink, size_t len, uint8_t **to, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	if (sink->zeros > sink->small || sink->zeros + sink->len + len > SINK_ROOM)
		status = sink_flush(sink, err);
	memset(sink->buf + sink->len, 0, (size_t)sink->zeros);
	sink->len += (size_t)sink->zeros;
	sink->zeros = 0;
	*to = sink->buf + sink->len;
	return status;
}

void sink_add(struct sink *sink, size_t len)
{
	sink->len += len;
}

void sink_zeros(struct sink *sink, uint64_t len)
{
	sink->zeros += len;
}

uint64_t sink_pos(const struct sink *sink)
{
	return (sink->out ? sink->out->len : 0) + sink->len + sink->zeros;
}
