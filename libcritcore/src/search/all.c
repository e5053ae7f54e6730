// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * all.c - crit_search_all(): one process after the other, what they share once. Processes that
 * share all of their memory (vfork, CLONE_VM) have one mm image, and count as one.
 */
#include "checkpoint/checkpoint.h"
#include "search/search.h"
#include "util/error.h"

struct search_all {
	struct search one;
	void (*skipped)(void *ctx, struct crit_task *task, const struct crit_error *why);
};

static bool has_memory(struct crit_task *task)
{
	struct crit_task_info info;

	crit_task_info(task, &info, NULL);
	return info.state != CRIT_TASK_ZOMBIE && mm_owner(task) == task;
}

/** Load all, so that the total is known before the first byte is looked at. */
static void add_totals(struct search *s, struct crit_checkpoint *ckpt)
{
	struct crit_task *task;

	for (size_t i = 0; s->options.keep_going && (task = crit_task_at(ckpt, i)); i++)
		if (has_memory(task) && !crit_task_load(task, NULL))
			search_add_total(s, task);
}

static enum crit_status search_each(struct search_all *all, struct crit_checkpoint *ckpt,
				    struct crit_error *err)
{
	enum crit_status status = CRIT_OK;
	struct search *s = &all->one;
	struct crit_task *task;
	struct crit_error why;

	for (size_t i = 0; !status && !s->stopped && (task = crit_task_at(ckpt, i)); i++) {
		if (!has_memory(task))
			continue;
		if (crit_task_load(task, &why)) {
			if (all->skipped)
				all->skipped(s->options.ctx, task, &why);
			continue;
		}
		seen_next_task(s->seen);
		status = search_task(s, task, err);
	}
	return status;
}

enum crit_status crit_search_all(struct crit_checkpoint *ckpt, const struct crit_pattern *pattern,
				 const struct crit_search_options *options,
				 bool (*found)(void *ctx, const struct crit_match *match),
				 void (*skipped)(void *ctx, struct crit_task *task,
						 const struct crit_error *why),
				 struct crit_error *err)
{
	struct search_all all = { .skipped = skipped };
	enum crit_status status;

	search_init(&all.one, pattern, options, found);
	all.one.seen = seen_new();
	if (!all.one.seen)
		return error_no_memory(err);
	add_totals(&all.one, ckpt);
	status = search_each(&all, ckpt, err);
	seen_free(all.one.seen);
	return status;
}
