/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lookup.h - where symbols of a mapped file are in a process's memory, by name. */
#ifndef CRIT_SYMBOLS_LOOKUP_H
#define CRIT_SYMBOLS_LOOKUP_H

#include "checkpoint/debug.h"

struct symbol_wanted {
	const char *name;
	bool found;
	uint64_t vaddr; /* of the symbol, in the process */
};

/**
 * Look in a file's dynamic and full symbol tables for the names that were not found yet.
 *
 * @param file  A mapped file of the loaded task. One that is not here, or is not the process's,
 *              has no symbols.
 */
void symbols_find(struct crit_task *task, const struct crit_file *file,
		  struct symbol_wanted *wanted, size_t nr_wanted);

#endif
