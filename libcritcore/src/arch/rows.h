/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rows.h - register rows that come in runs, for the tables of the CPU files.
 *
 * A name is PRE, a number, POST. `first` is arch_reg.off of the first row, `step` how much each
 * next one adds to it.
 */
#ifndef CRIT_ARCH_ROWS_H
#define CRIT_ARCH_ROWS_H

#include "arch/arch.h"

#define ARCH_ROW(name_, bits_, type_, group_, part_, off_)                                        \
	{ name_, bits_, type_, group_, part_, off_ }

#define ARCH_8(pre, n0, n1, n2, n3, n4, n5, n6, n7, post, bits, type, group, part, first, step)   \
	ARCH_ROW(pre #n0 post, bits, type, group, part, first),                                   \
	ARCH_ROW(pre #n1 post, bits, type, group, part, (first) + 1 * (step)),                    \
	ARCH_ROW(pre #n2 post, bits, type, group, part, (first) + 2 * (step)),                    \
	ARCH_ROW(pre #n3 post, bits, type, group, part, (first) + 3 * (step)),                    \
	ARCH_ROW(pre #n4 post, bits, type, group, part, (first) + 4 * (step)),                    \
	ARCH_ROW(pre #n5 post, bits, type, group, part, (first) + 5 * (step)),                    \
	ARCH_ROW(pre #n6 post, bits, type, group, part, (first) + 6 * (step)),                    \
	ARCH_ROW(pre #n7 post, bits, type, group, part, (first) + 7 * (step))

#define ARCH_0_7(pre, post, bits, type, group, part, first, step)                                 \
	ARCH_8(pre, 0, 1, 2, 3, 4, 5, 6, 7, post, bits, type, group, part, first, step)
#define ARCH_8_15(pre, post, bits, type, group, part, first, step)                                \
	ARCH_8(pre, 8, 9, 10, 11, 12, 13, 14, 15, post, bits, type, group, part, first, step)
#define ARCH_0_15(pre, post, bits, type, group, part, first, step)                                \
	ARCH_0_7(pre, post, bits, type, group, part, first, step),                                \
	ARCH_8_15(pre, post, bits, type, group, part, (first) + 8 * (step), step)
#define ARCH_16_31(pre, post, bits, type, group, part, first, step)                               \
	ARCH_8(pre, 16, 17, 18, 19, 20, 21, 22, 23, post, bits, type, group, part, first, step),  \
	ARCH_8(pre, 24, 25, 26, 27, 28, 29, 30, 31, post, bits, type, group, part,                \
	       (first) + 8 * (step), step)
#define ARCH_0_31(pre, post, bits, type, group, part, first, step)                                \
	ARCH_0_15(pre, post, bits, type, group, part, first, step),                               \
	ARCH_16_31(pre, post, bits, type, group, part, (first) + 16 * (step), step)

#define ARCH_FEATURE(name_, types_, regs_, present_)                                              \
	{                                                                                         \
		.name = name_, .types = types_, .regs = regs_,                                    \
		.nr_regs = sizeof(regs_) / sizeof((regs_)[0]), .present = present_                \
	}
#define ARCH_NO_FEATURE { .name = NULL }

#define ARCH_VECTOR_OF(id, elem, count) { id, ARCH_VECTOR, elem, count, NULL }
#define ARCH_UNION_OF(id, fields) { id, ARCH_UNION, NULL, 0, fields }
#define ARCH_FLAGS_OF(id, size, fields) { id, ARCH_FLAGS, NULL, size, fields }
#define ARCH_NO_TYPE { NULL, ARCH_FLAGS, NULL, 0, NULL }
#define ARCH_NO_FIELD { NULL, NULL, 0, 0 }
/* A single bit of a flags type; a member of a union. */
#define ARCH_BIT(name, bit) { name, NULL, bit, bit }
#define ARCH_MEMBER(name, type) { name, type, 0, 0 }

#endif
