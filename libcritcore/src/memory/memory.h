/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* memory.h - what the files of this folder share. */
#ifndef CRIT_MEMORY_MEMORY_H
#define CRIT_MEMORY_MEMORY_H

#include "checkpoint/checkpoint.h"

/** Who answered the question about an address, and so who reads its bytes. */
enum mem_keeper {
	KEEPER_NONE,	/* no bytes, or zeros */
	KEEPER_PAGES,	/* task->pages */
	KEEPER_OBJECT,	/* shared memory behind the mapping */
	KEEPER_FILE,	/* the file behind the mapping */
};

/** Where an address is, with what is needed to read there. */
struct mem_place {
	struct crit_origin at;
	enum mem_keeper keeper;
	const struct mapping *m; /* NULL: not mapped */
	uint64_t pos;	/* of at.vaddr in the store or the object */
	uint64_t reach; /* bytes from at.vaddr on that the keeper may be asked for at once: to the
			   end of the mapping or the next guard pages */
};

/** The task is loaded. */
void mem_locate(struct crit_task *task, uint64_t vaddr, struct mem_place *out);

/** Why an answer of kind UNMAPPED or UNAVAILABLE has no bytes. */
enum crit_status mem_no_bytes(const struct crit_origin *at, struct crit_error *err);

/**
 * The file in which the bytes of an answer of crit_mem_locate() lie.
 *
 * @param at   Of kind IMAGE or FILE, not compressed.
 * @param fd   [out] Borrowed until the next question about the checkpoint.
 * @param off  [out] Byte in it where at->vaddr's byte is.
 * @return false when it cannot be had (any more).
 */
bool mem_origin_file(struct crit_task *task, const struct crit_origin *at, int *fd, uint64_t *off);

/** Who copied bytes from that descriptor asks afterwards: was the file written to meanwhile, or
 *  replaced? Then some of them may be others than those of the checkpoint. */
bool mem_origin_modified(struct crit_task *task, const struct crit_origin *at);

/** Is a level of crit_origin a parent's, not the checkpoint's or that of a page server's folder? */
bool mem_is_parent(const struct crit_checkpoint *ckpt, unsigned int level);

#endif
