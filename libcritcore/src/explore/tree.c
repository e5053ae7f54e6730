// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tree.c - the process tree. pstree.img should have one root and parents in front of their
 * children; images that were made or damaged by hand may say anything: several roots, parents that
 * are not there, circles.
 */
#include <stdlib.h>

#include "explore/explore.h"

enum { NONE = UINT32_MAX };

/* Where a task is in the tree; by index in ckpt->tasks, NONE: there is none. */
struct node {
	uint32_t parent, first, last, next;
	unsigned int depth;
	bool visited;
};

struct tree {
	struct crit_checkpoint *ckpt;
	struct node *nodes;
	crit_tree_fn fn;
	void *ctx;
	bool stopped;
};

static uint32_t index_of_parent(const struct crit_checkpoint *ckpt, const struct crit_task *task)
{
	const struct crit_task *parent = NULL;

	if (task->ppid)
		parent = crit_task_find((struct crit_checkpoint *)ckpt, task->ppid);
	return parent && parent != task ? (uint32_t)(parent - ckpt->tasks) : NONE;
}

static void link_nodes(struct tree *tree)
{
	size_t nr = tree->ckpt->nr_tasks;

	for (size_t i = 0; i < nr; i++)
		tree->nodes[i] = (struct node){ NONE, NONE, NONE, NONE, 0, false };
	for (uint32_t i = 0; i < nr; i++) {
		uint32_t above = index_of_parent(tree->ckpt, &tree->ckpt->tasks[i]);
		struct node *parent;

		tree->nodes[i].parent = above;
		if (above == NONE)
			continue;
		parent = &tree->nodes[above];
		if (parent->first == NONE)
			parent->first = i;
		else
			tree->nodes[parent->last].next = i;
		parent->last = i;
	}
}

/** @p i, or the next of its siblings, that was not visited: in a circle one was. */
static uint32_t not_visited(const struct tree *tree, uint32_t i)
{
	while (i != NONE && tree->nodes[i].visited)
		i = tree->nodes[i].next;
	return i;
}

/** What comes behind a node that was visited, below @p top; NONE: nothing. */
static uint32_t next_below(const struct tree *tree, uint32_t top, uint32_t i)
{
	uint32_t next = not_visited(tree, tree->nodes[i].first);

	while (next == NONE && i != top) {
		next = not_visited(tree, tree->nodes[i].next);
		i = tree->nodes[i].parent;
	}
	return next;
}

/** A task and all below it. */
static void walk_from(struct tree *tree, uint32_t top)
{
	for (uint32_t i = top; i != NONE && !tree->stopped; i = next_below(tree, top, i)) {
		struct node *node = &tree->nodes[i];

		node->visited = true;
		node->depth = i == top ? 0 : tree->nodes[node->parent].depth + 1;
		tree->stopped = !tree->fn(tree->ctx, &tree->ckpt->tasks[i], node->depth);
	}
}

static void walk_all(struct tree *tree)
{
	size_t nr = tree->ckpt->nr_tasks;

	for (uint32_t i = 0; i < nr && !tree->stopped; i++)
		if (tree->nodes[i].parent == NONE)
			walk_from(tree, i);
	for (uint32_t i = 0; i < nr && !tree->stopped; i++)
		if (!tree->nodes[i].visited)
			walk_from(tree, i);
}

enum crit_status crit_tree_walk(struct crit_checkpoint *ckpt, struct crit_task *from,
				crit_tree_fn fn, void *ctx, struct crit_error *err)
{
	struct tree tree = { .ckpt = ckpt, .fn = fn, .ctx = ctx };

	tree.nodes = calloc(ckpt->nr_tasks, sizeof(*tree.nodes));
	if (!tree.nodes)
		return error_no_memory(err);
	link_nodes(&tree);
	if (from)
		walk_from(&tree, (uint32_t)(from - ckpt->tasks));
	else
		walk_all(&tree);
	free(tree.nodes);
	return CRIT_OK;
}
