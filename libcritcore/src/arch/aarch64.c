// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * aarch64.c - 64-bit ARM: thread_info_aarch64 (features org.gnu.gdb.aarch64.*).
 *
 * CRIU stores the first 128 bits of the vector registers and no more: those of SVE and SME are in
 * no image, so there are v0 to v31 here and no z0. The keys of pointer authentication are stored,
 * but they are no registers of a debugger's; what gdb wants to know is which bits of a signed
 * return address are the signature. The kernel's answer (PTRACE_GETREGSET) is not stored. It is
 * derived: all bits above those that addresses of this process have, up to bit 54. Bit 55 chooses
 * between the two halves of the address space, and the top byte is free for tags. A kernel with
 * 52-bit addresses says less than that for a process that has no mapping above 2^48, but the bits
 * in question are zero in each of its addresses.
 */
#include <elf.h>

#include "arch/list.h"
#include "arch/notes.h"
#include "arch/rows.h"
#include "arch/words.h"
#include "util/endian.h"

enum part {
	X,     /* regs; off: index */
	GP,    /* off: in Criu__UserAarch64RegsEntry */
	V,     /* vregs; off: index of the low half */
	FP,    /* off: in Criu__UserAarch64FpsimdContextEntry */
	TPIDR,
	MASK,  /* derived */
	GCS,   /* off: in Criu__UserAarch64GcsEntry */
	NONE,  /* in no image */
};

/* Note types that older headers lack. */
enum { NOTE_PAC_MASK = 0x406, NOTE_GCS = 0x410 };

enum {
	SIGNATURE_TOP = 54, /* highest bit of a signature */
	HWCAP_PACA = 1u << 30,
	HWCAP_PACG = 1u << 31,
};

#define GPR(name, field, bits, type)                                                              \
	ARCH_ROW(name, bits, type, NULL, GP, offsetof(Criu__UserAarch64RegsEntry, field))
#define FPR(name, field, type)                                                                    \
	ARCH_ROW(name, 32, type, NULL, FP,                                                        \
		 offsetof(Criu__UserAarch64FpsimdContextEntry, field))

static const struct arch_field cpsr_fields[] = {
	ARCH_BIT("SP", 0),    { "EL", NULL, 2, 3 },	ARCH_BIT("nRW", 4),  ARCH_BIT("F", 6),
	ARCH_BIT("I", 7),     ARCH_BIT("A", 8),		ARCH_BIT("D", 9),
	{ "BTYPE", NULL, 10, 11 }, ARCH_BIT("SSBS", 12), ARCH_BIT("IL", 20),  ARCH_BIT("SS", 21),
	ARCH_BIT("PAN", 22),  ARCH_BIT("UAO", 23),	ARCH_BIT("DIT", 24), ARCH_BIT("TCO", 25),
	ARCH_BIT("V", 28),    ARCH_BIT("C", 29),	ARCH_BIT("Z", 30),   ARCH_BIT("N", 31),
	ARCH_NO_FIELD,
};

static const struct arch_type core_types[] = {
	ARCH_FLAGS_OF("cpsr_flags", 4, cpsr_fields),
	ARCH_NO_TYPE,
};

static const struct arch_reg core_regs[] = {
	ARCH_0_15("x", "", 64, "int", NULL, X, 0, 1),
	ARCH_8("x", 16, 17, 18, 19, 20, 21, 22, 23, "", 64, "int", NULL, X, 16, 1),
	ARCH_ROW("x24", 64, "int", NULL, X, 24),
	ARCH_ROW("x25", 64, "int", NULL, X, 25),
	ARCH_ROW("x26", 64, "int", NULL, X, 26),
	ARCH_ROW("x27", 64, "int", NULL, X, 27),
	ARCH_ROW("x28", 64, "int", NULL, X, 28),
	ARCH_ROW("x29", 64, "int", NULL, X, 29),
	ARCH_ROW("x30", 64, "int", NULL, X, 30),
	GPR("sp", sp, 64, "data_ptr"),
	GPR("pc", pc, 64, "code_ptr"),
	GPR("cpsr", pstate, 32, "cpsr_flags"),
};

