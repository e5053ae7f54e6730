// SPDX-License-Identifier: LGPL-2.1-or-later
/* ipc.c - ipcns-*.img: System V objects, each with an id of its own, and their contents. */
#include "check/check.h"
#include "check/memory.h"
#include "image/vma_status.h"
#include "ipc.pb-c.h"
#include "memory.pb-c.h"

enum { NR_SEM_CTLS = 4, MAX_PAGE = 65536 };

static const Criu__IpcDescEntry *desc_of(const void *msg)
{
	// The first field of all three.
	return *(Criu__IpcDescEntry *const *)((const char *)msg + sizeof(ProtobufCMessage));
}

static void check_ids(struct check *c, enum set which)
{
	const struct items *set = &c->sets[which];
	struct keys ids = { 0 }, names = { 0 };
	const struct key *key = NULL;

	for (size_t i = 0; i < set->nr && goes_on(c); i++) {
		const struct item *at = &set->items[i];
		const Criu__IpcDescEntry *e = desc_of(at->msg);

		if (e->id > INT32_MAX)
			found(c, RULE_IPC, at, "desc.id", "no object has id %u", e->id);
		// Any number of objects have no key.
		if (!keys_add(&ids, at->number, e->id, at) ||
		    (e->key && !keys_add(&names, at->number, e->key, at)))
			check_no_memory(c);
	}
	keys_sort(&ids);
	keys_sort(&names);
	while ((key = keys_next_double(&ids, key ? (size_t)(key - ids.keys) + 1 : 0)))
		found(c, RULE_IPC, key->item, "desc.id", "an object %llu is there already",
		      (unsigned long long)key->number);
	while ((key = keys_next_double(&names, key ? (size_t)(key - names.keys) + 1 : 0)))
		found(c, RULE_IPC, key->item, "desc.key",
		      "an object with key %llu is there already",
		      (unsigned long long)key->number);
	keys_deinit(&ids);
	keys_deinit(&names);
}

static void check_variables(struct check *c)
{
	const struct items *set = &c->sets[SET_IPC_VAR];

	for (size_t i = 0; i < set->nr && goes_on(c); i++) {
		const Criu__IpcVarEntry *e = set->items[i].msg;

		if (e->n_sem_ctls != NR_SEM_CTLS)
			found(c, RULE_IPC, &set->items[i], "sem_ctls",
			      "%zu limits of semaphores, there are %d", e->n_sem_ctls, NR_SEM_CTLS);
	}
}

/** How far into each segment mappings reach: by its id. @return the largest page size. */
static uint32_t collect_ends(struct check *c, struct keys *ends)
{
	const struct items *set = &c->sets[SET_MM];
	uint32_t page_size = 0;

	for (size_t i = 0; i < set->nr && goes_on(c); i++) {
		const Criu__MmEntry *mm = set->items[i].msg;

		if (mm_page_size(mm) > page_size)
			page_size = mm_page_size(mm);
		for (size_t k = 0; k < mm->n_vmas; k++) {
			const Criu__VmaEntry *vma = mm->vmas[k];

			if (vma->status & VMA_SYSVIPC &&
			    !keys_add(ends, vma->shmid, vma->pgoff + (vma->end - vma->start), NULL))
				check_no_memory(c);
		}
	}
	keys_sort(ends);
	return page_size ? page_size : MAX_PAGE;
}

/** CRIU maps a segment anew by its last mapping, which has to reach its end. */
static void check_end(struct check *c, const struct item *at, const Criu__IpcShmEntry *e,
		      const struct keys *ends, uint32_t page_size)
{
	const struct key *last = keys_group(ends, e->desc->id), *end = ends->keys + ends->nr;

	if (!last || e->hugetlb_flag) // its pages are larger
		return;
	while (last + 1 < end && last[1].group == e->desc->id)
		last++;
	// The rest of the last page does not count.
	if (last->number < e->size || last->number - e->size >= page_size)
		found(c, RULE_IPC, at, "size", "%llu bytes, of which mappings reach %llu",
		      (unsigned long long)e->size, (unsigned long long)last->number);
}

static void check_segment(struct check *c, const struct item *at, const Criu__IpcShmEntry *e)
{
	if (!e->size || e->size > INT64_MAX)
		found(c, RULE_IPC, at, "size", "no segment has %llu bytes",
		      (unsigned long long)e->size);
	if (e->in_pagemaps && !shared_memory_there(c, e->desc->id))
		found(c, RULE_IPC, at, "in_pagemaps", "there is no pagemap-shmem-%u.img",
		      e->desc->id);
}

void check_ipc(struct check *c)
{
	const struct items *shm = &c->sets[SET_IPC_SHM];
	struct keys ends = { 0 };
	uint32_t page_size;

	check_ids(c, SET_IPC_SHM);
	check_ids(c, SET_IPC_SEM);
	check_ids(c, SET_IPC_MSG);
	check_variables(c);
	for (size_t i = 0; i < shm->nr && goes_on(c); i++)
		check_segment(c, &shm->items[i], shm->items[i].msg);
	page_size = collect_ends(c, &ends);
	for (size_t i = 0; i < shm->nr && goes_on(c); i++)
		check_end(c, &shm->items[i], shm->items[i].msg, &ends, page_size);
	keys_deinit(&ends);
}
