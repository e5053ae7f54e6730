// SPDX-License-Identifier: LGPL-2.1-or-later
/* cgroups.c - cgroup.img: the sets that tasks are in, and the groups that these are made of. */
#include <string.h>

#include "cgroup.pb-c.h"
#include "check/check.h"
#include "inventory.pb-c.h"
#include "pstree.pb-c.h"
#include "task.pb-c.h"

static const Criu__CgroupEntry *all_groups(const struct check *c)
{
	const struct item *item = item_numbered(c, SET_CGROUP, 0);

	return item ? item->msg : NULL;
}

/** The set that the one who dumped was in: whoever restores is in it already. */
static uint32_t outer_set(const struct check *c)
{
	const struct item *item = item_numbered(c, SET_INVENTORY, 0);

	return item ? ((const Criu__InventoryEntry *)item->msg)->root_cg_set : 0;
}

static void check_set(struct check *c, const struct keys *sets, const struct item *at,
		      const char *field, uint32_t id)
{
	if (id && id != outer_set(c) && !keys_find(sets, 0, id))
		found(c, RULE_CGROUP, at, field, "no set %u is in cgroup.img", id);
}

static void check_task(struct check *c, const struct keys *sets, const struct item *at)
{
	const Criu__CoreEntry *core = at->msg;

	if (core->thread_core && core->thread_core->has_cg_set)
		check_set(c, sets, at, "thread_core.cg_set", core->thread_core->cg_set);
	else if (core->tc && core->tc->has_cg_set && task_lives(c, (uint32_t)at->number))
		check_set(c, sets, at, "tc.cg_set", core->tc->cg_set);
}

static bool has_controller(const Criu__CgroupEntry *all, const char *name)
{
	for (size_t i = 0; i < all->n_controllers; i++)
		for (size_t k = 0; k < all->controllers[i]->n_cnames; k++)
			if (!strcmp(all->controllers[i]->cnames[k], name))
				return true;
	return false;
}

/** Members are named by all controllers of their hierarchy, with commas. */
static bool has_member(const Criu__CgroupEntry *all, const char *name)
{
	char part[256];
	size_t len = strcspn(name, ",");

	if (has_controller(all, name))
		return true;
	if (len >= sizeof(part))
		return false;
	memcpy(part, name, len);
	part[len] = '\0';
	return has_controller(all, part);
}

enum { MAX_TESTS = 1 << 24 };

static void check_members(struct check *c, const struct item *at, const Criu__CgroupEntry *all)
{
	size_t tests = 0, nr_names = 1;

	for (size_t i = 0; i < all->n_controllers; i++)
		nr_names += all->controllers[i]->n_cnames;
	for (size_t i = 0; i < all->n_sets; i++) {
		const Criu__CgSetEntry *set = all->sets[i];

		for (size_t k = 0; k < set->n_ctls && tests < MAX_TESTS; k++) {
			const Criu__CgMemberEntry *m = set->ctls[k];

			tests += nr_names;
			// Who is in the root of a hierarchy is left there.
			if (strcmp(m->path, "/") && !has_member(all, m->name))
				found(c, RULE_CGROUP, at, "sets.ctls.name",
				      "set %u is in a group of %s, which has no controller here",
				      set->id, m->name);
			if (m->cgns_prefix > strlen(m->path))
				found(c, RULE_CGROUP, at, "sets.ctls.cgns_prefix",
				      "%u bytes of a path that has %zu", m->cgns_prefix,
				      strlen(m->path));
		}
	}
	for (size_t i = 0; i < all->n_controllers; i++)
		if (!all->controllers[i]->n_cnames)
			found(c, RULE_CGROUP, at, "controllers.cnames",
			      "a hierarchy without a name");
}

void check_cgroups(struct check *c)
{
	const struct items *cores = &c->sets[SET_CORE];
	const Criu__CgroupEntry *all = all_groups(c);
	struct keys sets = { 0 };

	for (size_t i = 0; all && i < all->n_sets; i++)
		if (!keys_add(&sets, 0, all->sets[i]->id, NULL))
			check_no_memory(c);
	keys_sort(&sets);
	for (size_t i = 0; i < cores->nr && goes_on(c); i++)
		check_task(c, &sets, &cores->items[i]);
	if (all)
		check_members(c, item_numbered(c, SET_CGROUP, 0), all);
	keys_deinit(&sets);
}
