// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * side.c - see side.h.
 *
 * Two places are the same without a look at the bytes when they are the same offset
 *
 *	of the same image	by device and inode: levels of one chain, hard links
 *	of the same file	by the build-id that both checkpoints recorded; else both have to be
 *				verified as the one file that is here under the same name
 */
#include "diff/side.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util/error.h"

/** The store of a process of a pre-dump is kept with it, as that of a loaded one. */
static enum crit_status open_bare(struct crit_task *task, uint32_t page_size, uint64_t top,
				  struct crit_error *err)
{
	struct chain *chain = &task->ckpt->chain;
	enum crit_status status = chain->followed ? CRIT_OK : chain_follow(chain, err);
	char name[48];

	if (status || task->pages)
		return status;
	snprintf(name, sizeof(name), "pagemap-%u.img", task->pid);
	return page_store_open(chain, name, page_size, top, &task->pages, err);
}

enum crit_status side_begin_bare(struct side *side, struct crit_task *task, uint32_t page_size,
				 struct crit_error *err)
{
	enum crit_status status = open_bare(task, page_size, 0, err);

	side->task = task;
	side->page_size = page_size;
	side->bare = task->pages;
	memset(side->places, 0, sizeof(side->places));
	return status;
}

enum crit_status side_begin(struct side *side, struct crit_task *task,
			    const struct crit_task *like, struct crit_error *err)
{
	enum crit_status status;

	side->task = task;
	memset(side->places, 0, sizeof(side->places));
	if (!task->ckpt->pre_dump) {
		status = crit_task_load(task, err);
		side->page_size = crit_task_page_size(task);
		return status;
	}
	side->page_size = like->page_size;
	status = open_bare(task, like->page_size,
			   like->layout->arch->word_size == 4 ? 1ull << 32 : 0, err);
	side->bare = task->pages;
	return status;
}

void side_end(struct side *side)
{
	side->bare = NULL;
	side->task = NULL;
}

void side_locate(struct side *side, uint64_t vaddr, struct mem_place *out)
{
	if (!side->bare) {
		mem_locate(side->task, vaddr, out);
		return;
	}
	memset(out, 0, sizeof(*out));
	out->at.vaddr = out->pos = vaddr;
	out->at.len = UINT64_MAX - vaddr;
	out->at.mapping = SIZE_MAX;
	out->keeper = KEEPER_PAGES;
	if (page_store_locate(side->bare, vaddr, &out->at))
		return;
	out->keeper = KEEPER_NONE;
	out->at.kind = CRIT_ORIGIN_UNMAPPED;
}

static enum crit_status read_bare(struct side *side, uint64_t vaddr, size_t len, uint8_t *buf,
				  size_t *nread, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;
	struct mem_place place;
	size_t part;

	for (*nread = 0; !status && *nread < len; *nread += part) {
		part = 0;
		side_locate(side, vaddr + *nread, &place);
		if (place.at.kind == CRIT_ORIGIN_ZERO) {
			part = place.at.len < len - *nread ? (size_t)place.at.len : len - *nread;
			memset(buf + *nread, 0, part);
		} else if (place.at.kind == CRIT_ORIGIN_IMAGE) {
			status = page_store_read(side->bare, place.pos, &place.at,
						 buf + *nread, len - *nread, &part, err);
		} else {
			status = mem_no_bytes(&place.at, err);
		}
		if (status)
			part = 0;
	}
	return status;
}

enum crit_status side_read(struct side *side, uint64_t vaddr, size_t len, size_t *nread,
			   struct crit_error *err)
{
	return side->bare ? read_bare(side, vaddr, len, side->bytes, nread, err)
			  : crit_mem_read(side->task, vaddr, len, side->bytes, nread, err);
}

enum crit_status crit_pre_dump_read(struct crit_task *task, uint32_t page_size, uint64_t vaddr,
				    size_t len, void *buf, size_t *nread, struct crit_error *err)
{
	struct side side = { .task = task };
	enum crit_status status;
	size_t got = 0;

	if (!task->ckpt->pre_dump || page_size < 4096 || (page_size & (page_size - 1)))
		return error_set(err, CRIT_INVALID, "not a pre-dump, or no size of pages");
	status = open_bare(task, page_size, 0, err);
	side.bare = task->pages;
	if (!status)
		status = read_bare(&side, vaddr, len, buf, &got, err);
	if (nread)
		*nread = got;
	return status;
}

