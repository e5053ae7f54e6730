// SPDX-License-Identifier: LGPL-2.1-or-later
/* check.c - what is looked at, in which order. See check.h. */
#include "check/check.h"

#include <stdlib.h>

#include "inventory.pb-c.h"

struct area {
	void (*look)(struct check *c);
	bool needs_processes; /* nothing to look at in a folder of pages alone */
};

static const struct area areas[] = {
	{ check_inventory, false },
	{ check_tree, true },
	{ check_cores, true },
	{ check_task_images, true },
	{ check_namespaces, true },
	{ check_mappings, true },
	{ check_parents, false },
	{ check_pagemaps, false },
	{ check_files, true },
	{ check_fds, true },
	{ check_kept_files, true },
	{ check_pipes, true },
	{ check_sockets, true },
	{ check_networks, true },
	{ check_ttys, true },
	{ check_special, true },
	{ check_watches, true },
	{ check_locks, true },
	{ check_all_timers, true },
	{ check_mounts, true },
	{ check_cgroups, true },
	{ check_ipc, true },
	{ check_cpu, true },
	{ check_host_files, true },
};

/** Is there anything of a checkpoint? `criu cpuinfo dump` leaves a folder with nothing else. */
static bool has_checkpoint(const struct check *c)
{
	for (unsigned int i = SET_NONE + 1; i < NR_SETS; i++)
		if (i != SET_CPUINFO && c->sets[i].nr)
			return true;
	return source_has(c->src, "inventory.img") || source_has(c->src, "pstree.img");
}

/**
 * Is there anything but pages? A pre-dump and the folder of a page server have no more; what a
 * pre-dump to a page server leaves is an inventory that says nothing.
 */
static bool pages_only(const struct check *c)
{
	const struct item *at = item_numbered(c, SET_INVENTORY, 0);
	const Criu__InventoryEntry *inventory = at ? at->msg : NULL;
	static const enum set others[] = { SET_PSTREE, SET_CORE, SET_MM, SET_FDINFO, SET_FILES,
					   SET_FS };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (c->sets[others[i]].nr)
			return false;
	if (inventory && inventory->img_version)
		return false;
	return inventory || c->sets[SET_PAGEMAP].nr || c->sets[SET_PAGES].nr ||
	       c->sets[SET_PAGEMAP_SHMEM].nr;
}

static enum crit_status open_all(struct check *c, const char *path, struct crit_error *err)
{
	const struct crit_open_options *open = &c->options->open;
	struct source_options how = {
		.archive = { .keep_going = open->keep_going,
			     .ctx = open->ctx,
			     .limit = open->unpack_limit },
		.parents = open->parents,
	};
	enum crit_status status = findings_init(c, err);

	if (!status)
		status = source_open_with(path, &how, &c->src, err);
	if (status)
		return status;
	chain_init(&c->chain, c->src);
	if (c->options->pages)
		status = chain_add_pages_dir(&c->chain, c->options->pages, err);
	return status ? status : chain_follow(&c->chain, err);
}

/** Only here all of a layer is read that nobody had to unpack. */
static void check_layers(struct check *c)
{
	const struct archive_options options = {
		.keep_going = c->options->open.keep_going, .ctx = c->options->open.ctx,
	};

	for (size_t i = 0; i < c->chain.nr_levels && goes_on(c) && c->wanted[RULE_DIGEST]; i++) {
		const struct source *src = c->chain.levels[i].src;
		struct crit_error why;

		if (!src || !source_verify(src, &options, &why))
			continue;
		if (why.status == CRIT_CORRUPT)
			found(c, RULE_DIGEST, NULL, NULL, "%s", why.message);
		else
			check_fail(c, why.status, &why);
	}
}

static enum crit_status look(struct check *c, const char *path, struct crit_error *err)
{
	load_images(c);
	if (goes_on(c) && !has_checkpoint(c))
		return error_set(err, CRIT_NOT_FOUND, "%s: no checkpoint here (no images)", path);
	if (source_problem(c->src))
		found(c, RULE_ARCHIVE, NULL, NULL, "%s", source_problem(c->src));
	check_layers(c);
	c->pre_dump = pages_only(c) && !source_has(c->src, "pstree.img");
	refs_make(c);
	for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]) && goes_on(c); i++)
		if (!c->pre_dump || !areas[i].needs_processes)
			areas[i].look(c);
	findings_finish(c);
	if (c->status && err)
		*err = c->err;
	return c->status;
}

enum crit_status crit_check(const char *path, const struct crit_check_options *options,
			    bool (*hear)(void *ctx, const struct crit_finding *finding),
			    void *ctx, struct crit_check_result *result, struct crit_error *err)
{
	static const struct crit_check_options defaults = { 0 };
	struct check c = { .options = options ? options : &defaults, .hear = hear, .ctx = ctx };
	enum crit_status status;

	arena_init(&c.arena, 0);
	chain_init(&c.chain, NULL);
	status = open_all(&c, path, err);
	if (!status)
		status = look(&c, path, err);
	if (!status && result)
		*result = c.result;
	for (unsigned int i = 0; i < NR_SETS; i++)
		free(c.sets[i].items);
	refs_free(&c);
	if (c.host_ready)
		files_deinit(&c.host);
	chain_deinit(&c.chain);
	source_close(c.src);
	arena_deinit(&c.arena);
	return status;
}
