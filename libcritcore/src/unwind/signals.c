// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * signals.c - out of a signal handler. The kernel saved the registers of what it interrupted on the
 * stack and made the handler return to a few instructions that ask it to restore them. Where these
 * have no unwind table (those of musl and of programs that bring their own), they are known by
 * sight. See walk.h.
 */
#include <string.h>

#include "unwind/walk.h"

const struct cpu_trampoline *signal_trampoline(const struct walk *walk)
{
	const struct cpu_trampoline *t = walk->cpu->trampolines;
	uint8_t code[16];

	for (; t && t->len; t++)
		if (t->len <= sizeof(code) &&
		    !stack_memory_read(walk->memory, walk->pc - t->back, code, t->len, NULL) &&
		    !memcmp(code, t->code, t->len))
			return t;
	return NULL;
}

bool signal_return(struct walk *walk, const struct cpu_trampoline *trampoline)
{
	uint64_t at = walk->regs.value[walk->cpu->sp] + trampoline->regs;

	memset(walk->regs.known, 0, sizeof(walk->regs.known));
	for (size_t i = 0; i < trampoline->nr_order; i++) {
		uint8_t reg = trampoline->order[i];

		if (reg != CPU_NONE) {
			if (!walk_word(walk, at + i * walk->word_size,
				       "what a signal interrupted", &walk->regs.value[reg]))
				return false;
			walk->regs.known[reg] = true;
		}
	}
	walk->pc = walk->regs.value[walk->cpu->pc];
	walk->exact = true;
	walk->guessed = walk->has_cfa = false;
	return true;
}
