// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * guess.c - callers of code without an unwind table: code made at run time, files that are not
 * here, or a call to an address that is none. What is found this way is said to be a guess. See
 * walk.h.
 *
 *	x86:	 fp -> | caller's fp | return address |		(after push %rbp; mov %rsp,%rbp)
 *	aarch64: fp -> | caller's fp | return address |
 *	others:	 only the newest frame's caller, by the link register
 */
#include "unwind/walk.h"

static bool is_known(const struct walk *walk, uint8_t reg)
{
	return reg != CPU_NONE && walk->regs.known[reg];
}

static bool go_to(struct walk *walk, uint64_t pc, uint64_t sp)
{
	walk->pc = walk_address(walk, pc);
	walk->regs.value[walk->cpu->sp] = sp;
	walk->has_cfa = true;
	walk->cfa = sp;
	walk->exact = false;
	walk->guessed = true;
	return true;
}

/** Nothing of the function has run: what called it left its return address at hand. */
static bool just_called(struct walk *walk)
{
	uint64_t sp = walk->regs.value[walk->cpu->sp], pc;

	if (!walk->cpu->pushes_return) {
		if (!is_known(walk, walk->cpu->link))
			return false;
		pc = walk->regs.value[walk->cpu->link];
		pc = walk_address(walk, pc);
		return pc != walk->pc && walk_is_code(walk, pc) && go_to(walk, pc, sp);
	}
	return walk_word(walk, sp, "a return address", &pc) && walk_is_code(walk, pc) &&
	       go_to(walk, pc, sp + walk->word_size);
}

static bool by_frame_pointer(struct walk *walk)
{
	uint8_t fp_reg = walk->cpu->fp;
	uint64_t sp = walk->regs.value[walk->cpu->sp], fp, next, pc;

	if (!walk->cpu->frame_records || !is_known(walk, fp_reg))
		return false;
	fp = walk->regs.value[fp_reg];
	if (fp < sp || fp % walk->word_size || fp > UINT64_MAX - 2 * walk->word_size ||
	    !walk_word(walk, fp, "a saved frame pointer", &next) ||
	    !walk_word(walk, fp + walk->word_size, "a return address", &pc))
		return false;
	pc = walk_address(walk, pc);
	// Whoever starts a stack puts zeros at its end.
	if (!walk_is_code(walk, pc) && (pc || next))
		return false;
	walk->regs.value[fp_reg] = next;
	return go_to(walk, pc, fp + 2 * walk->word_size);
}

static bool no_way(struct walk *walk)
{
	unsigned long long pc = walk->pc;
	const struct object *object = walk->range ? walk->range->object : NULL;

	if (!walk->range)
		return walk_end(walk, CRIT_STACK_NO_TABLE, "there is no code at 0x%llx", pc);
	if (!object)
		return walk_end(walk, CRIT_STACK_NO_TABLE, "no unwind table covers 0x%llx", pc);
	if (!object->file.elf)
		return walk_end(walk, CRIT_STACK_NO_TABLE,
				"no unwind table covers 0x%llx of %s, a file that is not here", pc,
				object->path);
	return walk_end(walk, CRIT_STACK_NO_TABLE, "no unwind table covers 0x%llx of %s%s%s%s", pc,
			object->path, walk->cpu->libdw ? " (critcore needs elfutils " : "",
			walk->cpu->libdw ? walk->cpu->libdw : "",
			walk->cpu->libdw ? " for this CPU)" : "");
}

bool guess_caller(struct walk *walk)
{
	bool found;

	if (!is_known(walk, walk->cpu->sp))
		return walk_end(walk, CRIT_STACK_BAD_TABLE, "the stack pointer is not known");
	// Only what is a frame pointer by convention can be trusted to be one still.
	if (walk->exact && !walk->range)
		found = just_called(walk);
	else
		found = by_frame_pointer(walk) || (walk->exact && just_called(walk));
	if (found) {
		for (uint8_t i = 0; i < CPU_MAX_REGS; i++)
			walk->regs.known[i] &= i == walk->cpu->sp || i == walk->cpu->fp;
		return true;
	}
	return no_way(walk);
}
