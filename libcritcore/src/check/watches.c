// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * watches.c - what inotify and fanotify watch, and locks on files. A watched file is found by its
 * path, where CRIU could tell one, else by its handle, which only the kernel understands.
 */
#include "check/check.h"
#include "fdtable.pb-c.h"
#include "pstree.pb-c.h"

enum { IN_ALL_EVENTS = 0xfff };

static void warn_of_handle(struct check *c, const struct item *at, const Criu__InotifyWdEntry *e)
{
	const struct found_as as = { CRIT_CHECK_WARNING, NULL, at->image, true, at->index, at->off,
				     "ify.wd.f_handle" };

	if (!e->f_handle->path && e->f_handle->n_handle < CRIU__FH_ENTRY_SIZES__min_entries)
		found_as(c, RULE_WATCH, &as, "watch %u: a handle of %zu words, CRIU writes %d",
			 e->wd, e->f_handle->n_handle, CRIU__FH_ENTRY_SIZES__min_entries);
}

/** Each watch has a number, and each file one watch. */
static void check_inotify(struct check *c, const struct item *at, const Criu__InotifyFileEntry *e)
{
	struct keys numbers = { 0 }, inodes = { 0 };
	const struct key *key = NULL;

	for (size_t i = 0; i < e->n_wd && goes_on(c); i++) {
		const Criu__InotifyWdEntry *wd = e->wd[i];

		if (!wd->wd || wd->wd > INT32_MAX)
			found(c, RULE_WATCH, at, "ify.wd.wd", "no watch has number %u", wd->wd);
		if (!(wd->mask & IN_ALL_EVENTS))
			found(c, RULE_WATCH, at, "ify.wd.mask", "watch %u is of no event", wd->wd);
		warn_of_handle(c, at, wd);
		if (!keys_add(&numbers, 0, wd->wd, at) ||
		    !keys_add(&inodes, wd->s_dev, wd->i_ino, at))
			check_no_memory(c);
	}
	keys_sort(&numbers);
	keys_sort(&inodes);
	while ((key = keys_next_double(&numbers, key ? (size_t)(key - numbers.keys) + 1 : 0)))
		found(c, RULE_WATCH, at, "ify.wd.wd", "a watch %llu is there already",
		      (unsigned long long)key->number);
	while ((key = keys_next_double(&inodes, key ? (size_t)(key - inodes.keys) + 1 : 0)))
		found(c, RULE_WATCH, at, "ify.wd.i_ino", "inode %llu is watched twice",
		      (unsigned long long)key->number);
	keys_deinit(&numbers);
	keys_deinit(&inodes);
}

static void check_mark(struct check *c, const struct item *at, const Criu__FanotifyMarkEntry *mark,
		       size_t i)
{
	const Criu__FanotifyMountMarkEntry *me = mark->me;

	if (mark->type != CRIU__MARK_TYPE__INODE && mark->type != CRIU__MARK_TYPE__MOUNT)
		found(c, RULE_WATCH, at, "ffy.mark.type", "mark %zu is on nothing that there is",
		      i);
	else if (mark->type == CRIU__MARK_TYPE__INODE ? !mark->ie : !me)
		found(c, RULE_WATCH, at, "ffy.mark", "mark %zu does not say of what it is", i);
	else if (mark->type == CRIU__MARK_TYPE__MOUNT && !me->path &&
		 !keys_find(&c->mounts, 0, me->mnt_id))
		found(c, RULE_WATCH, at, "ffy.mark.me.mnt_id", "no mount has id %u", me->mnt_id);
	if (!mark->mask && !mark->ignored_mask)
		found(c, RULE_WATCH, at, "ffy.mark.mask", "mark %zu is of no event", i);
}

void check_watches(struct check *c)
{
	const struct items *files = &c->sets[SET_FILES];

	for (size_t i = 0; i < files->nr && goes_on(c); i++) {
		const struct item *at = &files->items[i];
		const Criu__InotifyFileEntry *inotify = file_body(at, CRIU__FD_TYPES__INOTIFY);
		const Criu__FanotifyFileEntry *fanotify = file_body(at, CRIU__FD_TYPES__FANOTIFY);

		if (inotify)
			check_inotify(c, at, inotify);
		for (size_t k = 0; fanotify && k < fanotify->n_mark && goes_on(c); k++)
			check_mark(c, at, fanotify->mark[k], k);
	}
}

/* ---- locks ---------------------------------------------------------------------------------- */

/* file_lock_entry.flag */
enum { POSIX = 1, FLOCK = 2, OFD = 4, LEASE = 8 };
/* file_lock_entry.type; MANDATORY and BREAKING are bits beside it. */
enum { READ_LOCK = 0, WRITE_LOCK = 1, NO_LOCK = 2, BREAKING = 4, MANDATORY = 32 };

static bool is_lock(const Criu__FileLockEntry *e)
{
	switch (e->flag) {
	case POSIX:
	case OFD:
		return e->type <= WRITE_LOCK;
	case FLOCK:
		return e->type <= WRITE_LOCK || e->type & MANDATORY;
	case LEASE:
		return e->type <= WRITE_LOCK ||
		       (e->type & BREAKING && e->type <= BREAKING + NO_LOCK);
	default:
		return false;
	}
}

static void check_lock(struct check *c, const struct item *at, const struct keys *fds)
{
	const Criu__FileLockEntry *e = at->msg;
	const Criu__TaskKobjIdsEntry *ids = task_ids(c, (uint32_t)e->pid);

	if (!is_lock(e))
		found(c, RULE_FILE_LOCK, at, "type", "no lock of kind %u is of type %u", e->flag,
		      e->type);
	if (e->start < 0 || e->len < 0)
		found(c, RULE_FILE_LOCK, at, "start", "%lld bytes from %lld on",
		      (long long)e->len, (long long)e->start);
	if (!keys_find(&c->tasks, 0, (uint32_t)e->pid))
		found(c, RULE_FILE_LOCK, at, "pid", "process %d is not in the tree", e->pid);
	else if (ids && !keys_find(fds, ids->files_id, (uint32_t)e->fd))
		found(c, RULE_FILE_LOCK, at, "fd", "process %d has no descriptor %d", e->pid,
		      e->fd);
}

void check_locks(struct check *c)
{
	const struct items *set = &c->sets[SET_LOCKS], *fdinfo = &c->sets[SET_FDINFO];
	struct keys fds = { 0 };

	if (!set->nr)
		return;
	found_image(c, RULE_NEEDS_OPTION, NULL, set->items[0].image,
		    "needs --file-locks: there are %zu locks", set->nr);
	for (size_t i = 0; i < fdinfo->nr && goes_on(c); i++)
		if (!keys_add(&fds, fdinfo->items[i].number,
			      ((const Criu__FdinfoEntry *)fdinfo->items[i].msg)->fd,
			      &fdinfo->items[i]))
			check_no_memory(c);
	keys_sort(&fds);
	for (size_t i = 0; i < set->nr && goes_on(c); i++)
		check_lock(c, &set->items[i], &fds);
	keys_deinit(&fds);
}
