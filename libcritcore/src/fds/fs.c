// SPDX-License-Identifier: LGPL-2.1-or-later
/* fs.c - fs-PID.img: a task's current directory, its root and its umask. */
#include <stdio.h>

#include "checkpoint/checkpoint.h"
#include "fdtable.pb-c.h"

/* NULL when files.img does not know the file. */
static enum crit_status path_of(struct crit_task *task, uint32_t id, const char **out,
				struct crit_error *err)
{
	struct mapped_file *file = NULL;
	enum crit_status status = files_find(&task->ckpt->files, id, &file, err);

	*out = file ? file->path : NULL;
	return status;
}

static enum crit_status read_dirs(struct crit_task *task, struct arena *arena,
				  struct crit_task_dirs *out, struct crit_error *err)
{
	Criu__FsEntry *fs;
	enum crit_status status;
	char name[32];

	snprintf(name, sizeof(name), "fs-%u.img", task->pid);
	status = image_read_single(task->ckpt->src, name, IMG_FS, &criu__fs_entry__descriptor,
				   arena, &fs, err);
	if (!status)
		status = files_load(&task->ckpt->files, err);
	if (!status)
		status = path_of(task, fs->cwd_id, &out->cwd, err);
	if (!status)
		status = path_of(task, fs->root_id, &out->root, err);
	if (status)
		return status;
	out->has_umask = fs->has_umask;
	out->umask = fs->has_umask ? fs->umask : 0;
	return CRIT_OK;
}

enum crit_status crit_task_dirs(struct crit_task *task, struct crit_task_dirs *out,
				struct crit_error *err)
{
	struct crit_task_dirs dirs;
	struct arena arena;
	enum crit_status status;

	arena_init(&arena, 0);
	status = read_dirs(task, &arena, &dirs, err);
	arena_deinit(&arena);
	if (status)
		return error_prefix(err, status, "process %u: ", task->pid);
	*out = dirs;
	return CRIT_OK;
}