static const struct arch_field vnd[] = { ARCH_MEMBER("f", "v2d"), ARCH_MEMBER("u", "v2u"),
					 ARCH_MEMBER("s", "v2i"), ARCH_NO_FIELD };
static const struct arch_field vns[] = { ARCH_MEMBER("f", "v4f"), ARCH_MEMBER("u", "v4u"),
					 ARCH_MEMBER("s", "v4i"), ARCH_NO_FIELD };
static const struct arch_field vnh[] = { ARCH_MEMBER("bf", "v8bf16"), ARCH_MEMBER("f", "v8f"),
					 ARCH_MEMBER("u", "v8u"), ARCH_MEMBER("s", "v8i"),
					 ARCH_NO_FIELD };
static const struct arch_field vnb[] = { ARCH_MEMBER("u", "v16u"), ARCH_MEMBER("s", "v16i"),
					 ARCH_NO_FIELD };
static const struct arch_field vnq[] = { ARCH_MEMBER("u", "v1u"), ARCH_MEMBER("s", "v1i"),
					 ARCH_NO_FIELD };
static const struct arch_field aarch64v[] = {
	ARCH_MEMBER("d", "vnd"), ARCH_MEMBER("s", "vns"), ARCH_MEMBER("h", "vnh"),
	ARCH_MEMBER("b", "vnb"), ARCH_MEMBER("q", "vnq"), ARCH_NO_FIELD,
};

static const struct arch_field fpsr_fields[] = {
	ARCH_BIT("IOC", 0), ARCH_BIT("DZC", 1), ARCH_BIT("OFC", 2), ARCH_BIT("UFC", 3),
	ARCH_BIT("IXC", 4), ARCH_BIT("IDC", 7), ARCH_BIT("QC", 27), ARCH_BIT("V", 28),
	ARCH_BIT("C", 29),  ARCH_BIT("Z", 30),	ARCH_BIT("N", 31),  ARCH_NO_FIELD,
};

static const struct arch_field fpcr_fields[] = {
	ARCH_BIT("FIZ", 0),  ARCH_BIT("AH", 1),	  ARCH_BIT("NEP", 2),  ARCH_BIT("IOE", 8),
	ARCH_BIT("DZE", 9),  ARCH_BIT("OFE", 10), ARCH_BIT("UFE", 11), ARCH_BIT("IXE", 12),
	ARCH_BIT("EBF", 13), ARCH_BIT("IDE", 15), { "Len", NULL, 16, 18 },
	ARCH_BIT("FZ16", 19), { "Stride", NULL, 20, 21 }, { "RMode", NULL, 22, 23 },
	ARCH_BIT("FZ", 24),  ARCH_BIT("DN", 25),  ARCH_BIT("AHP", 26), ARCH_NO_FIELD,
};

static const struct arch_type fpu_types[] = {
	ARCH_VECTOR_OF("v2d", "ieee_double", 2), ARCH_VECTOR_OF("v2u", "uint64", 2),
	ARCH_VECTOR_OF("v2i", "int64", 2),	 ARCH_VECTOR_OF("v4f", "ieee_single", 4),
	ARCH_VECTOR_OF("v4u", "uint32", 4),	 ARCH_VECTOR_OF("v4i", "int32", 4),
	ARCH_VECTOR_OF("v8bf16", "bfloat16", 8), ARCH_VECTOR_OF("v8f", "ieee_half", 8),
	ARCH_VECTOR_OF("v8u", "uint16", 8),	 ARCH_VECTOR_OF("v8i", "int16", 8),
	ARCH_VECTOR_OF("v16u", "uint8", 16),	 ARCH_VECTOR_OF("v16i", "int8", 16),
	ARCH_VECTOR_OF("v1u", "uint128", 1),	 ARCH_VECTOR_OF("v1i", "int128", 1),
	ARCH_UNION_OF("vnd", vnd),		 ARCH_UNION_OF("vns", vns),
	ARCH_UNION_OF("vnh", vnh),		 ARCH_UNION_OF("vnb", vnb),
	ARCH_UNION_OF("vnq", vnq),		 ARCH_UNION_OF("aarch64v", aarch64v),
	ARCH_FLAGS_OF("fpsr_flags", 4, fpsr_fields),
	ARCH_FLAGS_OF("fpcr_flags", 4, fpcr_fields),
	ARCH_NO_TYPE,
};

