// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * arm.c - 32-bit ARM: thread_info_arm (features org.gnu.gdb.arm.*).
 *
 * CRIU always stores 32 double registers; on a CPU that has 16 of them the kernel put zeros where
 * there was nothing, so the process's AT_HWCAP decides which of them there are.
 */
#include <elf.h>

#include "arch/list.h"
#include "arch/notes.h"
#include "arch/rows.h"
#include "arch/words.h"
#include "util/endian.h"

enum part {
	GP,  /* off: in Criu__UserArmRegsEntry */
	D,   /* vfp_regs; off: index */
	FP,  /* off: in Criu__UserArmVfpstateEntry */
	TLS,
};

enum {
	HWCAP_VFP = 1u << 6,
	HWCAP_NEON = 1u << 12,
	HWCAP_VFPD32 = 1u << 19,
};

#define GPR(name, field, type)                                                                    \
	ARCH_ROW(name, 32, type, NULL, GP, offsetof(Criu__UserArmRegsEntry, field))

static const struct arch_reg core_regs[] = {
	GPR("r0", r0, "uint32"),   GPR("r1", r1, "uint32"),   GPR("r2", r2, "uint32"),
	GPR("r3", r3, "uint32"),   GPR("r4", r4, "uint32"),   GPR("r5", r5, "uint32"),
	GPR("r6", r6, "uint32"),   GPR("r7", r7, "uint32"),   GPR("r8", r8, "uint32"),
	GPR("r9", r9, "uint32"),   GPR("r10", r10, "uint32"), GPR("r11", fp, "uint32"),
	GPR("r12", ip, "uint32"),  GPR("sp", sp, "data_ptr"), GPR("lr", lr, "int"),
	GPR("pc", pc, "code_ptr"), GPR("cpsr", cpsr, "int"),
};

static const struct arch_reg vfp_regs[] = {
	ARCH_0_31("d", "", 64, "ieee_double", NULL, D, 0, 1),
	ARCH_ROW("fpscr", 32, "int", "float", FP, offsetof(Criu__UserArmVfpstateEntry, fpscr)),
};

static const struct arch_reg tls_regs[] = {
	ARCH_ROW("tpidruro", 32, "data_ptr", NULL, TLS, 0),
};

static const struct arch_feature features[] = {
	ARCH_FEATURE("org.gnu.gdb.arm.core", NULL, core_regs, NULL),
	ARCH_FEATURE("org.gnu.gdb.arm.vfp", NULL, vfp_regs, NULL),
	// Has no registers of its own: gdb makes q0 to q15 of the others.
	{ .name = "org.gnu.gdb.arm.neon" },
	ARCH_FEATURE("org.gnu.gdb.arm.tls", NULL, tls_regs, NULL),
	ARCH_NO_FEATURE,
};

static bool get(const struct arch *arch, const Criu__CoreEntry *core, const struct arch_reg *reg,
		uint8_t *out)
{
	const Criu__ThreadInfoArm *info = core->ti_arm;
	bool big = arch->big_endian;

	if (!info)
		return false;
	switch (reg->part) {
	case GP:
		return field_u32(info->gpregs, reg, big, out);
	case D:
		return words_u64(info->fpstate->vfp_regs, info->fpstate->n_vfp_regs, reg, big,
				 out);
	case FP:
		return field_u32(info->fpstate, reg, big, out);
	case TLS:
		endian_put(out, 4, big, info->tls);
		return true;
	default:
		return false;
	}
}

static void settle(const struct arch *arch, const struct arch_space *space,
		   const struct arch_reg *reg, uint8_t *bytes, bool *known)
{
	(void)arch;
	(void)bytes;
	if (!space->has_hwcap || (reg->part != D && reg->part != FP))
		return;
	if (!(space->hwcap & HWCAP_VFP))
		*known = false;
	else if (reg->part == D && reg->off >= 16 &&
		 !(space->hwcap & (HWCAP_VFPD32 | HWCAP_NEON)))
		*known = false;
}

static bool thread_pointer(const Criu__CoreEntry *core, uint64_t *out)
{
	if (!core->ti_arm)
		return false;
	*out = core->ti_arm->tls;
	return true;
}

static bool match(const Criu__CoreEntry *core, bool big_endian)
{
	return core->mtype == CRIU__CORE_ENTRY__MARCH__ARM && !big_endian;
}

static bool match_be(const Criu__CoreEntry *core, bool big_endian)
{
	return core->mtype == CRIU__CORE_ENTRY__MARCH__ARM && big_endian;
}

static const struct arch_slot general_slots[] = {
	ARCH_SLOTS("r0", 17, 0, 4), // up to pc and cpsr
	ARCH_NO_SLOT,
};

static const struct arch_slot vfp_slots[] = {
	ARCH_SLOTS("d0", 16, 0, 8),
	ARCH_SLOTS("d16", 16, 128, 8), // not on every CPU
	ARCH_SLOT("fpscr", 256, 4),
	ARCH_NO_SLOT,
};

static const struct arch_slot tls_slots[] = { ARCH_SLOT("tpidruro", 0, 4), ARCH_NO_SLOT };

enum { ORIG_R0_AT = 17 * 4 };

static bool fill_orig_r0(const struct arch *arch, const Criu__CoreEntry *core, uint8_t *desc,
			 size_t *len)
{
	(void)len;
	if (core->ti_arm)
		endian_put(desc + ORIG_R0_AT, 4, arch->big_endian,
			   core->ti_arm->gpregs->orig_r0);
	return core->ti_arm;
}

static const struct arch_note core_notes[] = {
	{ "CORE", NT_PRSTATUS, 72, general_slots, fill_orig_r0 },
	{ "LINUX", NT_ARM_VFP, 260, vfp_slots, NULL },
	{ "LINUX", NT_ARM_TLS, 4, tls_slots, NULL },
	ARCH_NO_NOTE,
};

#define ARM(match_, big_endian_)                                                          \
	{                                                                                 \
		.gdb_name = "arm", .osabi = "GNU/Linux", .elf_machine = EM_ARM,           \
		.word_size = 4, .big_endian = big_endian_, .page_size = 4096,             \
		.features = features,                                                     \
		.nr_short = 17, /* up to cpsr */                                          \
		.pc = "pc", .sp = "sp", .match = match_, .get = get, .settle = settle,    \
		.elf_flags = EF_ARM_EABI_VER5, .short_ids = true,                         \
		.notes = core_notes, .thread_pointer = thread_pointer,                \
	}

const struct arch arch_arm = ARM(match, false);
const struct arch arch_arm_be = ARM(match_be, true);
