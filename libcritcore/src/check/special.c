// SPDX-License-Identifier: LGPL-2.1-or-later
/* special.c - open files of the kernel's own kinds that mention something: epoll, memfd, pidfd,
 * namespaces. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check/check.h"
#include "check/memory.h"
#include "fdtable.pb-c.h"
#include "pstree.pb-c.h"

/* ---- epoll ---------------------------------------------------------------------------------- */

/** Descriptors by table, and the first table of each epoll. */
struct tables {
	struct keys fds;    /* table, fd */
	struct keys firsts; /* id of the epoll -> SET_FDINFO */
	struct keys namespaces; /* of processes: CLONE_NEW*, id */
	unsigned int steps; /* of in_circle() */
};

/** Tables with the lowest process id that has each. */
static void collect_owners(struct check *c, struct keys *owners)
{
	const struct items *tree = &c->sets[SET_PSTREE];

	for (size_t i = 0; i < tree->nr && goes_on(c); i++) {
		uint32_t pid = ((const Criu__PstreeEntry *)tree->items[i].msg)->pid;
		const Criu__TaskKobjIdsEntry *ids = task_ids(c, pid);

		if (ids && !keys_add(owners, ids->files_id, pid, NULL))
			check_no_memory(c);
	}
	keys_sort(owners);
}

/** Each epoll in the table of the lowest process id that has it: CRIU restores it there. */
static void collect_epolls(struct check *c, struct tables *t)
{
	const struct items *set = &c->sets[SET_FDINFO];
	struct keys owners = { 0 }, all = { 0 };

	collect_owners(c, &owners);
	for (size_t i = 0; i < set->nr && goes_on(c); i++) {
		const Criu__FdinfoEntry *e = set->items[i].msg;
		const struct key *owner = keys_group(&owners, set->items[i].number);

		if (e->type == CRIU__FD_TYPES__EVENTPOLL && owner &&
		    !keys_add(&all, e->id, owner->number, &set->items[i]))
			check_no_memory(c);
	}
	keys_sort(&all);
	for (size_t i = 0; i < all.nr && goes_on(c); i++)
		if ((!i || all.keys[i].group != all.keys[i - 1].group) &&
		    !keys_add(&t->firsts, 0, all.keys[i].group, all.keys[i].item))
			check_no_memory(c);
	keys_sort(&t->firsts);
	keys_deinit(&all);
	keys_deinit(&owners);
}

static void collect_tables(struct check *c, struct tables *t)
{
	const struct items *set = &c->sets[SET_FDINFO];

	for (size_t i = 0; i < set->nr && goes_on(c); i++) {
		const struct item *at = &set->items[i];
		const Criu__FdinfoEntry *e = at->msg;

		if (!keys_add(&t->fds, at->number, e->fd, at))
			check_no_memory(c);
	}
	keys_sort(&t->fds);
	collect_epolls(c, t);
}

/** The table in which CRIU adds what is watched: that of the first process which has the epoll. */
static const struct key *table_of(const struct tables *t, uint32_t epoll)
{
	return keys_find(&t->firsts, 0, epoll);
}

static bool is_regular(const struct check *c, const Criu__FdinfoEntry *e)
{
	const struct item *file = e->type == CRIU__FD_TYPES__REG ?
		file_find(c, CRIU__FD_TYPES__REG, e->id) : NULL;
	const Criu__RegFileEntry *reg = file ? file_body(file, CRIU__FD_TYPES__REG) : NULL;

	return reg && reg->has_mode && (S_ISREG(reg->mode) || S_ISDIR(reg->mode));
}

