/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cfi.h - how to get from a frame to its caller, as unwind tables say it for one address. */
#ifndef CRIT_UNWIND_CFI_H
#define CRIT_UNWIND_CFI_H

#include "symbols/object.h"
#include "unwind/registers.h"

/** Where the caller's value of a register is. */
struct cfi_rule {
	enum cfi_kind {
		CFI_SAME,	/* still in the register */
		CFI_AT,		/* in memory at cfa + off */
		CFI_VALUE,	/* cfa + off itself */
		CFI_EXPRESSION, /* as ops say */
	} kind;
	uint8_t reg; /* DWARF's number */
	int64_t off;
	Dwarf_Op *ops;
	size_t nr_ops;
};

/** Registers without a rule have no known value in the caller. */
struct cfi_row {
	bool signal;	  /* a signal interrupted the caller: it goes on at, not behind, its pc */
	bool outermost;	  /* there is no caller */
	uint8_t ra;	  /* the register that the return address is a value of */
	struct cfi_rule cfa; /* kind VALUE: register reg + off; EXPRESSION */
	size_t nr_rules;
	struct cfi_rule rules[];
};

/** The rules at a file address; NULL: no table covers it, it is damaged, or memory is out. */
struct cfi_row *cfi_row_find(struct object *object, const struct cpu *cpu, uint64_t vaddr);
void cfi_row_free(struct cfi_row *row);

#endif
