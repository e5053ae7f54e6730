// SPDX-License-Identifier: LGPL-2.1-or-later
/* schema.c - see schema.h. Messages have few fields: they are looked up in order. */
#include "image/schema.h"

const struct schema_field *schema_field_find(const struct schema_message *m, uint32_t number)
{
	for (size_t i = 0; i < m->nr_fields && m->fields[i].number <= number; i++)
		if (m->fields[i].number == number)
			return &m->fields[i];
	return NULL;
}

const struct schema_value *schema_enum_find(const struct schema_enum *e, int64_t number)
{
	for (size_t i = 0; i < e->nr_values; i++)
		if (e->values[i].number == number)
			return &e->values[i];
	return NULL;
}
