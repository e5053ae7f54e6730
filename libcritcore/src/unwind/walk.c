// SPDX-License-Identifier: LGPL-2.1-or-later
/* walk.c - frame after frame, each by the best way there is. See walk.h. */
#include "unwind/walk.h"

#include <stdarg.h>
#include <stdio.h>

#include "checkpoint/checkpoint.h"
#include "util/error.h"

bool walk_end(struct walk *walk, enum crit_stack_end end, const char *fmt, ...)
{
	va_list args;

	walk->end = end;
	va_start(args, fmt);
	vsnprintf(walk->why.message, sizeof(walk->why.message), fmt, args);
	va_end(args);
	return false;
}

bool walk_word(struct walk *walk, uint64_t vaddr, const char *what, uint64_t *out)
{
	struct expr_context in = { .memory = walk->memory,
				   .word_size = walk->word_size,
				   .big_endian = walk->big_endian };
	struct crit_error err;

	if (!expr_word(&in, vaddr, out, &err))
		return true;
	return walk_end(walk, CRIT_STACK_UNAVAILABLE, "%s: %s", what, err.message);
}

uint64_t walk_address(const struct walk *walk, uint64_t pc)
{
	uint64_t bits = walk->cpu->address;

	// Images do not say which bits a signature is in: only what leads nowhere is signed.
	if (!bits || (bits >> 63 == 0 && walk_is_code(walk, pc)) || !walk_is_code(walk, pc & bits))
		return pc;
	return pc & bits;
}

bool walk_is_code(const struct walk *walk, uint64_t pc)
{
	return code_map_find(walk->code, pc) != NULL;
}

uint64_t walk_lookup_pc(const struct walk *walk)
{
	return walk->exact || walk->signal || !walk->pc ? walk->pc : walk->pc - 1;
}

static struct place *place_at(const struct walk *walk, uint64_t pc)
{
	return walk->range && walk->range->object
		       ? places_get(walk->places, walk->range->object, pc - walk->range->bias)
		       : NULL;
}

/** What is at pc, now that it has changed. */
static void look(struct walk *walk)
{
	const struct cfi_row *row;
	struct place *place;

	walk->signal = false;
	walk->range = code_map_find(walk->code, walk_lookup_pc(walk));
	// Tables of trampolines begin a byte before them, so that this finds them.
	place = place_at(walk, walk_lookup_pc(walk));
	row = place ? place_row(place, walk->cpu) : NULL;
	if (row ? row->signal : signal_trampoline(walk) != NULL)
		walk->signal = true;
}

enum crit_status walk_start(struct walk *walk, struct crit_thread *thread, struct crit_error *err)
{
	const struct arch_layout *layout = thread->task->layout;
	enum crit_status status;

	walk->cpu = layout ? cpu_find(layout->arch->gdb_name) : NULL;
	if (!walk->cpu)
		return error_set(err, CRIT_UNSUPPORTED, "stacks of this CPU are not walked");
	walk->word_size = layout->arch->word_size;
	walk->big_endian = layout->arch->big_endian;
	status = frame_regs_of_thread(thread, walk->cpu, &walk->regs, err);
	if (status)
		return status;
	if (!walk->regs.known[walk->cpu->pc])
		return error_set(err, CRIT_NOT_DUMPED, "the image does not have the thread's %s",
				 layout->arch->pc ? layout->arch->pc : "pc");
	walk->pc = walk->regs.value[walk->cpu->pc];
	walk->exact = true;
	walk->guessed = walk->has_cfa = false;
	look(walk);
	return CRIT_OK;
}

bool walk_next(struct walk *walk)
{
	uint64_t pc = walk->pc, lookup = walk->exact || !pc ? pc : pc - 1;
	struct place *place = place_at(walk, lookup);
	const struct cfi_row *row = place ? place_row(place, walk->cpu) : NULL;
	const struct cpu_trampoline *trampoline;

	walk->end = CRIT_STACK_COMPLETE;
	if (row) {
		if (!apply_row(walk, row, walk->range->bias))
			return false;
	} else if ((trampoline = signal_trampoline(walk))) {
		if (!signal_return(walk, trampoline))
			return false;
	} else if (!guess_caller(walk)) {
		return false;
	}
	if (!walk->pc)
		return walk_end(walk, CRIT_STACK_COMPLETE, "it returns nowhere");
	look(walk);
	return true;
}
