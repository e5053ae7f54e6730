// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * data.c - the bytes of segments. Long rows of bytes that lie in one file are copied by the kernel,
 * or shared, where the file system can do that; shorter ones, and what is compressed, go through
 * memory in large pieces. Zeros become holes.
 */
#include <stdio.h>
#include <string.h>

#include "core/core.h"
#include "core/sink.h"
#include "memory/memory.h"

enum {
	ROW_FROM = 128 * 1024,	       /* bytes that are worth a system call of their own */
	ROW_STEP = 32 * 1024 * 1024, /* between two questions whether to go on */
};

/** Where the work stands. */
struct place {
	struct core *core;
	struct sink sink;	 /* its output is NULL when nothing is written */
	uint64_t at, end;	 /* of what is left of the segment's bytes */
};

static enum crit_status advance(struct place *p, uint64_t len, struct crit_error *err)
{
	struct core *core = p->core;
	const struct crit_core_options *options = core->options;

	p->at += len;
	core->done += len;
	if (options->keep_going && !options->keep_going(options->ctx, core->done, core->total))
		return error_set(err, CRIT_INTERRUPTED, "interrupted");
	return CRIT_OK;
}

static enum crit_status put_zeros(struct place *p, uint64_t len, struct crit_error *err)
{
	sink_zeros(&p->sink, len);
	return advance(p, len, err);
}

/** What cannot be read at once cannot be read in parts: the rest of a page, or of a block. */
static uint64_t unit_left(const struct place *p, const struct part *part)
{
	const struct crit_origin *at = &part->at;
	uint64_t page_size = p->core->task->page_size, left = page_size - p->at % page_size;

	if (at->block_len && at->block_pos < at->block_mem_len)
		left = at->block_mem_len - at->block_pos;
	return left < p->end - p->at ? left : p->end - p->at;
}

/** Bytes that were to be there: zeros stand in for them, and the file is to be written again. */
static enum crit_status put_bad(struct place *p, uint64_t len, const char *why,
				struct crit_error *err)
{
	if (!bad_add(p->core, p->at, p->at + len, why))
		return error_no_memory(err);
	p->core->again = true;
	return put_zeros(p, len, err);
}

/** @return whether the kernel copied all of a row, and *status. */
static bool copy_row(struct place *p, const struct part *part, enum crit_status *status,
		     struct crit_error *err)
{
	uint64_t off, done = 0;
	int fd;

	if (!p->sink.out || part->at.block_len || part->len < ROW_FROM ||
	    !mem_origin_file(p->core->task, &part->at, &fd, &off))
		return false;
	*status = sink_flush(&p->sink, err);
	while (!*status && done < part->len) {
		uint64_t step = part->len - done < ROW_STEP ? part->len - done : ROW_STEP;
		uint64_t copied = output_splice(p->sink.out, fd, off + done, step);

		done += copied;
		if (copied)
			*status = advance(p, copied, err);
		if (copied < step)
			break;
	}
	if (done && !*status && mem_origin_modified(p->core->task, &part->at))
		p->core->again = true;
	return done == part->len;
}

/** How far bytes that go through memory follow each other. */
static enum crit_status gather(struct place *p, const struct part *first, size_t *len,
			       struct crit_error *err)
{
	uint64_t end = p->at + first->len, limit = p->end;
	struct part part;

	if (limit - p->at > SINK_ROOM)
		limit = p->at + SINK_ROOM;
	while (end < limit) {
		enum crit_status status = part_at(p->core, end, p->end, &part, err);

		if (status)
			return status;
		if (part.kind != PART_DATA || (!part.at.block_len && part.len >= ROW_FROM))
			break;
		end += part.len;
	}
	*len = (size_t)((end < limit ? end : limit) - p->at);
	return CRIT_OK;
}

static enum crit_status copy_through_memory(struct place *p, const struct part *part,
					    struct crit_error *err)
{
	struct core *core = p->core;
	size_t len, nread = 0;
	struct crit_error why;
	enum crit_status failed, status = gather(p, part, &len, err);
	uint8_t *to;

	if (!status)
		status = sink_room(&p->sink, len, &to, err);
	if (status)
		return status;
	failed = crit_mem_read(core->task, p->at, len, to, &nread, &why);
	if (failed == CRIT_NO_MEMORY)
		return error_set(err, failed, "%s", why.message);
	sink_add(&p->sink, nread);
	if (nread)
		status = advance(p, nread, err);
	// What failed may be another part than the first: then it is asked for again.
	if (!status && failed && !nread)
		status = put_bad(p, unit_left(p, part), why.message, err);
	return status;
}

static enum crit_status put_data(struct place *p, const struct part *part, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;
	struct part rest;

	if (!p->sink.out && !part->at.block_len)
		return advance(p, part->len, err);
	if (copy_row(p, part, &status, err) || status)
		return status;
	// Nothing, or the beginning was copied; whatever is wrong with the rest, reading it tells.
	status = part_at(p->core, p->at, p->end, &rest, err);
	if (!status && rest.kind == PART_DATA)
		status = copy_through_memory(p, &rest, err);
	return status;
}

static enum crit_status put_part(struct place *p, struct crit_error *err)
{
	struct part part;
	enum crit_status status = part_at(p->core, p->at, p->end, &part, err);

	if (status)
		return status;
	switch (part.kind) {
	case PART_DATA:
		return put_data(p, &part, err);
	case PART_ZERO:
		return put_zeros(p, part.len, err);
	default: // since the segments were made
		p->core->again = true;
		return put_zeros(p, part.len, err);
	}
}

static enum crit_status put_segment(struct place *p, const struct segment *s,
				    struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	if (p->sink.out && s->file_len)
		sink_zeros(&p->sink, s->off - sink_pos(&p->sink));
	p->at = s->start;
	p->end = s->start + s->file_len;
	while (!status && p->at < p->end)
		status = put_part(p, err);
	return status;
}

enum crit_status data_write(struct core *core, struct crit_output *out, struct crit_error *err)
{
	struct place place = { .core = core };
	enum crit_status status = sink_init(&place.sink, out, err);

	core->done = 0;
	for (size_t i = 0; !status && i < core->nr_segments; i++)
		status = put_segment(&place, &core->segments[i], err);
	if (!status)
		status = sink_flush(&place.sink, err);
	sink_deinit(&place.sink);
	return status;
}