static void check_target(struct check *c, const struct item *at, const Criu__EventpollFileEntry *e,
			 uint32_t fd, const struct tables *t)
{
	const struct key *first = table_of(t, e->id);
	const struct key *key = first ? keys_find(&t->fds, first->item->number, fd) : NULL;
	const Criu__FdinfoEntry *info = key ? key->item->msg : NULL;

	if (!first)
		return;
	if (!info)
		found(c, RULE_EPOLL, at, "epfd.tfd",
		      "descriptor %u is watched, but %s, the first table that has the epoll, has "
		      "no such", fd, first->item->image);
	else if (info->type == CRIU__FD_TYPES__EVENTPOLL && info->id == e->id)
		found(c, RULE_EPOLL, at, "epfd.tfd",
		      "descriptor %u, which is watched, is the epoll", fd);
	else if (is_regular(c, info))
		found(c, RULE_EPOLL, at, "epfd.tfd",
		      "descriptor %u is watched, but is a file or folder, which cannot be", fd);
}

/* The kernel allows a chain of five; one of so many is a circle. All walks together end
 * somewhere. */
enum { MOST_NESTED = 16, MOST_STEPS = 1 << 20 };

static bool in_circle(const struct check *c, const Criu__EventpollFileEntry *e,
		      const struct tables *t, unsigned int depth, unsigned int *steps)
{
	const struct key *first = table_of(t, e->id);

	if (depth == MOST_NESTED)
		return true;
	for (size_t i = 0; first && i < e->n_tfd && ++*steps < MOST_STEPS; i++) {
		const struct key *key = keys_find(&t->fds, first->item->number, e->tfd[i]->tfd);
		const Criu__FdinfoEntry *info = key ? key->item->msg : NULL;
		const struct item *file = info && info->type == CRIU__FD_TYPES__EVENTPOLL ?
			file_find(c, CRIU__FD_TYPES__EVENTPOLL, info->id) : NULL;
		const Criu__EventpollFileEntry *next =
			file ? file_body(file, CRIU__FD_TYPES__EVENTPOLL) : NULL;

		if (next && next->id != e->id && in_circle(c, next, t, depth + 1, steps))
			return true;
	}
	return false;
}

static int by_fd(const void *a, const void *b)
{
	const Criu__EventpollTfdEntry *const *x = a, *const *y = b;

	return ((*x)->tfd > (*y)->tfd) - ((*x)->tfd < (*y)->tfd);
}

static void check_epoll(struct check *c, const struct item *at, const Criu__EventpollFileEntry *e,
			struct tables *t)
{
	Criu__EventpollTfdEntry **sorted = calloc(e->n_tfd + 1, sizeof(*sorted));

	if (!sorted) {
		check_no_memory(c);
		return;
	}
	if (e->n_tfd)
		memcpy(sorted, e->tfd, e->n_tfd * sizeof(*sorted));
	qsort(sorted, e->n_tfd, sizeof(*sorted), by_fd);
	for (size_t i = 0; i < e->n_tfd && goes_on(c); i++) {
		check_target(c, at, e, sorted[i]->tfd, t);
		if (i && sorted[i]->tfd == sorted[i - 1]->tfd)
			found(c, RULE_EPOLL, at, "epfd.tfd", "descriptor %u is watched twice",
			      sorted[i]->tfd);
	}
	free(sorted);
	if (in_circle(c, e, t, 0, &t->steps))
		found(c, RULE_EPOLL, at, "epfd.tfd", "epolls watch each other in a circle");
}

/* Linux's numbers, which an old C library may not have. */
enum {
	CLONE_NEWTIME = 0x80,
	CLONE_NEWNS = 0x20000,
	CLONE_NEWCGROUP = 0x2000000,
	CLONE_NEWUTS = 0x4000000,
	CLONE_NEWIPC = 0x8000000,
	CLONE_NEWUSER = 0x10000000,
	CLONE_NEWPID = 0x20000000,
	CLONE_NEWNET = 0x40000000,
};

enum { ALL_SEALS = 0x3f, MEMFD_NAME_MAX = 249 };

/* ---- the others ----------------------------------------------------------------------------- */

