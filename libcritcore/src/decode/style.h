/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * style.h - numbers as --pretty shows them; encode/style.h reads them back.
 */
#ifndef CRIT_DECODE_STYLE_H
#define CRIT_DECODE_STYLE_H

#include "image/schema.h"
#include "json/text.h"

/**
 * Write a number in the style of its field.
 *
 * @param value     As a two's complement number of 64 bits.
 * @param negative  It is one of a signed type and below zero.
 * @param hex       A message around the field wants hex; it wins.
 */
void style_write(struct text *t, const struct schema_field *f, uint64_t value, bool negative,
		 bool hex);

/**
 * Write an address as text.
 *
 * @param words       One word: IPv4; four: IPv6.
 * @param big_endian  Words were stored by such a machine: in memory they are in network order.
 */
void style_write_ip(struct text *t, const uint32_t *words, unsigned nr, bool big_endian);

#endif
