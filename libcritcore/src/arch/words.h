/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * words.h - registers that are one or several integers of an image.
 *
 * A register narrower than the integer is its low part; a wider one is several integers in the
 * order in which the CPU has them in memory.
 */
#ifndef CRIT_ARCH_WORDS_H
#define CRIT_ARCH_WORDS_H

#include "arch/arch.h"

/** Integers in a repeated field; reg->off is the index of the first. False if they are not all
 *  there. */
bool words_u64(const uint64_t *words, size_t nr, const struct arch_reg *reg, bool big_endian,
	       uint8_t *out);
bool words_u32(const uint32_t *words, size_t nr, const struct arch_reg *reg, bool big_endian,
	       uint8_t *out);

/** An integer that is a field of its own; reg->off is its offsetof() in the message, which may be
 *  NULL: false. */
bool field_u64(const void *message, const struct arch_reg *reg, bool big_endian, uint8_t *out);
bool field_u32(const void *message, const struct arch_reg *reg, bool big_endian, uint8_t *out);

#endif
