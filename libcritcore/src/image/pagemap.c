// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagemap.c - see pagemap.h.
 *
 * Three generations of entry exist. Up to CRIU 4.1 the count is field 2 (now compat_nr_pages) and
 * `in_parent` may stand for the PARENT flag; old ones have no flags at all and mean PRESENT. Since
 * 4.2 the count is field 5. Since 4.3 an entry may have `blocks`: its pages are LZ4-compressed.
 */
#include "image/pagemap.h"

#include <string.h>

#include "memory.pb-c.h"
#include "util/array.h"
#include "util/range.h"

struct reader {
	const char *name;
	uint32_t page_size;
	uint64_t top;
	uint64_t off; /* in the pages image, of the next PRESENT run */
	size_t cap;
	struct pagemap *map;
};

static uint32_t entry_flags(const Criu__PagemapEntry *e)
{
	uint32_t flags = e->has_flags ? e->flags : 0;

	if (e->has_in_parent && e->in_parent)
		return flags | PAGE_PARENT;
	return e->has_flags ? flags : PAGE_PRESENT;
}

static enum crit_status run_range(const struct reader *r, const Criu__PagemapEntry *e,
				  const struct record *rec, struct run *run, struct crit_error *err)
{
	uint64_t nr_pages = e->has_nr_pages ? e->nr_pages : e->compat_nr_pages;
	uint64_t len;

	run->start = r->top ? e->vaddr & (r->top - 1) : e->vaddr;
	if (run->start % r->page_size)
		return error_at(err, CRIT_CORRUPT, r->name, rec->off,
				"record %zu: address 0x%llx is not a page's", rec->index,
				(unsigned long long)e->vaddr);
	if (__builtin_mul_overflow(nr_pages, (uint64_t)r->page_size, &len) ||
	    __builtin_add_overflow(run->start, len, &run->end) || (r->top && run->end > r->top))
		return error_at(err, CRIT_CORRUPT, r->name, rec->off,
				"record %zu: %llu pages from 0x%llx exceed the address space",
				rec->index, (unsigned long long)nr_pages,
				(unsigned long long)run->start);
	return CRIT_OK;
}

/** Give a PRESENT run its place in the pages image and advance behind it. */
static enum crit_status place_run(struct reader *r, const Criu__PagemapEntry *e,
				  const struct record *rec, struct run *run, struct crit_error *err)
{
	uint64_t len = run->end - run->start;

	if (run->flags & PAGE_ALIGNED) // an overflow shows in the addition below
		r->off = (r->off + r->page_size - 1) & ~((uint64_t)r->page_size - 1);
	run->off = r->off;
	run->compressed = e->blocks != NULL;
	if (e->blocks)
		len = e->blocks->total_payload_size;
	r->map->compressed |= run->compressed;
	if (__builtin_add_overflow(r->off, len, &r->off) || r->off > INT64_MAX)
		return error_at(err, CRIT_CORRUPT, r->name, rec->off,
				"record %zu: more pages than a file can hold", rec->index);
	return CRIT_OK;
}

static enum crit_status add_entry(struct reader *r, const Criu__PagemapEntry *e,
				  const struct record *rec, struct crit_error *err)
{
	struct pagemap *map = r->map;
	struct run run = { .flags = entry_flags(e) };
	enum crit_status status = run_range(r, e, rec, &run, err);

	if (!status && map->nr_runs && run.start < map->runs[map->nr_runs - 1].end)
		status = error_at(err, CRIT_CORRUPT, r->name, rec->off,
				  "record %zu: the run at 0x%llx begins before the last one ends",
				  rec->index, (unsigned long long)run.start);
	if (!status && (run.flags & PAGE_PRESENT))
		status = place_run(r, e, rec, &run, err);
	if (status || run.start == run.end)
		return status;
	if (!array_grow(&map->runs, map->nr_runs, &r->cap, sizeof(*map->runs)))
		return error_no_memory(err);
	map->runs[map->nr_runs++] = run;
	return CRIT_OK;
}

static enum crit_status read_head(struct image *img, struct arena *arena, struct pagemap *map,
				  struct crit_error *err)
{
	Criu__PagemapHead *head;
	enum crit_status status =
		image_next_message(img, &criu__pagemap_head__descriptor, arena, &head, err);

	if (status == CRIT_NOT_FOUND)
		return error_set(err, CRIT_CORRUPT, "%s: no head record", image_name(img));
	if (!status)
		map->pages_id = head->pages_id;
	return status;
}

static enum crit_status read_entries(struct image *img, struct arena *arena, struct reader *r,
				     struct crit_error *err)
{
	struct record rec;
	enum crit_status status;

	while (!(status = image_next(img, &rec, err))) {
		Criu__PagemapEntry *e;

		arena_reset(arena, image_decode_limit(rec.len));
		status = record_decode(&rec, r->name, &criu__pagemap_entry__descriptor, arena, &e,
				       err);
		if (!status)
			status = add_entry(r, e, &rec, err);
		if (status)
			return status;
	}
	return status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

enum crit_status pagemap_read(struct source *src, const char *name, uint32_t page_size,
			      uint64_t top, struct pagemap *out, struct crit_error *err)
{
	struct pagemap map = { 0 };
	struct reader r = { .name = name, .page_size = page_size, .top = top, .map = &map };
	struct image *img = NULL;
	struct arena arena;
	enum crit_status status = image_open(src, name, IMG_PAGEMAP, &img, err);

	if (status)
		return status;
	arena_init(&arena, 0);
	status = read_head(img, &arena, &map, err);
	if (!status)
		status = read_entries(img, &arena, &r, err);
	arena_deinit(&arena);
	image_close(img);
	if (status) {
		pagemap_deinit(&map);
		return status;
	}
	map.pages_len = r.off;
	*out = map;
	return CRIT_OK;
}

void pagemap_deinit(struct pagemap *map)
{
	free(map->runs);
	memset(map, 0, sizeof(*map));
}

size_t pagemap_find(const struct pagemap *map, uint64_t vaddr)
{
	return map->nr_runs ? RANGE_FIND(map->runs, map->nr_runs, end, vaddr) : 0;
}
