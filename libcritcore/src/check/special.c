// SPDX-License-Identifier: LGPL-2.1-or-later
/* special.c - open files of the kernel's own kinds that mention something: epoll, inotify,
 * fanotify, memfd, pidfd, namespaces, locks. */
#include "check/check.h"
#include "check/memory.h"
#include "fdtable.pb-c.h"
#include "pstree.pb-c.h"

/* ---- epoll ---------------------------------------------------------------------------------- */

/** Descriptors by table, and which tables have which epolls. */
struct tables {
	struct keys fds;    /* table, fd */
	struct keys epolls; /* id of the epoll, table */
	struct keys namespaces; /* of processes */
};

static void collect_tables(struct check *c, struct tables *t)
{
	const struct items *set = &c->sets[SET_FDINFO];

	for (size_t i = 0; i < set->nr && goes_on(c); i++) {
		const struct item *at = &set->items[i];
		const Criu__FdinfoEntry *e = at->msg;

		if (!keys_add(&t->fds, at->number, e->fd, at) ||
		    (e->type == CRIU__FD_TYPES__EVENTPOLL &&
		     !keys_add(&t->epolls, e->id, at->number, at)))
			check_no_memory(c);
	}
	keys_sort(&t->fds);
	keys_sort(&t->epolls);
}

enum { MOST_TABLES = 64 }; // of one epoll that are looked at

/** Some process that has the epoll has the descriptor as well: CRIU adds it there. */
static bool is_open(const struct tables *t, uint32_t epoll, uint32_t fd)
{
	const struct key *key = keys_group(&t->epolls, epoll), *end = t->epolls.keys + t->epolls.nr;

	for (size_t i = 0; key && key < end && key->group == epoll; key++, i++)
		if (i == MOST_TABLES || keys_find(&t->fds, key->number, fd))
			return true;
	return false;
}

static void check_epoll(struct check *c, const struct item *at, const Criu__EventpollFileEntry *e,
			const struct tables *t)
{
	for (size_t i = 0; i < e->n_tfd && goes_on(c); i++)
		if (!is_open(t, e->id, e->tfd[i]->tfd))
			found(c, RULE_EPOLL, at, "epfd.tfd",
			      "descriptor %u is watched, but no process that has the epoll has it",
			      e->tfd[i]->tfd);
}

/* ---- the others ----------------------------------------------------------------------------- */

static void check_inotify(struct check *c, const struct item *at, const Criu__InotifyFileEntry *e)
{
	for (size_t i = 0; i < e->n_wd && goes_on(c); i++)
		if (e->wd[i]->f_handle->n_handle < CRIU__FH_ENTRY_SIZES__min_entries)
			found(c, RULE_WATCH, at, "ify.wd.f_handle",
			      "watch %u: a handle of %zu words, CRIU writes %d", e->wd[i]->wd,
			      e->wd[i]->f_handle->n_handle, CRIU__FH_ENTRY_SIZES__min_entries);
}

static void check_fanotify(struct check *c, const struct item *at, const Criu__FanotifyFileEntry *e)
{
	for (size_t i = 0; i < e->n_mark && goes_on(c); i++) {
		const Criu__FanotifyMarkEntry *mark = e->mark[i];

		if (mark->type == CRIU__MARK_TYPE__INODE ? !mark->ie : !mark->me)
			found(c, RULE_WATCH, at, "ffy.mark", "mark %zu does not say of what it is",
			      i);
		else if (mark->me && c->mounts.nr && !keys_find(&c->mounts, 0, mark->me->mnt_id))
			found(c, RULE_WATCH, at, "ffy.mark.me.mnt_id", "no mount has id %u",
			      mark->me->mnt_id);
	}
}

static void check_memfd(struct check *c, const struct item *at, const Criu__MemfdFileEntry *e)
{
	if (!keys_find(&c->memfds, 0, e->inode_id))
		found(c, RULE_MEMFD, at, "memfd.inode_id", "no inode %u is in memfd.img",
		      e->inode_id);
}

static void check_pidfd(struct check *c, const struct item *at, const Criu__PidfdEntry *e)
{
	if (e->nspid != -1 && !keys_find(&c->tasks, 0, (uint64_t)(int64_t)e->nspid))
		found(c, RULE_PIDFD, at, "pidfd.nspid", "process %d is not in the tree", e->nspid);
}

