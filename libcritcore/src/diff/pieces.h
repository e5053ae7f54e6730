/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pieces.h - which memory of one process is which of the other: a list of pieces, each inside one
 * mapping of either side.
 *
 *	old   | libc.so      |  [heap]   |      | stack |
 *	new   | libc.so      |  [heap]       |          | stack |
 *	      | both         | both  | n |   | both: moved      |
 */
#ifndef CRIT_DIFF_PIECES_H
#define CRIT_DIFF_PIECES_H

#include "diff/diff.h"

enum { NO_MAPPING = -1 };

struct piece {
	uint64_t start[2], len; /* addresses in both sides, as far as it is there */
	bool has[2];
	int mapping[2]; /* index in each side, or NO_MAPPING: not there, or of a pre-dump */
};

struct pieces {
	struct piece *list; /* by address: the new one, else the old one */
	size_t nr, cap;
	bool *met[2];  /* mappings that are partly in both */
	bool *moved[2]; /* mappings that are elsewhere in the other */
	bool failed;   /* memory is out */
};

/** Find them. @param rerun  The two are different runs of one program: mappings without a name may
 *  also have moved. Release with pieces_deinit(). @return false: out of memory. */
bool pieces_make(struct diff *d, bool rerun, struct pieces *out);
void pieces_deinit(struct pieces *p);

/** Tell of mappings that were added, are gone, have moved, grown or another protection. */
void pieces_tell(struct diff *d, const struct pieces *p);

#endif
