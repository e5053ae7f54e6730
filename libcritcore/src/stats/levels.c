// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * levels.c - what each checkpoint of an incremental chain added, from its pagemap images alone.
 *
 * A page that is PRESENT has its bytes in the level's pages image, unless a later dump found it
 * changed and punched it out there; one that is PARENT is unchanged since the level below.
 */
#include <stdio.h>
#include <string.h>

#include "compress/special.h"
#include "image/pagemap_entry.h"
#include "stats/stats.h"
#include "util/array.h"

/** Reading the pagemap images of a level. */
struct level_reader {
	struct collect *c;
	struct crit_level_stats *out;
	struct source *src;
	enum crit_status status;
	struct crit_error *err;
};

/** Reading one of them. */
struct pagemap_reader {
	struct crit_level_stats *out;
	const char *name;
	uint32_t page_size;
	struct member *pages; /* NULL: cannot be opened */
	uint64_t off;	      /* in the pages image, of what comes next */
	uint64_t hole, hole_end; /* the next hole, if hole_end is behind off */
};

/** Bytes of [start, end) of the pages image that are in holes. In order of start. */
static uint64_t holes_in(struct pagemap_reader *r, uint64_t start, uint64_t end)
{
	uint64_t sum = 0;

	while (r->pages && start < end && start < r->pages->size) {
		uint64_t low, high;

		if (start >= r->hole_end)
			r->hole = member_next_hole(r->pages, start, &r->hole_end);
		low = r->hole > start ? r->hole : start;
		high = r->hole_end < end ? r->hole_end : end;
		if (low >= high)
			break;
		sum += high - low;
		start = high;
	}
	return sum;
}

static void add_blocks(struct pagemap_reader *r, struct entry *e)
{
	uint64_t left = e->nr_pages, off = r->off, len;

	r->out->compressed = true;
	while (left && block_sizes_next(&e->sizes, &len)) {
		uint64_t pages = left < e->block_pages ? left : e->block_pages;

		if (!len)
			r->out->nr_zero += pages;
		else if (holes_in(r, off, off + len))
			r->out->nr_punched += pages;
		off += len;
		left -= pages;
	}
}

static enum crit_status add_entry(struct pagemap_reader *r, const struct record *rec,
				  struct crit_error *err)
{
	struct crit_level_stats *out = r->out;
	struct entry e;
	enum crit_status status = entry_read(rec, r->name, r->page_size, &e, err);

	if (status)
		return status;
	if (!entry_present(&e)) {
		out->nr_inherited += e.flags & PAGE_PARENT ? e.nr_pages : 0;
		out->nr_lazy += (e.flags & (PAGE_PARENT | PAGE_LAZY)) == PAGE_LAZY ? e.nr_pages : 0;
		return CRIT_OK;
	}
	if (e.flags & PAGE_ALIGNED) // an overflow shows in the addition below
		r->off = (r->off + r->page_size - 1) & ~((uint64_t)r->page_size - 1);
	if (r->off + e.payload < r->off)
		return error_at(err, CRIT_CORRUPT, r->name, rec->off,
				"record %zu: more pages than a file can hold", rec->index);
	out->nr_new += e.nr_pages;
	if (e.compressed)
		add_blocks(r, &e);
	else
		out->nr_punched += holes_in(r, r->off, r->off + e.payload) / r->page_size;
	r->off += e.payload;
	out->pages_len += e.payload;
	return CRIT_OK;
}

static enum crit_status open_pages(struct pagemap_reader *r, struct source *src, struct image *img,
				   struct crit_error *err)
{
	struct record rec;
	enum crit_status status = image_next(img, &rec, err);
	uint64_t id = status ? 0 : wire_get_uint(rec.data, rec.len, 1, UINT64_MAX);
	char name[40];

	if (status)
		return status;
	if (id > UINT32_MAX)
		return error_at(err, CRIT_CORRUPT, r->name, rec.off,
				"the head record does not say which pages image it is about,");
	snprintf(name, sizeof(name), "pages-%u.img", (unsigned int)id);
	source_open_member(src, name, &r->pages, NULL); // what is missing is told with the memory
	return CRIT_OK;
}

static enum crit_status read_pagemap(struct level_reader *l, const char *name,
				     struct crit_error *err)
{
	struct pagemap_reader r = { .out = l->out, .name = name,
				    .page_size = l->c->out->page_size };
	struct image *img = NULL;
	struct record rec;
	enum crit_status status = image_open(l->src, name, IMG_PAGEMAP, &img, err);

	if (!status)
		status = open_pages(&r, l->src, img, err);
	while (!status && !(status = image_next(img, &rec, err)))
		status = add_entry(&r, &rec, err);
	member_close(r.pages);
	image_close(img);
	return status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

static bool add_pagemap(void *ctx, const char *name)
{
	struct level_reader *l = ctx;
	struct crit_error why;
	uint64_t id;

	if (!image_number(name, "pagemap-shmem-", &id) && !image_number(name, "pagemap-", &id))
		return true;
	if (read_pagemap(l, name, &why)) {
		if (l->src != l->c->ckpt->src)
			error_prefix(&why, why.status, "%s: ", l->out->level.path);
		l->status = collect_problem(l->c, &why, l->err);
	}
	return !l->status;
}

static enum crit_status read_level(struct collect *c, size_t index, struct crit_level_stats *out,
				   struct crit_error *err)
{
	struct level_reader l = { .c = c, .out = out, .err = err,
				  .src = c->ckpt->chain.levels[index].src };
	struct crit_error why;
	enum crit_status status = source_each(l.src, add_pagemap, &l, &why);

	if (status)
		return collect_problem(c, &why, err);
	if (!index) {
		out->dump = c->out->dump;
		return l.status;
	}
	return l.status ? l.status : counters_of_level(c, l.src, &out->dump, err);
}

enum crit_status collect_levels(struct collect *c, struct crit_error *err)
{
	struct crit_stats *out = c->out;
	enum crit_status status = CRIT_OK;
	struct crit_level level;
	size_t cap = 0;

	// Only a process says how large a page is.
	for (size_t i = 0; out->page_size && !status && crit_level_at(c->ckpt, i, &level); i++) {
		if (!array_grow(&out->levels, out->nr_levels, &cap, sizeof(*out->levels)))
			return error_no_memory(err);
		out->levels[i] = (struct crit_level_stats){ .level = level };
		out->nr_levels++;
		status = read_level(c, i, &out->levels[i], err);
	}
	return status;
}

double crit_level_ratio(const struct crit_level_stats *level, uint32_t page_size)
{
	if (!level->compressed || !level->pages_len)
		return 0;
	return (double)level->nr_new * page_size / (double)level->pages_len;
}
