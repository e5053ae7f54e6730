/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* memory.h - what the checks of mappings and of pagemaps share. */
#ifndef CRIT_CHECK_MEMORY_H
#define CRIT_CHECK_MEMORY_H

#include "check/check.h"
#include "image/pagemap_entry.h"
#include "memory.pb-c.h"

/** In bytes, from the auxiliary vector; 0: not recorded. */
uint32_t mm_page_size(const Criu__MmEntry *mm);
/** A pagemap image of some level. */
struct pagemap_at {
	struct source *src;
	const char *dir;    /* of a parent or of the page server; NULL: the checkpoint */
	const char *name;
	size_t level;	    /* in the chain */
	bool is_top;	    /* the level that a restore begins at */
	bool is_32bit;
	uint32_t page_size;
};

/** Where are the pages of a pagemap of the top level, when not all of them are there? */
void check_origins(struct check *c, const struct pagemap_at *at);
/** Has pagemap-shmem-ID.img this checkpoint, or the folder of the page server? */
bool shared_memory_there(const struct check *c, uint64_t id);

#endif
