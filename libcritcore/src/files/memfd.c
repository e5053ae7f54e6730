// SPDX-License-Identifier: LGPL-2.1-or-later
/* memfd.c - memfd.img: files of memfd_create(2), whose contents are shared memory. */
#include "files/files.h"

#include <stdlib.h>
#include <string.h>

#include "files.pb-c.h"
#include "image/image.h"
#include "util/array.h"

static int compare_memfds(const void *a, const void *b)
{
	uint64_t ia = ((const struct memfd *)a)->inode_id, ib = ((const struct memfd *)b)->inode_id;

	return (ia > ib) - (ia < ib);
}

static enum crit_status add_memfd(struct files *files, size_t *cap,
				  const Criu__MemfdInodeEntry *inode, struct crit_error *err)
{
	struct memfd *memfd;

	if (!array_grow(&files->memfds, files->nr_memfds, cap, sizeof(*memfd)))
		return error_no_memory(err);
	memfd = &files->memfds[files->nr_memfds];
	memfd->inode_id = inode->inode_id;
	memfd->size = inode->size;
	memfd->shmid = inode->shmid;
	memfd->name = strdup(inode->name);
	if (!memfd->name)
		return error_no_memory(err);
	files->nr_memfds++;
	return CRIT_OK;
}

static enum crit_status read_memfds(struct files *files, struct crit_error *err)
{
	struct image *img = NULL;
	Criu__MemfdInodeEntry *inode;
	struct arena arena;
	enum crit_status status;
	size_t cap = 0;

	status = image_open(files->src, "memfd.img", IMG_MEMFD_INODE, &img, err);
	if (status)
		return status == CRIT_NOT_FOUND ? CRIT_OK : status;
	arena_init(&arena, 0);
	while (!(status = image_next_message(img, &criu__memfd_inode_entry__descriptor, &arena,
					     &inode, err))) {
		status = add_memfd(files, &cap, inode, err);
		if (status)
			break;
		arena_reset(&arena, 0);
	}
	arena_deinit(&arena);
	image_close(img);
	return status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

enum crit_status memfd_find(struct files *files, uint64_t inode_id, const struct memfd **out,
			    struct crit_error *err)
{
	struct memfd key = { .inode_id = inode_id };
	enum crit_status status = CRIT_OK;

	*out = NULL;
	if (!files->memfds_loaded) {
		status = read_memfds(files, err);
		if (status != CRIT_NO_MEMORY) // what was understood of a damaged image is used
			status = CRIT_OK;
		files->memfds_loaded = true;
		if (files->nr_memfds)
			qsort(files->memfds, files->nr_memfds, sizeof(*files->memfds),
			      compare_memfds);
	}
	if (files->nr_memfds)
		*out = bsearch(&key, files->memfds, files->nr_memfds, sizeof(key), compare_memfds);
	return status;
}

void memfds_free(struct files *files)
{
	for (size_t i = 0; i < files->nr_memfds; i++)
		free(files->memfds[i].name);
	free(files->memfds);
	files->memfds = NULL;
	files->nr_memfds = 0;
}