static const struct arch_reg fpu_regs[] = {
	ARCH_0_31("v", "", 128, "aarch64v", NULL, V, 0, 2),
	FPR("fpsr", fpsr, "fpsr_flags"),
	FPR("fpcr", fpcr, "fpcr_flags"),
};

static const struct arch_reg tls_regs[] = {
	ARCH_ROW("tpidr", 64, "data_ptr", NULL, TPIDR, 0),
};

static const struct arch_reg gcs_regs[] = {
	ARCH_ROW("gcspr", 64, "data_ptr", "system", GCS,
		 offsetof(Criu__UserAarch64GcsEntry, gcspr_el0)),
};

static const struct arch_field gcs_fields[] = {
	ARCH_BIT("PR_SHADOW_STACK_ENABLE", 0),
	ARCH_BIT("PR_SHADOW_STACK_WRITE", 1),
	ARCH_BIT("PR_SHADOW_STACK_PUSH", 2),
	ARCH_NO_FIELD,
};

static const struct arch_type gcs_types[] = {
	ARCH_FLAGS_OF("features_flags", 8, gcs_fields),
	ARCH_NO_TYPE,
};

static const struct arch_reg gcs_linux_regs[] = {
	ARCH_ROW("gcs_features_enabled", 64, "features_flags", "system", GCS,
		 offsetof(Criu__UserAarch64GcsEntry, features_enabled)),
	ARCH_ROW("gcs_features_locked", 64, "features_flags", "system", NONE, 0),
};

static const struct arch_reg pauth_regs[] = {
	ARCH_ROW("pauth_dmask", 64, "int", NULL, MASK, 0),
	ARCH_ROW("pauth_cmask", 64, "int", NULL, MASK, 0),
};

static bool has_gcs(const Criu__CoreEntry *core)
{
	return core->ti_aarch64 && core->ti_aarch64->gcs;
}

/* CRIU 4.0 and older did not store the keys, so they say nothing. */
static bool has_pauth(const struct arch_space *space)
{
	return !space->has_hwcap || space->hwcap & (HWCAP_PACA | HWCAP_PACG);
}

static const struct arch_feature features[] = {
	ARCH_FEATURE("org.gnu.gdb.aarch64.core", core_types, core_regs, NULL),
	ARCH_FEATURE("org.gnu.gdb.aarch64.fpu", fpu_types, fpu_regs, NULL),
	ARCH_FEATURE("org.gnu.gdb.aarch64.tls", NULL, tls_regs, NULL),
	// gdb 17 and later; older ones list them as they are.
	ARCH_FEATURE("org.gnu.gdb.aarch64.gcs", NULL, gcs_regs, has_gcs),
	ARCH_FEATURE("org.gnu.gdb.aarch64.gcs.linux", gcs_types, gcs_linux_regs, has_gcs),
	{ .name = "org.gnu.gdb.aarch64.pauth", .regs = pauth_regs, .nr_regs = 2,
	  .in_space = has_pauth },
	ARCH_NO_FEATURE,
};

static bool get(const struct arch *arch, const Criu__CoreEntry *core, const struct arch_reg *reg,
		uint8_t *out)
{
	const Criu__ThreadInfoAarch64 *info = core->ti_aarch64;
	bool big = arch->big_endian;

	if (!info)
		return false;
	switch (reg->part) {
	case X:
		return words_u64(info->gpregs->regs, info->gpregs->n_regs, reg, big, out);
	case GP:
		return field_u64(info->gpregs, reg, big, out);
	case V:
		return words_u64(info->fpsimd->vregs, info->fpsimd->n_vregs, reg, big, out);
	case FP:
		return field_u32(info->fpsimd, reg, big, out);
	case TPIDR:
		endian_put(out, 8, big, info->tls);
		return true;
	case GCS:
		return field_u64(info->gcs, reg, big, out);
	default:
		return false;
	}
}

