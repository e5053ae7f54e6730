/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* duplicates.h - counting pages that have the same contents. */
#ifndef CRIT_STATS_DUPLICATES_H
#define CRIT_STATS_DUPLICATES_H

#include "critcore.h"

struct duplicates;

enum { DUPLICATES_SLOTS = 1 << 23 /* 192 MiB: exact up to six million different pages */ };

/**
 * @param out        Zeroed; nr_pages and nr_zero are counted as pages come.
 * @param max_slots  Different pages that there is room for, and a third more. A power of two.
 * @return NULL: out of memory.
 */
struct duplicates *duplicates_new(struct crit_duplicates *out, size_t max_slots);
/** @param owner  Whose they are: a process, or shared memory. @return false: out of memory. */
bool duplicates_add(struct duplicates *d, const uint8_t *data, size_t len, uint32_t page_size,
		    uint32_t owner);
/** Fill the rest of what duplicates_new() was given. */
void duplicates_finish(struct duplicates *d);
/** NULL is fine. */
void duplicates_free(struct duplicates *d);

#endif
