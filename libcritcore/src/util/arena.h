/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * arena.h - many small allocations that are freed together, with an upper bound.
 *
 * Decoded protobuf messages live here: the bound is what keeps a hostile record (a few bytes that
 * decode into a thousand messages) from eating the machine's memory.
 */
#ifndef CRIT_UTIL_ARENA_H
#define CRIT_UTIL_ARENA_H

#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks; /* newest first */
	size_t used;		    /* bytes handed out since the last reset */
	size_t limit;		    /* arena_alloc() fails beyond */
};

void arena_init(struct arena *a, size_t limit);
void arena_deinit(struct arena *a);
/** Free everything but one chunk, and set a new bound. */
void arena_reset(struct arena *a, size_t limit);
/** Aligned for any type, not zeroed; NULL when memory is out or the bound is reached. */
void *arena_alloc(struct arena *a, size_t size);
/** A copy of @p len bytes with a NUL behind them; NULL as above. @param data  NULL if @p len is
 *  0. */
char *arena_text(struct arena *a, const void *data, size_t len);

#endif
