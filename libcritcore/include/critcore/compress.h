/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* compress.h - compressed pages. A part of critcore.h. */
#ifndef CRITCORE_COMPRESS_H
#define CRITCORE_COMPRESS_H

#include "critcore/base.h"

#ifdef __cplusplus
extern "C" {
#endif

enum crit_compress_outcome {
	CRIT_COMPRESS_DONE,
	CRIT_COMPRESS_ALREADY,	   /* the checkpoint has that form: nothing was done */
	CRIT_COMPRESS_NO_PAGEMAPS, /* there are no pages in the directory: nothing was done */
};

/** What became of one pagemap. */
struct crit_compress_pages {
	const char *pagemap;		/* name of the image; lives during the call */
	uint64_t nr_pages;		/* that have their bytes in this checkpoint */
	uint64_t len_before, len_after; /* of the pages image, in bytes */
	uint64_t nr_kept; /* compressing: pages of runs with holes in the file, which stay raw, so
			     that pages that were punched out can still be told from zeros */
};

/** All zero is crit's default. */
struct crit_compress_options {
	uint32_t block_len;	/* bytes of memory in a block: a power of two from one page to
				   4 MiB; 0: one page. Not for decompressing */
	unsigned int acceleration; /* of LZ4, 1 to 65537; 0: 1. Not for decompressing */
	bool in_place;		   /* no backups */
	unsigned int nr_threads;   /* 0: one for each CPU that may be used */
	/** Hears of every pagemap, by name, after all is done. */
	void (*report)(void *ctx, const struct crit_compress_pages *pages);
	/** Called from the caller's thread: with @p done 0 when all checks are passed and work
	 *  begins, then some ten times a second and after each pagemap. Counts bytes of memory.
	 *  False ends the call with CRIT_INTERRUPTED, and the checkpoint is as it was. */
	crit_keep_going_fn keep_going;
	void *ctx; /* for both */
};

/**
 * Turn a plain checkpoint into a compressed one (LZ4 blocks, img_version 3), or back, as CRIU 4.3
 * reads it. Huge pages and memory of plugins stay raw. Only inventory.img, the pagemap images and
 * their pages images change, and of the first two only the fields that are about compression.
 *
 * All or nothing: new images are made beside the old ones and put in their place at the end, and
 * when something fails the old ones come back. They keep owner, permissions, extended attributes
 * and times. Should the machine stop meanwhile, there still is a whole checkpoint: the old one, the
 * new one, or one that says it is compressed and is so in part. Files whose names begin with '.',
 * or a pages-4294967294.img, can be left then. Unless in_place, the old images are kept with ".bak"
 * behind their names.
 *
 * The parent checkpoint is not touched. Needs memory for a few blocks a thread, whatever the size.
 *
 * @param dir      The checkpoint's directory. It must be writable.
 * @param options  NULL: all zero.
 * @param outcome  [out] May be NULL.
 * @return CRIT_OK; CRIT_NOT_FOUND: no checkpoint, or an image is missing; CRIT_INVALID: a wrong
 *         option, or a backup is there already; CRIT_CORRUPT; CRIT_UNSUPPORTED: an img_version or
 *         a form of compression that is not known; CRIT_OS; CRIT_NO_MEMORY; CRIT_INTERRUPTED.
 */
CRIT_API enum crit_status crit_checkpoint_compress(const char *dir,
						   const struct crit_compress_options *options,
						   enum crit_compress_outcome *outcome,
						   struct crit_error *err);
/**
 * The inverse: `compress`, then `decompress` gives back the very same images. Where a parent is
 * involved img_version stays 3, as the parent may still be compressed.
 * Parameters and return values as above.
 */
CRIT_API enum crit_status crit_checkpoint_decompress(const char *dir,
						     const struct crit_compress_options *options,
						     enum crit_compress_outcome *outcome,
						     struct crit_error *err);

#ifdef __cplusplus
}
#endif

#endif
