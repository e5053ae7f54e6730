// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * others.c - CPUs whose memory is understood, but not yet their registers: they have no features.
 * One that gets a file of its own leaves this one.
 */
#include "arch/list.h"

static const struct arch_feature no_features[] = { { .name = NULL } };

static bool get_nothing(const Criu__CoreEntry *core, const struct arch_reg *reg, uint8_t *out)
{
	(void)core;
	(void)reg;
	(void)out;
	return false;
}

#define MEMORY_ONLY(symbol, mtype_name, name, word, big)                \
	static bool match_##symbol(const Criu__CoreEntry *core)         \
	{                                                               \
		return core->mtype == CRIU__CORE_ENTRY__MARCH__##mtype_name; \
	}                                                               \
	const struct arch arch_##symbol = {                             \
		.gdb_name = name,                                       \
		.osabi = "GNU/Linux",                                   \
		.word_size = word,                                      \
		.big_endian = big,                                      \
		.page_size = 4096,                                      \
		.features = no_features,                                \
		.match = match_##symbol,                                \
		.get = get_nothing,                                     \
	}

MEMORY_ONLY(aarch64, AARCH64, "aarch64", 8, false);
MEMORY_ONLY(arm, ARM, "arm", 4, false);
MEMORY_ONLY(ppc64, PPC64, "powerpc:common64", 8, false);
MEMORY_ONLY(s390x, S390, "s390:64-bit", 8, true);
MEMORY_ONLY(mips64, MIPS, "mips:isa64r2", 8, false);
MEMORY_ONLY(loongarch64, LOONGARCH64, "loongarch64", 8, false);
MEMORY_ONLY(riscv64, RISCV64, "riscv:rv64", 8, false);
