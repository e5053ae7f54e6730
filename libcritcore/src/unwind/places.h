/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * places.h - what was found out about addresses of code: how to unwind from them, and what they are
 * called. Stacks of many threads go through the same few.
 */
#ifndef CRIT_UNWIND_PLACES_H
#define CRIT_UNWIND_PLACES_H

#include "symbols/source.h"
#include "unwind/cfi.h"

struct place {
	struct object *object; /* NULL: the slot is free */
	uint64_t vaddr;	       /* a file address */
	bool asked_row, asked_names;
	struct cfi_row *row;   /* NULL: no table covers it */
	const struct symbol *symbol; /* NULL: not known */
	struct source_call *calls;   /* by debug information, the innermost first; NULL: none */
	size_t nr_calls;
};

struct places {
	struct place *slots;
	size_t nr, cap; /* cap: a power of two, or 0 */
};

void places_deinit(struct places *places);
/** The place of an address; borrowed until the next call. NULL when memory is out. */
struct place *places_get(struct places *places, struct object *object, uint64_t vaddr);
/** As cfi_row_find(). */
const struct cfi_row *place_row(struct place *place, const struct cpu *cpu);
/** Fill symbol and calls. */
void place_names(struct place *place);

#endif
