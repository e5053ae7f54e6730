/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* store_impl.h - what a store is made of, for store.c and store_read.c. */
#ifndef CRIT_PAGES_STORE_IMPL_H
#define CRIT_PAGES_STORE_IMPL_H

#include "pages/pages_file.h"
#include "pages/runs.h"

/** What one level of the chain has. */
struct part {
	uint32_t pages_id;
	struct pages_file file;
};

enum { FANOUT = 8, MAX_INDEX_DEPTH = 22 };

/**
 * Where to look for a position, in few lines of the CPU's cache: ends[0] has the end of every 8th
 * run, ends[1] every 8th of those, and so on. A group of 8 fills one line; the last one of each is
 * filled up with UINT64_MAX.
 */
struct run_index {
	uint64_t *ends[MAX_INDEX_DEPTH];
	size_t nr[MAX_INDEX_DEPTH];
	size_t depth;
};

struct page_store {
	struct chain *chain;
	char name[48]; /* pagemap-...img */
	uint32_t page_size;
	uint64_t top;
	size_t root;	/* the level it begins at */
	bool missing;	/* that level has no such pagemap image */
	char *problem;
	struct part *parts; /* by level, from root on */
	size_t nr_parts;
	struct run_list list; /* of all levels */
	struct block_table blocks; /* of all levels */
	struct run_index index;
	size_t hint; /* the run found last */
};

/** The run that holds a position or, failing that, the next one; NULL if there is none. */
const struct run *page_store_find(struct page_store *store, uint64_t pos);

#endif
