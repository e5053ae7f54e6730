/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * block_cache.h - LZ4 blocks that were decompressed lately, least recently used first out.
 *
 * A debugger reads a few hundred bytes at a time and comes back to the same places; a block has up
 * to 4 MiB.
 */
#ifndef CRIT_PAGES_BLOCK_CACHE_H
#define CRIT_PAGES_BLOCK_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BLOCK_CACHE_LEN = 32 * 1024 * 1024, /* bytes of all blocks together */
	BLOCK_CACHE_HEADS = 4096,
};

struct cached_block;

/** A zeroed one is ready to use. */
struct block_cache {
	struct cached_block **heads;	       /* by hash; NULL until something is in it */
	struct cached_block *newest, *oldest; /* by use */
	size_t len;			       /* bytes of all blocks */
};

void block_cache_deinit(struct block_cache *cache);

/** The bytes of a block, borrowed until the next block_cache_add(); NULL if it is not here.
 *  @param file  Any pointer that stands for the pages image.
 *  @param off   Of the block in it. */
const uint8_t *block_cache_find(struct block_cache *cache, const void *file, uint64_t off);

/** Room for a block of @p len bytes, to be filled at once, borrowed as above; NULL: no memory. */
uint8_t *block_cache_add(struct block_cache *cache, const void *file, uint64_t off, size_t len);
/** Take the newest block out again: it could not be filled. */
void block_cache_drop_newest(struct block_cache *cache);

#endif
