// SPDX-License-Identifier: LGPL-2.1-or-later
/* tree.c - pstree.img: one tree, and no id twice. */
#include "check/check.h"
#include "pstree.pb-c.h"
#include "task.pb-c.h"

enum { MOST_STEPS = 1 << 24 };

static const Criu__PstreeEntry *entry_of(const struct key *key)
{
	return key ? key->item->msg : NULL;
}

static void check_ids_differ(struct check *c)
{
	const struct key *key = NULL;

	while ((key = keys_next_double(&c->threads, key ? (size_t)(key - c->threads.keys) + 1 : 0)))
		found(c, RULE_TREE_PID, key->item, NULL, "there are two processes or threads %llu",
		      (unsigned long long)key->number);
}

/** CRIU links a task to its parent when it reads it. */
static void check_parent(struct check *c, const struct item *at, const struct item **root)
{
	const Criu__PstreeEntry *e = at->msg;
	const struct key *parent = keys_find(&c->tasks, 0, e->ppid);

	if (!e->ppid) {
		if (*root)
			found(c, RULE_TREE_PARENT, at, "ppid",
			      "process %u has no parent, but there is a root already", e->pid);
		else
			*root = at;
	} else if (!parent) {
		found(c, RULE_TREE_PARENT, at, "ppid", "process %u is a child of %u, which is not "
		      "in the tree", e->pid, e->ppid);
	} else if (parent->item->index >= at->index) {
		found(c, RULE_TREE_PARENT, at, "ppid", "process %u stands before its parent, %u",
		      e->pid, e->ppid);
	}
}

static void check_threads(struct check *c, const struct item *at)
{
	const Criu__PstreeEntry *e = at->msg;

	if (!e->pid)
		found(c, RULE_TREE_PID, at, "pid", "no process has the id 0");
	if (task_lives(c, e->pid) && (!e->n_threads || e->threads[0] != e->pid))
		found(c, RULE_TREE_THREADS, at, "threads",
		      "the first thread of process %u must have its id", e->pid);
}

/**
 * CRIU makes a process a member of a session by letting an ancestor that is one fork it. Children
 * of the root whose session has no leader any more get a helper that leads it.
 */
static void check_session(struct check *c, const struct item *at, size_t *steps)
{
	const Criu__PstreeEntry *e = at->msg, *root = c->sets[SET_PSTREE].items[0].msg;
	const Criu__PstreeEntry *up = entry_of(keys_find(&c->tasks, 0, e->ppid));

	if (!e->ppid || e->sid == e->pid || e->sid == root->sid || e->ppid == root->pid)
		return;
	// Parents stand before children: this ends. All processes together take so many steps.
	for (size_t index = at->index; up; up = entry_of(keys_find(&c->tasks, 0, up->ppid))) {
		const struct key *key = keys_find(&c->tasks, 0, up->pid);

		if (!key || key->item->index >= index || ++*steps > MOST_STEPS)
			return; // said by check_parent()
		index = key->item->index;
		if (up->sid == e->sid || up->pid == e->sid)
			return;
	}
	found(c, RULE_TREE_SESSION, at, "sid",
	      "process %u is in session %u, which none of its ancestors led or was in", e->pid,
	      e->sid);
}

static void check_shell_job(struct check *c)
{
	const struct item *at = &c->sets[SET_PSTREE].items[0];
	const Criu__PstreeEntry *root = at->msg;

	if (root->sid == root->pid)
		return;
	if (keys_find(&c->tasks, 0, root->sid))
		found(c, RULE_TREE_SESSION, at, "sid", "the root is in the session of its child %u",
		      root->sid);
	else
		found(c, RULE_NEEDS_OPTION, at, "sid",
		      "needs --shell-job: the session %u is of a process outside", root->sid);
}

void check_tree(struct check *c)
{
	const struct items *set = &c->sets[SET_PSTREE];
	const struct item *root = NULL;
	size_t steps = 0;

	if (!set->nr) {
		if (!source_has(c->src, "pstree.img"))
			found_image(c, RULE_TREE, NULL, "pstree.img", "there is no such file");
		else
			found_image(c, RULE_TREE, NULL, "pstree.img", "there is no process in it");
		return;
	}
	check_ids_differ(c);
	for (size_t i = 0; i < set->nr; i++) {
		check_parent(c, &set->items[i], &root);
		check_threads(c, &set->items[i]);
		check_session(c, &set->items[i], &steps);
	}
	check_shell_job(c);
}
