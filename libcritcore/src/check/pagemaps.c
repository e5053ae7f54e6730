// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagemaps.c - pagemap images: runs of pages that make sense, lie in mappings that have pages, and
 * add up to just the size of the pages image. Of all levels: a restore reads the parents as well.
 *
 * Entries are streamed, there can be ten million of them. Where they leave pages to a parent, or
 * the pages image has holes, origins.c looks at where each page is.
 */
#include <stdio.h>
#include <stdlib.h>

#include "check/memory.h"
#include "image/kinds.h"
#include "image/schema.h"
#include "image/vma_status.h"
#include "pstree.pb-c.h"
#include "task.pb-c.h"

static const uint32_t page_sizes[] = { 4096, 16384, 65536 };

/** A pagemap image while it is read. */
struct walk {
	struct check *c;
	struct pagemap_at at;
	bool quiet;	/* only adding up */
	const Criu__MmEntry *mm; /* NULL: of no process here */
	size_t vma;	/* the first one that may still have pages */
	uint32_t pages_id;
	bool has_head, bad;
	uint64_t end;	/* of the last run */
	uint64_t off;	/* in the pages image */
	uint64_t nr_lazy;
	bool has_parent;
};

static void say(struct walk *w, enum rule rule, const struct record *rec, const char *text)
{
	struct found_as as = {
		.severity = rule_get(rule)->severity,
		.dir = w->at.dir,
		.image = w->at.name,
		.has_record = true,
		.record = rec->index,
		.off = rec->off,
	};

	if (!w->quiet)
		found_as(w->c, rule, &as, "%s", text);
}

static void say_error(struct walk *w, enum rule rule, const struct record *rec,
		      const struct crit_error *err)
{
	w->bad = true;
	if (!w->quiet)
		found_error(w->c, rule, w->at.dir, w->at.name, rec, err);
}

/** Addresses of 32-bit tasks come sign-extended from 32-bit CRIUs. */
static uint64_t address_of(const struct walk *w, const struct entry *e)
{
	return w->at.is_32bit ? (uint32_t)e->vaddr : e->vaddr;
}

/** Are all pages of [start, end) in mappings that have pages of their own? */
static bool in_mappings(struct walk *w, uint64_t start, uint64_t end, uint64_t *where)
{
	const Criu__MmEntry *mm = w->mm;

	for (; start < end; w->vma++) {
		const Criu__VmaEntry *vma;

		*where = start;
		if (w->vma == mm->n_vmas)
			return false;
		vma = mm->vmas[w->vma];
		if (vma->end <= start || vma->status & VMA_GUARD)
			continue;
		if (start < vma->start || !(vma_has_own_pages(vma->status) ||
					    vma->status & VMA_EXT_PLUGIN))
			return false;
		if (end <= vma->end)
			return true;
		start = vma->end;
	}
	return true;
}

static void check_place(struct walk *w, const struct entry *e, const struct record *rec)
{
	uint64_t start = address_of(w, e), end = start + e->nr_pages * w->at.page_size, where;
	char text[160];

	if (start < w->end) {
		snprintf(text, sizeof(text), "the run at 0x%llx begins before the last one ends",
			 (unsigned long long)start);
		say(w, RULE_PAGEMAP_ORDER, rec, text);
	} else if (w->mm && !in_mappings(w, start, end, &where)) {
		snprintf(text, sizeof(text),
			 "the page at 0x%llx is in no mapping that has pages of its own",
			 (unsigned long long)where);
		say(w, RULE_PAGEMAP_VMA, rec, text);
	}
	w->end = end;
}

static void take_entry(struct walk *w, const struct entry *e, const struct record *rec)
{
	uint64_t mask = w->at.page_size - 1;
	struct crit_error err;

	if (e->flags & PAGE_PARENT && !entry_present(e))
		w->has_parent = true;
	else if (!entry_present(e) && e->flags & PAGE_LAZY)
		w->nr_lazy += e->nr_pages;
	else if (!entry_present(e))
		say(w, RULE_PAGEMAP_ENTRY, rec,
		    "its pages are neither here, nor in the parent, nor with a page server");
	if (!w->quiet)
		check_place(w, e, rec);
	if (!entry_present(e))
		return;
	if (e->flags & PAGE_ALIGNED)
		w->off = (w->off + mask) & ~mask;
	if (__builtin_add_overflow(w->off, e->payload, &w->off) || w->off > INT64_MAX) {
		error_set(&err, CRIT_CORRUPT, "more pages than a file can hold");
		say_error(w, RULE_PAGEMAP_ENTRY, rec, &err);
	}
}

