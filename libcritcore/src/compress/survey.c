// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * survey.c - see survey.h.
 *
 * No image records the page size. The auxiliary vector of a task has it; in a directory without
 * tasks (a pre-dump, what a page server wrote) it is the size with which everything adds up.
 */
#include "compress/survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"

struct finder {
	struct survey *survey;
	struct crit_error *err;
	enum crit_status status;
};

static bool find_pagemap(void *ctx, const char *name)
{
	struct finder *f = ctx;
	struct survey *s = f->survey;
	struct pair pair = { .shared = image_number(name, "pagemap-shmem-", &pair.id) };

	if (!pair.shared && !image_number(name, "pagemap-", &pair.id))
		return true;
	pair.pagemap = strdup(name);
	if (!pair.pagemap || !array_grow(&s->pairs, s->nr, &s->cap, sizeof(*s->pairs))) {
		free(pair.pagemap);
		f->status = error_no_memory(f->err);
		return false;
	}
	s->pairs[s->nr++] = pair;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct pair *)a)->pagemap, ((const struct pair *)b)->pagemap);
}

static int by_pages_id(const void *a, const void *b)
{
	uint32_t left = ((const struct pair *)a)->pages_id;
	uint32_t right = ((const struct pair *)b)->pages_id;

	return (left > right) - (left < right);
}

/** Read the head. @return also CRIT_NOT_FOUND: the image has no records, which is fine. */
static enum crit_status read_head(struct survey *s, struct pair *pair, struct crit_error *err)
{
	struct image *img = NULL;
	struct record rec;
	uint64_t id = UINT64_MAX;
	enum crit_status status = image_open(s->src, pair->pagemap, IMG_PAGEMAP, &img, err);

	if (!status)
		status = image_next(img, &rec, err);
	if (!status)
		id = wire_get_uint(rec.data, rec.len, 1, UINT64_MAX);
	if (!status && id == UINT64_MAX)
		status = error_at(err, CRIT_CORRUPT, pair->pagemap, rec.off,
				  "no pages_id in the first record");
	image_close(img);
	pair->pages_id = (uint32_t)id;
	snprintf(pair->pages, sizeof(pair->pages), "pages-%u.img", pair->pages_id);
	return status;
}

static enum crit_status find_pages(struct survey *s, struct pair *pair, struct crit_error *err)
{
	struct member *m = NULL;
	enum crit_status status = source_open_member(s->src, pair->pages, &m, err);

	if (status)
		return error_prefix(err, status, "%s: ", pair->pagemap);
	pair->stored_len = m->size;
	member_close(m);
	return CRIT_OK;
}

/** Read all heads; pagemaps without one are dropped, pages images with two owners refused. */
static enum crit_status read_heads(struct survey *s, struct crit_error *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->nr; i++) {
		struct pair pair = s->pairs[i];
		enum crit_status status = read_head(s, &pair, err);

		if (!status)
			status = find_pages(s, &pair, err);
		else if (status == CRIT_NOT_FOUND && source_has(s->src, pair.pagemap)) {
			free(pair.pagemap);
			s->pairs[i].pagemap = NULL;
			continue;
		}
		if (status)
			return status;
		s->pairs[i].pagemap = NULL;
		s->pairs[kept++] = pair;
	}
	s->nr = kept;
	if (s->nr)
		qsort(s->pairs, s->nr, sizeof(*s->pairs), by_pages_id);
	for (size_t i = 1; i < s->nr; i++)
		if (s->pairs[i].pages_id == s->pairs[i - 1].pages_id)
			return error_set(err, CRIT_CORRUPT, "%s and %s both have their pages in %s",
					 s->pairs[i - 1].pagemap, s->pairs[i].pagemap,
					 s->pairs[i].pages);
	if (s->nr)
		qsort(s->pairs, s->nr, sizeof(*s->pairs), by_name);
	return CRIT_OK;
}

/* One look at a pagemap with one page size. */
struct look {
	struct survey *survey;
	struct pair *pair;
	uint32_t page_size;
	bool strict; /* blocks must be those of inventory.img */
	uint64_t end; /* of what is described of the pages image */
	uint64_t nr_pages;
	bool parent;
};

static enum crit_status look_at(struct look *l, const struct record *rec, struct crit_error *err)
{
	const struct inventory *inventory = &l->survey->inventory;
	struct entry e;
	enum crit_status status = entry_read_sound(rec, l->pair->pagemap, l->page_size, &e, err);

