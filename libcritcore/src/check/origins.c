// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * origins.c - the pages that a pagemap leaves to its parents: are they there? Lays the runs of all
 * levels under each other, as a debugger does (pages/runs.h), and looks at what is left open, and
 * for holes where bytes ought to be.
 */
#include <stdlib.h>
#include <string.h>

#include "check/memory.h"
#include "pages/pages_file.h"
#include "pages/runs.h"

/** What is read of a level. */
struct part {
	struct pages_file file;
	uint64_t nr_punched; /* bytes */
};

struct lay {
	struct check *c;
	const struct pagemap_at *at;
	struct run_list list;
	struct block_table blocks;
	struct part *parts; /* one for each level */
	size_t nr_parts;
};

/** Read the pagemap of the next level. */
static bool read_level(struct lay *l, struct run_list *out)
{
	struct run_reader how = { l->at->page_size, l->at->is_32bit ? UINT64_C(1) << 32 : 0,
				  &l->blocks };
	size_t level = l->nr_parts;
	struct source *src = l->c->chain.levels[l->at->level + level].src;
	struct part *grown = realloc(l->parts, (level + 1) * sizeof(*grown));
	uint32_t pages_id = 0;
	struct crit_error err;
	enum crit_status status;

	if (!grown) {
		check_no_memory(l->c);
		return false;
	}
	l->parts = grown;
	status = run_list_read(&how, src, l->at->name, (unsigned int)level, out, &pages_id, &err);
	if (status == CRIT_NO_MEMORY && !err.has_off)
		check_fail(l->c, status, &err);
	memset(&l->parts[level], 0, sizeof(l->parts[level]));
	pages_file_init(&l->parts[level].file, &l->c->chain, src, pages_id);
	l->nr_parts++;
	return goes_on(l->c); // damage was told before, or is by what is missing now
}

static bool has_level(const struct lay *l, size_t level)
{
	const struct chain *chain = &l->c->chain;
	size_t at = l->at->level + level;

	return at < chain->nr_levels &&
	       (l->at->level >= chain->pages_dir || at < chain->pages_dir);
}

static bool lay_all(struct lay *l)
{
	while (l->list.has_parent) {
		struct run_list below = { .known_to = UINT64_MAX };
		bool there = has_level(l, l->nr_parts);

		if (there && !read_level(l, &below)) {
			run_list_deinit(&below);
			return false;
		}
		if (!run_list_lay_under(&l->list, there ? &below : NULL, l->at->page_size))
			check_no_memory(l->c);
		run_list_deinit(&below);
		if (!goes_on(l->c))
			return false;
	}
	return true;
}

static const char *why_not(unsigned int kind)
{
	switch (kind) {
	case RUN_NO_PARENT:
		return "left to a parent, and there is none";
	case RUN_NOT_IN_PARENT:
		return "left to a parent, which does not have them";
	case RUN_BAD_PARENT:
		return "left to a parent, whose pagemap is damaged";
	case RUN_UNKNOWN:
	case RUN_CONTRADICTION:
		return "left to a parent, where it does not say where they are";
	default:
		return NULL;
	}
}

static void check_run(struct lay *l, const struct run *run)
{
	const char *why = why_not(run->kind);

	if (why && (run->level || run->kind == RUN_NO_PARENT || run->kind == RUN_NOT_IN_PARENT ||
		    run->kind == RUN_BAD_PARENT))
		found_image(l->c, RULE_PAGEMAP_PARENT, l->at->dir, l->at->name,
			    "%llu page%s from 0x%llx %s", (unsigned long long)run->nr_pages,
			    run->nr_pages == 1 ? "" : "s", (unsigned long long)run->start, why);
}

/* ---- holes ---------------------------------------------------------------------------------- */

static void count_holes(struct lay *l, const struct run *run)
{
	struct part *part = &l->parts[run->level];
	uint64_t off = run->off, end = off + run->nr_pages * l->at->page_size;

	while (off < end) {
		struct crit_origin place = { .off = off, .len = end - off };

		pages_file_locate(&part->file, &place);
		if (place.why == CRIT_WHY_PUNCHED)
			part->nr_punched += place.len;
		else if (place.kind != CRIT_ORIGIN_IMAGE)
			return; // too short, or not there: told by its size
		off += place.len;
	}
}

static void tell_holes(struct lay *l, size_t level)
{
	const struct part *part = &l->parts[level];

	if (part->nr_punched)
		found_image(l->c, RULE_PAGES_PUNCHED,
			    level + l->at->level ? source_path(part->file.src) : NULL,
			    part->file.name,
			    "%llu bytes that %s needs are a hole: punched out by deduplication, or "
			    "zeros that a copy left out",
			    (unsigned long long)part->nr_punched, l->at->name);
}

void check_origins(struct check *c, const struct pagemap_at *at)
{
	struct lay l = { .c = c, .at = at, .list.known_to = UINT64_MAX };

	if (read_level(&l, &l.list) && lay_all(&l)) {
		for (size_t i = 0; i < l.list.nr && goes_on(c); i++) {
			check_run(&l, &l.list.runs[i]);
			if (l.list.runs[i].kind == RUN_RAW)
				count_holes(&l, &l.list.runs[i]);
		}
		for (size_t i = 0; i < l.nr_parts; i++)
			tell_holes(&l, i);
	}
	for (size_t i = 0; i < l.nr_parts; i++)
		pages_file_deinit(&l.parts[i].file);
	free(l.parts);
	run_list_deinit(&l.list);
	block_table_deinit(&l.blocks);
}
