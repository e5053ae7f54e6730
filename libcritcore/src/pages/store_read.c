// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * store_read.c - the bytes of pages: page_store_read().
 *
 * Whole LZ4 blocks go straight where they are wanted, several for each read of the file; of a
 * block that is wanted in part, all is kept, since the rest is usually asked for next.
 */
#include <lz4.h>
#include <stdlib.h>
#include <string.h>

#include "pages/store.h"
#include "pages/store_impl.h"

/* Stored bytes read at once: they stay in the CPU's cache until they are decompressed. */
enum { BATCH_LEN = 128 * 1024 };

struct block_read {
	struct page_store *store;
	struct pages_file *file;
	size_t run; /* in the block table */
	uint64_t pos, end; /* what is still wanted */
	uint8_t *to;
};

static enum crit_status damaged(const struct pages_file *file, const struct block *block,
				struct crit_error *err)
{
	return error_at(err, CRIT_CORRUPT, file->name, block->off,
			"LZ4 block %llu, of %u bytes, does not hold %u bytes of memory,",
			(unsigned long long)block->index, block->len, block->mem_len);
}

static bool decompress(const uint8_t *stored, const struct block *block, uint8_t *to)
{
	if (!block->len)
		memset(to, 0, block->mem_len);
	else if (block->len == block->mem_len)
		memcpy(to, stored, block->mem_len);
	else
		return LZ4_decompress_safe((const char *)stored, (char *)to, (int)block->len,
					   (int)block->mem_len) == (int)block->mem_len;
	return true;
}

static uint8_t *scratch(struct chain *chain, size_t len)
{
	if (len > chain->scratch_len) {
		uint8_t *grown = realloc(chain->scratch, len);

		if (!grown)
			return NULL;
		chain->scratch = grown;
		chain->scratch_len = len;
	}
	return chain->scratch;
}

/** Read stored bytes; NULL and @p status set if that fails. */
static const uint8_t *read_stored(struct block_read *r, uint64_t off, size_t len,
				  enum crit_status *status, struct crit_error *err)
{
	uint8_t *stored = scratch(r->store->chain, len < BATCH_LEN ? BATCH_LEN : len);

	*status = stored ? pages_file_read(r->file, off, stored, len, err) : error_no_memory(err);
	return *status ? NULL : stored;
}

/** The whole block, out of the cache or into it. */
static enum crit_status cached(struct block_read *r, const struct block *block,
			       const uint8_t **out, struct crit_error *err)
{
	struct block_cache *cache = &r->store->chain->cache;
	enum crit_status status = CRIT_OK;
	const uint8_t *stored;
	uint8_t *room;

	*out = block_cache_find(cache, r->file, block->off);
	if (*out)
		return CRIT_OK;
	stored = read_stored(r, block->off, block->len, &status, err);
	if (!stored)
		return status;
	room = block_cache_add(cache, r->file, block->off, block->mem_len);
	if (!room)
		return error_no_memory(err);
	if (!decompress(stored, block, room)) {
		block_cache_drop_newest(cache);
		return damaged(r->file, block, err);
	}
	*out = room;
	return CRIT_OK;
}

/** What is wanted of one block. */
static enum crit_status read_part(struct block_read *r, const struct block *block,
				  struct crit_error *err)
{
	uint64_t from = r->pos - block->start, len = block->mem_len - from;
	const uint8_t *bytes;
	enum crit_status status;

	if (len > r->end - r->pos)
		len = r->end - r->pos;
	if (block->len) {
		status = cached(r, block, &bytes, err);
		if (status)
			return status;
		memcpy(r->to, bytes + from, len);
	} else {
		memset(r->to, 0, len);
	}
	r->to += len;
	r->pos += len;
	return CRIT_OK;
}

/** As many blocks as are wanted whole, are there and fit one read; 0: the first one is not. */
static size_t count_whole(const struct block_read *r, struct block block, uint64_t data_end,
			  uint64_t *len)
{
	size_t nr = 0;

	*len = 0;
	if (block.start != r->pos)
		return 0;
	do {
		if (block.mem_len > r->end - block.start ||
		    block.off + block.len > data_end || (nr && *len + block.len > BATCH_LEN))
			break;
		*len += block.len;
		nr++;
	} while (block_next(&r->store->blocks, r->run, &block));
	return nr;
}

static enum crit_status read_whole(struct block_read *r, struct block block, size_t nr,
				   uint64_t len, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;
	const uint8_t *stored = read_stored(r, block.off, (size_t)len, &status, err);

	for (size_t i = 0; stored && i < nr; i++) {
		if (!decompress(stored, &block, r->to))
			return damaged(r->file, &block, err);
		stored += block.len;
		r->to += block.mem_len;
		r->pos += block.mem_len;
		block_next(&r->store->blocks, r->run, &block);
	}
	return status;
}

/** One step: some whole blocks, or a part of one. */
static enum crit_status read_blocks(struct block_read *r, struct crit_error *err)
{
	struct block block;
	uint64_t len, data_end;
	size_t nr;

	block_find(&r->store->blocks, r->run, r->pos, &block);
	data_end = pages_file_data_end(r->file, block.off);
	if (block.len && block.off + block.len > data_end) // zeros of a hole are no block
		return error_at(err, CRIT_CORRUPT, r->file->name, block.off, "the file ends");
	nr = count_whole(r, block, data_end, &len);
	return nr ? read_whole(r, block, nr, len, err) : read_part(r, &block, err);
}

static enum crit_status read_from_blocks(struct page_store *store, uint64_t pos, uint8_t *buf,
					 size_t max, size_t *nread, struct crit_error *err)
{
	const struct run *run = page_store_find(store, pos);
	struct block_read r = {
		.store = store,
		.file = &store->parts[run->level].file,
		.run = run->off,
		.pos = pos,
		.end = run_end(run, store->page_size),
		.to = buf,
	};
	enum crit_status status = CRIT_OK;

	if (r.end - pos > max)
		r.end = pos + max;
	while (!status && r.pos < r.end)
		status = read_blocks(&r, err);
	*nread = (size_t)(r.pos - pos);
	return *nread ? CRIT_OK : status;
}

enum crit_status page_store_read(struct page_store *store, uint64_t pos,
				 const struct crit_origin *at, void *buf, size_t max,
				 size_t *nread, struct crit_error *err)
{
	enum crit_status status;

	if (at->block_len)
		return read_from_blocks(store, pos, buf, max, nread, err);
	if (max > at->len)
		max = (size_t)at->len;
	status = pages_file_read(&store->parts[at->level - store->root].file, at->off, buf, max,
				 err);
	if (!status)
		*nread = max;
	return status;
}
