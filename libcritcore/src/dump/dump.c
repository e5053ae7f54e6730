// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * dump.c - a range of memory to a file, and word of what is not there.
 *
 * Bytes that should be there but fail to be read (a disk that fails, a damaged LZ4 block, an image
 * that was cut meanwhile) are a gap like others; the dump goes on behind the page or the block.
 */
#include "critcore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump/hexdump.h"
#include "util/output.h"

enum { CHUNK = 1024 * 1024 };

struct dump {
	struct crit_task *task;
	struct crit_output *out;
	const struct crit_dump_options *options;
	struct hexdump *hex; /* NULL: raw */
	uint8_t *chunk;
	uint64_t start, end, at; /* addresses; at: of the next byte */
	uint64_t missing;
	struct crit_dump_gap gap; /* of length 0: none, that is not told yet */
	char gap_image[sizeof(((struct crit_error *)0)->image)];
	char gap_text[sizeof(((struct crit_error *)0)->message)]; /* for gap.why */
};

static void tell_gap(struct dump *d)
{
	if (d->gap.end > d->gap.start && d->options->gap)
		d->options->gap(d->options->ctx, &d->gap);
	d->gap.start = d->gap.end = 0;
}

/** @param image  Of a read that failed: failures of one image in a row are one gap, though each has
 *                words of its own; "" otherwise. */
static void add_gap(struct dump *d, uint64_t len, const char *why, const char *image)
{
	bool same = d->gap.end > d->gap.start && d->gap.end == d->at &&
		    !strcmp(d->gap_image, image) && (*image || !strcmp(d->gap_text, why));

	d->missing += len;
	if (!same) {
		tell_gap(d);
		d->gap.start = d->at;
		snprintf(d->gap_image, sizeof(d->gap_image), "%s", image);
		snprintf(d->gap_text, sizeof(d->gap_text), "%s", why);
		d->gap.why = d->gap_text;
	}
	d->gap.end = d->at + len;
}

static enum crit_status keep_going(struct dump *d, struct crit_error *err)
{
	if (d->options->keep_going &&
	    !d->options->keep_going(d->options->ctx, d->at - d->start, d->end - d->start))
		return error_set(err, CRIT_INTERRUPTED, "interrupted");
	return CRIT_OK;
}

static enum crit_status put_bytes(struct dump *d, size_t len, struct crit_error *err)
{
	enum crit_status status = d->hex ? hexdump_bytes(d->hex, d->chunk, len, err)
					 : output_write(d->out, d->chunk, len, err);

	d->at += len;
	return status;
}

/** The same byte again and again, in pieces between which one may stop. */
static enum crit_status put_fill(struct dump *d, uint64_t len, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	memset(d->chunk, d->options->fill, len < CHUNK ? (size_t)len : CHUNK);
	while (!status && len) {
		size_t part = len < CHUNK ? (size_t)len : CHUNK;

		status = put_bytes(d, part, err);
		if (!status)
			status = keep_going(d, err);
		len -= part;
	}
	return status;
}

static enum crit_status put_zeros(struct dump *d, uint64_t len, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	if (d->hex) {
		d->at += len;
		return hexdump_same(d->hex, true, len, err);
	}
	while (!status && len) {
		uint64_t part = output_can_skip(d->out) || len < CHUNK ? len : CHUNK;

		status = output_skip(d->out, part, err);
		d->at += part;
		len -= part;
		if (!status)
			status = keep_going(d, err);
	}
	return status;
}

static enum crit_status put_missing(struct dump *d, uint64_t len, const char *why,
				    const char *image, struct crit_error *err)
{
	add_gap(d, len, why, image);
	if (!d->hex)
		return d->options->fill ? put_fill(d, len, err) : put_zeros(d, len, err);
	d->at += len;
	return hexdump_same(d->hex, false, len, err);
}

/** What cannot be read at once cannot be read in parts: the rest of a page, or of a block. */
static uint64_t unit_left(struct dump *d)
{
	uint32_t page_size = crit_task_page_size(d->task);
	struct crit_origin at;

	if (!crit_mem_locate(d->task, d->at, &at, NULL) && at.block_len &&
	    at.block_pos < at.block_mem_len)
		return at.block_mem_len - at.block_pos;
	return page_size ? page_size - d->at % page_size : 1;
}

static enum crit_status put_stored(struct dump *d, uint64_t end, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	while (!status && d->at < end) {
		size_t part = end - d->at < CHUNK ? (size_t)(end - d->at) : CHUNK, nread;
		struct crit_error why;
		enum crit_status failed;
		uint64_t skip;

		failed = crit_mem_read(d->task, d->at, part, d->chunk, &nread, &why);
		if (failed == CRIT_NO_MEMORY)
			return error_set(err, failed, "%s", why.message);
		status = put_bytes(d, nread, err);
		if (!status && failed) {
			skip = unit_left(d);
			skip = skip < end - d->at ? skip : end - d->at;
			status = put_missing(d, skip, why.message,
					     *why.image ? why.image : "?", err);
		}
		if (!status)
			status = keep_going(d, err);
	}
	return status;
}

static enum crit_status put_next(struct dump *d, struct crit_error *err)
{
	struct crit_origin at;
	enum crit_status status = crit_mem_locate(d->task, d->at, &at, err);

	if (status)
		return status;
	if (!at.len || at.len > d->end - d->at)
		at.len = d->end - d->at;
	switch (at.kind) {
	case CRIT_ORIGIN_IMAGE:
	case CRIT_ORIGIN_FILE:
		return put_stored(d, d->at + at.len, err);
	case CRIT_ORIGIN_ZERO:
		status = put_zeros(d, at.len, err);
		break;
	case CRIT_ORIGIN_UNMAPPED:
		status = put_missing(d, at.len, "not mapped", "", err);
		break;
	case CRIT_ORIGIN_UNAVAILABLE:
		status = put_missing(d, at.len, crit_why_text(at.why), "", err);
		break;
	}
	return status ? status : keep_going(d, err);
}

static enum crit_status run(struct dump *d, struct crit_error *err)
{
	enum crit_status status = crit_task_load(d->task, err);

	while (!status && d->at < d->end)
		status = put_next(d, err);
	if (!status && d->hex)
		status = hexdump_end(d->hex, err);
	if (status)
		return status;
	tell_gap(d);
	return keep_going(d, err); // whoever heard of the last gap may have had enough
}

enum crit_status crit_mem_dump(struct crit_task *task, uint64_t start, uint64_t end,
			       struct crit_output *out, const struct crit_dump_options *options,
			       uint64_t *missing, struct crit_error *err)
{
	const struct crit_dump_options none = { 0 };
	struct dump d = { .task = task, .out = out, .start = start, .end = end, .at = start };
	enum crit_status status;

	if (end <= start)
		return error_set(err, CRIT_INVALID, "a range that ends where it begins, or before");
	d.options = options ? options : &none;
	d.chunk = malloc(CHUNK);
	d.hex = d.options->hex ? malloc(sizeof(*d.hex)) : NULL;
	if (d.hex)
		hexdump_init(d.hex, out, start);
	if (!d.chunk || (d.options->hex && !d.hex))
		status = error_no_memory(err);
	else
		status = run(&d, err);
	if (!status && missing)
		*missing = d.missing;
	free(d.hex);
	free(d.chunk);
	return status;
}
