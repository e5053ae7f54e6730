// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * table.c - the descriptors of a task: fdinfo-N.img, where N is the table's number in ids-PID.img
 * (tasks that share a table share the image). Before CRIU 0.4 it was fdinfo-PID.img.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fds/fds.h"
#include "util/array.h"

enum { CLOEXEC = 1 }; /* FD_CLOEXEC */

static enum crit_status open_table(struct crit_task *task, struct image **out,
				   struct crit_error *err)
{
	char name[32];

	core_load(task, NULL);
	ids_note(task, NULL); // without a core image, too
	if (task->files_id) {
		enum crit_status status;

		snprintf(name, sizeof(name), "fdinfo-%u.img", task->files_id);
		status = image_open(task->ckpt->src, name, IMG_FDINFO, out, err);
		if (status != CRIT_NOT_FOUND)
			return status;
	}
	snprintf(name, sizeof(name), "fdinfo-%u.img", task->pid);
	return image_open(task->ckpt->src, name, IMG_FDINFO, out, err);
}

static int compare_fds(const void *a, const void *b)
{
	uint32_t fa = ((const struct fd_entry *)a)->fd, fb = ((const struct fd_entry *)b)->fd;

	return (fa > fb) - (fa < fb);
}

static enum crit_status read_entries(struct image *img, struct fd_table *table,
				     struct crit_error *err)
{
	Criu__FdinfoEntry *entry;
	enum crit_status status;
	struct arena arena;
	size_t cap = 0;

	arena_init(&arena, 0);
	while (!(status = image_next_message(img, &criu__fdinfo_entry__descriptor, &arena, &entry,
					     err))) {
		if (!array_grow(&table->entries, table->nr, &cap, sizeof(*table->entries))) {
			status = error_no_memory(err);
			break;
		}
		table->entries[table->nr++] = (struct fd_entry){
			.fd = entry->fd, .id = entry->id, .flags = entry->flags, .type = entry->type
		};
		arena_reset(&arena, 0);
	}
	arena_deinit(&arena);
	return status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

static enum crit_status read_table(struct crit_task *task, struct fd_table *table,
				   struct crit_error *err)
{
	struct image *img = NULL;
	enum crit_status status = open_table(task, &img, err);

	if (!status)
		status = read_entries(img, table, err);
	image_close(img);
	if (status) {
		free(table->entries);
		*table = (struct fd_table){ 0 };
		return status;
	}
	if (table->nr)
		qsort(table->entries, table->nr, sizeof(*table->entries), compare_fds);
	table->loaded = true;
	return CRIT_OK;
}

static enum crit_status get_table(struct crit_task *task, struct open_files **all,
				  struct fd_table **out, struct crit_error *err)
{
	enum crit_status status = open_files_get(task->ckpt, all, err);

	if (status)
		return status;
	*out = &(*all)->tables[task - task->ckpt->tasks];
	return (*out)->loaded ? CRIT_OK : read_table(task, *out, err);
}

enum crit_status crit_fd_load(struct crit_task *task, struct crit_error *err)
{
	struct open_files *all;
	struct fd_table *table;
	enum crit_status status = get_table(task, &all, &table, err);

	return status ? error_prefix(err, status, "process %u: ", task->pid) : CRIT_OK;
}

size_t crit_fd_count(struct crit_task *task)
{
	struct open_files *all;
	struct fd_table *table;

	return get_table(task, &all, &table, NULL) ? 0 : table->nr;
}

bool crit_fd_at(struct crit_task *task, size_t index, struct crit_fd *out)
{
	struct open_files *all;
	struct fd_table *table;
	const struct fd_entry *entry;
	struct open_file *file;

	if (get_table(task, &all, &table, NULL) || index >= table->nr)
		return false;
	entry = &table->entries[index];
	file = open_file_find(all, entry->type, entry->id);
	*out = (struct crit_fd){ .link = "" };
	if (file && !open_file_make(all, file, NULL))
		*out = file->pub;
	out->fd = entry->fd;
	out->file_id = entry->id;
	out->kind = fd_kind_of(entry->type);
	out->cloexec = entry->flags & CLOEXEC;
	return true;
}

enum crit_status fd_record(struct crit_task *task, size_t index, struct arena *arena,
			   const Criu__FileEntry **out, struct crit_error *err)
{
	struct open_files *all;
	struct fd_table *table;
	const struct open_file *file = NULL;
	enum crit_status status = get_table(task, &all, &table, err);

	if (status)
		return status;
	if (index < table->nr)
		file = open_file_find(all, table->entries[index].type, table->entries[index].id);
	return file ? open_file_decode(all, file, arena, out, err)
		    : error_set(err, CRIT_NOT_FOUND, "no record of that file");
}

size_t crit_fd_find(struct crit_task *task, uint32_t fd)
{
	struct open_files *all;
	struct fd_table *table;
	struct fd_entry key = { .fd = fd }, *found;

	if (get_table(task, &all, &table, NULL) || !table->nr)
		return 0;
	found = bsearch(&key, table->entries, table->nr, sizeof(key), compare_fds);
	return found ? (size_t)(found - table->entries) : table->nr;
}

static struct open_file *file_at(struct crit_task *task, size_t index, struct open_files **all)
{
	struct fd_table *table;

	if (get_table(task, all, &table, NULL) || index >= table->nr)
		return NULL;
	return open_file_find(*all, table->entries[index].type, table->entries[index].id);
}

enum crit_status crit_fd_socket(struct crit_task *task, size_t index, struct crit_socket *out,
				struct crit_error *err)
{
	struct open_files *all;
	struct open_file *file = file_at(task, index, &all);
	enum crit_status status;

	if (!file)
		return error_set(err, CRIT_NOT_FOUND, "process %u: no such open file", task->pid);
	status = socket_make(all, file, err);
	if (!status)
		*out = *file->socket;
	return status;
}
