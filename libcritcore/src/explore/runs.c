// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * runs.c - the entries of pagemap-PID.img as they stand there, in no more memory than one of them.
 * Where in the end the bytes of a page come from is crit_mem_locate()'s to say.
 */
#include <stdio.h>

#include "explore/explore.h"
#include "image/pagemap_entry.h"

const char *crit_run_place_name(enum crit_run_place place)
{
	switch (place) {
	case CRIT_RUN_HERE:
		return "here";
	case CRIT_RUN_PARENT:
		return "parent";
	case CRIT_RUN_LAZY:
		return "lazy";
	case CRIT_RUN_UNKNOWN:
		break;
	}
	return "unknown";
}

static enum crit_run_place place_of(uint32_t flags)
{
	// A page that is PRESENT is here, whether or not it may also be fetched lazily.
	switch (flags & (PAGE_PRESENT | PAGE_PARENT)) {
	case PAGE_PRESENT:
		return CRIT_RUN_HERE;
	case PAGE_PARENT:
		return CRIT_RUN_PARENT;
	case 0:
		return flags & PAGE_LAZY ? CRIT_RUN_LAZY : CRIT_RUN_UNKNOWN;
	default:
		return CRIT_RUN_UNKNOWN;
	}
}

/** In address order, each page once: who prints what they overlap depends on it. */
static enum crit_status check_run(const struct image *img, const struct record *rec,
				  const struct crit_run *run, uint64_t *end,
				  struct crit_error *err)
{
	uint64_t start = *end, len;

	if (__builtin_mul_overflow(run->nr_pages, (uint64_t)run->page_size, &len) ||
	    __builtin_add_overflow(run->vaddr, len, end))
		return error_at(err, CRIT_CORRUPT, image_name(img), rec->off,
				"record %zu: %llu pages from 0x%llx exceed the address space",
				rec->index, (unsigned long long)run->nr_pages,
				(unsigned long long)run->vaddr);
	if (run->vaddr < start)
		return error_at(err, CRIT_CORRUPT, image_name(img), rec->off,
				"record %zu: the run at 0x%llx begins before the last one ends",
				rec->index, (unsigned long long)run->vaddr);
	return CRIT_OK;
}

static enum crit_status walk(struct crit_task *task, struct image *img, crit_run_fn fn, void *ctx,
			     struct crit_error *err)
{
	uint64_t mask = task->layout->arch->word_size == 4 ? UINT32_MAX : UINT64_MAX;
	uint64_t end = 0;
	struct record rec;
	enum crit_status status = image_next(img, &rec, err); // the head

	if (status == CRIT_NOT_FOUND)
		return error_set(err, CRIT_CORRUPT, "%s: no head record", image_name(img));
	while (!status && !(status = image_next(img, &rec, err))) {
		struct crit_run run = { .page_size = task->page_size };
		struct entry e;

		status = entry_read(&rec, image_name(img), task->page_size, &e, err);
		if (status)
			break;
		run.vaddr = e.vaddr & mask;
		run.nr_pages = e.nr_pages;
		run.flags = e.flags;
		run.place = place_of(e.flags);
		run.compressed = e.compressed;
		status = check_run(img, &rec, &run, &end, err);
		if (!status && !fn(ctx, &run))
			return CRIT_OK;
	}
	return status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

/** As page_store_open(): in the checkpoint's own folder, then in that of a page server. */
static enum crit_status open_pagemap(struct crit_task *task, struct image **out,
				     struct crit_error *err)
{
	struct chain *chain = &task->ckpt->chain;
	struct source *src = task->ckpt->src;
	char name[32];

	snprintf(name, sizeof(name), "pagemap-%u.img", mm_owner(task)->pid);
	if (!source_has(src, name)) {
		enum crit_status status = chain->followed ? CRIT_OK : chain_follow(chain, err);

		if (status)
			return status;
		if (chain->pages_dir != SIZE_MAX)
			src = chain->levels[chain->pages_dir].src;
	}
	return image_open(src, name, IMG_PAGEMAP, out, err);
}

enum crit_status crit_run_walk(struct crit_task *task, crit_run_fn fn, void *ctx,
			       struct crit_error *err)
{
	enum crit_status status = task_load_mappings(task, err);
	struct image *img = NULL;

	if (status)
		return status;
	status = open_pagemap(task, &img, err);
	if (!status)
		status = walk(task, img, fn, ctx, err);
	image_close(img);
	return status ? error_prefix(err, status, "process %u: ", task->pid) : CRIT_OK;
}
