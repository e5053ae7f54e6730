/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * names.h - names for numbers and for bits, that CRIT's --pretty prints: the tables that the
 * (criu).flags and (criu).dict options mention. A new table is a row here and a word in proto/.
 */
#ifndef CRIT_IMAGE_NAMES_H
#define CRIT_IMAGE_NAMES_H

#include "image/schema.h"

struct name {
	uint32_t value; /* a number, or the bits that must not be all zero */
	uint8_t len;
	const char *name;
};

struct names {
	const struct name *rows; /* in the order they are printed */
	size_t nr_rows;		 /* 0: no such table; the number is shown in hex */
};

const struct names *names_of(enum schema_names table);

/** @return false: the table has no such name. */
bool names_find_value(enum schema_names table, const char *name, size_t len, uint32_t *value);

#endif
