/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * survey.h - what there is to compress or decompress: every pagemap image with its pages image,
 * checked as a whole before anything is written.
 */
#ifndef CRIT_COMPRESS_SURVEY_H
#define CRIT_COMPRESS_SURVEY_H

#include "compress/inventory.h"
#include "compress/special.h"

enum { MAX_PAGES_NAME = 32 };

/** A pagemap image and its pages image. */
struct pair {
	char *pagemap; /* name */
	char pages[MAX_PAGES_NAME];
	bool shared;   /* pagemap-shmem-<id>.img, else pagemap-<id>.img */
	uint64_t id;
	uint32_t pages_id;
	uint64_t nr_pages;   /* PRESENT ones */
	uint64_t stored_len; /* of the pages image, as it is */
};

struct survey {
	struct source *src;
	struct inventory inventory;
	struct special special;
	struct pair *pairs; /* by name */
	size_t nr, cap;
	uint32_t page_size; /* in bytes */
	bool has_parent;    /* a `parent` link, or pages that are in it */
	uint64_t plain_len; /* of all pages images when they are raw */
};

/**
 * Look at inventory.img; with @p compressed the same as it, at everything else.
 * @param out  [out] Release it with survey_deinit(), also after a failure. Keeps @p src.
 */
enum crit_status survey_read(struct source *src, bool compressed, struct survey *out,
			     struct crit_error *err);
void survey_deinit(struct survey *s);

#endif
