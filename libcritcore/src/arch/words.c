// SPDX-License-Identifier: LGPL-2.1-or-later
/* words.c - see words.h. */
#include "arch/words.h"

#include <string.h>

#include "util/endian.h"

/** As many words as the register has room for, but one at least. */
static size_t words_of(const struct arch_reg *reg, size_t word_bits)
{
	return reg->bits > word_bits ? reg->bits / word_bits : 1;
}

bool words_u64(const uint64_t *words, size_t nr, const struct arch_reg *reg, bool big_endian,
	       uint8_t *out)
{
	size_t wanted = words_of(reg, 64), size = reg->bits / 8 / wanted;

	if (reg->off > nr || wanted > nr - reg->off)
		return false;
	for (size_t i = 0; i < wanted; i++)
		endian_put(out + i * size, size, big_endian, words[reg->off + i]);
	return true;
}

bool words_u32(const uint32_t *words, size_t nr, const struct arch_reg *reg, bool big_endian,
	       uint8_t *out)
{
	size_t wanted = words_of(reg, 32), size = reg->bits / 8 / wanted;

	if (reg->off > nr || wanted > nr - reg->off)
		return false;
	for (size_t i = 0; i < wanted; i++)
		endian_put(out + i * size, size, big_endian, words[reg->off + i]);
	return true;
}

bool field_u64(const void *message, const struct arch_reg *reg, bool big_endian, uint8_t *out)
{
	uint64_t value;

	if (!message)
		return false;
	memcpy(&value, (const uint8_t *)message + reg->off, sizeof(value));
	endian_put(out, reg->bits / 8, big_endian, value);
	return true;
}

bool field_u32(const void *message, const struct arch_reg *reg, bool big_endian, uint8_t *out)
{
	uint32_t value;

	if (!message)
		return false;
	memcpy(&value, (const uint8_t *)message + reg->off, sizeof(value));
	endian_put(out, reg->bits / 8, big_endian, value);
	return true;
}
