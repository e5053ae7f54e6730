/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* endian.h - integers in an explicit byte order, from and to unaligned bytes. */
#ifndef CRIT_UTIL_ENDIAN_H
#define CRIT_UTIL_ENDIAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The unsigned integer in the first @p size (1 to 8) bytes of @p p. */
static inline uint64_t endian_get(const void *p, size_t size, bool big_endian)
{
	const uint8_t *b = p;
	uint64_t v = 0;

	for (size_t i = 0; i < size; i++)
		v = v << 8 | b[big_endian ? i : size - 1 - i];
	return v;
}

/** Store the low @p size (1 to 8) bytes of @p v. */
static inline void endian_put(void *p, size_t size, bool big_endian, uint64_t v)
{
	uint8_t *b = p;

	for (size_t i = 0; i < size; i++, v >>= 8)
		b[big_endian ? size - 1 - i : i] = (uint8_t)v;
}

#endif
