// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mem_kinds.c - memory by where its bytes are, as each process sees it and with what they share
 * counted once.
 *
 * Shared are: all of it (CLONE_VM: one process has the mm image of both), shared memory, and mapped
 * files. What a process wrote to a private mapping is its own, as is what CRIU dumped of it: pages
 * that fork() left shared are in the images once for each process.
 */
#include <stdlib.h>

#include "memory/memory.h"
#include "stats/stats.h"

/** One look at all processes. */
struct walk {
	struct collect *c;
	uint64_t *times; /* of each task: how many have its memory; 0: another one has */
	struct spans spans;
	struct biggest biggest;
};

void mem_kinds_add(const struct crit_checkpoint *ckpt, struct crit_mem_kinds *kinds,
		   const struct crit_origin *at, uint64_t len, uint64_t times)
{
	len *= times;
	switch (at->kind) {
	case CRIT_ORIGIN_IMAGE:
		kinds->image += len;
		kinds->parent += mem_is_parent(ckpt, at->level) ? len : 0;
		kinds->compressed += at->block_len ? len : 0;
		kinds->shared += at->shared ? len : 0;
		break;
	case CRIT_ORIGIN_ZERO:
		kinds->zero += len;
		break;
	case CRIT_ORIGIN_FILE:
		kinds->file += len;
		break;
	case CRIT_ORIGIN_UNAVAILABLE:
		kinds->unavailable += len;
		kinds->why[at->why] += len;
		break;
	case CRIT_ORIGIN_UNMAPPED:
		break;
	}
}

/** Is it a part of a file or of shared memory? Not what ends at 2^64, whose end has no number. */
static bool is_shared_part(const struct mem_place *place)
{
	return (place->keeper == KEEPER_OBJECT || place->keeper == KEEPER_FILE) &&
	       place->pos + place->reach > place->pos;
}

/** Note such a part. @return false: out of memory. */
static bool add_shared_part(struct walk *w, const struct mem_place *place, uint64_t times)
{
	bool is_file = place->keeper == KEEPER_FILE;
	const void *object = is_file ? (const void *)place->m->file
				     : (const void *)place->m->object;

	return spans_add(&w->spans, object, is_file, place->pos, place->reach, times);
}

/** Where the part of shared memory ends that a mapping shows; false: beyond what can be. */
static bool object_end(const struct mapping *m, uint64_t *end)
{
	return !__builtin_add_overflow(m->pub.pgoff, m->pub.end - m->pub.start, end);
}

static enum crit_status add_mapping(struct walk *w, struct crit_task *task, const struct mapping *m,
				    uint64_t times, struct crit_error *err)
{
	struct crit_stats *out = w->c->out;
	uint64_t image = 0, end;

	for (uint64_t at = m->pub.start; at < m->pub.end;) {
		struct mem_place place;
		uint64_t len;

		mem_locate(task, at, &place);
		len = place.at.len;
		if (is_shared_part(&place)) {
			if (!add_shared_part(w, &place, times))
				return error_no_memory(err);
			len = place.reach;
		} else {
			mem_kinds_add(w->c->ckpt, &out->memory_each, &place.at, len, times);
			mem_kinds_add(w->c->ckpt, &out->memory_once, &place.at, len, 1);
			image += place.at.kind == CRIT_ORIGIN_IMAGE ? len : 0;
		}
		at += len;
	}
	if (!m->object)
		biggest_add(&w->biggest, task, m, NULL, image, times);
	else if (object_end(m, &end) && !spans_add(&w->spans, m->object, false, m->pub.pgoff,
						   end - m->pub.pgoff, 0))
		return error_no_memory(err);
	return CRIT_OK;
}

/** Shared memory is added up by now. */
static void add_big_shared(struct walk *w, struct crit_task *task, uint64_t times)
{
	uint64_t end;

	for (size_t i = 0; i < task->nr_mappings; i++) {
		const struct mapping *m = &task->mappings[i];

		if (m->object && object_end(m, &end))
			biggest_add(&w->biggest, task, m, m->object,
				    spans_image(&w->spans, m->object, m->pub.pgoff, end), times);
	}
}

/** Load a process, and note that it, or another one in its place, is to be looked at. */
static enum crit_status add_task(struct walk *w, struct crit_task *task, struct crit_error *err)
{
	struct crit_stats *out = w->c->out;
	struct crit_task *owner;
	struct crit_task_info info;
	struct crit_error why;

	crit_task_info(task, &info, NULL);
	if (info.state == CRIT_TASK_ZOMBIE)
		return CRIT_OK;
	if (crit_task_load(task, &why))
		return collect_problem(w->c, &why, err);
	if (!out->page_size)
		out->page_size = task->page_size;
	owner = mm_owner(task);
	if (owner != task && crit_task_load(owner, &why))
		return collect_problem(w->c, &why, err);
	w->times[owner - w->c->ckpt->tasks]++;
	return CRIT_OK;
}

static enum crit_status walk_all(struct walk *w, struct crit_error *err)
{
	struct crit_checkpoint *ckpt = w->c->ckpt;
	enum crit_status status = CRIT_OK;

	for (size_t i = 0; !status && i < ckpt->nr_tasks; i++)
		status = add_task(w, &ckpt->tasks[i], err);
	for (size_t i = 0; !status && i < ckpt->nr_tasks; i++)
		for (size_t k = 0; !status && w->times[i] && k < ckpt->tasks[i].nr_mappings; k++)
			status = add_mapping(w, &ckpt->tasks[i], &ckpt->tasks[i].mappings[k],
					     w->times[i], err);
	if (status)
		return status;
	spans_add_up(&w->spans, w->c, &w->c->out->memory_each, &w->c->out->memory_once);
	for (size_t i = 0; i < ckpt->nr_tasks; i++)
		if (w->times[i])
			add_big_shared(w, &ckpt->tasks[i], w->times[i]);
	return w->c->options->duplicates && w->c->out->page_size ?
		       collect_duplicates(w->c, w->times, &w->spans, err) : CRIT_OK;
}

enum crit_status collect_memory(struct collect *c, struct crit_error *err)
{
	struct walk w = { .c = c, .times = calloc(c->ckpt->nr_tasks + 1, sizeof(uint64_t)) };
	enum crit_status status = CRIT_OK;

	if (!w.times || !biggest_init(&w.biggest, c->options->max_biggest))
		status = error_no_memory(err);
	if (!status)
		status = walk_all(&w, err);
	if (!status) {
		c->out->biggest = w.biggest.list;
		c->out->nr_biggest = w.biggest.nr;
		w.biggest.list = NULL;
	}
	biggest_deinit(&w.biggest);
	spans_deinit(&w.spans);
	free(w.times);
	return status;
}
