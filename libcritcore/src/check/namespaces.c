// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * namespaces.c - ids-PID.img: which tables and namespaces a process has, and the images of the
 * namespaces. One that is not that of the dump itself (inventory_entry.root_ids) was dumped.
 */
#include <stdio.h>

#include "check/check.h"
#include "inventory.pb-c.h"
#include "namespaces.pb-c.h"
#include "network.pb-c.h"
#include "pstree.pb-c.h"
#include "task.pb-c.h"

struct row {
	const char *field; /* of task_kobj_ids_entry */
	size_t has, id;
	enum { ONE, NESTS, ANY } differs; /* may a process have another one than the root?
					     NESTS: when the root's is not the dump's */
	const char *images[4]; /* of one that was dumped */
};

#define ID(name) \
	#name, offsetof(Criu__TaskKobjIdsEntry, has_##name), offsetof(Criu__TaskKobjIdsEntry, name)

/* A pid namespace has an image only when it comes from outside; that of a cgroup namespace is
 * cgroup.img. Clocks are restored since CRIU 3.14. */
static const struct row rows[] = {
	{ ID(pid_ns_id), ONE, { NULL } },
	{ ID(net_ns_id), NESTS, { "netns-%u.img", "netdev-%u.img", NULL } },
	{ ID(ipc_ns_id), ONE, { "ipcns-var-%u.img", NULL } },
	{ ID(uts_ns_id), ONE, { "utsns-%u.img", NULL } },
	{ ID(mnt_ns_id), NESTS, { "mountpoints-%u.img", NULL } },
	{ ID(user_ns_id), ONE, { "userns-%u.img", NULL } },
	{ ID(cgroup_ns_id), ANY, { NULL } },
	{ ID(time_ns_id), ONE, { "timens-%u.img", NULL } },
};

static uint32_t id_of(const Criu__TaskKobjIdsEntry *ids, const struct row *row)
{
	const char *base = (const char *)ids;

	if (!ids || !*(const protobuf_c_boolean *)(base + row->has))
		return 0;
	return *(const uint32_t *)(base + row->id);
}

static const Criu__TaskKobjIdsEntry *ids_of_dump(const struct check *c)
{
	const struct item *item = item_numbered(c, SET_INVENTORY, 0);

	return item ? ((const Criu__InventoryEntry *)item->msg)->root_ids : NULL;
}

static bool has_images(struct check *c, const struct row *row, uint32_t id, char name[48])
{
	for (size_t i = 0; row->images[i]; i++) {
		snprintf(name, 48, row->images[i], id);
		if (!source_has(c->src, name))
			return false;
	}
	return true;
}

/** All namespaces but those of the dump: row, id -> a process that has it. */
static void collect(struct check *c, const Criu__TaskKobjIdsEntry *dump, struct keys *all)
{
	const struct items *tree = &c->sets[SET_PSTREE];

	for (size_t i = 0; i < tree->nr && goes_on(c); i++) {
		const Criu__PstreeEntry *e = tree->items[i].msg;
		const Criu__TaskKobjIdsEntry *ids =
			task_lives(c, e->pid) ? task_ids(c, e->pid) : NULL;

		for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
			uint32_t id = id_of(ids, &rows[k]);

			if (id && id != id_of(dump, &rows[k]) &&
			    !keys_add(all, k, id, &tree->items[i]))
				check_no_memory(c);
		}
	}
	keys_sort(all);
}

/** May a process have namespace @p id of this kind? */
static bool may_have(const struct row *row, uint32_t id, const Criu__TaskKobjIdsEntry *roots,
		     const Criu__TaskKobjIdsEntry *dump)
{
	uint32_t of_root = id_of(roots, row);

	if (!roots || row->differs == ANY || id == of_root)
		return true;
	return row->differs == NESTS && of_root != id_of(dump, row);
}

static void check_mount_namespace(struct check *c, const struct row *row, uint32_t id,
				  const Criu__TaskKobjIdsEntry *roots)
{
	char name[48];

	if (row->id != offsetof(Criu__TaskKobjIdsEntry, mnt_ns_id))
		return;
	snprintf(name, sizeof(name), row->images[0], id);
	if (!item_numbered(c, SET_MOUNTS, id))
		found_image(c, RULE_MOUNT, NULL, name, "no mount is in it");
	else if (id == id_of(roots, row))
		found_image(c, RULE_NEEDS_OPTION, NULL, name,
			    "needs --root DIR: where the file system of / is");
}

