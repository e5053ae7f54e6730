// SPDX-License-Identifier: LGPL-2.1-or-later
/* block_cache.c - see block_cache.h. */
#include "pages/block_cache.h"

#include <stdlib.h>
#include <string.h>

struct cached_block {
	const void *file;
	uint64_t off;
	size_t len;
	struct cached_block *next_in_bucket;
	struct cached_block *newer, *older;
	uint8_t data[];
};

static struct cached_block **bucket(struct block_cache *cache, const void *file, uint64_t off)
{
	uint64_t hash = (off ^ (uint64_t)(uintptr_t)file) * 0x9e3779b97f4a7c15u;

	return &cache->heads[(hash >> 32) % BLOCK_CACHE_HEADS];
}

static void unlink_use(struct block_cache *cache, struct cached_block *block)
{
	if (block->newer)
		block->newer->older = block->older;
	else
		cache->newest = block->older;
	if (block->older)
		block->older->newer = block->newer;
	else
		cache->oldest = block->newer;
}

static void link_newest(struct block_cache *cache, struct cached_block *block)
{
	block->newer = NULL;
	block->older = cache->newest;
	if (cache->newest)
		cache->newest->newer = block;
	else
		cache->oldest = block;
	cache->newest = block;
}

static void drop(struct block_cache *cache, struct cached_block *block)
{
	struct cached_block **link = bucket(cache, block->file, block->off);

	while (*link != block)
		link = &(*link)->next_in_bucket;
	*link = block->next_in_bucket;
	unlink_use(cache, block);
	cache->len -= block->len;
	free(block);
}

void block_cache_deinit(struct block_cache *cache)
{
	while (cache->oldest)
		drop(cache, cache->oldest);
	free(cache->heads);
	memset(cache, 0, sizeof(*cache));
}

const uint8_t *block_cache_find(struct block_cache *cache, const void *file, uint64_t off)
{
	struct cached_block *block = cache->heads ? *bucket(cache, file, off) : NULL;

	while (block && (block->file != file || block->off != off))
		block = block->next_in_bucket;
	if (!block)
		return NULL;
	if (block != cache->newest) {
		unlink_use(cache, block);
		link_newest(cache, block);
	}
	return block->data;
}

uint8_t *block_cache_add(struct block_cache *cache, const void *file, uint64_t off, size_t len)
{
	struct cached_block *block = malloc(sizeof(*block) + len), **head;

	if (!cache->heads)
		cache->heads = calloc(BLOCK_CACHE_HEADS, sizeof(struct cached_block *));
	if (!block || !cache->heads) {
		free(block);
		return NULL;
	}
	while (cache->oldest && cache->len + len > BLOCK_CACHE_LEN)
		drop(cache, cache->oldest);
	head = bucket(cache, file, off);
	block->file = file;
	block->off = off;
	block->len = len;
	block->next_in_bucket = *head;
	*head = block;
	link_newest(cache, block);
	cache->len += len;
	return block->data;
}

void block_cache_drop_newest(struct block_cache *cache)
{
	if (cache->newest)
		drop(cache, cache->newest);
}
