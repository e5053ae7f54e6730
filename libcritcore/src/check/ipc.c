// SPDX-License-Identifier: LGPL-2.1-or-later
/* ipc.c - ipcns-*.img: System V objects, each with an id of its own, and their contents. */
#include "check/check.h"
#include "check/memory.h"
#include "ipc.pb-c.h"

static const Criu__IpcDescEntry *desc_of(const void *msg)
{
	// The first field of all three.
	return *(Criu__IpcDescEntry *const *)((const char *)msg + sizeof(ProtobufCMessage));
}

static void check_ids(struct check *c, enum set which)
{
	const struct items *set = &c->sets[which];
	const struct key *key = NULL;
	struct keys ids = { 0 };

	for (size_t i = 0; i < set->nr && goes_on(c); i++)
		if (!keys_add(&ids, set->items[i].number, desc_of(set->items[i].msg)->id,
			      &set->items[i]))
			check_no_memory(c);
	keys_sort(&ids);
	while ((key = keys_next_double(&ids, key ? (size_t)(key - ids.keys) + 1 : 0)))
		found(c, RULE_IPC, key->item, "desc.id", "an object %llu is there already",
		      (unsigned long long)key->number);
	keys_deinit(&ids);
}

void check_ipc(struct check *c)
{
	const struct items *shm = &c->sets[SET_IPC_SHM];

	check_ids(c, SET_IPC_SHM);
	check_ids(c, SET_IPC_SEM);
	check_ids(c, SET_IPC_MSG);
	for (size_t i = 0; i < shm->nr && goes_on(c); i++) {
		const Criu__IpcShmEntry *e = shm->items[i].msg;

		if (e->in_pagemaps && !shared_memory_there(c, e->desc->id))
			found(c, RULE_IPC, &shm->items[i], "in_pagemaps",
			      "there is no pagemap-shmem-%u.img", e->desc->id);
	}
}
