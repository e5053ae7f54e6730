/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source.h - functions and source lines of an address, by debug information. */
#ifndef CRIT_SYMBOLS_SOURCE_H
#define CRIT_SYMBOLS_SOURCE_H

#include "symbols/object.h"

enum { MAX_CALLS = 64 /* that are inlined into one another */ };

/** One function at an address. Strings are the object's. */
struct source_call {
	const char *function; /* demangled; NULL: not known */
	const char *file;     /* as it was named to the compiler; NULL: not known */
	unsigned int line;    /* 0: not known */
	bool inlined;	      /* into the function of the next one */
	bool has_entry;
	uint64_t entry;	      /* its first file address */
};

/** The functions at a file address, the innermost first: inlined ones, then the one that is there.
 *  @return how many; 0: nothing is known. */
size_t source_calls(struct object *object, uint64_t vaddr, struct source_call out[MAX_CALLS]);

#endif
