// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bare.c - how large pages are in a pre-dump. No image of one says it, but
 *
 *	addresses	are multiples of it, and no Linux has pages below 4096 bytes: one that is
 *			not a multiple of 8192 settles it
 *	pages images	have as many bytes as pages, where these are not compressed
 */
#include <stdio.h>

#include "diff/side.h"
#include "pages/runs.h"

enum { SMALLEST = 4096, LARGEST = 65536 };

/** What one level's pagemap says. */
struct evidence {
	uint64_t bits;	   /* of all addresses */
	uint64_t nr_pages; /* whose bytes are in this level's pages image */
	bool packed;	   /* some are compressed */
	uint32_t pages_id;
};

static enum crit_status read_pagemap(struct source *src, const char *name, struct evidence *out,
				     struct crit_error *err)
{
	struct block_table blocks = { 0 };
	struct run_reader how = { SMALLEST, 0, &blocks };
	struct run_list list = { .known_to = UINT64_MAX };
	struct crit_error why;
	enum crit_status status;

	*out = (struct evidence){ 0 };
	status = run_list_read(&how, src, name, 0, &list, &out->pages_id, &why);
	for (size_t i = 0; i < list.nr; i++) {
		out->bits |= list.runs[i].start;
		if (list.runs[i].kind == RUN_RAW)
			out->nr_pages += list.runs[i].nr_pages;
		out->packed |= list.runs[i].kind == RUN_BLOCKS;
	}
	if (status) // the count is not complete
		out->packed = true;
	run_list_deinit(&list);
	block_table_deinit(&blocks);
	return status == CRIT_NO_MEMORY && !why.has_off ? error_no_memory(err) : CRIT_OK;
}

static uint64_t pages_len(struct source *src, uint32_t pages_id)
{
	struct member *member;
	char name[32];
	uint64_t len;

	snprintf(name, sizeof(name), "pages-%u.img", pages_id);
	if (source_open_member(src, name, &member, NULL))
		return 0;
	len = member->size;
	member_close(member);
	return len;
}

static uint32_t conclude(struct source *src, const struct evidence *e)
{
	if (e->bits & SMALLEST)
		return SMALLEST;
	if (e->packed || !e->nr_pages)
		return 0;
	for (uint32_t size = SMALLEST; size <= LARGEST; size *= 2)
		if (e->nr_pages <= UINT64_MAX / LARGEST &&
		    pages_len(src, e->pages_id) == e->nr_pages * size)
			return size;
	return 0;
}

enum crit_status bare_page_size(struct crit_task *task, uint32_t *out, struct crit_error *err)
{
	struct chain *chain = &task->ckpt->chain;
	enum crit_status status = chain->followed ? CRIT_OK : chain_follow(chain, err);
	char name[48];

	*out = 0;
	snprintf(name, sizeof(name), "pagemap-%u.img", task->pid);
	for (size_t i = 0; i < chain->nr_levels && !status && !*out; i++) {
		struct evidence evidence;

		status = read_pagemap(chain->levels[i].src, name, &evidence, err);
		if (!status)
			*out = conclude(chain->levels[i].src, &evidence);
	}
	return status;
}
