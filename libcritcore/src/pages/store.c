// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * store.c - see store.h: opening a store, and finding pages in it. store_read.c reads them.
 */
#include "pages/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pages/store_impl.h"

/* ---- opening -------------------------------------------------------------------------------- */

static struct part *add_part(struct page_store *store)
{
	struct part *grown = realloc(store->parts, (store->nr_parts + 1) * sizeof(*grown));

	if (!grown)
		return NULL;
	store->parts = grown;
	memset(&grown[store->nr_parts], 0, sizeof(*grown));
	return &grown[store->nr_parts++];
}

/** Keep the first thing that is wrong. */
static void note_problem(struct page_store *store, size_t level, const struct crit_error *why)
{
	size_t len = strlen(why->message) + 64;

	if (store->problem)
		return;
	store->problem = malloc(len);
	if (store->problem && level)
		snprintf(store->problem, len, "%zu level%s up: %s", level, level > 1 ? "s" : "",
			 why->message);
	else if (store->problem)
		snprintf(store->problem, len, "%s", why->message);
}

/** Read one level's pagemap. @return CRIT_OK, CRIT_NOT_FOUND: it has none; CRIT_NO_MEMORY. */
static enum crit_status read_level(struct page_store *store, struct run_list *list,
				   struct crit_error *err)
{
	struct run_reader how = { store->page_size, store->top, &store->blocks };
	size_t level = store->nr_parts;
	struct source *src = store->chain->levels[store->root + level].src;
	struct part *part = add_part(store);
	uint32_t pages_id = 0;
	struct crit_error why;
	enum crit_status status;

	if (!part)
		return error_no_memory(err);
	status = run_list_read(&how, src, store->name, (unsigned int)level, list, &pages_id, &why);
	part->pages_id = pages_id;
	// With an offset it is an image that asks for too much.
	if (status == CRIT_NOT_FOUND || (status == CRIT_NO_MEMORY && !why.has_off)) {
		if (err)
			*err = why;
		return status;
	}
	if (status)
		note_problem(store, level, &why);
	return CRIT_OK;
}

static bool has_level(const struct page_store *store, size_t level)
{
	const struct chain *chain = store->chain;
	size_t at = store->root + level;

	// The second folder has a chain of its own.
	return at < chain->nr_levels && (store->root >= chain->pages_dir || at < chain->pages_dir);
}

/** Lay one level after the other under the list, until nothing is left to be found. */
static enum crit_status lay_levels(struct page_store *store, struct crit_error *err)
{
	while (store->list.has_parent) {
		struct run_list below = { .known_to = UINT64_MAX };
		enum crit_status status = CRIT_OK;
		bool there = has_level(store, store->nr_parts);

		if (there)
			status = read_level(store, &below, err);
		if (status == CRIT_NOT_FOUND) // a level that lacks the image lacks all its pages
			status = CRIT_OK;
		if (!status && !run_list_lay_under(&store->list, there ? &below : NULL,
						   store->page_size))
			status = error_no_memory(err);
		run_list_deinit(&below);
		if (status)
			return status;
	}
	return CRIT_OK;
}

static void find_root(struct page_store *store)
{
	const struct chain *chain = store->chain;

	store->root = 0;
	if (chain->pages_dir != SIZE_MAX && !source_has(chain->levels[0].src, store->name))
		store->root = chain->pages_dir;
}

/** See struct run_index. */
static bool make_index(struct page_store *store)
{
	const struct run_list *list = &store->list;
	struct run_index *index = &store->index;
	size_t nr = list->nr;

	for (; nr > FANOUT; index->depth++) {
		size_t i = index->depth;

		nr /= FANOUT;
		index->ends[i] = aligned_alloc(64, (nr / FANOUT + 1) * FANOUT * sizeof(uint64_t));
		if (!index->ends[i])
			return false;
		index->nr[i] = nr;
		for (size_t k = 0; k < nr; k++) {
			size_t last = (k + 1) * FANOUT - 1;

			index->ends[i][k] = i ? index->ends[i - 1][last]
					      : run_end(&list->runs[last], store->page_size);
		}
		for (size_t k = nr; k < (nr / FANOUT + 1) * FANOUT; k++)
			index->ends[i][k] = UINT64_MAX;
	}
	return true;
}

static void open_files(struct page_store *store)
{
	for (size_t i = 0; i < store->nr_parts; i++)
		pages_file_init(&store->parts[i].file, store->chain,
				store->chain->levels[store->root + i].src,
				store->parts[i].pages_id);
}

static enum crit_status load(struct page_store *store, struct crit_error *err)
{
	enum crit_status status;

	find_root(store);
	status = read_level(store, &store->list, err);
	if (status == CRIT_NOT_FOUND) {
		store->missing = true;
		return CRIT_OK;
	}
	if (!status)
		status = lay_levels(store, err);
	if (status)
		return status;
	if (!make_index(store))
		return error_no_memory(err);
	open_files(store);
	return CRIT_OK;
}

enum crit_status page_store_open(struct chain *chain, const char *name, uint32_t page_size,
				 uint64_t top, struct page_store **out, struct crit_error *err)
{
	struct page_store *store = calloc(1, sizeof(*store));
	enum crit_status status;

	if (!store)
		return error_no_memory(err);
	store->chain = chain;
	store->page_size = page_size;
	store->top = top;
	snprintf(store->name, sizeof(store->name), "%s", name);
	status = load(store, err);
	if (status) {
		page_store_close(store);
		return status;
	}
	*out = store;
	return CRIT_OK;
}

