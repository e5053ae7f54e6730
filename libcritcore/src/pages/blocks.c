// SPDX-License-Identifier: LGPL-2.1-or-later
/* blocks.c - see blocks.h. */
#include "pages/blocks.h"

#include <stdlib.h>
#include <string.h>

#include "util/array.h"

enum { ANCHOR_EVERY = 32 };

void block_table_deinit(struct block_table *table)
{
	free(table->runs);
	free(table->sizes);
	free(table->anchors);
	memset(table, 0, sizeof(*table));
}

static bool add_size(struct block_table *table, uint32_t size)
{
	if (table->nr_sizes % ANCHOR_EVERY == 0) {
		if (!array_grow(&table->anchors, table->nr_anchors, &table->cap_anchors,
				sizeof(*table->anchors)))
			return false;
		table->anchors[table->nr_anchors++] = table->sum;
	}
	if (!array_grow(&table->sizes, table->nr_sizes, &table->cap_sizes, sizeof(*table->sizes)))
		return false;
	table->sizes[table->nr_sizes++] = size;
	table->sum += size;
	return true;
}

bool block_table_add(struct block_table *table, const struct entry *e, uint32_t page_size,
		     uint64_t start, uint64_t off)
{
	struct block_sizes it = e->sizes;
	struct block_run *run;
	uint64_t size;

	if (!array_grow(&table->runs, table->nr_runs, &table->cap_runs, sizeof(*run)))
		return false;
	run = &table->runs[table->nr_runs++];
	run->start = start;
	run->len = e->nr_pages * page_size;
	run->base = off - table->sum;
	run->first = table->nr_sizes;
	run->block_len = e->block_pages * page_size;
	while (block_sizes_next(&it, &size)) // at most MAX_BLOCK_LEN each: entry_read() saw to it
		if (!add_size(table, (uint32_t)size))
			return false;
	return true;
}

/** The sum of the sizes of all blocks before one. */
static uint64_t sum_before(const struct block_table *table, size_t i)
{
	size_t from = i / ANCHOR_EVERY * ANCHOR_EVERY;
	uint64_t sum = table->anchors[i / ANCHOR_EVERY];

	while (from < i)
		sum += table->sizes[from++];
	return sum;
}

static void fill(const struct block_table *table, const struct block_run *run, struct block *b)
{
	uint64_t left = run->len - (b->start - run->start);

	b->len = table->sizes[run->first + b->index];
	b->mem_len = left < run->block_len ? (uint32_t)left : run->block_len;
}

void block_find(const struct block_table *table, size_t run_index, uint64_t vaddr,
		struct block *out)
{
	const struct block_run *run = &table->runs[run_index];

	out->index = (vaddr - run->start) / run->block_len;
	out->start = run->start + out->index * run->block_len;
	out->off = run->base + sum_before(table, run->first + out->index);
	fill(table, run, out);
}

bool block_next(const struct block_table *table, size_t run_index, struct block *block)
{
	const struct block_run *run = &table->runs[run_index];

	if (run->len - (block->start - run->start) <= block->mem_len)
		return false;
	block->off += block->len;
	block->index++;
	block->start += run->block_len;
	fill(table, run, block);
	return true;
}
