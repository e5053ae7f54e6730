/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pagemap_entry.h - pagemap images: which pages were dumped, and where in the pages image.
 *
 *	pagemap-ID.img = head { entry }
 *	head           = pagemap_head: pages_id, so the pages are in pages-<pages_id>.img
 *	entry          = pagemap_entry: nr_pages pages from vaddr, flags, since CRIU 4.3 blocks
 *
 * The pages image is raw. The pages of the entries that are PRESENT stand in it one after the
 * other; entries without that flag take no room there:
 *
 *	entry    0x1000 x2 PRESENT   0x5000 x1 PARENT   0x9000 x3 PRESENT
 *	pages    [ 0x1000 | 0x2000 |                      0x9000 | 0xa000 | 0xb000 ]
 *
 * Read from the wire form, without protobuf-c: a checkpoint can have ten million entries, and who
 * rewrites them wants to know where in the record things are.
 */
#ifndef CRIT_IMAGE_PAGEMAP_ENTRY_H
#define CRIT_IMAGE_PAGEMAP_ENTRY_H

#include "image/image.h"
#include "image/wire.h"

enum entry_field {
	FIELD_VADDR = 1,
	FIELD_COMPAT_NR_PAGES = 2,
	FIELD_IN_PARENT = 3,
	FIELD_FLAGS = 4,
	FIELD_NR_PAGES = 5,
	FIELD_BLOCKS = 6,
};

enum blocks_field { BLOCKS_SIZES = 1, BLOCKS_TOTAL = 2, BLOCKS_PAGES = 3 };

enum page_flags {
	PAGE_PARENT = 1,
	PAGE_LAZY = 2,
	PAGE_PRESENT = 4,
	PAGE_ALIGNED = 8, /* CRIU 4.3: its bytes start on a page boundary of the pages image */
};

enum {
	MAX_BLOCK_LEN = 4 * 1024 * 1024, /* CRIU's limit */
	MIN_PAGE_SIZE = 4096,
	MAX_PAGE_SIZE = 65536,
};

/** The sizes of an entry's blocks, one after the other. */
struct block_sizes {
	struct wire record, blocks, packed; /* what is still to be read of each */
};

/** An entry. Borrows the record's bytes. */
struct entry {
	uint64_t vaddr, nr_pages;
	uint32_t flags;	     /* of enum page_flags, as CRIU understands old and new forms */
	bool has_flags;
	bool usual;	     /* numbers in the form that everybody writes, and all that have to be
				there; no blocks */
	size_t flags_at;     /* has_flags: in the record, the byte with the low bits */
	size_t blocks_at;    /* where in the record blocks belong */
	bool compressed;     /* has blocks */
	uint32_t block_pages; /* compressed: pages of a full block */
	uint64_t payload;    /* PRESENT: bytes in the pages image, without what aligns them */
	struct block_sizes sizes; /* compressed: at the first one */
};

/**
 * Read a record behind the head. Its blocks, if it has any, cover its pages exactly, none is larger
 * than what it holds, and their sum is right; nothing else is checked.
 *
 * @param page_size  In bytes, a power of two.
 * @return CRIT_OK; CRIT_CORRUPT; CRIT_UNSUPPORTED: in a form that only pre-releases of CRIU wrote.
 */
enum crit_status entry_read(const struct record *rec, const char *image, uint32_t page_size,
			    struct entry *out, struct crit_error *err);

/** Refuse what CRIU refuses: no pages, wild addresses, flags that contradict each other. */
enum crit_status entry_check(const struct entry *e, const struct record *rec, const char *image,
			     uint32_t page_size, struct crit_error *err);

static inline bool entry_present(const struct entry *e)
{
	return e->flags & PAGE_PRESENT;
}

/** The next block's size in the pages image; false at the end, and where the bytes are no list. */
bool block_sizes_next(struct block_sizes *it, uint64_t *out);

#endif