	if (status)
		return status;
	l->parent |= e.flags & PAGE_PARENT;
	if (!entry_present(&e))
		return CRIT_OK;
	if (!inventory->compressed && (e.compressed || e.flags & PAGE_ALIGNED))
		return error_at(err, CRIT_CORRUPT, l->pair->pagemap, rec->off,
				"record %zu: compressed, but inventory.img says nothing is",
				rec->index);
	if (l->strict && e.compressed && e.block_pages * l->page_size != inventory->block_len)
		return error_at(err, CRIT_CORRUPT, l->pair->pagemap, rec->off,
				"record %zu: blocks of %u pages", rec->index, e.block_pages);
	if (e.flags & PAGE_ALIGNED) // an overflow shows in the addition below
		l->end = (l->end + l->page_size - 1) & ~((uint64_t)l->page_size - 1);
	if (__builtin_add_overflow(l->end, e.payload, &l->end) || l->end > INT64_MAX ||
	    __builtin_add_overflow(l->nr_pages, e.nr_pages, &l->nr_pages) ||
	    l->nr_pages > INT64_MAX / l->page_size)
		return error_at(err, CRIT_CORRUPT, l->pair->pagemap, rec->off,
				"record %zu: more pages than a file can hold", rec->index);
	return CRIT_OK;
}

static enum crit_status look_at_pair(struct look *l, struct crit_error *err)
{
	struct image *img = NULL;
	struct record rec;
	enum crit_status status =
		image_open(l->survey->src, l->pair->pagemap, IMG_PAGEMAP, &img, err);

	if (!status)
		status = image_next(img, &rec, err); // the head
	while (!status && !(status = image_next(img, &rec, err)))
		status = look_at(l, &rec, err);
	if (status == CRIT_NOT_FOUND && img)
		status = CRIT_OK;
	image_close(img);
	if (!status && l->end != l->pair->stored_len)
		status = error_at(err, CRIT_CORRUPT, l->pair->pages,
				  l->end < l->pair->stored_len ? l->end : l->pair->stored_len,
				  "%s describes %llu bytes, the file has %llu and differs",
				  l->pair->pagemap, (unsigned long long)l->end,
				  (unsigned long long)l->pair->stored_len);
	return status;
}

static enum crit_status try_page_size(struct survey *s, uint32_t page_size, bool strict,
				      struct crit_error *err)
{
	s->plain_len = 0;
	s->has_parent = source_has(s->src, "parent");
	for (size_t i = 0; i < s->nr; i++) {
		struct look l = { .survey = s, .pair = &s->pairs[i], .page_size = page_size,
				  .strict = strict };
		enum crit_status status = look_at_pair(&l, err);

		if (status)
			return status;
		s->pairs[i].nr_pages = l.nr_pages;
		s->plain_len += l.nr_pages * page_size;
		s->has_parent |= l.parent;
	}
	s->page_size = page_size;
	return CRIT_OK;
}

/** Find the page size with which everything adds up. */
static enum crit_status check_all(struct survey *s, struct crit_error *err)
{
	enum crit_status first = CRIT_OK, status;

	if (s->special.page_size)
		return try_page_size(s, s->special.page_size, false, err);
	for (int strict = s->inventory.block_len != 0; strict >= 0; strict--) {
		for (uint32_t size = MIN_PAGE_SIZE; size <= MAX_PAGE_SIZE; size *= 2) {
			status = try_page_size(s, size, strict, first ? NULL : err);
			if (status != CRIT_CORRUPT)
				return status;
			if (!strict)
				first = status;
		}
	}
	return first;
}

enum crit_status survey_read(struct source *src, bool compressed, struct survey *out,
			     struct crit_error *err)
{
	struct finder f = { .survey = out, .err = err };
	enum crit_status status;

	*out = (struct survey){ .src = src };
	status = inventory_read(src, &out->inventory, err);
	if (status || out->inventory.compressed != compressed)
		return status;
	status = source_each(src, find_pagemap, &f, err);
	if (!status)
		status = f.status;
	if (!status)
		status = read_heads(out, err);
	if (status || !out->nr)
		return status;
	status = special_read(src, &out->special, err);
	return status ? status : check_all(out, err);
}

void survey_deinit(struct survey *s)
{
	for (size_t i = 0; i < s->nr; i++)
		free(s->pairs[i].pagemap);
	free(s->pairs);
	special_deinit(&s->special);
}
