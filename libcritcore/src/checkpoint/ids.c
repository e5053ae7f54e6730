// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ids.c - ids-PID.img: which kernel objects a task has, so that those who share one can be told.
 * Some versions of CRIU have the same in core-PID.img, some before 1.0 have it nowhere.
 */
#include "checkpoint/checkpoint.h"

#include <stdio.h>

static void take(struct crit_task *task, const Criu__TaskKobjIdsEntry *ids)
{
	task->vm_id = ids->vm_id;
	task->files_id = ids->files_id;
	task->ipc_ns = ids->has_ipc_ns_id ? ids->ipc_ns_id : 0;
	task->mnt_ns = ids->has_mnt_ns_id ? ids->mnt_ns_id : 0;
}

void ids_note(struct crit_task *task, const Criu__TaskKobjIdsEntry *in_core)
{
	Criu__TaskKobjIdsEntry *ids;
	struct arena arena;
	char name[32];

	if (task->ids_noted)
		return;
	snprintf(name, sizeof(name), "ids-%u.img", task->pid);
	arena_init(&arena, 0);
	if (!image_read_single(task->ckpt->src, name, IMG_IDS,
			       &criu__task_kobj_ids_entry__descriptor, &arena, &ids, NULL))
		take(task, ids);
	else if (in_core)
		take(task, in_core);
	arena_deinit(&arena);
	task->ids_noted = true;
}
