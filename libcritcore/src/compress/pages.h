/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pages.h - rewriting one pagemap image with its pages image. See pack.c and unpack.c.
 */
#ifndef CRIT_COMPRESS_PAGES_H
#define CRIT_COMPRESS_PAGES_H

#include <sys/uio.h>

#include "compress/pool.h"
#include "compress/stage.h"
#include "compress/survey.h"

enum {
	CHUNK = 256 * 1024, /* bytes of memory that one job is, unless one block is more */
	MAX_CHUNK_BLOCKS = CHUNK / MIN_PAGE_SIZE,
};

struct pages_options {
	struct pool_options pool;
	uint32_t block_len; /* bytes of memory in a full block */
	int acceleration;
};

/** A pair while it is rewritten. */
struct pages {
	const struct survey *survey;
	const struct pair *pair;
	const struct pages_options *options;
	uint32_t page_size;

	struct image *plan;   /* the pagemap, for what comes next */
	struct record rec;    /* the plan's */
	struct entry entry;
	uint64_t left;	      /* pages of the entry that are still to be handed out */
	uint64_t in_off;      /* in the old pages image, of what comes next */
	uint64_t out_off;     /* in the new one */
	struct stage_old old_pages, old_pagemap;
	struct stage_file new_pages, new_pagemap;
	struct buf records;   /* of the new pagemap, not yet written */
	size_t body;	      /* in the new pagemap, where the head ends */
	uint64_t nr_kept;     /* pages left raw for their holes */
};

/** Open everything; @p p is zeroed but for the first three members. */
enum crit_status pages_open(struct pages *p, struct stage *stage, struct crit_error *err);
/** Attributes, disk, names; adds the unit to the stage. */
enum crit_status pages_finish(struct pages *p, struct stage *stage, struct crit_error *err);
void pages_close(struct pages *p);

/** Go to the next entry, PRESENT or not; CRIT_NOT_FOUND: there is none. */
enum crit_status pages_next_entry(struct pages *p, struct crit_error *err);

/** Write all of some pieces of memory at an offset of the new pages image; changes them. */
enum crit_status pages_write(const struct pages *p, struct iovec *iov, size_t nr, uint64_t off,
			     struct crit_error *err);
/** Make the new pages image so long. */
enum crit_status pages_set_len(const struct pages *p, uint64_t len, struct crit_error *err);
/** Copy pages as they are, holes included. */
enum crit_status pages_copy(const struct pages *p, uint64_t from, uint64_t to, uint64_t len,
			    uint8_t *buf, size_t buf_len, struct crit_error *err);

/** Rewrite it in compressed form; sets out_off, the length of the new image, and nr_kept. */
enum crit_status pack_pages(struct pages *p, struct crit_error *err);
/** Rewrite it in plain form; sets out_off. */
enum crit_status unpack_pages(struct pages *p, struct crit_error *err);

#endif
