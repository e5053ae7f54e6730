// SPDX-License-Identifier: LGPL-2.1-or-later
/* refs.c - the lists by the numbers that images know each other by. See check.h. */
#include "check/check.h"
#include "fdtable.pb-c.h"
#include "ipc.pb-c.h"
#include "mounts.pb-c.h"
#include "pstree.pb-c.h"
#include "task.pb-c.h"

enum { STATE_DEAD = 2, STATE_ZOMBIE = 6 }; /* of task_core_entry */

static void add(struct check *c, struct keys *keys, uint64_t group, uint64_t number,
		const struct item *item)
{
	if (goes_on(c) && !keys_add(keys, group, number, item))
		check_no_memory(c);
}

static void make_tasks(struct check *c)
{
	const struct items *set = &c->sets[SET_PSTREE];

	for (size_t i = 0; i < set->nr; i++) {
		const Criu__PstreeEntry *e = set->items[i].msg;

		add(c, &c->tasks, 0, e->pid, &set->items[i]);
		// The leader is in the list, too; of a zombie there may be none.
		add(c, &c->threads, 0, e->pid, &set->items[i]);
		for (size_t t = 1; t < e->n_threads; t++)
			add(c, &c->threads, 0, e->threads[t], &set->items[i]);
	}
}

static void make_files(struct check *c)
{
	const struct items *set = &c->sets[SET_FILES];

	for (size_t i = 0; i < set->nr; i++) {
		const Criu__FileEntry *e = set->items[i].msg;

		add(c, &c->files, (uint32_t)e->type, e->id, &set->items[i]);
		add(c, &c->file_ids, 0, e->id, &set->items[i]);
	}
}

static void make_mounts(struct check *c)
{
	const struct items *set = &c->sets[SET_MOUNTS];

	for (size_t i = 0; i < set->nr; i++) {
		const Criu__MntEntry *e = set->items[i].msg;

		add(c, &c->mounts, 0, e->mnt_id, &set->items[i]);
	}
}

static void make_objects(struct check *c)
{
	const struct items *shm = &c->sets[SET_IPC_SHM], *memfd = &c->sets[SET_MEMFD];

	for (size_t i = 0; i < shm->nr; i++)
		add(c, &c->segments, 0, ((const Criu__IpcShmEntry *)shm->items[i].msg)->desc->id,
		    &shm->items[i]);
	for (size_t i = 0; i < memfd->nr; i++)
		add(c, &c->memfds, 0,
		    ((const Criu__MemfdInodeEntry *)memfd->items[i].msg)->inode_id,
		    &memfd->items[i]);
}

void refs_make(struct check *c)
{
	make_tasks(c);
	make_files(c);
	make_mounts(c);
	make_objects(c);
	keys_sort(&c->tasks);
	keys_sort(&c->threads);
	keys_sort(&c->files);
	keys_sort(&c->file_ids);
	keys_sort(&c->mounts);
	keys_sort(&c->segments);
	keys_sort(&c->memfds);
}

void refs_free(struct check *c)
{
	keys_deinit(&c->tasks);
	keys_deinit(&c->threads);
	keys_deinit(&c->files);
	keys_deinit(&c->file_ids);
	keys_deinit(&c->mounts);
	keys_deinit(&c->segments);
	keys_deinit(&c->memfds);
	keys_deinit(&c->pages_ids);
}

const struct item *file_find(const struct check *c, int type, uint32_t id)
{
	const struct key *key = keys_find(&c->files, (uint32_t)type, id);

	return key ? key->item : NULL;
}

bool task_lives(const struct check *c, uint32_t pid)
{
	const struct item *item = item_numbered(c, SET_CORE, pid);
	const Criu__CoreEntry *core = item ? item->msg : NULL;

	return core && core->tc && core->tc->task_state != STATE_DEAD &&
	       core->tc->task_state != STATE_ZOMBIE;
}

const void *task_ids(const struct check *c, uint32_t pid)
{
	const struct item *item = item_numbered(c, SET_IDS, pid);
	const Criu__CoreEntry *core;

	if (item)
		return item->msg;
	item = item_numbered(c, SET_CORE, pid);
	core = item ? item->msg : NULL;
	return core ? core->ids : NULL;
}
