// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * memory.c - address -> origin -> bytes.
 *
 * Everything that wants bytes asks mem_locate() first, so what `info criu address` says and what a
 * read returns cannot differ. The first row that fits decides:
 *
 *	no mapping				unmapped
 *	guard pages				unavailable: they have no contents
 *	kernel, device, plugin mapping		unavailable, with that reason
 *	a run of the task's pagemap covers it	what the run says (pages/store.c)
 *	MAP_DROPPABLE				unavailable: its contents were not dumped
 *	shared memory				what the run of its own pagemap says; none: zero
 *	mapping of a file			the file, when it is the one (checkpoint/contents.c)
 *	private anonymous			zero
 */
#include "memory/memory.h"

#include <string.h>

enum { MAP_TYPE_MASK = 0x0f, MAP_DROPPABLE_TYPE = 0x08 };

/** Mappings whose contents no dump has. */
static enum crit_why never_dumped(const struct crit_mapping *m)
{
	switch (m->kind) {
	case CRIT_MAP_VVAR:
		return CRIT_WHY_VVAR;
	case CRIT_MAP_VSYSCALL:
		return CRIT_WHY_VSYSCALL;
	case CRIT_MAP_PLUGIN:
		return CRIT_WHY_PLUGIN;
	case CRIT_MAP_SOCKET:
		return CRIT_WHY_DEVICE;
	default:
		return CRIT_WHY_NONE;
	}
}

/** Since 4.3 CRIU leaves their contents out; before, it took them for other private memory. */
static bool is_droppable(const struct crit_mapping *m)
{
	return (m->flags & MAP_TYPE_MASK) == MAP_DROPPABLE_TYPE;
}

/** Bytes from the mapping's beginning on are the object's or file's from pgoff on. */
static bool position_in(const struct crit_mapping *m, struct mem_place *out)
{
	if (__builtin_add_overflow(m->pgoff, out->at.vaddr - m->start, &out->pos)) {
		origin_unavailable(&out->at, CRIT_WHY_PAST_EOF);
		return false;
	}
	if (out->pos)
		origin_limit(&out->at, 0 - out->pos); // no object has a byte at 2^64
	return true;
}

static void locate_in_object(const struct mapping *m, struct mem_place *out)
{
	if (!m->object) {
		origin_unavailable(&out->at, CRIT_WHY_FILE_UNKNOWN);
		return;
	}
	if (!position_in(&m->pub, out))
		return;
	out->keeper = KEEPER_OBJECT;
	shm_locate(m->object, out->pos, &out->at);
}

static void locate_in_file(struct crit_task *task, const struct mapping *m, struct mem_place *out)
{
	if (!m->file) {
		origin_unavailable(&out->at, CRIT_WHY_FILE_UNKNOWN);
		return;
	}
	if (m->file->zeros && m->pub.kind == CRIT_MAP_FILE) {
		out->at.kind = CRIT_ORIGIN_ZERO;
		return;
	}
	if (!position_in(&m->pub, out))
		return;
	out->keeper = KEEPER_FILE;
	file_locate(&task->ckpt->files, m->file, out->pos, task->page_size, &out->at);
}

static void locate_outside_pages(struct crit_task *task, const struct mapping *m,
				 struct mem_place *out)
{
	if (is_droppable(&m->pub)) {
		origin_unavailable(&out->at, CRIT_WHY_DROPPABLE);
		return;
	}
	switch (m->pub.kind) {
	case CRIT_MAP_ANON:
	case CRIT_MAP_SHADOW_STACK:
	case CRIT_MAP_AIO:
		out->at.kind = CRIT_ORIGIN_ZERO;
		return;
	case CRIT_MAP_ANON_SHARED:
	case CRIT_MAP_SYSV:
	case CRIT_MAP_MEMFD:
		locate_in_object(m, out);
		return;
	case CRIT_MAP_FILE:
	case CRIT_MAP_FILE_SHARED:
		locate_in_file(task, m, out);
		return;
	default:
		origin_unavailable(&out->at, CRIT_WHY_UNKNOWN);
		return;
	}
}

/** In a guarded part of its mapping? @p out then says so; else it ends before the next one. */
static bool locate_guard(const struct crit_task *task, struct crit_origin *out)
{
	size_t i = guard_find(task, out->vaddr);
	const struct guard *guard = i < task->nr_guards ? &task->guards[i] : NULL;

	if (!guard)
		return false;
	origin_narrow(out, guard->start <= out->vaddr ? guard->end : guard->start);
	if (guard->start > out->vaddr)
		return false;
	origin_unavailable(out, CRIT_WHY_GUARD);
	return true;
}

static void locate_mapped(struct crit_task *task, const struct mapping *m, struct mem_place *out)
{
	enum crit_why why;

	if (locate_guard(task, &out->at))
		return;
	out->reach = out->at.len;
	why = never_dumped(&m->pub);
	if (why) {
		origin_unavailable(&out->at, why);
		return;
	}
	if (m->own_pages) {
		out->pos = out->at.vaddr;
		out->keeper = KEEPER_PAGES;
		if (page_store_locate(task->pages, out->pos, &out->at))
			return;
		out->reach = out->at.len;
		out->keeper = KEEPER_NONE;
	}
	locate_outside_pages(task, m, out);
}

