// SPDX-License-Identifier: LGPL-2.1-or-later
/* fds.c - fdinfo-N.img, fs-PID.img: every descriptor and directory leads to an open file. */
#include "check/check.h"
#include "fdtable.pb-c.h"
#include "pstree.pb-c.h"

enum {
	USUAL_NR_OPEN = 1 << 20,  /* fs.nr_open, as long as nobody changes it */
	MOST_NR_OPEN = 0x7fffffc0, /* what it can be changed to */
};

static void check_fd(struct check *c, const struct item *at, const Criu__FdinfoEntry *e)
{
	struct found_as as = { CRIT_CHECK_WARNING, NULL, at->image, true, at->index, at->off,
			       "fd" };

	if (!file_find(c, (int)e->type, e->id))
		found(c, RULE_FD_FILE, at, "id",
		      "descriptor %u: no file of type %d with id %u is in files.img", e->fd,
		      (int)e->type, e->id);
	if (e->fd >= MOST_NR_OPEN)
		as.severity = CRIT_CHECK_ERROR;
	if (e->fd >= USUAL_NR_OPEN)
		found_as(c, RULE_FD_NUMBER, &as, "descriptor %u is above %s of %d", e->fd,
			 as.severity == CRIT_CHECK_ERROR ? "the largest fs.nr_open" :
							   "the usual fs.nr_open",
			 as.severity == CRIT_CHECK_ERROR ? MOST_NR_OPEN : USUAL_NR_OPEN);
}

static void check_doubles(struct check *c)
{
	const struct items *set = &c->sets[SET_FDINFO];
	const struct key *key = NULL;
	struct keys fds = { 0 };

	for (size_t i = 0; i < set->nr && goes_on(c); i++) {
		const Criu__FdinfoEntry *e = set->items[i].msg;

		if (!keys_add(&fds, set->items[i].number, e->fd, &set->items[i]))
			check_no_memory(c);
	}
	keys_sort(&fds);
	while ((key = keys_next_double(&fds, key ? (size_t)(key - fds.keys) + 1 : 0)))
		found(c, RULE_FD_DOUBLE, key->item, "fd", "descriptor %llu is in the table already",
		      (unsigned long long)key->number);
	keys_deinit(&fds);
}

static void check_directory(struct check *c, const struct item *at, const char *field, uint32_t id)
{
	if (!file_find(c, CRIU__FD_TYPES__REG, id))
		found(c, RULE_FS, at, field, "no regular file with id %u is in files.img", id);
}

void check_fds(struct check *c)
{
	const struct items *set = &c->sets[SET_FDINFO], *fs = &c->sets[SET_FS];

	for (size_t i = 0; i < set->nr && goes_on(c); i++)
		check_fd(c, &set->items[i], set->items[i].msg);
	check_doubles(c);
	for (size_t i = 0; i < fs->nr && goes_on(c); i++) {
		const Criu__FsEntry *e = fs->items[i].msg;

		check_directory(c, &fs->items[i], "cwd_id", e->cwd_id);
		check_directory(c, &fs->items[i], "root_id", e->root_id);
	}
}
