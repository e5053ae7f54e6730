// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * stacks.c - the stacks of threads, frame by frame, with the names of what runs there: the public
 * side of walk.h.
 */
#include "unwind/stacks.h"

#include <stdlib.h>
#include <string.h>

#include "checkpoint/checkpoint.h"
#include "unwind/walk.h"
#include "util/array.h"
#include "util/error.h"

enum { DEFAULT_MAX_FRAMES = 10000 };

struct crit_stacks {
	struct crit_checkpoint *ckpt;
	struct crit_stack_options options;
	struct objects objects;
	struct places places;
	struct stack_memory memory;
	struct walk walk;
	struct crit_frame *frames; /* of the stack that was walked last */
	size_t nr_frames, cap_frames;
};

const char *crit_stack_end_name(enum crit_stack_end end)
{
	static const char *const names[] = {
		[CRIT_STACK_COMPLETE] = "complete",
		[CRIT_STACK_MAIN] = "main",
		[CRIT_STACK_LIMIT] = "limit",
		[CRIT_STACK_UNAVAILABLE] = "unavailable",
		[CRIT_STACK_LOOP] = "loop",
		[CRIT_STACK_NO_TABLE] = "no table",
		[CRIT_STACK_BAD_TABLE] = "bad table",
		[CRIT_STACK_NONE] = "none",
	};

	return (size_t)end < sizeof(names) / sizeof(names[0]) ? names[end] : "unknown";
}

enum crit_status crit_stacks_open(struct crit_checkpoint *ckpt,
				  const struct crit_stack_options *options,
				  struct crit_stacks **out, struct crit_error *err)
{
	struct crit_stacks *stacks = calloc(1, sizeof(*stacks));

	if (!stacks)
		return error_no_memory(err);
	stacks->ckpt = ckpt;
	if (options)
		stacks->options = *options;
	if (!stacks->options.max_frames)
		stacks->options.max_frames = DEFAULT_MAX_FRAMES;
	*out = stacks;
	return CRIT_OK;
}

void crit_stacks_close(struct crit_stacks *stacks)
{
	if (!stacks)
		return;
	places_deinit(&stacks->places);
	objects_deinit(&stacks->objects);
	free(stacks->frames);
	free(stacks);
}

struct crit_checkpoint *stacks_checkpoint(struct crit_stacks *stacks)
{
	return stacks->ckpt;
}

static struct crit_frame *new_frame(struct crit_stacks *stacks)
{
	const struct walk *walk = &stacks->walk;
	const struct code_range *range = walk->range;
	struct crit_frame *frame;

	if (!array_grow(&stacks->frames, stacks->nr_frames, &stacks->cap_frames, sizeof(*frame)))
		return NULL;
	frame = &stacks->frames[stacks->nr_frames++];
	*frame = (struct crit_frame){ .pc = walk->pc,
				      .sp = walk->regs.value[walk->cpu->sp],
				      .signal = walk->signal,
				      .guessed = walk->guessed };
	if (!range || !range->object)
		return frame;
	frame->object = range->object->path;
	frame->in_exe = range->object == walk->code->exe;
	if (range->object->file.elf)
		frame->object_addr = walk->pc - range->bias;
	return frame;
}

static void name_by_symbol(const struct place *place, struct crit_frame *frame)
{
	if (!place->symbol)
		return;
	frame->symbol = place->symbol->name;
	frame->function = names_get(&place->object->names, frame->symbol);
	frame->function_off = frame->object_addr - place->symbol->vaddr;
}

static void name_by_source(const struct source_call *call, struct crit_frame *frame)
{
	frame->file = call->file;
	frame->line = call->line;
	frame->inlined = call->inlined;
	if (!call->function)
		return;
	frame->function = call->function;
	if (call->has_entry)
		frame->function_off = frame->object_addr - call->entry;
}

/** The frame that the walk is at, and before it the calls that were inlined there. */
static bool add_frames(struct crit_stacks *stacks)
{
	const struct walk *walk = &stacks->walk;
	const struct code_range *range = walk->range;
	struct place *place = NULL;
	struct crit_frame *frame;
	size_t i = 0;

	if (range && range->object && range->object->file.elf)
		place = places_get(&stacks->places, range->object,
				   walk_lookup_pc(walk) - range->bias);
	if (place)
		place_names(place);
	do {
		frame = new_frame(stacks);
		if (!frame)
			return false;
		if (place && (!place->nr_calls || !place->calls[i].inlined))
			name_by_symbol(place, frame);
		if (place && place->nr_calls && !walk->signal)
			name_by_source(&place->calls[i], frame);
	} while (place && ++i < place->nr_calls && !walk->signal &&
		 stacks->nr_frames < stacks->options.max_frames);
	return true;
}

static bool is_main(const struct crit_stacks *stacks)
{
	const struct code_map *code = stacks->walk.code;
	const struct crit_frame *frame = &stacks->frames[stacks->nr_frames - 1];

	return code->has_main && frame->in_exe && frame->symbol && !frame->inlined &&
	       !frame->signal && frame->pc - frame->function_off == code->main;
}

/** Walk from the newest frame on; the first one is there. */
static enum crit_status walk_all(struct crit_stacks *stacks, struct crit_error *err)
{
	struct walk *walk = &stacks->walk;

	do {
		if (stacks->nr_frames == stacks->options.max_frames) {
			walk_end(walk, CRIT_STACK_LIMIT,
				 "there are more frames than the limit, %zu", stacks->nr_frames);
			return CRIT_OK;
		}
		if (!add_frames(stacks))
			return error_no_memory(err);
		if (!stacks->options.past_main && is_main(stacks)) {
			walk_end(walk, CRIT_STACK_MAIN, "it is the program's main function");
			return CRIT_OK;
		}
	} while (walk_next(walk));
	return CRIT_OK;
}

enum crit_status crit_stack_walk(struct crit_stacks *stacks, struct crit_thread *thread,
				 struct crit_stack *out, struct crit_error *err)
{
	struct walk *walk = &stacks->walk;
	enum crit_status status;

	memset(walk, 0, sizeof(*walk));
	walk->places = &stacks->places;
	walk->memory = &stacks->memory;
	walk->end = CRIT_STACK_NONE;
	stacks->nr_frames = 0;
	status = objects_map(&stacks->objects, thread->task, &walk->code, &walk->why);
	if (!status) {
		stack_memory_use(&stacks->memory, thread->task);
		status = walk_start(walk, thread, &walk->why);
	}
	if (!status)
		status = walk_all(stacks, &walk->why);
	*out = (struct crit_stack){ thread, stacks->frames, stacks->nr_frames, walk->end,
				    walk->why.message };
	if (status && err)
		*err = walk->why;
	return status;
}
