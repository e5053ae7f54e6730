// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * objects.c - from executable mappings to objects and where they were loaded.
 *
 *	file:     | headers | text at p_offset, its own address p_vaddr | data |
 *	process:            | mapping from pgoff on, at start           |
 *	bias:     start - (p_vaddr + pgoff - p_offset)
 */
#include "symbols/objects.h"

#include <stdlib.h>
#include <string.h>

#include "checkpoint/checkpoint.h"
#include "util/array.h"
#include "util/range.h"

enum { EXEC = 4, MAX_VDSO = 1 << 20, MAX_GHOST = 256 << 20 };

void objects_deinit(struct objects *objects)
{
	for (size_t i = 0; i < objects->nr_maps; i++) {
		free(objects->maps[i]->ranges);
		free(objects->maps[i]);
	}
	for (size_t i = 0; i < objects->nr; i++)
		object_destroy(objects->all[i]);
	free(objects->maps);
	free(objects->all);
	memset(objects, 0, sizeof(*objects));
}

static struct object *keep(struct objects *objects, struct object *object)
{
	if (!object || !array_grow(&objects->all, objects->nr, &objects->cap, sizeof(object))) {
		object_destroy(object);
		return NULL;
	}
	objects->all[objects->nr++] = object;
	return object;
}

/** A deleted file, whose contents the checkpoint kept. */
static void read_ghost(struct crit_task *task, uint32_t file_id, struct object *object)
{
	int64_t size = task_ghost_size(task, file_id), got = 1;
	uint8_t *bytes = size > 0 && size <= MAX_GHOST ? malloc((size_t)size) : NULL;
	uint64_t done = 0;

	for (; bytes && got > 0 && done < (uint64_t)size; done += got > 0 ? (uint64_t)got : 0)
		got = task_ghost_read(task, file_id, done, bytes + done, (size_t)size - done);
	if (bytes && got > 0)
		elf_file_from_memory(&object->file, bytes, (size_t)size);
	else
		free(bytes);
}

static struct object *object_of_file(struct objects *objects, struct crit_task *task,
				     const struct mapped_file *file)
{
	struct object *object;

	for (size_t i = 0; i < objects->nr; i++)
		if (objects->all[i]->path[0] == '/' && objects->all[i]->file_id == file->pub.id)
			return objects->all[i];
	object = keep(objects, object_create(file->pub.id, *file->pub.path ? file->pub.path : "/?",
					     task_file_open(task, file->pub.id),
					     task->ckpt->files.root_fd));
	if (object && !object->file.elf)
		read_ghost(task, file->pub.id, object);
	return object;
}

/** Kernels give each process a vdso of the same bytes; they are read once for each. */
static struct object *object_of_vdso(struct objects *objects, struct crit_task *task,
				     const struct crit_mapping *m)
{
	size_t len = (size_t)(m->end - m->start), nread;
	struct object *object;
	void *bytes;

	if (len > MAX_VDSO)
		return NULL;
	object = keep(objects, object_create(0, "[vdso]", -1, -1));
	bytes = object ? malloc(len) : NULL;
	if (bytes && !crit_mem_read(task, m->start, len, bytes, &nread, NULL))
		elf_file_from_memory(&object->file, bytes, len);
	else
		free(bytes);
	return object;
}

static bool add_mapping(struct objects *objects, struct code_map *map, const struct mapping *m)
{
	struct code_range *range;
	struct object *object = NULL;
	uint64_t vaddr;

	if (!(m->pub.prot & EXEC))
		return true;
	if (!array_grow(&map->ranges, map->nr, &map->cap, sizeof(*range)))
		return false;
	if (m->pub.kind == CRIT_MAP_VDSO)
		object = object_of_vdso(objects, map->task, &m->pub);
	else if (m->file && !m->file->memfd)
		object = object_of_file(objects, map->task, m->file);
	range = &map->ranges[map->nr++];
	*range = (struct code_range){ m->pub.start, m->pub.end, object, 0 };
	if (object && object_vaddr(object, m->pub.kind == CRIT_MAP_VDSO ? 0 : m->pub.pgoff, &vaddr))
		range->bias = m->pub.start - vaddr;
	if (object && m->file && m->file->pub.id == map->task->exe_file_id && !map->exe) {
		map->exe = object;
		map->has_main = object_function(object, "main", &map->main);
		map->main += range->bias;
	}
	return true;
}

static enum crit_status make_map(struct objects *objects, struct crit_task *task,
				 struct code_map **out, struct crit_error *err)
{
	struct code_map *map;
	bool complete = true;

	if (!array_grow(&objects->maps, objects->nr_maps, &objects->cap_maps, sizeof(map)))
		return error_no_memory(err);
	map = calloc(1, sizeof(*map));
	if (!map)
		return error_no_memory(err);
	map->task = task;
	for (size_t i = 0; i < task->nr_mappings && complete; i++)
		complete = add_mapping(objects, map, &task->mappings[i]);
	objects->maps[objects->nr_maps++] = map;
	*out = map;
	return complete ? CRIT_OK : error_no_memory(err);
}

enum crit_status objects_map(struct objects *objects, struct crit_task *task,
			     const struct code_map **out, struct crit_error *err)
{
	enum crit_status status = crit_task_load(task, err);

	for (size_t i = 0; !status && i < objects->nr_maps; i++)
		if (objects->maps[i]->task == task)
			objects->last = objects->maps[i];
	if (!status && (!objects->last || objects->last->task != task))
		status = make_map(objects, task, &objects->last, err);
	if (!status)
		*out = objects->last;
	return status;
}

const struct code_range *code_map_find(const struct code_map *map, uint64_t addr)
{
	size_t i = RANGE_FIND(map->ranges, map->nr, end, addr);

	return i < map->nr && map->ranges[i].start <= addr ? &map->ranges[i] : NULL;
}