void page_store_close(struct page_store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < store->nr_parts; i++)
		pages_file_deinit(&store->parts[i].file);
	free(store->parts);
	run_list_deinit(&store->list);
	block_table_deinit(&store->blocks);
	for (size_t i = 0; i < MAX_INDEX_DEPTH; i++)
		free(store->index.ends[i]);
	free(store->problem);
	free(store);
}

bool page_store_exists(const struct page_store *store)
{
	return !store->missing;
}

const char *page_store_problem(const struct page_store *store)
{
	return store->problem;
}

/* ---- finding -------------------------------------------------------------------------------- */

/** How many of a group of ends are not behind a position. Without a branch: which it is cannot be
 *  foreseen, and a wrong guess costs more than all eight comparisons. */
static size_t count_passed(const uint64_t ends[FANOUT], uint64_t pos)
{
	size_t nr = 0;

	for (size_t i = 0; i < FANOUT; i++)
		nr += ends[i] <= pos;
	return nr;
}

/** The first group of runs that a position can be in. */
static size_t index_search(const struct run_index *index, uint64_t pos)
{
	size_t group = 0;

	for (size_t i = index->depth; i--;) {
		group = group * FANOUT + count_passed(index->ends[i] + group * FANOUT, pos);
		if (group > index->nr[i]) // what fills the last group was passed
			group = index->nr[i];
	}
	return group;
}

const struct run *page_store_find(struct page_store *store, uint64_t pos)
{
	const struct run *runs = store->list.runs;
	size_t nr = store->list.nr, low;

	// Mostly the same run again, or the next one.
	for (size_t i = store->hint; i < nr && i < store->hint + 2; i++)
		if (pos < run_end(&runs[i], store->page_size) &&
		    (pos >= runs[i].start ||
		     (i && pos >= run_end(&runs[i - 1], store->page_size)))) {
			store->hint = i;
			return &runs[i];
		}
	low = index_search(&store->index, pos) * FANOUT;
	for (size_t i = low, stop = nr - low < FANOUT ? nr : low + FANOUT; i < stop; i++)
		low += run_end(&runs[i], store->page_size) <= pos;
	store->hint = low;
	return low < nr ? &runs[low] : NULL;
}

static enum crit_why why_of(enum run_kind kind)
{
	switch (kind) {
	case RUN_PARENT:
	case RUN_NO_PARENT:
		return CRIT_WHY_PARENT;
	case RUN_NOT_IN_PARENT:
		return CRIT_WHY_PARENT_PAGE;
	case RUN_BAD_PARENT:
		return CRIT_WHY_BAD_PAGEMAP;
	case RUN_LAZY:
		return CRIT_WHY_LAZY;
	case RUN_CONTRADICTION:
		return CRIT_WHY_CONTRADICTION;
	default:
		return CRIT_WHY_UNKNOWN;
	}
}

static void locate_raw(struct page_store *store, const struct run *run, uint64_t pos,
		       struct crit_origin *out)
{
	out->off = run->off + (pos - run->start);
	pages_file_locate(&store->parts[run->level].file, out);
}

/** A block is there when all that is stored of it is. */
static void locate_block(struct page_store *store, const struct run *run, uint64_t pos,
			 struct crit_origin *out)
{
	struct pages_file *file = &store->parts[run->level].file;
	struct block block;

	block_find(&store->blocks, run->off, pos, &block);
	out->block_pos = (uint32_t)(pos - block.start);
	origin_limit(out, block.mem_len - out->block_pos);
	out->off = block.off;
	if (block.len == 0) {
		out->kind = CRIT_ORIGIN_ZERO;
		out->source = file->name;
		out->block_pos = 0;
		return;
	}
	if (block.len == block.mem_len) { // raw
		out->off += out->block_pos;
		out->block_pos = 0;
		pages_file_locate(file, out);
		return;
	}
	out->block_index = block.index;
	out->block_len = block.len;
	out->block_mem_len = block.mem_len;
	pages_file_locate_all(file, block.len, out);
}

bool page_store_locate(struct page_store *store, uint64_t pos, struct crit_origin *out)
{
	const struct run *run = page_store_find(store, pos);

	if (store->missing) {
		origin_unavailable(out, CRIT_WHY_NO_PAGEMAP);
		return true;
	}
	if (!run || run->start > pos) {
		if (run) {
			origin_limit(out, run->start - pos);
			return false;
		}
		if (pos < store->list.known_to || store->list.known_to == UINT64_MAX)
			return false;
		origin_unavailable(out, CRIT_WHY_BAD_PAGEMAP);
		return true;
	}
	origin_limit(out, run_end(run, store->page_size) - pos);
	out->in_image = true;
	out->level = (unsigned int)(store->root + run->level);
	if (run->kind == RUN_RAW)
		locate_raw(store, run, pos, out);
	else if (run->kind == RUN_BLOCKS)
		locate_block(store, run, pos, out);
	else
		origin_unavailable(out, why_of(run->kind));
	return true;
}

bool page_store_modified(struct page_store *store, const struct crit_origin *at)
{
	return pages_file_modified(&store->parts[at->level - store->root].file);
}

bool page_store_place(struct page_store *store, const struct crit_origin *at, int *fd,
		      uint64_t *file_off)
{
	return pages_file_place(&store->parts[at->level - store->root].file, at->off, at->len, fd,
				file_off);
}
