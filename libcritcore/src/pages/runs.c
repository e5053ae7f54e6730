// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * runs.c - see runs.h.
 *
 * Three generations of entry exist; entry_read() sees to that. Offsets in the pages image are not
 * recorded: they are the sum of what the entries before take there, so after an entry that is not
 * understood nothing can be found any more.
 */
#include "pages/runs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "util/array.h"

enum {
	HUGE_PAGE = 2 * 1024 * 1024,
	MIN_RECORD = 8, /* the size, and two fields that are required */
};

struct reader {
	const struct run_reader *how;
	const char *name;
	unsigned int level;
	uint64_t off; /* in the pages image, of the next PRESENT run */
	uint64_t end; /* of the last run */
	struct run_list *list;
};

void run_list_deinit(struct run_list *list)
{
	free(list->runs);
	memset(list, 0, sizeof(*list));
}

/** Does @p run go on where @p last ends, in the file as well? */
static bool continues(const struct run *last, const struct run *run, uint32_t page_size)
{
	uint64_t nr_pages = (uint64_t)last->nr_pages + (uint64_t)run->nr_pages;
	uint64_t len = (uint64_t)last->nr_pages * page_size;

	if (last->kind != run->kind || last->level != run->level ||
	    last->start + len != run->start || nr_pages >> RUN_MAX_PAGES_LOG2)
		return false;
	if (run->kind == RUN_RAW)
		return last->off + len == run->off;
	return run->kind != RUN_BLOCKS || last->off == run->off;
}

static bool append(struct run_list *list, const struct run *run, uint32_t page_size)
{
	if (list->nr && continues(&list->runs[list->nr - 1], run, page_size)) {
		list->runs[list->nr - 1].nr_pages += run->nr_pages;
		return true;
	}
	if (!array_grow(&list->runs, list->nr, &list->cap, sizeof(*list->runs)))
		return false;
	list->runs[list->nr++] = *run;
	return true;
}

/** Room for @p nr runs, in huge pages: looking at some place of a long list then takes half the
 *  time. Pages that are not used take no memory. NULL is no failure. */
static struct run *alloc_runs(size_t nr)
{
	size_t bytes;
	struct run *runs;

	if (nr < HUGE_PAGE / sizeof(*runs) ||
	    __builtin_mul_overflow(nr, sizeof(*runs), &bytes) || bytes > SIZE_MAX - HUGE_PAGE)
		return NULL;
	bytes = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	runs = aligned_alloc(HUGE_PAGE, bytes);
	if (runs)
		madvise(runs, bytes, MADV_HUGEPAGE); // only advice
	return runs;
}

/** As many as an image of that size can have. */
static void reserve(struct run_list *list, uint64_t image_size)
{
	size_t nr = (size_t)(image_size / MIN_RECORD);

	list->runs = alloc_runs(nr);
	list->cap = list->runs ? nr : 0;
}

/* ---- reading -------------------------------------------------------------------------------- */

static enum run_kind kind_of(const struct entry *e)
{
	if (e->flags & PAGE_PRESENT && e->flags & PAGE_PARENT)
		return RUN_CONTRADICTION;
	// A page that is PRESENT is here, whether or not it may also be fetched lazily.
	if (e->flags & PAGE_PRESENT)
		return e->compressed ? RUN_BLOCKS : RUN_RAW;
	if (e->flags & PAGE_PARENT)
		return RUN_PARENT;
	return e->flags & PAGE_LAZY ? RUN_LAZY : RUN_UNKNOWN;
}

static enum crit_status check_range(const struct reader *r, const struct entry *e,
				    const struct record *rec, uint64_t start, uint64_t *end,
				    struct crit_error *err)
{
	uint64_t len;

	if (start % r->how->page_size)
		return error_at(err, CRIT_CORRUPT, r->name, rec->off,
				"record %zu: address 0x%llx is not a page's", rec->index,
				(unsigned long long)e->vaddr);
	if (e->nr_pages >> RUN_MAX_PAGES_LOG2 ||
	    __builtin_mul_overflow(e->nr_pages, (uint64_t)r->how->page_size, &len) ||
	    __builtin_add_overflow(start, len, end) || (r->how->top && *end > r->how->top))
		return error_at(err, CRIT_CORRUPT, r->name, rec->off,
				"record %zu: %llu pages from 0x%llx exceed the address space",
				rec->index, (unsigned long long)e->nr_pages,
				(unsigned long long)start);
	if (start < r->end)
		return error_at(err, CRIT_CORRUPT, r->name, rec->off,
				"record %zu: the run at 0x%llx begins before the last one ends",
				rec->index, (unsigned long long)start);
	return CRIT_OK;
}

/** Give a PRESENT run its place in the pages image and advance behind it. */
static enum crit_status place(struct reader *r, const struct entry *e, const struct record *rec,
			      uint64_t *off, struct crit_error *err)
{
	uint64_t mask = r->how->page_size - 1;

	if (e->flags & PAGE_ALIGNED) // an overflow shows in the addition below
		r->off = (r->off + mask) & ~mask;
	*off = r->off;
	if (__builtin_add_overflow(r->off, e->payload, &r->off) || r->off > INT64_MAX)
		return error_at(err, CRIT_CORRUPT, r->name, rec->off,
				"record %zu: more pages than a file can hold", rec->index);
	return CRIT_OK;
}

