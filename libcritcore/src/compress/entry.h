/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * entry.h - writing a record of a pagemap image anew, as plain or as compressed.
 *
 * Only what changes is written anew: `blocks` (field 6) comes or goes, and one bit of `flags`.
 * Every other byte of the record stays where it is, so that compressing and decompressing gives
 * back the same image. The fields are described in proto/memory.proto.
 */
#ifndef CRIT_COMPRESS_ENTRY_H
#define CRIT_COMPRESS_ENTRY_H

#include "image/pagemap_entry.h"

/** entry_read() and entry_check(). */
enum crit_status entry_read_sound(const struct record *rec, const char *image, uint32_t page_size,
				  struct entry *out, struct crit_error *err);

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
