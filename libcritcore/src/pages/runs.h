/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runs.h - which pages one pagemap image tells of, and laying those of a parent under them.
 *
 * Each level of a chain splits its runs its own way:
 *
 *	level 0   | PRESENT |       PARENT        |        | PARENT |
 *	level 1        | PRESENT | PARENT |   PRESENT | PRESENT          |
 *	both      | 0       | 1  | PARENT | 1     |        | 1      |
 *
 * so after laying all levels under one list there is a single place to look, however long the
 * chain. A page without an entry at a level has never been written there; one whose PARENT entry
 * meets nothing below is missing, not zero.
 */
#ifndef CRIT_PAGES_RUNS_H
#define CRIT_PAGES_RUNS_H

#include "pages/blocks.h"

enum run_kind {
	RUN_RAW,	   /* off: of the first byte in the pages image */
	RUN_BLOCKS,	   /* off: index in the block table */
	RUN_PARENT,	   /* one level below: to be laid under */
	RUN_NOT_IN_PARENT, /* where there is no such page */
	RUN_NO_PARENT,	   /* where there is no level */
	RUN_BAD_PARENT,	   /* where the pagemap is damaged before it says */
	RUN_LAZY,
	RUN_CONTRADICTION, /* PRESENT and PARENT */
	RUN_UNKNOWN,
};

enum { RUN_MAX_PAGES_LOG2 = 44 };

/** Adjacent pages with one origin. Ten million of them are nothing unusual: keep it small. */
struct run {
	uint64_t start; /* address; in shared memory, offset */
	uint64_t off;
	uint64_t nr_pages : RUN_MAX_PAGES_LOG2;
	uint64_t level : 14; /* from the level the list was begun at */
	uint64_t kind : 6;   /* of enum run_kind */
};

/** By address, not overlapping. A zeroed one is ready to use. */
struct run_list {
	struct run *runs;
	size_t nr, cap;
	uint64_t known_to; /* from here on nothing is known: the image is damaged behind the last
			      run. UINT64_MAX: it is sound */
	bool has_parent;   /* some run is RUN_PARENT */
};

static inline uint64_t run_end(const struct run *run, uint32_t page_size)
{
	return run->start + (uint64_t)run->nr_pages * page_size;
}

/** How pagemap images of a store are read. */
struct run_reader {
	uint32_t page_size;
	uint64_t top; /* first address that cannot be; 32-bit tasks: 1 << 32, for addresses that
			 32-bit CRIU sign-extended. 0: the whole 64-bit space */
	struct block_table *blocks; /* compressed runs are added here */
};

/**
 * Read a pagemap image.
 *
 * @param level     What the runs are marked with.
 * @param out       [out] Release it with run_list_deinit(), also on failure: it then has the runs
 *                  in front of the damage.
 * @param pages_id  [out] Set once the head was read.
 * @return as image_open(); CRIT_CORRUPT; CRIT_UNSUPPORTED: a pre-release form of compression.
 */
enum crit_status run_list_read(const struct run_reader *r, struct source *src, const char *name,
			       unsigned int level, struct run_list *out, uint32_t *pages_id,
			       struct crit_error *err);
void run_list_deinit(struct run_list *list);

/**
 * Replace the RUN_PARENT runs of a list by what a list of the level below says of their pages.
 * @param below  NULL: there is no level below; its runs become RUN_NO_PARENT.
 * @return false: out of memory; the list is then unchanged.
 */
bool run_list_lay_under(struct run_list *list, const struct run_list *below, uint32_t page_size);

#endif