static void check_memfd(struct check *c, const struct item *at, const Criu__MemfdFileEntry *e)
{
	if (e->pos > INT64_MAX)
		found(c, RULE_MEMFD, at, "memfd.pos", "no file is read at %llu",
		      (unsigned long long)e->pos);
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
		const struct {
			uint32_t flag, id;
		} of_task[] = {
			{ CLONE_NEWPID, ids->pid_ns_id },	{ CLONE_NEWNET, ids->net_ns_id },
			{ CLONE_NEWIPC, ids->ipc_ns_id },	{ CLONE_NEWUTS, ids->uts_ns_id },
			{ CLONE_NEWNS, ids->mnt_ns_id },	{ CLONE_NEWUSER, ids->user_ns_id },
			{ CLONE_NEWCGROUP, ids->cgroup_ns_id }, { CLONE_NEWTIME, ids->time_ns_id },
		};

		for (size_t k = 0; k < sizeof(of_task) / sizeof(of_task[0]); k++)
			if (!keys_add(all, of_task[k].flag, of_task[k].id, NULL))
				check_no_memory(c);
	}
	keys_sort(all);
}

static void check_namespace(struct check *c, const struct item *at, const Criu__NsFileEntry *e,
			    const struct tables *t)
{
	// Network namespaces may be there without a process.
	if (!keys_find(&t->namespaces, e->ns_cflag, e->ns_id) &&
	    !(e->ns_cflag == CLONE_NEWNET && item_numbered(c, SET_NETNS, e->ns_id)))
		found(c, RULE_NS_FILE, at, "nsf.ns_id",
		      "no process has namespace %u of kind %#x (CLONE_NEW*)", e->ns_id,
		      e->ns_cflag);
}

static void check_file(struct check *c, const struct item *at, struct tables *tables)
{
	const Criu__FileEntry *e = at->msg;
	const void *body = file_body(at, (int)e->type);

	if (!body)
		return;
	switch (e->type) {
	case CRIU__FD_TYPES__EVENTPOLL:
		check_epoll(c, at, body, tables);
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

static void check_inode(struct check *c, const struct item *at, const Criu__MemfdInodeEntry *e)
{
	if (e->size && !shared_memory_there(c, e->shmid))
		found(c, RULE_MEMFD, at, "shmid", "there is no pagemap-shmem-%u.img", e->shmid);
	if (e->size > INT64_MAX)
		found(c, RULE_MEMFD, at, "size", "no file has %llu bytes",
		      (unsigned long long)e->size);
	if (e->seals & ~(uint32_t)ALL_SEALS)
		found(c, RULE_MEMFD, at, "seals", "seals %#x, of which the kernel knows %#x",
		      e->seals, ALL_SEALS);
	if (strlen(e->name) > MEMFD_NAME_MAX)
		found(c, RULE_MEMFD, at, "name", "a name of %zu bytes, at most %d fit",
		      strlen(e->name), MEMFD_NAME_MAX);
}

static bool same_inode(const Criu__MemfdInodeEntry *a, const Criu__MemfdInodeEntry *b)
{
	return a->shmid == b->shmid && a->size == b->size && a->seals == b->seals &&
	       !strcmp(a->name, b->name);
}

/** CRIU takes one of those with the same id. */
static void check_inode_twice(struct check *c, const struct key *key)
{
	const struct item *other = keys_find(&c->memfds, 0, key->number)->item, *at = key->item;
	struct found_as as = { CRIT_CHECK_ERROR, NULL, at->image, true, at->index, at->off,
			       "inode_id" };

	if (same_inode(other->msg, at->msg))
		as.severity = CRIT_CHECK_WARNING;
	found_as(c, RULE_MEMFD, &as, "an inode %llu is there already%s",
		 (unsigned long long)key->number,
		 as.severity == CRIT_CHECK_WARNING ? ", which is the same" : "");
}

static void check_memfd_contents(struct check *c)
{
	const struct items *set = &c->sets[SET_MEMFD];
	const struct key *key = NULL;

	for (size_t i = 0; i < set->nr && goes_on(c); i++)
		check_inode(c, &set->items[i], set->items[i].msg);
	while ((key = keys_next_double(&c->memfds, key ? (size_t)(key - c->memfds.keys) + 1 : 0)))
		check_inode_twice(c, key);
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
	keys_deinit(&tables.fds);
	keys_deinit(&tables.firsts);
	keys_deinit(&tables.namespaces);
}
