// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * shmem.c - shared memory: objects that mappings of several processes show parts of.
 *
 *	shared anonymous	shmid of the mapping = ID
 *	System V segment	shmid of the mapping = ID
 *	memfd			file of the mapping -> inode_id -> memfd.img -> shmid = ID
 *
 * The contents are in pagemap-shmem-ID.img, whose addresses are offsets in the object. Before CRIU
 * 3.0 those of System V segments stood in ipcns-shm-N.img itself, behind each segment's record.
 */
#include "checkpoint/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc.pb-c.h"
#include "util/array.h"

struct shm_object {
	uint64_t id;
	bool has_size;
	uint64_t size; /* in bytes */
	uint32_t page_size;
	struct page_store *store;
	struct member *inline_image; /* contents are in it and not in the store; else NULL */
	uint64_t inline_off;
};

struct shmem {
	struct shm_object **objects; /* by id */
	size_t nr_objects, cap_objects;
};

static struct shmem *shmem_get(struct crit_checkpoint *ckpt)
{
	if (!ckpt->shmem)
		ckpt->shmem = calloc(1, sizeof(*ckpt->shmem));
	return ckpt->shmem;
}

static void object_free(struct shm_object *object)
{
	page_store_close(object->store);
	member_close(object->inline_image);
	free(object);
}

void shmem_free(struct crit_checkpoint *ckpt)
{
	struct shmem *shmem = ckpt->shmem;

	if (!shmem)
		return;
	for (size_t i = 0; i < shmem->nr_objects; i++)
		object_free(shmem->objects[i]);
	free(shmem->objects);
	free(shmem);
	ckpt->shmem = NULL;
}

/* ---- System V segments of old images -------------------------------------------------------- */

/** Is the record the segment's, with its contents behind it? Steps over them. */
static enum crit_status look_at_segment(struct image *img, const struct record *rec,
					const Criu__IpcShmEntry *shm, struct shm_object *object,
					bool *found, struct crit_error *err)
{
	if (shm->has_in_pagemaps && shm->in_pagemaps)
		return CRIT_OK;
	*found = shm->desc->id == object->id;
	object->inline_off = rec->off + 4 + rec->len;
	object->size = shm->size;
	if (shm->size > UINT64_MAX - 3)
		return error_at(err, CRIT_CORRUPT, image_name(img), rec->off, "an absurd size");
	return image_skip(img, (shm->size + 3) & ~3ull, err);
}

static enum crit_status find_segment(struct image *img, struct shm_object *object, bool *found,
				     struct crit_error *err)
{
	struct arena arena;
	struct record rec;
	enum crit_status status;

