/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pages_file.h - a pages image: raw pages, read at offsets that a pagemap told.
 *
 * A hole of a pages image is not a page of zeros. CRIU writes every page it dumps; holes appear
 * when a later dump with the same parent chain deduplicates, and the bytes are then in a child.
 */
#ifndef CRIT_PAGES_PAGES_FILE_H
#define CRIT_PAGES_PAGES_FILE_H

#include "pages/chain.h"
#include "pages/origin.h"

struct pages_file {
	struct chain *chain;
	struct source *src;
	char name[32];	       /* pages-N.img */
	bool tried;
	enum crit_why why;     /* not NONE: it is not there */
	struct member *member; /* NULL: not open at the moment */
	struct member first;   /* as it was when first opened; has no name and no descriptor */
	unsigned int nr_small; /* reads of a few bytes, up to MAP_AFTER */
	struct guarded *map;   /* all of it; NULL: not mapped */
	struct {
		uint64_t start, end;
		bool hole;
	} known; /* what the file system said of a range, the last time it was asked */
};

void pages_file_init(struct pages_file *file, struct chain *chain, struct source *src,
		     uint32_t pages_id);
void pages_file_deinit(struct pages_file *file);

/** Is out->len bytes' worth at out->off there? Fills kind, why and source. */
void pages_file_locate(struct pages_file *file, struct crit_origin *out);
/** The same, but either all of @p len bytes at out->off are there, or it is unavailable. */
void pages_file_locate_all(struct pages_file *file, uint64_t len, struct crit_origin *out);
/** How far the bytes from @p off on are there without a gap: the end's offset. */
uint64_t pages_file_data_end(struct pages_file *file, uint64_t off);
/** @return as member_read(); CRIT_OS: it was replaced by another file. */
enum crit_status pages_file_read(struct pages_file *file, uint64_t off, void *buf, size_t len,
				 struct crit_error *err);
/** Was it written to since it was first opened? Then pages may have been punched out; from now on
 *  the other functions look where there are holes. */
bool pages_file_modified(struct pages_file *file);
/** As member_in_file(); the descriptor is borrowed until the next call for the chain. */
bool pages_file_place(struct pages_file *file, uint64_t off, uint64_t len, int *fd,
		      uint64_t *file_off);

#endif