uint64_t side_unit_left(struct side *side, uint64_t vaddr)
{
	struct mem_place place;

	side_locate(side, vaddr, &place);
	if (place.at.block_len && place.at.block_pos < place.at.block_mem_len)
		return place.at.block_mem_len - place.at.block_pos;
	return side->page_size - (vaddr & (side->page_size - 1));
}

/* ---- The same place ------------------------------------------------------------------------- */

/** Where the bytes of an image are: a descriptor, and the offset in that. */
static bool find_in_file(struct side *side, const struct mem_place *place, int *fd, uint64_t *off)
{
	struct crit_origin at = place->at;

	if (place->keeper != KEEPER_PAGES)
		return mem_origin_file(side->task, &at, fd, off);
	if (at.block_len)
		at.len = at.block_len; // what is stored of it
	return page_store_place(side->bare ? side->bare : side->task->pages, &at, fd, off);
}

/** The file that an image is in: asked once, then remembered, since there are many runs and few
 *  images. A slot that another image needs is asked anew. */
static const struct image_place *image_of(struct side *side, const struct mem_place *place, int fd)
{
	size_t slot = (((uintptr_t)place->at.source >> 4) + place->at.level) % NR_PLACES;
	struct image_place *image = &side->places[slot];
	struct stat st;

	if (image->source == place->at.source && image->level == place->at.level)
		return image;
	image->source = place->at.source;
	image->level = place->at.level;
	image->known = !fstat(fd, &st);
	if (image->known) {
		image->dev = st.st_dev;
		image->ino = st.st_ino;
	}
	return image;
}

static bool same_image(struct side *a, const struct mem_place *pa, struct side *b,
		       const struct mem_place *pb)
{
	const struct crit_origin *oa = &pa->at, *ob = &pb->at;
	const struct image_place *ia, *ib;
	uint64_t off_a, off_b;
	int fd;

	if (oa->off != ob->off || oa->block_len != ob->block_len ||
	    oa->block_mem_len != ob->block_mem_len || oa->block_pos != ob->block_pos)
		return false;
	if (!find_in_file(a, pa, &fd, &off_a))
		return false;
	ia = image_of(a, pa, fd);
	if (!find_in_file(b, pb, &fd, &off_b) || off_a != off_b)
		return false;
	ib = image_of(b, pb, fd);
	return ia->known && ib->known && ia->dev == ib->dev && ia->ino == ib->ino;
}

static bool same_build(const struct crit_file *a, const struct crit_file *b)
{
	return a->build_id && b->build_id && a->build_id_len == b->build_id_len &&
	       !memcmp(a->build_id, b->build_id, a->build_id_len) && a->has_size && b->has_size &&
	       a->size == b->size;
}

/** Bytes of the mapped file itself, wherever that is. */
static bool same_file(const struct mem_place *pa, const struct mem_place *pb)
{
	if (pa->keeper != KEEPER_FILE || pb->keeper != KEEPER_FILE || pa->pos != pb->pos)
		return false;
	if (pa->m->pub.kind == CRIT_MAP_FILE && same_build(&pa->m->file->pub, &pb->m->file->pub))
		return true;
	return pa->at.kind == CRIT_ORIGIN_FILE && pb->at.kind == CRIT_ORIGIN_FILE &&
	       !strcmp(pa->at.source, pb->at.source);
}

bool side_same_place(struct side *a, const struct mem_place *pa, struct side *b,
		     const struct mem_place *pb)
{
	if (pa->at.kind == CRIT_ORIGIN_ZERO && pb->at.kind == CRIT_ORIGIN_ZERO)
		return true;
	if (pa->at.kind == CRIT_ORIGIN_IMAGE && pb->at.kind == CRIT_ORIGIN_IMAGE &&
	    pa->keeper != KEEPER_NONE && pb->keeper != KEEPER_NONE)
		return same_image(a, pa, b, pb);
	return same_file(pa, pb);
}
