// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * spans.c - parts of files and of shared memory that processes map, and how many map each byte.
 *
 * Only edges are kept. In order of their place they tell how many processes map what lies between
 * two of them, so each byte is looked at once, however many processes see it:
 *
 *	process 1      +1 [=============) -1
 *	process 2             +1 [==============) -1
 *	mapped by             1     2      1
 *
 * Equal edges are joined now and then: a thousand processes that map the same leave two.
 */
#include <stdlib.h>

#include "stats/stats.h"
#include "util/array.h"

enum { JOIN_FROM = 4096 /* edges that were added since the last time */ };

void spans_deinit(struct spans *spans)
{
	free(spans->edges);
	*spans = (struct spans){ 0 };
}

static int by_place(const void *a, const void *b)
{
	const struct span_edge *left = a, *right = b;

	if (left->object != right->object)
		return (uintptr_t)left->object < (uintptr_t)right->object ? -1 : 1;
	return (left->pos > right->pos) - (left->pos < right->pos);
}

static void join(struct spans *spans)
{
	size_t nr = 0;

	if (spans->nr)
		qsort(spans->edges, spans->nr, sizeof(*spans->edges), by_place);
	for (size_t i = 0; i < spans->nr; i++) {
		if (nr && !by_place(&spans->edges[nr - 1], &spans->edges[i]))
			spans->edges[nr - 1].delta += spans->edges[i].delta;
		else
			spans->edges[nr++] = spans->edges[i];
	}
	spans->nr = spans->nr_joined = nr;
}

bool spans_add(struct spans *spans, const void *object, bool is_file, uint64_t pos, uint64_t len,
	       uint64_t times)
{
	const struct span_edge edges[2] = {
		{ .object = object, .is_file = is_file, .delta = (int64_t)times, .pos = pos },
		{ .object = object, .is_file = is_file, .delta = -(int64_t)times,
		  .pos = pos + len },
	};

	if (spans->nr - spans->nr_joined > JOIN_FROM + spans->nr_joined)
		join(spans);
	for (size_t i = 0; i < 2; i++) {
		if (!array_grow(&spans->edges, spans->nr, &spans->cap, sizeof(edges[0])))
			return false;
		spans->edges[spans->nr++] = edges[i];
	}
	return true;
}

static void locate(struct collect *c, const struct span_edge *edge, uint64_t pos, uint64_t len,
		   struct crit_origin *out)
{
	// Neither looks at the objects' constness: they were theirs all along.
	void *object = (void *)edge->object;

	*out = (struct crit_origin){ .vaddr = pos, .len = len };
	if (edge->is_file)
		file_locate(&c->ckpt->files, object, pos, c->out->page_size, out);
	else
		shm_locate(object, pos, out);
}

/** What lies behind an edge up to @p end. @return bytes of it in images. */
static uint64_t add_stretch(struct collect *c, const struct span_edge *edge, uint64_t end,
			    uint64_t times, struct crit_mem_kinds *each,
			    struct crit_mem_kinds *once)
{
	uint64_t image = 0;

	for (uint64_t pos = edge->pos; pos < end;) {
		struct crit_origin at;

		locate(c, edge, pos, end - pos, &at);
		mem_kinds_add(c->ckpt, each, &at, at.len, times);
		mem_kinds_add(c->ckpt, once, &at, at.len, 1);
		image += at.kind == CRIT_ORIGIN_IMAGE ? at.len : 0;
		pos += at.len;
	}
	return image;
}

void spans_add_up(struct spans *spans, struct collect *c, struct crit_mem_kinds *each,
		  struct crit_mem_kinds *once)
{
	uint64_t image = 0;
	int64_t times = 0;

	join(spans);
	for (size_t i = 0; i < spans->nr; i++) {
		struct span_edge *edge = &spans->edges[i];

		if (!i || edge[-1].object != edge->object)
			image = 0;
		edge->image = image;
		times += edge->delta;
		if (times > 0) // there is another edge of the object: this part ends somewhere
			image += add_stretch(c, edge, edge[1].pos, (uint64_t)times, each, once);
	}
}

static uint64_t image_before(const struct spans *spans, const void *object, uint64_t pos)
{
	const struct span_edge key = { .object = object, .pos = pos };
	const struct span_edge *edge =
		spans->nr ? bsearch(&key, spans->edges, spans->nr, sizeof(key), by_place) : NULL;

	return edge ? edge->image : 0;
}

uint64_t spans_image(const struct spans *spans, const void *object, uint64_t start, uint64_t end)
{
	return image_before(spans, object, end) - image_before(spans, object, start);
}
