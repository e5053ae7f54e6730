/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hex.h - two digits a byte, the way the remote protocol writes most of its data. */
#ifndef CRIT_TARGET_HEX_H
#define CRIT_TARGET_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

/** The value of a hex digit of either case, -1 for any other byte. */
static inline int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/** Append @p len bytes as 2 * @p len lower-case digits. */
void hex_add(struct buf *out, const void *data, size_t len);

/**
 * Decode @p nr_digits digits.
 *
 * @param out  Receives nr_digits / 2 bytes.
 * @return false, with @p out in any state: an odd number, or not a digit.
 */
bool hex_decode(const uint8_t *digits, size_t nr_digits, uint8_t *out);

#endif
