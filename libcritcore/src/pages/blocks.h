/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * blocks.h - where the LZ4 blocks of compressed runs are.
 *
 * A pagemap only has the blocks' sizes. They are kept as they are, 4 bytes each, and every 32nd
 * block has its offset besides, so finding one adds up 31 sizes at most:
 *
 *	sizes      s0 s1 ... s31 | s32 s33 ...
 *	anchors    0               s0+...+s31
 */
#ifndef CRIT_PAGES_BLOCKS_H
#define CRIT_PAGES_BLOCKS_H

#include "image/pagemap_entry.h"

/** A compressed run, whole. */
struct block_run {
	uint64_t start;	   /* its first address */
	uint64_t len;	   /* bytes of memory */
	uint64_t base;	   /* offset of the first block in the pages image, minus the sum of the
			      sizes of all blocks before it in the table (modulo 2^64) */
	size_t first;	   /* index of its first block */
	uint32_t block_len; /* bytes of memory in a full block */
};

/** A zeroed one is ready to use. */
struct block_table {
	struct block_run *runs;
	size_t nr_runs, cap_runs;
	uint32_t *sizes;
	size_t nr_sizes, cap_sizes;
	uint64_t *anchors;
	size_t nr_anchors, cap_anchors;
	uint64_t sum; /* of all sizes */
};

void block_table_deinit(struct block_table *table);

/**
 * Add a compressed entry.
 * @param start  Of its first page, as the task knows it.
 * @param off    Of its first block in the pages image.
 * @return false: out of memory.
 */
bool block_table_add(struct block_table *table, const struct entry *e, uint32_t page_size,
		     uint64_t start, uint64_t off);

struct block {
	uint64_t index; /* in its run */
	uint64_t start; /* address of its first byte */
	uint64_t off;	/* in the pages image */
	uint32_t len;	/* bytes there; 0: zeros, mem_len: raw */
	uint32_t mem_len;
};

/** The block of a run that holds @p vaddr, which is in the run. */
void block_find(const struct block_table *table, size_t run, uint64_t vaddr, struct block *out);
/** The one behind it; false if it was the last one of the run. */
bool block_next(const struct block_table *table, size_t run, struct block *block);

#endif
