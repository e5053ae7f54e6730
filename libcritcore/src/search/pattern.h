/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pattern.h - what to look for, understood. Does not change once it is made. */
#ifndef CRIT_SEARCH_PATTERN_H
#define CRIT_SEARCH_PATTERN_H

#include "search/needle.h"
#include "search/regex.h"

struct crit_pattern {
	struct needle needle; /* unused when there is a regex */
	struct regex *regex;  /* NULL: it is a needle */
	bool fits_zeros;      /* a match may lie in memory that was never written */
	size_t keep;	      /* bytes before a place that matter for a match there */
	size_t longest;	      /* bytes that a match has at most */
};

#endif
