/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* find.h - how matches of `critcore find` are shown. */
#ifndef CRIT_CLI_FIND_H
#define CRIT_CLI_FIND_H

#include "cli.h"

struct find_style {
	bool json;	  /* one object a line */
	bool as_text;	  /* the bytes of a match as text, escaped; else in hex */
	bool colour;	  /* as grep has it */
	uint64_t context; /* bytes before and behind a match that are shown, too */
};

/** Print one match to standard output. */
void find_print(const struct find_style *style, const struct crit_match *match);

#endif
