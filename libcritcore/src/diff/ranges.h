/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ranges.h - putting together what is found of memory, piece by piece in address order: pages that
 * lie side by side and differ in the same way are one range; bytes of them, too.
 */
#ifndef CRIT_DIFF_RANGES_H
#define CRIT_DIFF_RANGES_H

#include "critcore.h"

struct diff;

/** Pages in a row. */
struct page_range {
	enum crit_diff_how how;
	uint64_t old_start, new_start, len; /* len 0: there is none */
	const char *why;		    /* of UNKNOWN; static storage, or in text */
};

/** Bytes in a row that differ, or stand between such. */
struct byte_range {
	uint64_t old_start, new_start, len;
	uint8_t bytes[2][CRIT_DIFF_BYTES];
};

struct ranges {
	struct crit_difference of; /* what the ranges are told as: name, pid */
	uint64_t page_size;
	struct page_range pages;
	struct byte_range bytes;
	struct crit_diff_memory sum; /* of this mapping */
	const char *why;	     /* of the first unknown page */
	char text[sizeof(((struct crit_error *)0)->message)]; /* for pages.why */
	char first_text[sizeof(((struct crit_error *)0)->message)]; /* for why */
};

/** Another mapping begins. */
void ranges_begin(struct diff *d, const char *name);
/** Tell what is still to be told of ranges; ranges.sum is complete then. */
void ranges_finish(struct diff *d);

/** @param old_start, new_start  Of the first byte, in each side; 0 where it is not.
 *  @param why  Of UNKNOWN. Copied unless static. */
void ranges_add(struct diff *d, enum crit_diff_how how, uint64_t old_start, uint64_t new_start,
		uint64_t len, const char *why);
/** Compare bytes of both sides, which are there. */
void ranges_compare(struct diff *d, uint64_t old_start, uint64_t new_start, const uint8_t *before,
		    const uint8_t *after, size_t len);

#endif
