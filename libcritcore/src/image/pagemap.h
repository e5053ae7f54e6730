/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pagemap.h - pagemap images: which pages were dumped, and where in the pages image.
 *
 *	pagemap-PID.img = head { entry }
 *	head            = pagemap_head: pages_id, so the pages are in pages-<pages_id>.img
 *	entry           = pagemap_entry: nr_pages pages from vaddr, flags
 *
 * The pages image is raw. The pages of the entries that are PRESENT stand in it one after the
 * other; entries without that flag take no room there:
 *
 *	entry    0x1000 x2 PRESENT   0x5000 x1 PARENT   0x9000 x3 PRESENT
 *	pages    [ 0x1000 | 0x2000 |                      0x9000 | 0xa000 | 0xb000 ]
 */
#ifndef CRIT_IMAGE_PAGEMAP_H
#define CRIT_IMAGE_PAGEMAP_H

#include "image/image.h"

enum page_flags {
	PAGE_PARENT = 1,
	PAGE_LAZY = 2,
	PAGE_PRESENT = 4,
	PAGE_ALIGNED = 8, /* CRIU 4.3: its bytes start on a page boundary of the pages image */
};

/** Adjacent pages of one entry. */
struct run {
	uint64_t start, end; /* addresses; whole pages */
	uint64_t off;	     /* PRESENT and uncompressed: of the first byte in the pages image */
	uint32_t flags;	     /* of enum page_flags */
	bool compressed;     /* PRESENT, in LZ4 blocks; off is then meaningless */
};

/** A whole pagemap image, decoded. */
struct pagemap {
	uint32_t pages_id;
	struct run *runs; /* by address, not overlapping */
	size_t nr_runs;
	uint64_t pages_len;  /* bytes that all runs together take in the pages image */
	bool compressed;     /* some run is; offsets behind it count its payload */
};

/**
 * Read a pagemap image.
 *
 * @param page_size  In bytes, a power of two.
 * @param top        First address that cannot be; 32-bit tasks pass 1 << 32, for addresses that
 *                   32-bit CRIU sign-extended. 0: the whole 64-bit space.
 * @param out        [out] Release it with pagemap_deinit().
 * @return as image_open(); CRIT_CORRUPT: runs overlap, wrap, or are out of order.
 */
enum crit_status pagemap_read(struct source *src, const char *name, uint32_t page_size,
			      uint64_t top, struct pagemap *out, struct crit_error *err);
void pagemap_deinit(struct pagemap *map);

/** The first run that ends behind @p vaddr; nr_runs if there is none. */
size_t pagemap_find(const struct pagemap *map, uint64_t vaddr);

#endif
