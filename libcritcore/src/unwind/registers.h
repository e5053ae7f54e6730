/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* registers.h - the registers of one frame of a stack, and working with them as DWARF says. */
#ifndef CRIT_UNWIND_REGISTERS_H
#define CRIT_UNWIND_REGISTERS_H

#include <elfutils/libdw.h>

#include "arch/arch.h"
#include "unwind/cpu.h"
#include "unwind/stack_memory.h"

struct frame_regs {
	uint64_t value[CPU_MAX_REGS];
	bool known[CPU_MAX_REGS];
};

/** What DWARF's expressions are about. */
struct expr_context {
	const struct frame_regs *regs;
	struct stack_memory *memory;
	uint8_t word_size;
	bool big_endian;
	bool has_cfa;
	uint64_t cfa; /* canonical frame address: the caller's stack pointer */
	uint64_t bias; /* what DW_OP_addr lacks */
};

/** The registers of a thread. @return as thread_regs(). */
enum crit_status frame_regs_of_thread(struct crit_thread *thread, const struct cpu *cpu,
				      struct frame_regs *out, struct crit_error *err);
/** A word of memory. */
enum crit_status expr_word(const struct expr_context *in, uint64_t vaddr, uint64_t *out,
			   struct crit_error *err);
/**
 * Evaluate an expression; bounded in time.
 * @param location  [out] The result is where a value is, not the value itself. May be NULL.
 * @return CRIT_OK; CRIT_CORRUPT: it makes no sense; CRIT_NOT_FOUND: a register is not known; or as
 *         crit_mem_read().
 */
enum crit_status expr_evaluate(const struct expr_context *in, const Dwarf_Op *ops, size_t nr,
			       uint64_t *out, bool *location, struct crit_error *err);

#endif
