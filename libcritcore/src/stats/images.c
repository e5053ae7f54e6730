// SPDX-License-Identifier: LGPL-2.1-or-later
/* images.c - how many images of which kind there are, and how long they are. The first bytes say
 * what an image is; of those without a magic, the name. */
#include <stdlib.h>
#include <string.h>

#include "image/kinds.h"
#include "stats/stats.h"
#include "util/array.h"

struct finder {
	struct collect *c;
	size_t cap;
	enum crit_status status;
	struct crit_error *err;
};

static const char *kind_of(const struct member *m)
{
	const char *kind = image_raw_kind(m->name);
	struct image_head head;
	uint8_t bytes[8];
	size_t len = m->size < sizeof(bytes) ? (size_t)m->size : sizeof(bytes);

	if (kind || member_read(m, 0, bytes, len, NULL))
		return kind;
	image_head_parse(bytes, len, &head);
	return head.kind ? head.kind->name : NULL;
}

/** The row of a kind; NULL: out of memory. Kinds are few. */
static struct crit_image_count *row_of(struct finder *f, const char *kind)
{
	struct crit_stats *out = f->c->out;

	for (size_t i = 0; i < out->nr_image_kinds; i++)
		if (out->images[i].kind == kind ||
		    (kind && out->images[i].kind && !strcmp(out->images[i].kind, kind)))
			return &out->images[i];
	if (!array_grow(&out->images, out->nr_image_kinds, &f->cap, sizeof(*out->images)))
		return NULL;
	out->images[out->nr_image_kinds] = (struct crit_image_count){ .kind = kind };
	return &out->images[out->nr_image_kinds++];
}

static bool add_member(void *ctx, const char *name)
{
	struct finder *f = ctx;
	struct crit_image_count *row;
	struct member *m;

	// What is no regular file is no image: `parent`, "..".
	if (source_open_member(f->c->ckpt->src, name, &m, NULL))
		return true;
	row = row_of(f, kind_of(m));
	if (row) {
		row->nr++;
		row->len += m->size;
		f->c->out->nr_images++;
		f->c->out->images_len += m->size;
	} else {
		f->status = error_no_memory(f->err);
	}
	member_close(m);
	return row;
}

static int by_len(const void *a, const void *b)
{
	const struct crit_image_count *left = a, *right = b;

	if (left->len != right->len)
		return left->len > right->len ? -1 : 1;
	return strcmp(left->kind ? left->kind : "", right->kind ? right->kind : "");
}

enum crit_status collect_images(struct collect *c, struct crit_error *err)
{
	struct finder f = { .c = c, .err = err };
	struct crit_error why;
	enum crit_status status = source_each(c->ckpt->src, add_member, &f, &why);

	if (c->out->nr_image_kinds)
		qsort(c->out->images, c->out->nr_image_kinds, sizeof(*c->out->images), by_len);
	return status ? collect_problem(c, &why, err) : f.status;
}