void mem_locate(struct crit_task *task, uint64_t vaddr, struct mem_place *out)
{
	size_t i = mapping_find(task, vaddr);
	const struct mapping *m = i < task->nr_mappings ? &task->mappings[i] : NULL;

	memset(out, 0, sizeof(*out));
	out->at.vaddr = vaddr;
	out->at.mapping = SIZE_MAX;
	if (!m || m->pub.start > vaddr) {
		out->at.kind = CRIT_ORIGIN_UNMAPPED;
		out->at.len = m ? m->pub.start - vaddr : 0 - vaddr; // 0 from address 0: all of it
		return;
	}
	out->m = m;
	out->at.mapping = i;
	out->at.len = m->pub.end - vaddr;
	locate_mapped(task, m, out);
}

enum crit_status crit_mem_locate(struct crit_task *task, uint64_t vaddr, struct crit_origin *out,
				 struct crit_error *err)
{
	enum crit_status status = crit_task_load(task, err);
	struct mem_place place;

	if (status)
		return status;
	mem_locate(task, vaddr, &place);
	*out = place.at;
	return CRIT_OK;
}

enum crit_status crit_mem_next(struct crit_task *task, uint64_t vaddr, unsigned int kinds,
			       struct crit_origin *out, struct crit_error *err)
{
	enum crit_status status = crit_task_load(task, err);
	struct mem_place place;

	if (status)
		return status;
	do {
		mem_locate(task, vaddr, &place);
		if (1u << place.at.kind & kinds) {
			*out = place.at;
			return CRIT_OK;
		}
		vaddr += place.at.len;
	} while (place.at.len && vaddr > place.at.vaddr);
	return error_set(err, CRIT_NOT_FOUND, "nothing of that kind up to the end of memory");
}

bool mem_origin_file(struct crit_task *task, const struct crit_origin *at, int *fd, uint64_t *off)
{
	struct mem_place place;

	mem_locate(task, at->vaddr, &place);
	switch (place.keeper) {
	case KEEPER_PAGES:
		return page_store_place(task->pages, &place.at, fd, off);
	case KEEPER_OBJECT:
		return shm_place(place.m->object, &place.at, fd, off);
	case KEEPER_FILE:
		return file_place(&task->ckpt->files, place.m->file, &place.at, fd, off);
	default:
		return false;
	}
}

bool mem_origin_modified(struct crit_task *task, const struct crit_origin *at)
{
	struct mem_place place;
	uint64_t off;
	int fd;

	mem_locate(task, at->vaddr, &place);
	switch (place.keeper) {
	case KEEPER_PAGES:
		return page_store_modified(task->pages, at);
	case KEEPER_OBJECT:
		return shm_modified(place.m->object, at);
	case KEEPER_FILE:
		return !file_place(&task->ckpt->files, place.m->file, at, &fd, &off);
	default:
		return true;
	}
}

/** Bytes that are in an image or a file; at most @p max, at least one. */
static enum crit_status read_kept(struct crit_task *task, const struct mem_place *place,
				  uint8_t *buf, size_t max, size_t *nread, struct crit_error *err)
{
	if (max > place->reach)
		max = (size_t)place->reach;
	switch (place->keeper) {
	case KEEPER_PAGES:
		return page_store_read(task->pages, place->pos, &place->at, buf, max, nread, err);
	case KEEPER_OBJECT:
		return shm_read(place->m->object, place->pos, &place->at, buf, max, nread, err);
	default:
		*nread = max < place->at.len ? max : (size_t)place->at.len;
		return file_read(&task->ckpt->files, place->m->file, &place->at, buf, *nread, err);
	}
}

static enum crit_status read_place(struct crit_task *task, const struct mem_place *place,
				   uint8_t *buf, size_t max, size_t *nread, struct crit_error *err)
{
	const struct crit_origin *at = &place->at;

	switch (at->kind) {
	case CRIT_ORIGIN_ZERO:
		*nread = at->len < max ? (size_t)at->len : max;
		memset(buf, 0, *nread);
		return CRIT_OK;
	case CRIT_ORIGIN_IMAGE:
	case CRIT_ORIGIN_FILE:
		return read_kept(task, place, buf, max, nread, err);
	default:
		return mem_no_bytes(at, err);
	}
}

enum crit_status crit_mem_read(struct crit_task *task, uint64_t vaddr, size_t len, void *buf,
			       size_t *nread, struct crit_error *err)
{
	enum crit_status status = crit_task_load(task, err);
	size_t done = 0;

	while (!status && done < len) {
		struct mem_place place;
		size_t part = 0;

		if (vaddr + done < vaddr) {
			status = error_set(err, CRIT_UNMAPPED, "the address space ends");
			break;
		}
		mem_locate(task, vaddr + done, &place);
		status = read_place(task, &place, (uint8_t *)buf + done, len - done, &part, err);
		if (!status)
			done += part;
	}
	if (nread)
		*nread = done;
	return status;
}
