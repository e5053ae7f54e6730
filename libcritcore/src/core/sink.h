/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sink.h - the bytes of segments on their way to an output: small pieces go out together. */
#ifndef CRIT_CORE_SINK_H
#define CRIT_CORE_SINK_H

#include "util/output.h"

enum { SINK_ROOM = 1024 * 1024 };

struct sink {
	struct crit_output *out; /* NULL: nothing goes anywhere */
	uint8_t *buf;		 /* SINK_ROOM bytes */
	size_t len;		 /* bytes in it */
	uint64_t zeros;		 /* behind them */
	uint64_t small;		 /* so many zeros between bytes are written, not skipped */
};

/** @param out  Borrowed; NULL: for nothing. */
enum crit_status sink_init(struct sink *sink, struct crit_output *out, struct crit_error *err);
/** What was not flushed is lost. */
void sink_deinit(struct sink *sink);

/** Room for @p len bytes, at most SINK_ROOM, behind what was added; good until the next call. */
enum crit_status sink_room(struct sink *sink, size_t len, uint8_t **to, struct crit_error *err);
/** Add the first bytes of that room. */
void sink_add(struct sink *sink, size_t len);
/** Add zeros, which never fails before they are flushed. */
void sink_zeros(struct sink *sink, uint64_t len);
/** Hand everything to the output: before anybody else writes there, and at the end. */
enum crit_status sink_flush(struct sink *sink, struct crit_error *err);
/** Bytes of the output, with those that are still here. */
uint64_t sink_pos(const struct sink *sink);

#endif
