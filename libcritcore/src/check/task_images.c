// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * task_images.c - which images a living process must have, and whose an image is.
 *
 *	ids-PID         always
 *	mm-PID, pagemap-PID     unless it shares its memory with a process before it
 *	fdinfo-FILES_ID         FILES_ID of its ids; several processes may share one
 *	fs-PID          always
 *
 * CRIU takes a missing image for an empty one, most of the time: a process without fdinfo comes
 * back with all its files closed, and nobody says so.
 */
#include <stdio.h>

#include "check/check.h"
#include "pstree.pb-c.h"
#include "task.pb-c.h"

static void missing(struct check *c, enum rule rule, const char *stem, uint32_t number,
		    uint32_t pid)
{
	char name[64];

	snprintf(name, sizeof(name), "%s-%u.img", stem, number);
	if (!source_has(c->src, name))
		found_image(c, rule, NULL, name, "there is no such file, but process %u needs it",
			    pid);
}

static bool in_pages_dir(const struct check *c, const char *name)
{
	return c->chain.pages_dir < c->chain.nr_levels &&
	       source_has(c->chain.levels[c->chain.pages_dir].src, name);
}

static void missing_pagemap(struct check *c, uint32_t pid)
{
	char name[64];

	snprintf(name, sizeof(name), "pagemap-%u.img", pid);
	if (!source_has(c->src, name) && !in_pages_dir(c, name))
		found_image(c, RULE_IMAGE_MISSING, NULL, name,
			    "there is no such file, but process %u needs it; were its pages dumped "
			    "to a page server, give the folder with --pages", pid);
}

/** Memory is dumped with the first process that has it. */
static bool has_own_memory(struct check *c, struct keys *memories, uint32_t pid)
{
	const Criu__TaskKobjIdsEntry *ids = task_ids(c, pid);
	const struct key *first = ids ? keys_find(memories, 0, ids->vm_id) : NULL;

	return !first || ((const Criu__PstreeEntry *)first->item->msg)->pid == pid ||
	       item_numbered(c, SET_MM, pid);
}

static void collect_memories(struct check *c, struct keys *memories)
{
	const struct items *tree = &c->sets[SET_PSTREE];

	for (size_t i = 0; i < tree->nr; i++) {
		const Criu__PstreeEntry *e = tree->items[i].msg;
		const Criu__TaskKobjIdsEntry *ids = task_ids(c, e->pid);

		if (task_lives(c, e->pid) && ids &&
		    !keys_add(memories, 0, ids->vm_id, &tree->items[i]))
			check_no_memory(c);
	}
	keys_sort(memories);
}

static void check_process(struct check *c, struct keys *memories, uint32_t pid)
{
	const Criu__TaskKobjIdsEntry *ids = task_ids(c, pid);

	missing(c, RULE_IDS, "ids", pid, pid);
	if (has_own_memory(c, memories, pid)) {
		missing(c, RULE_IMAGE_MISSING, "mm", pid, pid);
		missing_pagemap(c, pid);
	}
	if (ids)
		missing(c, RULE_IMAGE_MISSING, "fdinfo", ids->files_id, pid);
	missing(c, RULE_IMAGE_MISSING, "fs", pid, pid);
}

static void check_strays(struct check *c, enum set set, const struct keys *owners, const char *what)
{
	const struct items *items = &c->sets[set];

	for (size_t i = 0; i < items->nr; i++)
		if ((!i || items->items[i].number != items->items[i - 1].number) &&
		    !keys_find(owners, 0, items->items[i].number))
			found_image(c, RULE_IMAGE_STRAY, NULL, items->items[i].image, "%s", what);
}

static void check_stray_tables(struct check *c)
{
	const struct items *tree = &c->sets[SET_PSTREE];
	struct keys tables = { 0 };

	for (size_t i = 0; i < tree->nr; i++) {
		const Criu__PstreeEntry *e = tree->items[i].msg;
		const Criu__TaskKobjIdsEntry *ids = task_ids(c, e->pid);

		if (ids && !keys_add(&tables, 0, ids->files_id, NULL))
			check_no_memory(c);
	}
	keys_sort(&tables);
	check_strays(c, SET_FDINFO, &tables, "no process has this table of descriptors");
	keys_deinit(&tables);
}

void check_task_images(struct check *c)
{
	static const enum set of_processes[] = { SET_IDS, SET_MM, SET_PAGEMAP, SET_FS, SET_CREDS };
	const struct items *tree = &c->sets[SET_PSTREE];
	struct keys memories = { 0 };

	collect_memories(c, &memories);
	for (size_t i = 0; i < tree->nr && goes_on(c); i++) {
		const Criu__PstreeEntry *e = tree->items[i].msg;

		if (task_lives(c, e->pid))
			check_process(c, &memories, e->pid);
	}
	keys_deinit(&memories);
	if (!tree->nr)
		return;
	for (size_t i = 0; i < sizeof(of_processes) / sizeof(of_processes[0]); i++)
		check_strays(c, of_processes[i], &c->tasks,
			     "no process of the tree has this number");
	check_stray_tables(c);
}