	arena_init(&arena, 0);
	while (!*found && !(status = image_next(img, &rec, err))) {
		Criu__IpcShmEntry *shm;

		arena_reset(&arena, image_decode_limit(rec.len));
		status = record_decode(&rec, image_name(img), &criu__ipc_shm_entry__descriptor,
				       &arena, &shm, err);
		if (!status)
			status = look_at_segment(img, &rec, shm, object, found, err);
		if (status)
			break;
	}
	arena_deinit(&arena);
	return *found || status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

/** Where old images have the contents. Without them the store tells what is missing. */
static void find_inline(struct crit_task *task, struct shm_object *object)
{
	struct source *src = task->ckpt->src;
	struct image *img = NULL;
	bool found = false;
	char name[32];

	snprintf(name, sizeof(name), "ipcns-shm-%u.img", task->ipc_ns);
	if (image_open(src, name, IMG_IPCNS_SHM, &img, NULL))
		return;
	if (!find_segment(img, object, &found, NULL) && found &&
	    !source_open_member(src, name, &object->inline_image, NULL))
		object->has_size = true;
	image_close(img);
}

/* ---- objects -------------------------------------------------------------------------------- */

/** The place of an id in the sorted array. */
static size_t object_place(const struct shmem *shmem, uint64_t id)
{
	size_t low = 0, high = shmem->nr_objects;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (shmem->objects[mid]->id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static enum crit_status open_object(struct crit_task *task, struct shm_object *object,
				    struct crit_error *err)
{
	char name[48];

	snprintf(name, sizeof(name), "pagemap-shmem-%llu.img", (unsigned long long)object->id);
	object->page_size = task->page_size;
	return page_store_open(&task->ckpt->chain, name, task->page_size, 0, &object->store, err);
}

static enum crit_status insert_object(struct shmem *shmem, size_t place,
				      struct shm_object *object, struct crit_error *err)
{
	if (!array_grow(&shmem->objects, shmem->nr_objects, &shmem->cap_objects,
			sizeof(struct shm_object *)))
		return error_no_memory(err);
	memmove(shmem->objects + place + 1, shmem->objects + place,
		(shmem->nr_objects - place) * sizeof(struct shm_object *));
	shmem->objects[place] = object;
	shmem->nr_objects++;
	return CRIT_OK;
}

enum crit_status shm_find(struct crit_task *task, uint64_t id, bool sysv, struct shm_object **out,
			  struct crit_error *err)
{
	struct shmem *shmem = shmem_get(task->ckpt);
	size_t place = shmem ? object_place(shmem, id) : 0;
	struct shm_object *object;
	enum crit_status status;

	if (!shmem)
		return error_no_memory(err);
	if (place < shmem->nr_objects && shmem->objects[place]->id == id) {
		*out = shmem->objects[place];
		return CRIT_OK;
	}
	object = calloc(1, sizeof(*object));
	if (!object)
		return error_no_memory(err);
	object->id = id;
	status = open_object(task, object, err);
	if (!status)
		status = insert_object(shmem, place, object, err);
	if (status) {
		object_free(object);
		return status;
	}
	if (sysv && !page_store_exists(object->store))
		find_inline(task, object);
	*out = object;
	return CRIT_OK;
}

enum crit_status shm_find_memfd(struct crit_task *task, uint64_t inode_id,
				struct shm_object **out, struct crit_error *err)
{
	const struct memfd *memfd;
	enum crit_status status = memfd_find(&task->ckpt->files, inode_id, &memfd, err);

	if (memfd)
		status = shm_find(task, memfd->shmid, false, out, err);
	if (status || !memfd)
		return status;
	(*out)->has_size = true;
	(*out)->size = memfd->size;
	return CRIT_OK;
}

/* ---- bytes ---------------------------------------------------------------------------------- */

/** The object's end, rounded up to a page: behind it there is nothing to read. UINT64_MAX when it
 *  is not known. */
static uint64_t object_end(const struct shm_object *object)
{
	uint64_t mask = object->page_size - 1;

	return object->has_size && object->size < UINT64_MAX - mask ? (object->size + mask) & ~mask
								    : UINT64_MAX;
}

static void locate_inline(const struct shm_object *object, uint64_t pos, struct crit_origin *out)
{
	out->in_image = true;
	out->source = object->inline_image->name;
	if (pos >= object->size) { // what is left of the last page
		out->kind = CRIT_ORIGIN_ZERO;
		return;
	}
	out->kind = CRIT_ORIGIN_IMAGE;
	out->off = object->inline_off + pos;
	origin_limit(out, object->size - pos);
}

void shm_locate(struct shm_object *object, uint64_t pos, struct crit_origin *out)
{
	uint64_t end = object_end(object);

	out->shared = true;
	if (end != UINT64_MAX && pos >= end) {
		origin_unavailable(out, CRIT_WHY_PAST_EOF);
		return;
	}
	if (end != UINT64_MAX)
		origin_limit(out, end - pos);
	if (object->inline_image)
		locate_inline(object, pos, out);
	else if (!page_store_locate(object->store, pos, out))
		out->kind = CRIT_ORIGIN_ZERO;
}

enum crit_status shm_read(struct shm_object *object, uint64_t pos, const struct crit_origin *at,
			  void *buf, size_t max, size_t *nread, struct crit_error *err)
{
	if (!object->inline_image)
		return page_store_read(object->store, pos, at, buf, max, nread, err);
	*nread = at->len < max ? (size_t)at->len : max;
	return member_read(object->inline_image, at->off, buf, *nread, err);
}

int shm_fd(struct shm_object *object, const struct crit_origin *at)
{
	return object->inline_image ? object->inline_image->fd : page_store_fd(object->store, at);
}

const char *shm_problem(const struct shm_object *object)
{
	return page_store_problem(object->store);
}
