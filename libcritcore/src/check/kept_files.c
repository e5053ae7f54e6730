// SPDX-License-Identifier: LGPL-2.1-or-later
/* kept_files.c - files that had no name any more: remap-fpath.img, and what it says they are in. */
#include <stdio.h>
#include <sys/stat.h>

#include "check/check.h"
#include "fdtable.pb-c.h"

/** In images from before the type was recorded. */
enum { OLD_GHOST_FLAG = 1u << 31 };

static Criu__RemapType type_of(const Criu__RemapFilePathEntry *e, uint32_t *id)
{
	*id = e->remap_id;
	if (e->has_remap_type)
		return e->remap_type;
	*id &= ~(uint32_t)OLD_GHOST_FLAG;
	return e->remap_id & OLD_GHOST_FLAG ? CRIU__REMAP_TYPE__GHOST : CRIU__REMAP_TYPE__LINKED;
}

static void check_contents(struct check *c, const struct item *at, const Criu__GhostFileEntry *head,
			   uint32_t id)
{
	struct files *files = S_ISREG(head->mode) ? check_files_get(c) : NULL;
	struct ghost *ghost = files ? ghost_find(files, id) : NULL;

	if (ghost && !ghost->sound)
		found(c, RULE_GHOST, at, NULL, "%s",
		      ghost->problem ? ghost->problem : "it cannot be read");
}

static void check_ghost(struct check *c, const struct item *at, uint32_t id)
{
	const struct item *ghost = item_numbered(c, SET_GHOST, id);
	const Criu__GhostFileEntry *head = ghost ? ghost->msg : NULL;
	char name[48];

	snprintf(name, sizeof(name), "ghost-file-%x.img", id);
	if (!head) {
		if (!source_has(c->src, name))
			found(c, RULE_REMAP, at, "remap_id", "there is no %s", name);
		return;
	}
	if (S_ISLNK(head->mode) && !head->symlnk_target)
		found(c, RULE_GHOST, ghost, "symlnk_target", "a symbolic link that leads nowhere");
	if ((S_ISCHR(head->mode) || S_ISBLK(head->mode)) && !head->has_rdev)
		found(c, RULE_GHOST, ghost, "rdev", "a device without its number");
	if (head->chunks && !head->has_size)
		found(c, RULE_GHOST, ghost, "size", "chunks without the size of the file");
	check_contents(c, ghost, head, id);
}

static void check_remap(struct check *c, const struct item *at, const Criu__RemapFilePathEntry *e,
			struct keys *ghosts)
{
	uint32_t id;
	Criu__RemapType type = type_of(e, &id);

	if (!file_find(c, CRIU__FD_TYPES__REG, e->orig_id))
		found(c, RULE_REMAP, at, "orig_id", "no regular file with id %u is in files.img",
		      e->orig_id);
	if (type == CRIU__REMAP_TYPE__GHOST) {
		if (!keys_add(ghosts, 0, id, at))
			check_no_memory(c);
	} else if (type == CRIU__REMAP_TYPE__LINKED &&
		   !file_find(c, CRIU__FD_TYPES__REG, id)) {
		found(c, RULE_REMAP, at, "remap_id", "no regular file with id %u is in files.img",
		      id);
	}
}

/** Several files can be kept in one image, as hard links to it; it is looked at once. */
static void check_ghosts(struct check *c, const struct keys *ghosts)
{
	const struct items *set = &c->sets[SET_GHOST];

	for (size_t i = 0; i < ghosts->nr && goes_on(c); i++)
		if (!i || ghosts->keys[i].number != ghosts->keys[i - 1].number)
			check_ghost(c, ghosts->keys[i].item, (uint32_t)ghosts->keys[i].number);
	for (size_t i = 0; i < set->nr; i++)
		if (!keys_find(ghosts, 0, set->items[i].number))
			found_image(c, RULE_IMAGE_STRAY, NULL, set->items[i].image,
				    "no record of remap-fpath.img says whose contents these are");
}

void check_kept_files(struct check *c)
{
	const struct items *set = &c->sets[SET_REMAP];
	struct keys ghosts = { 0 };

	for (size_t i = 0; i < set->nr && goes_on(c); i++)
		check_remap(c, &set->items[i], set->items[i].msg, &ghosts);
	keys_sort(&ghosts);
	check_ghosts(c, &ghosts);
	keys_deinit(&ghosts);
}
