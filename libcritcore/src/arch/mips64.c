// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mips64.c - 64-bit MIPS: thread_info_mips (features org.gnu.gdb.mips.*). The program counter is
 * cp0_epc, where the exception that entered the kernel came from. `restart` (the number of an
 * interrupted system call) and the registers of the DSP extension are in no image.
 */
#include <elf.h>

#include "arch/list.h"
#include "arch/notes.h"
#include "arch/rows.h"
#include "arch/words.h"

enum part {
	GP,   /* off: in Criu__UserMipsRegsEntry */
	FP,   /* off: in Criu__UserMipsFpregsEntry */
	FPC,  /* off: of a uint32_t in the same */
	NONE, /* in no image */
};

#define GPR(name, field)                                                                          \
	ARCH_ROW(name, 64, "int", NULL, GP, offsetof(Criu__UserMipsRegsEntry, field))
#define FPR(n)                                                                                    \
	ARCH_ROW("f" #n, 64, "ieee_double", NULL, FP, offsetof(Criu__UserMipsFpregsEntry, r##n))
#define FPCR(name, field)                                                                         \
	ARCH_ROW(name, 64, "int", "float", FPC, offsetof(Criu__UserMipsFpregsEntry, field))

static const struct arch_reg cpu_regs[] = {
	GPR("r0", r0),	 GPR("r1", r1),	  GPR("r2", r2),   GPR("r3", r3),   GPR("r4", r4),
	GPR("r5", r5),	 GPR("r6", r6),	  GPR("r7", r7),   GPR("r8", r8),   GPR("r9", r9),
	GPR("r10", r10), GPR("r11", r11), GPR("r12", r12), GPR("r13", r13), GPR("r14", r14),
	GPR("r15", r15), GPR("r16", r16), GPR("r17", r17), GPR("r18", r18), GPR("r19", r19),
	GPR("r20", r20), GPR("r21", r21), GPR("r22", r22), GPR("r23", r23), GPR("r24", r24),
	GPR("r25", r25), GPR("r26", r26), GPR("r27", r27), GPR("r28", r28), GPR("r29", r29),
	GPR("r30", r30), GPR("r31", r31), GPR("lo", lo),   GPR("hi", hi),   GPR("pc", cp0_epc),
};

static const struct arch_reg cp0_regs[] = {
	GPR("status", cp0_status),
	GPR("badvaddr", cp0_badvaddr),
	GPR("cause", cp0_cause),
};

static const struct arch_reg fpu_regs[] = {
	FPR(0),	 FPR(1),  FPR(2),  FPR(3),  FPR(4),  FPR(5),  FPR(6),  FPR(7),
	FPR(8),	 FPR(9),  FPR(10), FPR(11), FPR(12), FPR(13), FPR(14), FPR(15),
	FPR(16), FPR(17), FPR(18), FPR(19), FPR(20), FPR(21), FPR(22), FPR(23),
	FPR(24), FPR(25), FPR(26), FPR(27), FPR(28), FPR(29), FPR(30), FPR(31),
	FPCR("fcsr", fpu_fcr31), FPCR("fir", fpu_id),
};

static const struct arch_reg linux_regs[] = {
	ARCH_ROW("restart", 64, "int", "system", NONE, 0),
};

static const struct arch_feature features[] = {
	ARCH_FEATURE("org.gnu.gdb.mips.cpu", NULL, cpu_regs, NULL),
	ARCH_FEATURE("org.gnu.gdb.mips.cp0", NULL, cp0_regs, NULL),
	ARCH_FEATURE("org.gnu.gdb.mips.fpu", NULL, fpu_regs, NULL),
	ARCH_FEATURE("org.gnu.gdb.mips.linux", NULL, linux_regs, NULL),
	ARCH_NO_FEATURE,
};

/* gdb wants its control registers as wide as the others. */
static bool get(const struct arch *arch, const Criu__CoreEntry *core, const struct arch_reg *reg,
		uint8_t *out)
{
	const Criu__ThreadInfoMips *info = core->ti_mips;
	bool big = arch->big_endian;

	if (!info)
		return false;
	switch (reg->part) {
	case GP:
		return field_u64(info->gpregs, reg, big, out);
	case FP:
		return field_u64(info->fpregs, reg, big, out);
	case FPC:
		return field_u32(info->fpregs, reg, big, out);
	default:
		return false;
	}
}

static bool thread_pointer(const Criu__CoreEntry *core, uint64_t *out)
{
	if (!core->ti_mips)
		return false;
	*out = core->ti_mips->tls;
	return true;
}

static bool match(const Criu__CoreEntry *core, bool big_endian)
{
	return core->mtype == CRIU__CORE_ENTRY__MARCH__MIPS && !big_endian;
}

static bool match_be(const Criu__CoreEntry *core, bool big_endian)
{
	return core->mtype == CRIU__CORE_ENTRY__MARCH__MIPS && big_endian;
}

static const struct arch_slot general_slots[] = {
	ARCH_SLOTS("r0", 35, 0, 8), // up to lo, hi, pc
	ARCH_SLOT("badvaddr", 280, 8),
	ARCH_SLOT("status", 288, 8),
	ARCH_SLOT("cause", 296, 8),
	ARCH_NO_SLOT,
};

static const struct arch_slot fp_slots[] = {
	ARCH_SLOTS("f0", 32, 0, 8),
	ARCH_SLOTS("fcsr", 2, 256, 4),
	ARCH_NO_SLOT,
};

static const struct arch_note core_notes[] = {
	{ "CORE", NT_PRSTATUS, 360, general_slots, NULL },
	{ "CORE", NT_PRFPREG, 264, fp_slots, NULL },
	ARCH_NO_NOTE,
};

#define MIPS64(match_, big_endian_)                                                       \
	{                                                                                 \
		.gdb_name = "mips:isa64r2", .osabi = "GNU/Linux", .elf_machine = EM_MIPS, \
		.word_size = 8, .big_endian = big_endian_, .page_size = 4096,             \
		.features = features,                                                     \
		.nr_short = 35, /* up to pc */                                            \
		.pc = "pc", .sp = "r29", .match = match_, .get = get,                     \
		.elf_flags = EF_MIPS_ARCH_64R2 | EF_MIPS_CPIC | EF_MIPS_PIC,              \
		.notes = core_notes, .thread_pointer = thread_pointer,             \
	}

const struct arch arch_mips64 = MIPS64(match, false);
const struct arch arch_mips64_be = MIPS64(match_be, true);
