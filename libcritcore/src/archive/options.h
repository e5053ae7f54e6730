/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* options.h - how archives are opened. */
#ifndef CRIT_ARCHIVE_OPTIONS_H
#define CRIT_ARCHIVE_OPTIONS_H

#include "util/error.h"

/** All zero is good. */
struct archive_options {
	crit_keep_going_fn keep_going; /* hears of the compressed bytes; may be NULL */
	void *ctx;
	uint64_t limit; /* bytes that an archive may have when unpacked; 0: those that the user set
			   in $CRITCORE_UNPACK_LIMIT, in GiB, else see UNPACK_GIB */
	uint64_t *spent; /* bytes of those that archives before this one took, also those that could
			    not be opened; goes on with this one's. NULL: there were none */
};

enum {
	UNPACK_GIB = 64,       /* the default limit */
	UNPACK_RATIO = 1000,   /* what was packed more tightly than that ... */
	UNPACK_RATIO_GIB = 8,  /* ... may not have more than this, by default */
};

#endif
