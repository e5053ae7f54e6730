/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* names.h - demangled names, each made once and kept. */
#ifndef CRIT_SYMBOLS_NAMES_H
#define CRIT_SYMBOLS_NAMES_H

#include <stddef.h>

struct name_pair {
	const char *symbol; /* NULL: the slot is free */
	char *name;	    /* NULL: it is not mangled */
};

/** A table by the address of a symbol's text, which is in a string table that stays. */
struct names {
	struct name_pair *slots;
	size_t nr, cap; /* cap: a power of two, or 0 */
};

void names_deinit(struct names *names);
/** A symbol's name as people know it; @p symbol itself if it is not mangled, or memory is out. */
const char *names_get(struct names *names, const char *symbol);

#endif
