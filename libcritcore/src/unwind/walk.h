/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * walk.h - from a frame to its caller.
 *
 *	walk.c	  the order in which ways are tried, and when a stack ends
 *	apply.c	  the way of unwind tables (cfi.c)
 *	signals.c the way of what the kernel saved for a signal handler, where no table tells
 *	guess.c	  the way of frame pointers, where nothing else is known
 */
#ifndef CRIT_UNWIND_WALK_H
#define CRIT_UNWIND_WALK_H

#include "symbols/objects.h"
#include "unwind/places.h"
#include "unwind/registers.h"

struct walk {
	const struct cpu *cpu;
	const struct code_map *code;
	struct places *places;
	struct stack_memory *memory;
	uint8_t word_size;
	bool big_endian;

	/* The frame that the walk is at. */
	struct frame_regs regs;
	uint64_t pc;
	bool exact;   /* pc is where it goes on: the newest frame, or one that a signal interrupted.
			 Else it is behind a call, perhaps the last instruction of a function */
	bool guessed; /* found without a table */
	bool signal;  /* it is not a function's, but what the kernel made to call a handler */
	const struct code_range *range; /* that holds pc; NULL: none */

	/* Of the frame before. */
	bool has_cfa;
	uint64_t cfa;

	enum crit_stack_end end; /* why there is no next frame */
	struct crit_error why;
};

/** @return as thread_regs(); CRIT_UNSUPPORTED: its CPU is not known here; CRIT_NOT_DUMPED: the
 *          image does not have its pc. */
enum crit_status walk_start(struct walk *walk, struct crit_thread *thread, struct crit_error *err);
/** Go to the caller; false: the stack ends, as walk->end and walk->why say. */
bool walk_next(struct walk *walk);
/** The address to look things up by: of the call, not behind it. */
uint64_t walk_lookup_pc(const struct walk *walk);

/** Set end and why, for `return walk_end(...)`. @return false. */
bool walk_end(struct walk *walk, enum crit_stack_end end, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** A word of memory; on failure the walk is over, and why says what was wanted. */
bool walk_word(struct walk *walk, uint64_t vaddr, const char *what, uint64_t *out);
/** A return address without what is not part of it. */
uint64_t walk_address(const struct walk *walk, uint64_t pc);
/** Is it an address that code may return to? */
bool walk_is_code(const struct walk *walk, uint64_t pc);

/* Each of them changes regs, pc, exact, signal and guessed to the caller's on success. */
bool apply_row(struct walk *walk, const struct cfi_row *row, uint64_t bias);
/** The trampoline at pc, NULL: there is none. */
const struct cpu_trampoline *signal_trampoline(const struct walk *walk);
bool signal_return(struct walk *walk, const struct cpu_trampoline *trampoline);
bool guess_caller(struct walk *walk);

#endif
