// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * order.c - a message whose members came out of order. Its fields are listed, sorted and
 * written anew; see message.h.
 */
#include <stdlib.h>

#include "encode/message.h"
#include "util/array.h"

enum {
	// 64 MB of list. No message of CRIU comes near.
	MAX_SEGMENTS = 4 * 1024 * 1024,
};

/** Adjacent fields of one number. */
struct segment {
	uint32_t number;
	uint32_t start, len; /* in the message */
};

enum crit_status frame_replace(struct encoder *e, struct frame *f, struct buf *bytes)
{
	bool failed = bytes->failed;

	e->out.len = f->start;
	buf_add(&e->out, bytes->data, bytes->len);
	buf_deinit(bytes);
	return failed || e->out.failed ? error_no_memory(e->r.err) : CRIT_OK;
}

static int by_number(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->start < y->start ? -1 : x->start > y->start;
}

struct segments {
	struct segment *rows;
	size_t nr, cap;
};

static enum crit_status list_segments(struct encoder *e, struct frame *f, struct segments *list)
{
	const uint8_t *start = e->out.data + f->start;
	struct wire w = { start, e->out.data + e->out.len };
	struct wire_field field;

	while (w.p < w.end && wire_next(&w, &field)) {
		uint32_t len = (uint32_t)(w.p - field.start);

		if (list->nr && list->rows[list->nr - 1].number == field.number) {
			list->rows[list->nr - 1].len += len;
			continue;
		}
		if (list->nr == MAX_SEGMENTS)
			return json_fail(&e->r, "absurdly many fields out of order");
		if (!array_grow(&list->rows, list->nr, &list->cap, sizeof(*list->rows)))
			return error_no_memory(e->r.err);
		list->rows[list->nr++] =
			(struct segment){ field.number, (uint32_t)(field.start - start), len };
	}
	return CRIT_OK;
}

enum crit_status frame_sort(struct encoder *e, struct frame *f)
{
	struct segments list = { 0 };
	struct buf sorted = { 0 };
	enum crit_status status;

	if (e->out.len - f->start > IMAGE_MAX_RECORD)
		return encoder_grow(e, SIZE_MAX);
	status = list_segments(e, f, &list);
	if (!status && list.nr) {
		qsort(list.rows, list.nr, sizeof(*list.rows), by_number);
		for (size_t i = 0; i < list.nr; i++)
			buf_add(&sorted, e->out.data + f->start + list.rows[i].start,
				list.rows[i].len);
		status = frame_replace(e, f, &sorted);
	}
	free(list.rows);
	return status;
}