static void take_head(struct walk *w, const struct record *rec)
{
	struct unsound why;

	w->has_head = true;
	w->pages_id = (uint32_t)wire_get_uint(rec->data, rec->len, 1, 0);
	if (record_sound(&schema_pagemap_head, rec->data, rec->len, &why))
		return;
	w->bad = true;
	say(w, why.rule, rec, why.text);
}

static void take_record(struct walk *w, const struct record *rec)
{
	struct crit_error err;
	struct unsound why;
	struct entry e;

	if (!w->has_head) {
		take_head(w, rec);
		return;
	}
	if (entry_read(rec, w->at.name, w->at.page_size, &e, &err) ||
	    entry_check(&e, rec, w->at.name, w->at.page_size, &err)) {
		say_error(w, RULE_PAGEMAP_ENTRY, rec, &err);
	} else if (!e.usual &&
		   !record_sound(&schema_pagemap_entry, rec->data, rec->len, &why)) {
		w->bad = true;
		say(w, why.rule, rec, why.text);
	} else {
		take_entry(w, &e, rec);
	}
}

/** Read the whole image; false when it is not to be read. */
static bool walk_entries(struct walk *w)
{
	struct image *img = NULL;
	struct crit_error err;
	struct record rec;
	enum crit_status status = image_open(w->at.src, w->at.name, IMG_PAGEMAP, &img, &err);
	bool opened = !status;

	while (!status && !w->bad && goes_on(w->c)) {
		status = image_next(img, &rec, &err);
		if (!status)
			take_record(w, &rec);
	}
	image_close(img);
	if (status && status != CRIT_NOT_FOUND) {
		w->bad = true;
		// Of the checkpoint itself load.c said what the beginning looks like.
		if (!w->quiet && (w->at.dir || opened))
			found_error(w->c, RULE_IMAGE_CUT, w->at.dir, w->at.name, NULL, &err);
	}
	return !w->bad;
}

/* ---- the pages image ------------------------------------------------------------------------ */

static void pages_name(uint32_t id, char name[32])
{
	snprintf(name, 32, "pages-%u.img", id);
}

static bool pages_size(const struct walk *w, uint64_t *size, bool *has_holes)
{
	struct member *m = NULL;
	char name[32];

	pages_name(w->pages_id, name);
	if (source_open_member(w->at.src, name, &m, NULL))
		return false;
	*size = m->size;
	*has_holes = m->has_holes;
	member_close(m);
	return true;
}

static void check_size(struct walk *w, uint64_t size)
{
	struct found_as as = { .severity = CRIT_CHECK_ERROR, .dir = w->at.dir };
	char name[32];

	pages_name(w->pages_id, name);
	as.image = name;
	if (size < w->off) {
		found_as(w->c, RULE_PAGES_SIZE, &as,
			 "%llu bytes, where the runs of %s take %llu", (unsigned long long)size,
			 w->at.name, (unsigned long long)w->off);
	} else if (size > w->off) {
		as.severity = CRIT_CHECK_WARNING;
		found_as(w->c, RULE_PAGES_SIZE, &as,
			 "%llu bytes, of which the runs of %s take %llu",
			 (unsigned long long)size, w->at.name, (unsigned long long)w->off);
	}
}

static void check_pages(struct walk *w)
{
	uint64_t size = 0;
	bool has_holes = false;
	char name[32];

	pages_name(w->pages_id, name);
	if (pages_size(w, &size, &has_holes))
		check_size(w, size);
	else if (w->off)
		found_image(w->c, RULE_PAGES_MISSING, w->at.dir, name,
			    "there is no such file to read, but %s has pages in it", w->at.name);
	if (w->nr_lazy && !w->at.dir)
		found_image(w->c, RULE_PAGEMAP_LAZY, NULL, w->at.name,
			    "%llu pages were left with a page server: a restore needs it, and "
			    "--lazy-pages", (unsigned long long)w->nr_lazy);
	// What a child took over may be punched out of a folder that is only its parent.
	if ((w->has_parent || (has_holes && !w->c->pre_dump)) && w->at.is_top)
		check_origins(w->c, &w->at);
}

