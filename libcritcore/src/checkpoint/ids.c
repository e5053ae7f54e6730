// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ids.c - ids-PID.img: which kernel objects a task has, so that those who share one can be told.
 * Some versions of CRIU have the same in core-PID.img, some before 1.0 have it nowhere.
 */
#include "checkpoint/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>

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

/* ---- who has the memory ---------------------------------------------------------------------- */

static bool has_mm(const struct crit_task *task)
{
	char name[32];

	snprintf(name, sizeof(name), "mm-%u.img", task->pid);
	return source_has(task->ckpt->src, name);
}

/** By what they share, then in pstree.img order. */
static int compare_holders(const void *a, const void *b)
{
	const struct crit_task *x = *(struct crit_task *const *)a;
	const struct crit_task *y = *(struct crit_task *const *)b;

	if (x->vm_id != y->vm_id)
		return x->vm_id < y->vm_id ? -1 : 1;
	return (x > y) - (x < y);
}

/** Once for all tasks: where images of many are missing, each would look at all others. */
static void find_holders(struct crit_checkpoint *ckpt)
{
	ckpt->mm_holders = malloc(ckpt->nr_tasks * sizeof(struct crit_task *));
	if (!ckpt->mm_holders)
		return;
	for (size_t i = 0; i < ckpt->nr_tasks; i++) {
		struct crit_task *task = &ckpt->tasks[i];

		if (!core_load(task, NULL) && task->vm_id && has_mm(task))
			ckpt->mm_holders[ckpt->nr_mm_holders++] = task;
	}
	qsort(ckpt->mm_holders, ckpt->nr_mm_holders, sizeof(struct crit_task *), compare_holders);
}

struct crit_task *mm_owner(struct crit_task *task)
{
	struct crit_checkpoint *ckpt = task->ckpt;
	size_t low = 0, high;

	if (!task->vm_id || has_mm(task))
		return task;
	if (!ckpt->mm_holders)
		find_holders(ckpt);
	for (high = ckpt->nr_mm_holders; low < high;) {
		size_t mid = low + (high - low) / 2;

		if (ckpt->mm_holders[mid]->vm_id < task->vm_id)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < ckpt->nr_mm_holders && ckpt->mm_holders[low]->vm_id == task->vm_id)
		return ckpt->mm_holders[low];
	return task;
}
