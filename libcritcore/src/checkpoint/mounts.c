// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mounts.c - whose file names these are. CRIU numbers the namespaces it meets, its own ones too:
 * inventory_entry.root_ids. A task with another mount namespace than the dump's is in a container,
 * and /etc/passwd of the container is not this machine's.
 */
#include "checkpoint/checkpoint.h"

#include <stdio.h>

#include "pstree.pb-c.h"

static uint32_t namespace_of_task(struct crit_task *task)
{
	Criu__TaskKobjIdsEntry *ids;
	struct arena arena;
	uint32_t found = 0;
	char name[32];

	snprintf(name, sizeof(name), "ids-%u.img", task->pid);
	arena_init(&arena, 0);
	if (!image_read_single(task->ckpt->src, name, IMG_IDS,
			       &criu__task_kobj_ids_entry__descriptor, &arena, &ids, NULL))
		found = ids->has_mnt_ns_id ? ids->mnt_ns_id : 0;
	arena_deinit(&arena);
	return found;
}

void mounts_note(struct crit_task *task)
{
	uint32_t dump = task->ckpt->mounts;
	uint32_t own = dump ? namespace_of_task(task) : 0;
	struct mapped_file *exe = NULL;

	if (!own || own == dump)
		return;
	for (size_t i = 0; i < task->nr_files; i++)
		task->files[i]->own_mounts = true;
	// It need not be mapped any more.
	if (!files_find(&task->ckpt->files, task->exe_file_id, &exe, NULL) && exe)
		exe->own_mounts = true;
}
