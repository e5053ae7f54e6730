// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * group.c - threads with the same stack, told once. A pool of workers that all wait reads as one.
 *
 * Stacks are the same when they go through the same calls: the same addresses of the same files,
 * also in different processes. Only of the newest function it does not matter where in it they are.
 */
#include <stdlib.h>
#include <string.h>

#include "checkpoint/checkpoint.h"
#include "unwind/label.h"
#include "unwind/stacks.h"
#include "util/array.h"
#include "util/error.h"

enum { MAX_KEPT = 8 * 1024 * 1024 /* frames of different stacks: some GiB */ };

struct group {
	struct crit_stack stack; /* frames and why are ours */
	uint64_t hash;
	struct crit_thread **threads;
	size_t nr_threads, cap_threads;
	char *label;
};

struct crit_stack_groups {
	struct group *groups;
	size_t nr, cap;
	size_t *slots; /* hash table of indices, each plus one; 0: free */
	size_t nr_slots;
	size_t kept; /* frames */
};

void crit_stack_groups_free(struct crit_stack_groups *groups)
{
	for (size_t i = 0; groups && i < groups->nr; i++) {
		struct group *group = &groups->groups[i];

		free((void *)(uintptr_t)group->stack.frames);
		free((void *)(uintptr_t)group->stack.why);
		free(group->threads);
		free(group->label);
	}
	if (groups) {
		free(groups->groups);
		free(groups->slots);
	}
	free(groups);
}

/** Frames of the newest function, and of what was inlined into it. */
static size_t nr_newest(const struct crit_stack *stack)
{
	size_t nr = 0;

	while (nr < stack->nr_frames && stack->frames[nr].inlined)
		nr++;
	return nr < stack->nr_frames ? nr + 1 : nr;
}

static uint64_t where(const struct crit_frame *frame)
{
	return frame->object_addr ? frame->object_addr : frame->pc;
}

static uint64_t hash_of(const struct crit_stack *stack)
{
	uint64_t hash = stack->nr_frames * 8 + stack->end;

	for (size_t i = nr_newest(stack); i < stack->nr_frames; i++)
		hash = (hash ^ where(&stack->frames[i])) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 32;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_frame(const struct crit_frame *a, const struct crit_frame *b, bool newest)
{
	bool named = newest && a->function;

	return same_text(a->function, b->function) && same_text(a->object, b->object) &&
	       a->inlined == b->inlined && a->signal == b->signal &&
	       (named || where(a) == where(b));
}

static bool same_stack(const struct crit_stack *a, const struct crit_stack *b)
{
	size_t newest = nr_newest(a);

	if (a->nr_frames != b->nr_frames || a->end != b->end)
		return false;
	for (size_t i = 0; i < a->nr_frames; i++)
		if (!same_frame(&a->frames[i], &b->frames[i], i < newest))
			return false;
	return true;
}

static bool grow_slots(struct crit_stack_groups *groups)
{
	size_t nr_slots = groups->nr_slots ? groups->nr_slots * 2 : 256;
	size_t *slots = calloc(nr_slots, sizeof(*slots));

	if (!slots)
		return false;
	for (size_t i = 0; i < groups->nr; i++) {
		size_t at = groups->groups[i].hash & (nr_slots - 1);

		while (slots[at])
			at = (at + 1) & (nr_slots - 1);
		slots[at] = i + 1;
	}
	free(groups->slots);
	groups->slots = slots;
	groups->nr_slots = nr_slots;
	return true;
}

static enum crit_status add_group(struct crit_stack_groups *groups, const struct crit_stack *stack,
				  uint64_t hash, struct crit_error *err)
{
	size_t len = stack->nr_frames * sizeof(stack->frames[0]);
	struct crit_frame *frames;
	struct group *group;

	if (groups->kept + stack->nr_frames > MAX_KEPT)
		return error_set(err, CRIT_NO_MEMORY,
				 "more than %d frames of different stacks: limit their number",
				 MAX_KEPT);
	if (!array_grow(&groups->groups, groups->nr, &groups->cap, sizeof(*group)))
		return error_no_memory(err);
	frames = malloc(len + 1);
	group = &groups->groups[groups->nr];
	*group = (struct group){ .stack = *stack, .hash = hash };
	group->stack.why = strdup(stack->why);
	group->stack.frames = frames;
	if (frames && len)
		memcpy(frames, stack->frames, len);
	groups->nr++;
	groups->kept += stack->nr_frames;
	return frames && group->stack.why ? CRIT_OK : error_no_memory(err);
}

static enum crit_status add_thread(struct crit_stack_groups *groups, const struct crit_stack *stack,
				   struct crit_error *err)
{
	uint64_t hash = hash_of(stack);
	enum crit_status status;
	struct group *group;
	size_t at;

	if (groups->nr * 2 >= groups->nr_slots && !grow_slots(groups))
		return error_no_memory(err);
	at = hash & (groups->nr_slots - 1);
	while (groups->slots[at] &&
	       (groups->groups[groups->slots[at] - 1].hash != hash ||
		!same_stack(&groups->groups[groups->slots[at] - 1].stack, stack)))
		at = (at + 1) & (groups->nr_slots - 1);
	if (!groups->slots[at]) {
		status = add_group(groups, stack, hash, err);
		if (status)
			return status;
		groups->slots[at] = groups->nr;
	}
	group = &groups->groups[groups->slots[at] - 1];
	if (!array_grow(&group->threads, group->nr_threads, &group->cap_threads,
			sizeof(stack->thread)))
		return error_no_memory(err);
	group->threads[group->nr_threads++] = stack->thread;
	return CRIT_OK;
}

struct progress {
	crit_keep_going_fn keep_going;
	void *ctx;
	uint64_t done, total;
};

static enum crit_status add_task(struct crit_stack_groups *groups, struct crit_stacks *stacks,
				 struct crit_task *task, struct progress *progress,
				 struct crit_error *err)
{
	enum crit_status status = CRIT_OK;
	struct crit_stack stack;

	for (size_t i = 0; i < crit_thread_count(task) && !status; i++) {
		if (progress->keep_going &&
		    !progress->keep_going(progress->ctx, progress->done++, progress->total))
			return error_set(err, CRIT_INTERRUPTED, "interrupted");
		// A thread without a stack is one of those that have none.
		crit_stack_walk(stacks, crit_thread_at(task, i), &stack, NULL);
		status = add_thread(groups, &stack, err);
	}
	return status;
}

static int larger_first(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->nr_threads != y->nr_threads)
		return x->nr_threads > y->nr_threads ? -1 : 1;
	return (x->threads[0]->tid > y->threads[0]->tid) -
	       (x->threads[0]->tid < y->threads[0]->tid);
}

