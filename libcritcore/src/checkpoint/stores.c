// SPDX-License-Identifier: LGPL-2.1-or-later
/* stores.c - the pages of a task: its private memory and the shared memory that it maps. */
#include "checkpoint/checkpoint.h"

#include <stdio.h>

static enum crit_status find_object(struct crit_task *task, struct mapping *m,
				    struct crit_error *err)
{
	switch (m->pub.kind) {
	case CRIT_MAP_ANON_SHARED:
		return shm_find(task, m->pub.shmid, false, &m->object, err);
	case CRIT_MAP_SYSV:
		return shm_find(task, m->pub.shmid, true, &m->object, err);
	case CRIT_MAP_MEMFD:
		if (!m->file || !m->file->memfd)
			return CRIT_OK;
		return shm_find_memfd(task, m->file->memfd_inode, &m->object, err);
	default:
		return CRIT_OK;
	}
}

enum crit_status stores_open(struct crit_task *task, struct crit_error *err)
{
	uint64_t top = task->layout->arch->word_size == 4 ? 1ull << 32 : 0;
	enum crit_status status = CRIT_OK;
	char name[32];

	if (!task->ckpt->chain.followed)
		status = chain_follow(&task->ckpt->chain, err);
	snprintf(name, sizeof(name), "pagemap-%u.img", mm_owner(task)->pid);
	if (!status && !task->pages)
		status = page_store_open(&task->ckpt->chain, name, task->page_size, top,
					 &task->pages, err);
	for (size_t i = 0; !status && i < task->nr_mappings; i++)
		status = find_object(task, &task->mappings[i], err);
	return status;
}