static enum crit_status add_entry(struct reader *r, const struct entry *e,
				  const struct record *rec, struct crit_error *err)
{
	struct block_table *blocks = r->how->blocks;
	struct run run = { .level = r->level, .nr_pages = e->nr_pages, .kind = kind_of(e) };
	enum crit_status status;
	uint64_t end = 0;

	run.start = r->how->top ? e->vaddr & (r->how->top - 1) : e->vaddr;
	status = check_range(r, e, rec, run.start, &end, err);
	if (!status && entry_present(e))
		status = place(r, e, rec, &run.off, err);
	if (status || run.start == end)
		return status;
	if (run.kind == RUN_BLOCKS) {
		if (!block_table_add(blocks, e, r->how->page_size, run.start, run.off))
			return error_no_memory(err);
		run.off = blocks->nr_runs - 1;
	}
	r->end = end;
	r->list->has_parent |= run.kind == RUN_PARENT;
	return append(r->list, &run, r->how->page_size) ? CRIT_OK : error_no_memory(err);
}

static enum crit_status read_head(struct image *img, uint32_t *pages_id, struct crit_error *err)
{
	struct record rec;
	enum crit_status status = image_next(img, &rec, err);
	uint64_t id;

	if (status == CRIT_NOT_FOUND)
		return error_set(err, CRIT_CORRUPT, "%s: no head record", image_name(img));
	if (status)
		return status;
	id = wire_get_uint(rec.data, rec.len, 1, UINT64_MAX);
	if (id > UINT32_MAX)
		return error_at(err, CRIT_CORRUPT, image_name(img), rec.off,
				"the head record does not say which pages image it is about,");
	*pages_id = (uint32_t)id;
	return CRIT_OK;
}

static enum crit_status read_entries(struct image *img, struct reader *r, struct crit_error *err)
{
	struct record rec;
	enum crit_status status;

	while (!(status = image_next(img, &rec, err))) {
		struct entry e;

		status = entry_read(&rec, r->name, r->how->page_size, &e, err);
		if (!status)
			status = add_entry(r, &e, &rec, err);
		if (status)
			return status;
	}
	return status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

enum crit_status run_list_read(const struct run_reader *how, struct source *src, const char *name,
			       unsigned int level, struct run_list *out, uint32_t *pages_id,
			       struct crit_error *err)
{
	struct reader r = { .how = how, .name = name, .level = level, .list = out };
	struct image *img = NULL;
	enum crit_status status;

	memset(out, 0, sizeof(*out));
	status = image_open(src, name, IMG_PAGEMAP, &img, err);
	out->known_to = status == CRIT_NOT_FOUND ? UINT64_MAX : 0;
	if (status)
		return status;
	status = read_head(img, pages_id, err);
	reserve(out, image_len(img));
	if (!status)
		status = read_entries(img, &r, err);
	image_close(img);
	out->known_to = status ? r.end : UINT64_MAX;
	return status;
}

/* ---- laying under --------------------------------------------------------------------------- */

/** The part of a run from one address up to another. */
static struct run part_of(const struct run *run, uint64_t start, uint64_t end, uint32_t page_size)
{
	struct run part = *run;

	part.start = start;
	part.nr_pages = (end - start) / page_size;
	if (run->kind == RUN_RAW)
		part.off += start - run->start;
	return part;
}

/** What the level below has not: it, or what is left of it. */
static enum run_kind kind_of_gap(const struct run_list *below, uint64_t start)
{
	if (!below)
		return RUN_NO_PARENT;
	return start < below->known_to ? RUN_NOT_IN_PARENT : RUN_BAD_PARENT;
}

static uint64_t min64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/** Append to @p out what is below a PARENT run. @p next: where to look first; moves on. */
static bool lay_under_run(struct run_list *out, const struct run *pending,
			  const struct run_list *below, size_t *next, uint32_t page_size)
{
	uint64_t at = pending->start, end = run_end(pending, page_size);
	size_t nr = below ? below->nr : 0;

	while (*next < nr && run_end(&below->runs[*next], page_size) <= at)
		++*next;
	for (size_t i = *next; at < end; ) {
		const struct run *run = i < nr ? &below->runs[i] : NULL;
		uint64_t stop = end;
		struct run part;

		if (run && run->start <= at) {
			stop = min64(end, run_end(run, page_size));
			part = part_of(run, at, stop, page_size);
			i++;
		} else {
			if (run)
				stop = min64(end, run->start);
			part = part_of(pending, at, stop, page_size);
			part.kind = kind_of_gap(below, at);
		}
		out->has_parent |= part.kind == RUN_PARENT;
		if (!append(out, &part, page_size))
			return false;
		at = stop;
	}
	return true;
}

bool run_list_lay_under(struct run_list *list, const struct run_list *below, uint32_t page_size)
{
	struct run_list out = { .known_to = list->known_to };
	size_t next = 0, most = list->nr + (below ? below->nr : 0);
	bool done = true;

	out.runs = alloc_runs(most);
	out.cap = out.runs ? most : 0;
	for (size_t i = 0; done && i < list->nr; i++) {
		if (list->runs[i].kind == RUN_PARENT)
			done = lay_under_run(&out, &list->runs[i], below, &next, page_size);
		else
			done = append(&out, &list->runs[i], page_size);
	}
	if (!done) {
		run_list_deinit(&out);
		return false;
	}
	run_list_deinit(list);
	*list = out;
	return true;
}