static void check_one(struct check *c, const Criu__TaskKobjIdsEntry *dump, const struct key *key)
{
	const struct row *row = &rows[key->group];
	const Criu__PstreeEntry *e = key->item->msg, *root = c->sets[SET_PSTREE].items[0].msg;
	const Criu__TaskKobjIdsEntry *roots = task_ids(c, root->pid);
	uint32_t id = (uint32_t)key->number;
	char name[48];

	if (!may_have(row, id, roots, dump))
		found(c, RULE_NAMESPACE, item_numbered(c, SET_IDS, e->pid), row->field,
		      "process %u has namespace %u and the root %u, which CRIU cannot restore",
		      e->pid, id, id_of(roots, row));
	if (has_images(c, row, id, name)) {
		check_mount_namespace(c, row, id, roots);
		return;
	}
	// Container engines let networks be set up by others.
	if (row->id == offsetof(Criu__TaskKobjIdsEntry, net_ns_id) &&
	    !item_numbered(c, SET_NETNS, id) && !item_numbered(c, SET_NETDEV, id))
		found(c, RULE_NEEDS_OPTION, item_numbered(c, SET_IDS, e->pid), row->field,
		      "needs --empty-ns net: nothing of network namespace %u was dumped", id);
	else
		found_image(c, RULE_NAMESPACE, NULL, name,
			    "there is no such file, but process %u has this namespace", e->pid);
}

static void check_all(struct check *c, const Criu__TaskKobjIdsEntry *dump)
{
	struct keys all = { 0 };

	collect(c, dump, &all);
	for (size_t i = 0; i < all.nr && goes_on(c); i++)
		if (!i || all.keys[i].group != all.keys[i - 1].group ||
		    all.keys[i].number != all.keys[i - 1].number)
			check_one(c, dump, &all.keys[i]);
	keys_deinit(&all);
}

/** The kernel gives process 1 of a namespace its id: it must be the root of the tree. */
static void check_pid_namespace(struct check *c)
{
	const struct item *at = &c->sets[SET_PSTREE].items[0];
	const Criu__PstreeEntry *root = at->msg;
	const Criu__TaskKobjIdsEntry *ids = task_ids(c, root->pid), *dump = ids_of_dump(c);
	const struct item *image;

	if (!ids || !dump || !ids->has_pid_ns_id || !dump->has_pid_ns_id)
		return;
	image = item_numbered(c, SET_PIDNS, ids->pid_ns_id);
	if (ids->pid_ns_id == dump->pid_ns_id) {
		if (root->pid == 1)
			found(c, RULE_NAMESPACE, at, "pid",
			      "process 1, but its pid namespace was not dumped");
	} else if (root->pid != 1 &&
		   (!image || !((const Criu__PidnsEntry *)image->msg)->ext_key)) {
		found(c, RULE_NAMESPACE, at, "pid",
		      "a pid namespace without its process 1; the root is %u", root->pid);
	}
}

/** Namespaces and devices that the one who restores has to supply. */
static void check_external(struct check *c)
{
	const struct items *net = &c->sets[SET_NETNS], *pid = &c->sets[SET_PIDNS];

	for (size_t i = 0; i < net->nr; i++) {
		const Criu__NetnsEntry *e = net->items[i].msg;

		if (e->ext_key)
			found(c, RULE_NEEDS_OPTION, &net->items[i], "ext_key",
			      "needs --inherit-fd fd[N]:%s: the namespace is supplied from outside",
			      e->ext_key);
	}
	for (size_t i = 0; i < pid->nr; i++) {
		const Criu__PidnsEntry *e = pid->items[i].msg;

		if (e->ext_key)
			found(c, RULE_NEEDS_OPTION, &pid->items[i], "ext_key",
			      "needs --inherit-fd fd[N]:%s: the namespace is supplied from outside",
			      e->ext_key);
	}
}

/** A table of descriptors that is the dump's own cannot be the root's. */
static void check_table(struct check *c, const Criu__TaskKobjIdsEntry *dump)
{
	const Criu__PstreeEntry *root = c->sets[SET_PSTREE].items[0].msg;
	const Criu__TaskKobjIdsEntry *ids = task_ids(c, root->pid);

	if (ids && ids->files_id == dump->files_id)
		found(c, RULE_IDS, item_numbered(c, SET_IDS, root->pid), "files_id",
		      "the root has the table of descriptors of the one who dumped it");
}

void check_namespaces(struct check *c)
{
	const Criu__TaskKobjIdsEntry *dump = ids_of_dump(c);

	if (c->sets[SET_PSTREE].nr && dump) {
		check_table(c, dump);
		check_all(c, dump);
		check_pid_namespace(c);
	}
	check_external(c);
}
