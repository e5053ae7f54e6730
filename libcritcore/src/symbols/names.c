// SPDX-License-Identifier: LGPL-2.1-or-later
/* names.c - a hash table from symbols to what demangle() makes of them. See names.h. */
#include "symbols/names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/demangle.h"

enum { FIRST_CAP = 256 };

void names_deinit(struct names *names)
{
	for (size_t i = 0; i < names->cap; i++)
		free(names->slots[i].name);
	free(names->slots);
	memset(names, 0, sizeof(*names));
}

static struct name_pair *find_slot(const struct names *names, const char *symbol)
{
	size_t i = (size_t)((uintptr_t)symbol * 0x9e3779b97f4a7c15ULL >> 32) & (names->cap - 1);

	while (names->slots[i].symbol && names->slots[i].symbol != symbol)
		i = (i + 1) & (names->cap - 1);
	return &names->slots[i];
}

static int grow(struct names *names)
{
	struct names more = { .cap = names->cap ? names->cap * 2 : FIRST_CAP, .nr = names->nr };

	more.slots = calloc(more.cap, sizeof(more.slots[0]));
	if (!more.slots)
		return 0;
	for (size_t i = 0; i < names->cap; i++)
		if (names->slots[i].symbol)
			*find_slot(&more, names->slots[i].symbol) = names->slots[i];
	free(names->slots);
	*names = more;
	return 1;
}

const char *names_get(struct names *names, const char *symbol)
{
	struct name_pair *pair;

	if (symbol[0] != '_')
		return symbol;
	if (names->nr * 2 >= names->cap && !grow(names))
		return symbol;
	pair = find_slot(names, symbol);
	if (!pair->symbol) {
		*pair = (struct name_pair){ symbol, demangle(symbol) };
		names->nr++;
	}
	return pair->name ? pair->name : symbol;
}
