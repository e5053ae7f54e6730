// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cfi.c - unwind tables: .eh_frame, which is part of every program, or .debug_frame. libdw finds
 * the place (by the binary search table where there is one) and runs the table's program; what it
 * says of each register is kept here, so that an address that comes again costs nothing.
 */
#include "unwind/cfi.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

static bool copy_ops(struct cfi_rule *rule, const Dwarf_Op *ops, size_t nr)
{
	rule->kind = CFI_EXPRESSION;
	rule->ops = malloc(nr * sizeof(*ops));
	if (!rule->ops)
		return false;
	memcpy(rule->ops, ops, nr * sizeof(*ops));
	rule->nr_ops = nr;
	return true;
}

static bool make_cfa(Dwarf_Frame *frame, struct cfi_rule *cfa)
{
	Dwarf_Op *ops;
	size_t nr;

	if (dwarf_frame_cfa(frame, &ops, &nr) || !nr)
		return false;
	if (nr > 1 || (ops[0].atom != DW_OP_bregx &&
		       (ops[0].atom < DW_OP_breg0 || ops[0].atom > DW_OP_breg31)))
		return copy_ops(cfa, ops, nr);
	cfa->kind = CFI_VALUE;
	cfa->reg = (uint8_t)(ops[0].atom - DW_OP_breg0);
	cfa->off = (int64_t)ops[0].number;
	if (ops[0].atom == DW_OP_bregx) {
		cfa->reg = (uint8_t)ops[0].number;
		cfa->off = (int64_t)ops[0].number2;
	}
	return ops[0].atom != DW_OP_bregx || ops[0].number < CPU_MAX_REGS;
}

/** Most rules are DW_OP_call_frame_cfa, maybe with something added, maybe as a value. */
static bool make_rule(const Dwarf_Op *ops, size_t nr, struct cfi_rule *rule)
{
	bool value = nr && ops[nr - 1].atom == DW_OP_stack_value;
	size_t parts = nr - value;

	if (!parts || ops[0].atom != DW_OP_call_frame_cfa || parts > 2 ||
	    (parts == 2 && ops[1].atom != DW_OP_plus_uconst))
		return copy_ops(rule, ops, nr);
	rule->kind = value ? CFI_VALUE : CFI_AT;
	rule->off = parts == 2 ? (int64_t)ops[1].number : 0;
	return true;
}

/** @return false: the table is damaged, or memory is out. */
static bool add_register(Dwarf_Frame *frame, const struct cpu *cpu, uint8_t reg,
			 struct cfi_row *row)
{
	struct cfi_rule *rule = &row->rules[row->nr_rules];
	Dwarf_Op memory[3], *ops;
	size_t nr;

	if (dwarf_frame_register(frame, reg, memory, &ops, &nr))
		return false;
	*rule = (struct cfi_rule){ .reg = reg };
	if (nr) {
		if (!make_rule(ops, nr, rule))
			return false;
	} else if (ops) { // undefined, or no rule where the ABI has none either
		row->outermost |= reg == row->ra;
		if (reg >= 64 || !(cpu->callee_saved >> reg & 1) || reg == row->ra)
			return true;
	}
	row->nr_rules++;
	return true;
}

static struct cfi_row *make_row(Dwarf_Frame *frame, const struct cpu *cpu)
{
	struct cfi_row *row = calloc(1, sizeof(*row) + CPU_MAX_REGS * sizeof(row->rules[0]));
	struct cfi_row *shrunk;
	bool good = row != NULL;
	int ra = row ? dwarf_frame_info(frame, NULL, NULL, &row->signal) : -1;

	if (ra < 0 || ra >= CPU_MAX_REGS || !make_cfa(frame, &row->cfa)) {
		cfi_row_free(row);
		return NULL;
	}
	row->ra = (uint8_t)ra;
	for (uint8_t reg = 0; reg < CPU_MAX_REGS && good; reg++)
		if ((reg < cpu->nr_regs && cpu->names[reg] && reg != cpu->pc) || reg == row->ra)
			good = add_register(frame, cpu, reg, row);
	if (!good) {
		cfi_row_free(row);
		return NULL;
	}
	shrunk = realloc(row, sizeof(*row) + row->nr_rules * sizeof(row->rules[0]));
	return shrunk ? shrunk : row;
}

static struct cfi_row *find_in(Dwarf_CFI *table, const struct cpu *cpu, uint64_t vaddr)
{
	struct cfi_row *row;
	Dwarf_Frame *frame;

	if (!table || dwarf_cfi_addrframe(table, vaddr, &frame))
		return NULL;
	row = make_row(frame, cpu);
	free(frame);
	return row;
}

struct cfi_row *cfi_row_find(struct object *object, const struct cpu *cpu, uint64_t vaddr)
{
	struct cfi_row *row = find_in(object_eh(object), cpu, vaddr);

	return row ? row : find_in(object_debug_frames(object), cpu, vaddr);
}

void cfi_row_free(struct cfi_row *row)
{
	if (!row)
		return;
	free(row->cfa.ops);
	for (size_t i = 0; i < row->nr_rules; i++)
		free(row->rules[i].ops);
	free(row);
}
