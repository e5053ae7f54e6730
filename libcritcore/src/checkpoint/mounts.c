// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mounts.c - whose file names these are. CRIU numbers the namespaces it meets, its own ones too:
 * inventory_entry.root_ids. A task with another mount namespace than the dump's is in a container,
 * and /etc/passwd of the container is not this machine's.
 */
#include "checkpoint/checkpoint.h"

void mounts_note(struct crit_task *task)
{
	uint32_t dump = task->ckpt->mounts;
	uint32_t own = task->mnt_ns;
	struct mapped_file *exe = NULL;

	if (!dump || !own || own == dump)
		return;
	for (size_t i = 0; i < task->nr_files; i++)
		task->files[i]->own_mounts = true;
	// It need not be mapped any more.
	if (!files_find(&task->ckpt->files, task->exe_file_id, &exe, NULL) && exe)
		exe->own_mounts = true;
}