/** Bits of an address, by the highest one in use. These are the sizes that Linux can be built for;
 *  the stack is in the upper half of the space, so that its top bit tells. */
static unsigned int address_bits(uint64_t end)
{
	static const unsigned int sizes[] = { 36, 39, 42, 47, 48, 52 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (end <= 1ull << sizes[i])
			return sizes[i];
	return SIGNATURE_TOP + 1;
}

static void settle(const struct arch *arch, const struct arch_space *space,
		   const struct arch_reg *reg, uint8_t *bytes, bool *known)
{
	uint64_t above = (1ull << (SIGNATURE_TOP + 1)) - 1;

	if (reg->part != MASK)
		return;
	*known = true;
	endian_put(bytes, 8, arch->big_endian, above & ~((1ull << address_bits(space->end)) - 1));
}

static bool thread_pointer(const Criu__CoreEntry *core, uint64_t *out)
{
	if (!core->ti_aarch64)
		return false;
	*out = core->ti_aarch64->tls;
	return true;
}

static bool match(const Criu__CoreEntry *core, bool big_endian)
{
	return core->mtype == CRIU__CORE_ENTRY__MARCH__AARCH64 && !big_endian;
}

static bool match_be(const Criu__CoreEntry *core, bool big_endian)
{
	return core->mtype == CRIU__CORE_ENTRY__MARCH__AARCH64 && big_endian;
}

static const struct arch_slot general_slots[] = {
	ARCH_SLOTS("x0", 31, 0, 8),
	ARCH_SLOT("sp", 248, 8),
	ARCH_SLOT("pc", 256, 8),
	ARCH_SLOT("cpsr", 264, 8),
	ARCH_NO_SLOT,
};

static const struct arch_slot fp_slots[] = {
	ARCH_SLOTS("v0", 32, 0, 16),
	ARCH_SLOT("fpsr", 512, 4),
	ARCH_SLOT("fpcr", 516, 4),
	ARCH_NO_SLOT,
};

static const struct arch_slot tls_slots[] = { ARCH_SLOT("tpidr", 0, 8), ARCH_NO_SLOT };

static const struct arch_slot pauth_slots[] = { ARCH_SLOTS("pauth_dmask", 2, 0, 8), ARCH_NO_SLOT };

/* What is locked is in no image, so that there is no such note yet. */
static const struct arch_slot gcs_slots[] = {
	ARCH_SLOT("gcs_features_locked", 8, 8),
	ARCH_SLOT("gcs_features_enabled", 0, 8),
	ARCH_SLOT("gcspr", 16, 8),
	ARCH_NO_SLOT,
};

static const struct arch_note core_notes[] = {
	{ "CORE", NT_PRSTATUS, 272, general_slots, NULL },
	{ "CORE", NT_PRFPREG, 528, fp_slots, NULL },
	{ "LINUX", NT_ARM_TLS, 8, tls_slots, NULL },
	{ "LINUX", NOTE_PAC_MASK, 16, pauth_slots, NULL },
	{ "LINUX", NOTE_GCS, 24, gcs_slots, NULL },
	ARCH_NO_NOTE,
};

#define AARCH64(match_, big_endian_)                                                      \
	{                                                                                 \
		.gdb_name = "aarch64", .osabi = "GNU/Linux", .elf_machine = EM_AARCH64,   \
		.word_size = 8, .big_endian = big_endian_, .page_size = 4096,             \
		.features = features,                                                     \
		.nr_short = 34, /* up to cpsr */                                          \
		.pc = "pc", .sp = "sp", .match = match_, .get = get, .settle = settle,    \
		.notes = core_notes, .thread_pointer = thread_pointer,            \
	}

const struct arch arch_aarch64 = AARCH64(match, false);
const struct arch arch_aarch64_be = AARCH64(match_be, true);
