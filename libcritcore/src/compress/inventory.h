/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inventory.h - what inventory.img says about compression, and saying something else. Every other
 * byte of the image stays as it is.
 */
#ifndef CRIT_COMPRESS_INVENTORY_H
#define CRIT_COMPRESS_INVENTORY_H

#include "compress/entry.h"

struct inventory {
	bool compressed;
	uint32_t block_len; /* compress_block_size; 0: not recorded */
};

/**
 * @return CRIT_OK; CRIT_UNSUPPORTED: an img_version or a way to compress that is not known;
 *         CRIT_CORRUPT: no record, or both contradict each other; or as image_open().
 */
enum crit_status inventory_read(struct source *src, struct inventory *out, struct crit_error *err);

/**
 * Append the whole image as that of a compressed checkpoint (@p block_len bytes a block), or with
 * 0 of a plain one.
 * @param keep_version  Plain: img_version stays 3, for levels of a chain.
 */
enum crit_status inventory_add(struct source *src, uint32_t block_len, bool keep_version,
			       struct buf *b, struct crit_error *err);

#endif
