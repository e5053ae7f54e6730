/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * store.h - the pages of one object: of a task's private memory, or of shared memory.
 *
 *	pagemap-PID.img		private memory; positions are addresses
 *	pagemap-shmem-ID.img	shared memory; positions are offsets in the object
 *
 * A store knows for every page which level of the chain has it and where in that level's pages
 * image, and reads it, out of LZ4 blocks as well.
 */
#ifndef CRIT_PAGES_STORE_H
#define CRIT_PAGES_STORE_H

#include "pages/chain.h"
#include "pages/origin.h"

struct page_store;

/**
 * Open the store of a pagemap image. It is looked for in the checkpoint's own folder, then in the
 * second one; all levels below are read as far as something is in them. What is wrong with images
 * is no failure here: the pages are then unavailable, and page_store_problem() says why.
 *
 * @param chain      Followed. Outlives the store.
 * @param page_size  In bytes, a power of two.
 * @param top        See struct run_reader.
 * @param out        [out] Release it with page_store_close().
 * @return CRIT_OK; CRIT_NO_MEMORY.
 */
enum crit_status page_store_open(struct chain *chain, const char *name, uint32_t page_size,
				 uint64_t top, struct page_store **out, struct crit_error *err);
/** NULL is fine. */
void page_store_close(struct page_store *store);

/** Is there a pagemap image at all? */
bool page_store_exists(const struct page_store *store);
/** One line on what is wrong with a pagemap image; NULL: nothing. */
const char *page_store_problem(const struct page_store *store);

/**
 * Where a page is.
 *
 * @param pos  Its position, of the byte whose address is out->vaddr.
 * @param out  See origin.h.
 * @return false: no run covers it, so it was never written; out->len is then how far none does.
 */
bool page_store_locate(struct page_store *store, uint64_t pos, struct crit_origin *out);

/**
 * Read bytes that page_store_locate() said are in an image, in LZ4 blocks or not.
 *
 * @param at   Its answer for @p pos.
 * @param max  How many bytes there is room for; more than at->len is good when they are in blocks,
 *             which are read many at a time.
 * @param nread  [out] Bytes read, at least 1.
 * @return CRIT_OK; CRIT_CORRUPT: a damaged block, or the file was cut short; CRIT_OS;
 *         CRIT_NO_MEMORY.
 */
enum crit_status page_store_read(struct page_store *store, uint64_t pos,
				 const struct crit_origin *at, void *buf, size_t max,
				 size_t *nread, struct crit_error *err);

/** Was that pages image written to since it was opened? See pages_file_modified(). */
bool page_store_modified(struct page_store *store, const struct crit_origin *at);

/** Where such bytes are, at->len of them: as member_in_file(), of the pages image. The descriptor
 *  is borrowed until the next call for the chain. */
bool page_store_place(struct page_store *store, const struct crit_origin *at, int *fd,
		      uint64_t *file_off);

#endif
