// SPDX-License-Identifier: LGPL-2.1-or-later
/* names.c - words for numbers. */
#include <stdio.h>

#include "image/names.h"
#include "stats/write.h"

static const char *name_of(enum schema_names table, uint32_t number, char buf[NAME_LEN])
{
	const struct names *names = names_of(table);

	for (size_t i = 0; i < names->nr_rows; i++)
		if (names->rows[i].value == number)
			return names->rows[i].name;
	snprintf(buf, NAME_LEN, "%u", number);
	return buf;
}

const char *family_name(uint32_t family, char buf[NAME_LEN])
{
	return name_of(NAMES_SK_FAMILY, family, buf);
}

const char *socket_type_name(uint32_t type, char buf[NAME_LEN])
{
	return name_of(NAMES_SK_TYPE, type, buf);
}

const char *image_count_name(const struct crit_image_count *images)
{
	return images->kind ? images->kind : "other files";
}
