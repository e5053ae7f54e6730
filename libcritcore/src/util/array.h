/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* array.h - growing a heap array geometrically, with the size arithmetic checked. */
#ifndef CRIT_UTIL_ARRAY_H
#define CRIT_UTIL_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/**
 * Make room for one more element behind @p nr of them.
 *
 * @param items      Address of the array pointer (NULL while empty); freed with free().
 * @param cap        Elements there is room for; updated.
 * @param elem_size  In bytes.
 * @return false when memory is out; the array is then unchanged.
 */
static inline bool array_grow(void *items, size_t nr, size_t *cap, size_t elem_size)
{
	void **slot = items;
	size_t want, bytes;
	void *grown;

	if (nr < *cap)
		return true;
	want = *cap ? *cap * 2 : 16;
	if (want < *cap || __builtin_mul_overflow(want, elem_size, &bytes))
		return false;
	grown = realloc(*slot, bytes);
	if (!grown)
		return false;
	*slot = grown;
	*cap = want;
	return true;
}

#endif
