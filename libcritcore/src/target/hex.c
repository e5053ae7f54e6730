// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Hex encoding and decoding. Memory replies of older clients pass through hex_add(), so it reserves
 * once and writes without further checks.
 */
#include "target/hex.h"

void hex_add(struct buf *out, const void *data, size_t len)
{
	static const char digits[16] = "0123456789abcdef";
	const uint8_t *in = data;

	if (len > SIZE_MAX / 2 || !buf_reserve(out, 2 * len))
		return;
	uint8_t *p = out->data + out->len;
	for (size_t i = 0; i < len; i++) {
		*p++ = (uint8_t)digits[in[i] >> 4];
		*p++ = (uint8_t)digits[in[i] & 15];
	}
	out->len += 2 * len;
}

bool hex_decode(const uint8_t *digits, size_t nr_digits, uint8_t *out)
{
	if (nr_digits % 2)
		return false;
	for (size_t i = 0; i < nr_digits; i += 2) {
		int high = hex_digit(digits[i]), low = hex_digit(digits[i + 1]);

		if (high < 0 || low < 0)
			return false;
		*out++ = (uint8_t)(high << 4 | low);
	}
	return true;
}
