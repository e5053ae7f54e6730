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

#include <search.h>
#include <stdio.h>
#include <stdlib.h>

#include "checkpoint/segments.h"

struct shm_object {
	uint64_t id;
	bool has_size;
	uint64_t size; /* in bytes */
	uint32_t page_size;
	struct page_store *store;
	struct shmem *shmem;
	struct segments *segments;     /* of its namespace; NULL: not looked for there */
	const struct segment *segment; /* has the contents, not the store; NULL: the store has */
};

struct shmem {
	void *objects;	  /* by id: a tree of tsearch() */
	void *namespaces; /* struct segments, likewise by number */
	struct segments *open; /* the one whose image is open */
};

static struct shmem *shmem_get(struct crit_checkpoint *ckpt)
{
	if (!ckpt->shmem)
		ckpt->shmem = calloc(1, sizeof(*ckpt->shmem));
	return ckpt->shmem;
}

static void object_free(void *p)
{
	struct shm_object *object = p;

	page_store_close(object->store);
	free(object);
}

static void namespace_free(void *segments)
{
	segments_free(segments);
}

void shmem_free(struct crit_checkpoint *ckpt)
{
	struct shmem *shmem = ckpt->shmem;

	if (!shmem)
		return;
	tdestroy(shmem->objects, object_free);
	tdestroy(shmem->namespaces, namespace_free);
	free(shmem);
	ckpt->shmem = NULL;
}

/* ---- System V segments of old images -------------------------------------------------------- */

static int compare_namespaces(const void *a, const void *b)
{
	uint32_t na = ((const struct segments *)a)->ns, nb = ((const struct segments *)b)->ns;

	return (na > nb) - (na < nb);
}

/** The segments of the task's IPC namespace, read once. */
static enum crit_status namespace_get(struct crit_task *task, struct segments **out,
				      struct crit_error *err)
{
	struct shmem *shmem = task->ckpt->shmem;
	struct segments key = { .ns = task->ipc_ns };
	struct segments *const *known = tfind(&key, &shmem->namespaces, compare_namespaces);
	enum crit_status status;

	if (known) {
		*out = *known;
		return CRIT_OK;
	}
	status = segments_read(task->ckpt->src, task->ipc_ns, out, err);
	if (!status && !tsearch(*out, &shmem->namespaces, compare_namespaces)) {
		segments_free(*out);
		status = error_no_memory(err);
	}
	return status;
}

/** Where old images have the contents. Without them the store tells what is missing. */
static enum crit_status find_inline(struct crit_task *task, struct shm_object *object,
				    struct crit_error *err)
{
	enum crit_status status = namespace_get(task, &object->segments, err);

	if (status)
		return status;
	object->segment = segments_find(object->segments, object->id);
	if (object->segment) {
		object->has_size = true;
		object->size = object->segment->size;
	}
	return CRIT_OK;
}

/** Open the image with the contents; the last one that was open makes room. */
static enum crit_status open_inline(struct shm_object *object, struct crit_error *err)
{
	struct shmem *shmem = object->shmem;

	if (shmem->open && shmem->open != object->segments)
		segments_close(shmem->open);
	shmem->open = object->segments;
	return segments_open(object->segments, err);
}

/* ---- objects -------------------------------------------------------------------------------- */

static int compare_objects(const void *a, const void *b)
{
	uint64_t ia = ((const struct shm_object *)a)->id, ib = ((const struct shm_object *)b)->id;

	return (ia > ib) - (ia < ib);
}

static enum crit_status open_object(struct crit_task *task, struct shm_object *object,
				    struct crit_error *err)
{
	char name[48];

	snprintf(name, sizeof(name), "pagemap-shmem-%llu.img", (unsigned long long)object->id);
	object->page_size = task->page_size;
	return page_store_open(&task->ckpt->chain, name, task->page_size, 0, &object->store, err);
}

enum crit_status shm_find(struct crit_task *task, uint64_t id, bool sysv, struct shm_object **out,
			  struct crit_error *err)
{
	struct shmem *shmem = shmem_get(task->ckpt);
	struct shm_object key = { .id = id }, *object, *const *known;
	enum crit_status status;

	if (!shmem)
		return error_no_memory(err);
	known = tfind(&key, &shmem->objects, compare_objects);
	if (known) {
		*out = *known;
		return CRIT_OK;
	}
	object = calloc(1, sizeof(*object));
	if (!object)
		return error_no_memory(err);
	object->id = id;
	object->shmem = shmem;
	status = open_object(task, object, err);
	if (!status && sysv && !page_store_exists(object->store))
		status = find_inline(task, object, err);
	if (!status && !tsearch(object, &shmem->objects, compare_objects))
		status = error_no_memory(err);
	if (status) {
		object_free(object);
		return status;
	}
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
	uint64_t off = object->segment->off, image_size = object->segments->first.size;
	uint64_t there = image_size > off ? image_size - off : 0;

	out->in_image = true;
	out->source = object->segments->name;
	if (pos >= object->size) { // what is left of the last page
		out->kind = CRIT_ORIGIN_ZERO;
		return;
	}
	origin_limit(out, object->size - pos);
	if (pos >= there) {
		origin_unavailable(out, CRIT_WHY_PAGES_SHORT);
		return;
	}
	out->kind = CRIT_ORIGIN_IMAGE;
	out->off = off + pos;
	origin_limit(out, there - pos);
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
	if (object->segment)
		locate_inline(object, pos, out);
	else if (!page_store_locate(object->store, pos, out))
		out->kind = CRIT_ORIGIN_ZERO;
}

enum crit_status shm_read(struct shm_object *object, uint64_t pos, const struct crit_origin *at,
			  void *buf, size_t max, size_t *nread, struct crit_error *err)
{
	enum crit_status status;

	// The store may have pages behind the end, as far as it is known.
	if (max > object_end(object) - pos)
		max = (size_t)(object_end(object) - pos);
	if (!object->segment)
		return page_store_read(object->store, pos, at, buf, max, nread, err);
	status = open_inline(object, err);
	if (status)
		return status;
	*nread = at->len < max ? (size_t)at->len : max;
	return member_read(object->segments->member, at->off, buf, *nread, err);
}

bool shm_place(struct shm_object *object, const struct crit_origin *at, int *fd, uint64_t *off)
{
	if (!object->segment)
		return page_store_place(object->store, at, fd, off);
	return !open_inline(object, NULL) &&
	       member_in_file(object->segments->member, at->off, at->len, fd, off);
}

bool shm_modified(struct shm_object *object, const struct crit_origin *at)
{
	if (!object->segment)
		return page_store_modified(object->store, at);
	return open_inline(object, NULL) ||
	       member_modified(object->segments->member, &object->segments->first);
}

const char *shm_problem(const struct shm_object *object)
{
	return page_store_problem(object->store);
}
