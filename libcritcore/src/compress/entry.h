/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * entry.h - one record of a pagemap image, plain or compressed, in its wire form.
 *
 * Only what changes is written anew: `blocks` (field 6) comes or goes, and one bit of `flags`.
 * Every other byte of the record stays where it is, so that compressing and decompressing gives
 * back the same image. The fields are described in proto/memory.proto.
 */
#ifndef CRIT_COMPRESS_ENTRY_H
#define CRIT_COMPRESS_ENTRY_H

#include "image/image.h"
#include "image/pagemap.h"
#include "image/wire.h"

enum {
	MAX_BLOCK_LEN = 4 * 1024 * 1024, /* CRIU's limit */
	MIN_PAGE_SIZE = 4096,
	MAX_PAGE_SIZE = 65536,
};

/** The sizes of an entry's blocks, one after the other. */
struct block_sizes {
	struct wire record, blocks, packed; /* what is still to be read of each */
};

/** A checked entry. Borrows the record's bytes. */
struct entry {
	uint64_t vaddr, nr_pages;
	uint32_t flags;	     /* of enum page_flags, as CRIU understands old and new forms */
	bool has_flags;
	size_t flags_at;     /* has_flags: in the record, the byte with the low bits */
	size_t blocks_at;    /* where in the record blocks belong */
	bool compressed;     /* has blocks */
	uint32_t block_pages; /* compressed: pages of a full block */
	uint64_t payload;    /* PRESENT: bytes in the pages image, without what aligns them */
	struct block_sizes sizes; /* compressed: at the first one */
};

/**
 * Read and check a record behind the head.
 *
 * @param page_size  In bytes, a power of two.
 * @return CRIT_OK; CRIT_CORRUPT; CRIT_UNSUPPORTED: in a form that only pre-releases of CRIU wrote.
 */
enum crit_status entry_read(const struct record *rec, const char *image, uint32_t page_size,
			    struct entry *out, struct crit_error *err);

static inline bool entry_present(const struct entry *e)
{
	return e->flags & PAGE_PRESENT;
}

/** The next block's size in the pages image; false at the end, and where the bytes are no list. */
bool block_sizes_next(struct block_sizes *it, uint64_t *out);

/**
 * Append a plain entry's record in compressed form, with its size in front.
 *
 * @param sizes    The blocks' sizes as varints; NULL: the pages are all raw, no blocks.
 * @param payload  The sum of the sizes.
 * @param aligned  Set PAGE_ALIGNED; the entry has flags.
 */
void entry_add_compressed(struct buf *b, const struct record *rec, bool big_endian,
			  const struct entry *e, const struct buf *sizes, uint64_t payload,
			  uint32_t block_pages, bool aligned);
/** The inverse. */
void entry_add_plain(struct buf *b, const struct record *rec, bool big_endian,
		     const struct entry *e);
/** Append a record as it is. */
void entry_add_copy(struct buf *b, const struct record *rec, bool big_endian);
/** Append what stands before the first record of an image, at @p len. */
enum crit_status entry_add_header(struct source *src, const char *image, uint64_t len,
				  struct buf *b, struct crit_error *err);
/** Append a pagemap_head whose pages_id is @p id. */
void entry_add_head(struct buf *b, const struct record *rec, bool big_endian, uint32_t id);

#endif
