/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * scan.h - one pass through the memory of a task, in address order. It asks nothing of a checkpoint
 * but crit_mem_locate() and crit_mem_read().
 */
#ifndef CRIT_SEARCH_SCAN_H
#define CRIT_SEARCH_SCAN_H

#include "critcore.h"
#include "search/pattern.h"

/** What to do. */
struct scan {
	struct crit_task *task;
	const struct crit_pattern *pattern;
	uint64_t start, last; /* addresses; the last one belongs to it */
	uint64_t align;	      /* 0 and 1: anywhere */
	bool overlapping;
	/** A match; false ends the scan, with CRIT_OK. */
	bool (*found)(void *ctx, uint64_t vaddr, uint64_t len);
	/** Called after some work; false ends the scan with CRIT_INTERRUPTED. @p len: bytes gone
	 *  through or stepped over since the last call. May be NULL. */
	bool (*keep_going)(void *ctx, uint64_t len);
	/** Hears of memory that cannot be read. May be NULL. */
	void (*unreadable)(void *ctx, uint64_t vaddr, uint64_t len, const struct crit_error *why);
	/** Hears of every range that is there, in address order, before it is read. May make
	 *  origin->len smaller. True: matches wholly inside it are known, and need not be told
	 *  again (they may be). NULL: none are. */
	bool (*known)(void *ctx, struct crit_origin *origin);
	void *ctx;
};

/** @return CRIT_OK; CRIT_INTERRUPTED; CRIT_INVALID: the expression needs too much work;
 *          CRIT_NO_MEMORY; or as crit_mem_locate(). */
enum crit_status scan_run(const struct scan *what, struct crit_error *err);

#endif
