// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * others.c - CPUs whose memory and thread pointer is understood, but not yet their registers: they
 * have no features. One that gets a file of its own leaves this one.
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

/* The thread pointer where CRIU has a field of its own for it. */
#define TLS_FIELD(symbol, info)                                             \
	static bool thread_pointer_##symbol(const Criu__CoreEntry *core, uint64_t *out) \
	{                                                                   \
		if (!core->info)                                            \
			return false;                                       \
		*out = core->info->tls;                                     \
		return true;                                                \
	}

TLS_FIELD(aarch64, ti_aarch64) // TPIDR_EL0
TLS_FIELD(arm, ti_arm)	       // TPIDRURO
TLS_FIELD(mips64, ti_mips)

/* The others have a general register for it, by their ABIs. */
static bool thread_pointer_ppc64(const Criu__CoreEntry *core, uint64_t *out)
{
	if (!core->ti_ppc64 || core->ti_ppc64->gpregs->n_gpr <= 13)
		return false;
	*out = core->ti_ppc64->gpregs->gpr[13];
	return true;
}

static bool thread_pointer_loongarch64(const Criu__CoreEntry *core, uint64_t *out)
{
	if (!core->ti_loongarch64 || core->ti_loongarch64->gpregs->n_regs <= 2)
		return false;
	*out = core->ti_loongarch64->gpregs->regs[2];
	return true;
}

static bool thread_pointer_riscv64(const Criu__CoreEntry *core, uint64_t *out)
{
	if (!core->ti_riscv64)
		return false;
	*out = core->ti_riscv64->gpregs->tp;
	return true;
}

/* Access registers 0 and 1, the high half first. */
static bool thread_pointer_s390x(const Criu__CoreEntry *core, uint64_t *out)
{
	if (!core->ti_s390 || core->ti_s390->gpregs->n_acrs < 2)
		return false;
	*out = (uint64_t)core->ti_s390->gpregs->acrs[0] << 32 | core->ti_s390->gpregs->acrs[1];
	return true;
}

#define MEMORY_ONLY(symbol, mtype_name, name, word, big, pc_, sp_)      \
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
		.pc = pc_,                                              \
		.sp = sp_,                                              \
		.thread_pointer = thread_pointer_##symbol,              \
	}

MEMORY_ONLY(aarch64, AARCH64, "aarch64", 8, false, "pc", "sp");
MEMORY_ONLY(arm, ARM, "arm", 4, false, "pc", "sp");
MEMORY_ONLY(ppc64, PPC64, "powerpc:common64", 8, false, "pc", "r1");
MEMORY_ONLY(s390x, S390, "s390:64-bit", 8, true, "pswa", "r15");
MEMORY_ONLY(mips64, MIPS, "mips:isa64r2", 8, false, "pc", "r29");
MEMORY_ONLY(loongarch64, LOONGARCH64, "loongarch64", 8, false, "pc", "r3");
MEMORY_ONLY(riscv64, RISCV64, "riscv:rv64", 8, false, "pc", "sp");