/** Without a process there is no page size: take the one that fits. */
static uint32_t guess_page_size(struct check *c, const struct pagemap_at *at)
{
	for (size_t i = 0; i < sizeof(page_sizes) / sizeof(page_sizes[0]); i++) {
		struct walk w = { .c = c, .at = *at, .quiet = true };
		uint64_t size = 0;
		bool has_holes;

		w.at.page_size = page_sizes[i];
		if (walk_entries(&w) && w.off && pages_size(&w, &size, &has_holes) &&
		    size == w.off)
			return page_sizes[i];
	}
	return page_sizes[0];
}

/* ---- which images --------------------------------------------------------------------------- */

static bool is_32bit(const struct check *c, uint64_t pid)
{
	const struct item *item = item_numbered(c, SET_CORE, pid);
	const Criu__CoreEntry *core = item ? item->msg : NULL;

	if (!core)
		return false;
	if (core->mtype == CRIU__CORE_ENTRY__MARCH__ARM)
		return true;
	return core->thread_info && core->thread_info->gpregs->has_mode &&
	       core->thread_info->gpregs->mode == CRIU__USER_X86_REGS_MODE__COMPAT;
}

static uint32_t any_page_size(const struct check *c)
{
	const struct items *set = &c->sets[SET_MM];
	uint32_t size = 0;

	for (size_t i = 0; i < set->nr && !size; i++)
		size = mm_page_size(set->items[i].msg);
	return size;
}

static void check_one(struct check *c, size_t level, const char *name, uint64_t number,
		      enum set set)
{
	const struct chain *chain = &c->chain;
	bool is_top = !level || level == chain->pages_dir;
	const struct item *mm = set == SET_PAGEMAP ? item_numbered(c, SET_MM, number) : NULL;
	struct walk w = { .c = c };

	w.at = (struct pagemap_at){ .src = chain->levels[level].src, .name = name,
				    .level = level, .is_top = is_top };
	w.at.dir = level ? source_path(w.at.src) : NULL;
	w.at.is_32bit = set == SET_PAGEMAP && is_32bit(c, number);
	if (is_top && mm)
		w.mm = mm->msg;
	w.at.page_size = mm ? mm_page_size(mm->msg) : any_page_size(c);
	if (!w.at.page_size)
		w.at.page_size = guess_page_size(c, &w.at);
	if (walk_entries(&w) && w.has_head)
		check_pages(&w);
	else if (!w.bad && !w.has_head)
		found_image(c, RULE_RECORD_COUNT, w.at.dir, name, "it has no head");
	if (w.has_head && !level && !keys_add(&c->pages_ids, 0, w.pages_id, NULL))
		check_no_memory(c);
}

static bool is_pagemap(const char *name)
{
	uint64_t number;
	const struct kind_row *row = kind_of_name(name, &number);

	return row && (row->set == SET_PAGEMAP || row->set == SET_PAGEMAP_SHMEM);
}

static void check_level(struct check *c, size_t level)
{
	struct names names = { 0 };

	names_list(c, c->chain.levels[level].src, is_pagemap, &names);
	for (size_t i = 0; i < names.nr && goes_on(c); i++) {
		uint64_t number;
		const struct kind_row *row = kind_of_name(names.names[i], &number);

		check_one(c, level, names.names[i], number, row->set);
	}
	free(names.names);
}

static void check_stray_pages(struct check *c)
{
	const struct items *set = &c->sets[SET_PAGES];
	const struct key *key = NULL;
	char name[32];

	keys_sort(&c->pages_ids);
	for (size_t i = 0; i < set->nr; i++)
		if (!keys_find(&c->pages_ids, 0, set->items[i].number))
			found_image(c, RULE_PAGES_STRAY, NULL, set->items[i].image,
				    "no pagemap has its pages here");
	while ((key = keys_next_double(&c->pages_ids,
				       key ? (size_t)(key - c->pages_ids.keys) + 1 : 0))) {
		pages_name((uint32_t)key->number, name);
		found_image(c, RULE_PAGES_STRAY, NULL, name,
			    "two pagemaps say that their pages are here");
	}
}

void check_pagemaps(struct check *c)
{
	for (size_t level = 0; level < c->chain.nr_levels && goes_on(c); level++)
		check_level(c, level);
	check_stray_pages(c);
}

void check_parents(struct check *c)
{
	for (size_t i = 0; i < c->chain.nr_levels; i++) {
		const struct level *level = &c->chain.levels[i];

		if (level->problem)
			found_image(c, RULE_PARENT, i ? source_path(level->src) : NULL, "parent",
				    "%s", level->problem);
	}
}
