/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* range.h - looking up in arrays of ranges [start, end), sorted and not overlapping. */
#ifndef CRIT_UTIL_RANGE_H
#define CRIT_UTIL_RANGE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline size_t range_find_by_end(const void *items, size_t nr, size_t item_size,
				       size_t end_off, uint64_t at)
{
	size_t low = 0, high = nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		uint64_t end;

		memcpy(&end, (const char *)items + mid * item_size + end_off, sizeof(end));
		if (end > at)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/** The first of @p nr @p items whose uint64_t @p end_field is beyond @p at: the one that holds it
 *  or, failing that, the next one; nr if there is none. */
#define RANGE_FIND(items, nr, end_field, at)                                                      \
	range_find_by_end(items, nr, sizeof(*(items)),                                            \
			  offsetof(__typeof__(*(items)), end_field), at)

#endif
