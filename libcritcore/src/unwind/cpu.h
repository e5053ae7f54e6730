/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpu.h - what unwinding has to know of a CPU: DWARF's numbers of its registers, the chain of frame
 * pointers, and what a signal leaves on the stack. To add one: a row in cpu.c.
 */
#ifndef CRIT_UNWIND_CPU_H
#define CRIT_UNWIND_CPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CPU_MAX_REGS = 72, /* DWARF's numbers */
	CPU_NONE = 0xff,
};

/** Instructions that the kernel or libc put where a signal handler returns to. */
struct cpu_trampoline {
	const uint8_t *code;
	size_t len;	 /* in bytes; 0 ends the list */
	size_t back;	 /* of them are before the address */
	uint16_t regs;	 /* from sp to the registers that the kernel saved */
	const uint8_t *order; /* DWARF's numbers, as they lie there; CPU_NONE: another thing */
	uint8_t nr_order;
};

struct cpu {
	const char *name;	  /* arch.gdb_name */
	const char *const *names; /* gdb's names by DWARF's numbers; NULL: not used */
	uint8_t nr_regs;
	uint8_t pc, sp, fp;	  /* numbers; pc: of the column that an address goes to */
	uint8_t link;		  /* has the return address of a function without frame; or NONE */
	bool pushes_return;	  /* a call writes the return address to the stack */
	bool frame_records;	  /* fp points to a saved fp with the return address behind it */
	uint64_t callee_saved;	  /* of the first 64, kept where no rule says otherwise */
	const struct cpu_trampoline *trampolines; /* NULL: none */
	uint64_t address;	  /* bits of an address; others are a signature, or which
				     instructions there are. 0: all are */
	const char *libdw;	  /* the first elfutils that unwinds it; NULL: long ago */
};

/** NULL: stacks of this CPU are not walked. */
const struct cpu *cpu_find(const char *gdb_name);

#endif
