// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pages.c - a task's own pages: pagemap-PID.img says which, pages-N.img has the bytes.
 *
 * A hole of the pages image is not a page of zeros. CRIU writes every page it dumps; holes appear
 * when a later dump with the same parent chain deduplicates, and the bytes are then in a child.
 */
#include "checkpoint/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"
#include "util/range.h"

enum { MAX_HOLES = 1 << 20 };

static enum crit_status find_holes(struct pages *pages, struct crit_error *err)
{
	uint64_t end = 0, start;
	size_t cap = 0;

	while ((start = member_next_hole(pages->member, end, &end)) < pages->member->size) {
		if (pages->nr_holes == MAX_HOLES)
			return error_set(err, CRIT_NO_MEMORY, "%s: more than %d holes",
					 pages->name, MAX_HOLES);
		if (!array_grow(&pages->holes, pages->nr_holes, &cap, sizeof(*pages->holes)))
			return error_no_memory(err);
		pages->holes[pages->nr_holes].start = start;
		pages->holes[pages->nr_holes++].end = end;
	}
	return CRIT_OK;
}

static enum crit_status open_pages(struct source *src, struct pages *pages, struct crit_error *err)
{
	enum crit_status status;

	snprintf(pages->name, sizeof(pages->name), "pages-%u.img", pages->map.pages_id);
	status = source_open_member(src, pages->name, &pages->member, err);
	if (status == CRIT_NOT_FOUND)
		return CRIT_OK; // known, and said in a note
	return status ? status : find_holes(pages, err);
}

enum crit_status pages_load(struct crit_task *task, struct crit_error *err)
{
	uint64_t top = task->layout->arch->word_size == 4 ? 1ull << 32 : 0;
	struct pages pages = { 0 };
	enum crit_status status;
	char name[32];

	snprintf(name, sizeof(name), "pagemap-%u.img", mm_owner(task)->pid);
	status = pagemap_read(task->ckpt->src, name, task->page_size, top, &pages.map, err);
	if (status == CRIT_NOT_FOUND)
		return CRIT_OK; // known, and said in a note
	if (status)
		return status;
	pages.have_map = true;
	status = open_pages(task->ckpt->src, &pages, err);
	if (status) {
		pages_deinit(&pages);
		return status;
	}
	task->pages = pages;
	return CRIT_OK;
}

void pages_deinit(struct pages *pages)
{
	pagemap_deinit(&pages->map);
	member_close(pages->member);
	free(pages->holes);
	memset(pages, 0, sizeof(*pages));
}

/** The first hole that ends behind @p off; nr_holes if none. */
static size_t hole_find(const struct pages *pages, uint64_t off)
{
	return pages->nr_holes ? RANGE_FIND(pages->holes, pages->nr_holes, end, off) : 0;
}

/** Bytes of the pages image from out->off on: where they stop being there, or start to. */
static void locate_in_file(const struct pages *pages, struct crit_origin *out)
{
	uint64_t size = pages->member->size;
	size_t i = hole_find(pages, out->off);
	const struct hole *hole = i < pages->nr_holes ? &pages->holes[i] : NULL;

	out->source = pages->name;
	out->kind = CRIT_ORIGIN_IMAGE;
	if (out->off >= size) {
		origin_unavailable(out, CRIT_WHY_PAGES_SHORT);
	} else if (hole && hole->start <= out->off) {
		origin_unavailable(out, CRIT_WHY_PUNCHED);
		origin_narrow(out, out->vaddr + (hole->end - out->off));
	} else {
		origin_narrow(out, out->vaddr + (size - out->off));
		if (hole)
			origin_narrow(out, out->vaddr + (hole->start - out->off));
	}
}

static void locate_in_run(const struct pages *pages, const struct run *run,
			  struct crit_origin *out)
{
	origin_narrow(out, run->end);
	// A page that is PRESENT is here, whatever else its entry says.
	if (!(run->flags & PAGE_PRESENT)) {
		origin_unavailable(out, run->flags & PAGE_PARENT ? CRIT_WHY_PARENT
			    : run->flags & PAGE_LAZY	  ? CRIT_WHY_LAZY
							  : CRIT_WHY_UNKNOWN);
		return;
	}
	if (run->compressed) {
		origin_unavailable(out, CRIT_WHY_UNKNOWN);
	} else if (!pages->member) {
		origin_unavailable(out, CRIT_WHY_NO_PAGES);
	} else {
		out->off = run->off + (out->vaddr - run->start);
		locate_in_file(pages, out);
	}
}

bool pages_locate(const struct pages *pages, uint64_t vaddr, struct crit_origin *out)
{
	size_t i = pagemap_find(&pages->map, vaddr);
	const struct run *run = i < pages->map.nr_runs ? &pages->map.runs[i] : NULL;

	if (!pages->have_map) {
		origin_unavailable(out, CRIT_WHY_NO_PAGEMAP);
		return true;
	}
	if (run && run->start <= vaddr) {
		locate_in_run(pages, run, out);
		return true;
	}
	if (run)
		origin_narrow(out, run->start);
	return false;
}
