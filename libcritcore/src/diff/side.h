/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * side.h - one of the two that are compared, and a process of it.
 *
 * Of a whole checkpoint, memory is what memory/ says. A pre-dump has no mappings: there is a byte
 * where its pagemap has one, and nothing is known of the rest.
 */
#ifndef CRIT_DIFF_SIDE_H
#define CRIT_DIFF_SIDE_H

#include "memory/memory.h"
#include "symbols/objects.h"

enum { NR_PLACES = 32, DIFF_CHUNK = 256 * 1024 };

/** Which file an image is, so that two sides know that they read the same one. */
struct image_place {
	const char *source; /* NULL: the slot is free */
	unsigned int level;
	bool known;
	dev_t dev;
	ino_t ino;
};

struct side {
	struct crit_checkpoint *ckpt;
	struct crit_task *task;	 /* the process at hand; NULL: it is not there */
	struct page_store *bare; /* its pages, of a pre-dump; NULL: it is loaded */
	uint32_t page_size;	 /* of the process at hand, in bytes */
	struct objects objects;
	struct image_place places[NR_PLACES]; /* of the process at hand */
	uint8_t *bytes;	     /* DIFF_CHUNK of them */
};

/** Begin with a process. @param like  Of a pre-dump, which does not say what its pages are like:
 *  the same process in the other one, loaded. */
enum crit_status side_begin(struct side *side, struct crit_task *task,
			    const struct crit_task *like, struct crit_error *err);
/** The same of a pre-dump, of a process that no whole checkpoint tells of. */
enum crit_status side_begin_bare(struct side *side, struct crit_task *task, uint32_t page_size,
				 struct crit_error *err);
void side_end(struct side *side);

/** As mem_locate(); of a pre-dump CRIT_ORIGIN_UNMAPPED where it has no page. */
void side_locate(struct side *side, uint64_t vaddr, struct mem_place *out);
/** As crit_mem_read(), into side->bytes. */
enum crit_status side_read(struct side *side, uint64_t vaddr, size_t len, size_t *nread,
			   struct crit_error *err);
/** How far what could not be read at an address cannot be: the rest of a page, or of a block. */
uint64_t side_unit_left(struct side *side, uint64_t vaddr);

/** Do both stand at the same place of the same file, so that they need not be read? */
bool side_same_place(struct side *a, const struct mem_place *pa, struct side *b,
		     const struct mem_place *pb);

/**
 * How large a process's pages are in a pre-dump, as far as its images say (bare.c).
 *
 * @param out  [out] In bytes; 0: they do not say.
 * @return CRIT_OK; CRIT_NO_MEMORY.
 */
enum crit_status bare_page_size(struct crit_task *task, uint32_t *out, struct crit_error *err);

#endif