static void collect_namespaces(struct check *c, struct keys *all)
{
	const struct items *tree = &c->sets[SET_PSTREE];

	for (size_t i = 0; i < tree->nr && goes_on(c); i++) {
		const Criu__TaskKobjIdsEntry *ids =
			task_ids(c, ((const Criu__PstreeEntry *)tree->items[i].msg)->pid);
		if (!ids)
			continue;
		const uint32_t of_task[] = { ids->pid_ns_id,	ids->net_ns_id, ids->ipc_ns_id,
					     ids->uts_ns_id,	ids->mnt_ns_id, ids->user_ns_id,
					     ids->cgroup_ns_id, ids->time_ns_id };

		for (size_t k = 0; k < sizeof(of_task) / sizeof(of_task[0]); k++)
			if (!keys_add(all, 0, of_task[k], NULL))
				check_no_memory(c);
	}
	keys_sort(all);
}

static void check_namespace(struct check *c, const struct item *at, const Criu__NsFileEntry *e,
			    const struct tables *t)
{
	// Network namespaces may be there without a process.
	if (!keys_find(&t->namespaces, 0, e->ns_id) && !item_numbered(c, SET_NETNS, e->ns_id))
		found(c, RULE_NS_FILE, at, "nsf.ns_id", "no process has namespace %u", e->ns_id);
}

static void check_file(struct check *c, const struct item *at, const struct tables *tables)
{
	const Criu__FileEntry *e = at->msg;
	const void *body = file_body(at, (int)e->type);

	if (!body)
		return;
	switch (e->type) {
	case CRIU__FD_TYPES__EVENTPOLL:
		check_epoll(c, at, body, tables);
		break;
	case CRIU__FD_TYPES__INOTIFY:
		check_inotify(c, at, body);
		break;
	case CRIU__FD_TYPES__FANOTIFY:
		check_fanotify(c, at, body);
		break;
	case CRIU__FD_TYPES__MEMFD:
		check_memfd(c, at, body);
		break;
	case CRIU__FD_TYPES__PIDFD:
		check_pidfd(c, at, body);
		break;
	case CRIU__FD_TYPES__NS:
		check_namespace(c, at, body, tables);
		break;
	default:
		break;
	}
}

static void check_memfd_contents(struct check *c)
{
	const struct items *set = &c->sets[SET_MEMFD];
	const struct key *key = NULL;

	for (size_t i = 0; i < set->nr && goes_on(c); i++) {
		const Criu__MemfdInodeEntry *e = set->items[i].msg;

		if (e->size && !shared_memory_there(c, e->shmid))
			found(c, RULE_MEMFD, &set->items[i], "shmid",
			      "there is no pagemap-shmem-%u.img", e->shmid);
	}
	while ((key = keys_next_double(&c->memfds, key ? (size_t)(key - c->memfds.keys) + 1 : 0)))
		found(c, RULE_MEMFD, key->item, "inode_id", "an inode %llu is there already",
		      (unsigned long long)key->number);
}

static void check_locks(struct check *c, const struct tables *tables)
{
	const struct items *set = &c->sets[SET_LOCKS];

	if (set->nr)
		found_image(c, RULE_NEEDS_OPTION, NULL, set->items[0].image,
			    "needs --file-locks: there are %zu locks", set->nr);
	for (size_t i = 0; i < set->nr && goes_on(c); i++) {
		const Criu__FileLockEntry *e = set->items[i].msg;
		const Criu__TaskKobjIdsEntry *ids = task_ids(c, (uint32_t)e->pid);

		if (!keys_find(&c->tasks, 0, (uint32_t)e->pid))
			found(c, RULE_FILE_LOCK, &set->items[i], "pid",
			      "process %d is not in the tree", e->pid);
		else if (ids && !keys_find(&tables->fds, ids->files_id, (uint32_t)e->fd))
			found(c, RULE_FILE_LOCK, &set->items[i], "fd",
			      "process %d has no descriptor %d", e->pid, e->fd);
	}
}

void check_special(struct check *c)
{
	const struct items *files = &c->sets[SET_FILES];
	struct tables tables = { 0 };

	collect_tables(c, &tables);
	collect_namespaces(c, &tables.namespaces);
	for (size_t i = 0; i < files->nr && goes_on(c); i++)
		check_file(c, &files->items[i], &tables);
	check_memfd_contents(c);
	check_locks(c, &tables);
	keys_deinit(&tables.fds);
	keys_deinit(&tables.epolls);
	keys_deinit(&tables.namespaces);
}
