// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mounts.c - mountpoints-N.img: the mounts of a namespace are a tree under one root. Those of all
 * namespaces have ids of one range.
 */
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "mounts.pb-c.h"

static bool is_root(const Criu__MntEntry *e)
{
	return !strcmp(e->mountpoint, "/") || !strcmp(e->mountpoint, "./");
}

static const Criu__MntEntry *mount_of(const struct key *key)
{
	return key ? key->item->msg : NULL;
}

static void check_parent(struct check *c, const struct item *at, const Criu__MntEntry *e)
{
	const struct key *key = keys_find(&c->mounts, 0, e->parent_mnt_id);

	if (is_root(e) || (key && key->item->number == at->number && e->parent_mnt_id != e->mnt_id))
		return;
	found(c, RULE_MOUNT, at, "parent_mnt_id",
	      "the mount at %s is on mount %u, which is not there",
	      e->mountpoint, e->parent_mnt_id);
}

/** Which walk towards the root came by a mount last; 0: none did. */
struct walks {
	uint32_t *last; /* by index in c->mounts */
	uint32_t nr;
};

/** Do the mounts below this one lead back to it? Each is walked over once. */
static bool is_circle(const struct check *c, const struct item *at, struct walks *w)
{
	const Criu__MntEntry *e = at->msg;

	w->nr++;
	while (e && !is_root(e)) {
		const struct key *key = keys_find(&c->mounts, 0, e->mnt_id);
		uint32_t *last = &w->last[key - c->mounts.keys];

		if (*last)
			return *last == w->nr;
		*last = w->nr;
		e = mount_of(keys_find(&c->mounts, 0, e->parent_mnt_id));
	}
	return false; // without a parent: told by check_parent()
}

static void check_circles(struct check *c)
{
	const struct items *set = &c->sets[SET_MOUNTS];
	struct walks w = { .last = calloc(c->mounts.nr + 1, sizeof(*w.last)) };

	if (!w.last) {
		check_no_memory(c);
		return;
	}
	for (size_t i = 0; i < set->nr; i++)
		if (is_circle(c, &set->items[i], &w))
			found(c, RULE_MOUNT, &set->items[i], "parent_mnt_id",
			      "the mount at %s is on itself, by way of others",
			      ((const Criu__MntEntry *)set->items[i].msg)->mountpoint);
	free(w.last);
}

static void check_mount(struct check *c, const struct item *at, const Criu__MntEntry *e)
{
	check_parent(c, at, e);
	if (e->fsname && e->fstype != CRIU__FSTYPE__AUTO)
		found(c, RULE_MOUNT, at, "fsname", "a name, where the type %u says it all",
		      e->fstype);
	if (e->ext_mount || e->ext_key)
		found(c, RULE_NEEDS_OPTION, at, e->ext_key ? "ext_key" : "ext_mount",
		      "needs --external mnt[%s]:SOURCE: supplied from outside",
		      e->ext_key ? e->ext_key : e->mountpoint);
	if (e->with_plugin)
		found(c, RULE_NEEDS_PLUGIN, at, "with_plugin",
		      "the mount at %s is brought back by a plugin", e->mountpoint);
}

static void check_roots(struct check *c)
{
	const struct items *set = &c->sets[SET_MOUNTS];
	bool has_root = false;

	for (size_t i = 0; i < set->nr; i++) {
		has_root |= is_root(set->items[i].msg);
		if (i + 1 < set->nr && set->items[i + 1].number == set->items[i].number)
			continue;
		if (!has_root)
			found_image(c, RULE_MOUNT, NULL, set->items[i].image,
				    "no mount is the root of the namespace");
		has_root = false;
	}
}

void check_mounts(struct check *c)
{
	const struct items *set = &c->sets[SET_MOUNTS];
	const struct key *key = NULL;

	while ((key = keys_next_double(&c->mounts, key ? (size_t)(key - c->mounts.keys) + 1 : 0)))
		found(c, RULE_MOUNT, key->item, "mnt_id", "a mount %llu is there already",
		      (unsigned long long)key->number);
	for (size_t i = 0; i < set->nr && goes_on(c); i++)
		check_mount(c, &set->items[i], set->items[i].msg);
	check_circles(c);
	check_roots(c);
}