static enum crit_status make(struct crit_stack_groups *groups, struct crit_stacks *stacks,
			     struct crit_task *task, struct progress *progress,
			     struct crit_error *err)
{
	struct crit_checkpoint *ckpt = stacks_checkpoint(stacks);
	enum crit_status status = CRIT_OK;

	for (size_t i = 0; i < ckpt->nr_tasks; i++)
		progress->total += task ? 0 : ckpt->tasks[i].nr_threads;
	if (task) {
		progress->total = task->nr_threads;
		status = add_task(groups, stacks, task, progress, err);
	}
	for (size_t i = 0; !task && i < ckpt->nr_tasks && !status; i++) {
		struct crit_task_info info;

		crit_task_info(&ckpt->tasks[i], &info, NULL);
		if (info.state != CRIT_TASK_ZOMBIE)
			status = add_task(groups, stacks, &ckpt->tasks[i], progress, err);
	}
	if (!status && groups->nr)
		qsort(groups->groups, groups->nr, sizeof(groups->groups[0]), larger_first);
	for (size_t i = 0; i < groups->nr && !status; i++) {
		struct group *group = &groups->groups[i];

		group->label = label_threads(group->threads, group->nr_threads, !task);
		status = group->label ? CRIT_OK : error_no_memory(err);
	}
	return status;
}

enum crit_status crit_stacks_group(struct crit_stacks *stacks, struct crit_task *task,
				   crit_keep_going_fn keep_going, void *ctx,
				   struct crit_stack_groups **out, struct crit_error *err)
{
	struct progress progress = { keep_going, ctx, 0, 0 };
	struct crit_stack_groups *groups = calloc(1, sizeof(*groups));
	enum crit_status status = groups ? make(groups, stacks, task, &progress, err)
					 : error_no_memory(err);

	if (status)
		crit_stack_groups_free(groups);
	else
		*out = groups;
	return status;
}

bool crit_stack_group_at(const struct crit_stack_groups *groups, size_t index,
			 struct crit_stack_group *out)
{
	const struct group *group;

	if (index >= groups->nr)
		return false;
	group = &groups->groups[index];
	*out = (struct crit_stack_group){ &group->stack, group->threads, group->nr_threads,
					  group->label };
	return true;
}
