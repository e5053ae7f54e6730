// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ppc64.c - 64-bit PowerPC: thread_info_ppc64 (features org.gnu.gdb.power.*).
 *
 * A thread that was stopped inside a hardware transaction has two sets of registers: those inside,
 * and those that it would go back to when the transaction fails, which gdb calls checkpointed and
 * writes with a c (cr3 is the old r3). CRIU stores them the wrong way round, as a signal frame has
 * them: the message holds the old ones, its tmstate those inside.
 *
 * In no image are ppr, dscr, tar, and the registers of event-based branches and performance
 * monitors. In msr CRIU sets the bits for the vector units, whether they were in use or not.
 */
#include <elf.h>

#include "arch/list.h"
#include "arch/notes.h"
#include "arch/rows.h"
#include "arch/words.h"
#include "util/endian.h"

/* Where a register is in a set; plus OLD for the set that a transaction keeps. */
enum part {
	R,	/* gpr; off: index */
	GP,	/* off: in Criu__UserPpc64RegsEntry */
	F,	/* fpregs; off: index, fpscr behind the 32 */
	VR,	/* vrregs; off: index of the first half */
	VSCR,	/* the last word of vrregs */
	VRSAVE,
	VSX,	/* vsxregs; off: index */
	TM,	/* off: in Criu__UserPpc64RegsEntry of the message */
	NONE,	/* in no image */
	OLD = 16,
};

enum { FPSCR = 32, FIRST_VSCR = 64 };

#define IN_REGS(field) offsetof(Criu__UserPpc64RegsEntry, field)
#define NOT_STORED(name) ARCH_ROW(name, 64, "uint64", NULL, NONE, 0)

/* The same rows for both sets. C is what the names begin with, SET is 0 or OLD. */
#define FPU_ROWS(c, set)                                                                          \
	ARCH_0_31(c "f", "", 64, "ieee_double", NULL, set + F, 0, 1)
#define ALTIVEC_ROWS(c, set)                                                                      \
	ARCH_0_31(c "vr", "", 128, "vec128", NULL, set + VR, 0, 2),                               \
	ARCH_ROW(c "vscr", 32, "int", "vector", set + VSCR, 0),                                   \
	ARCH_ROW(c "vrsave", 32, "int", "vector", set + VRSAVE, 0)

static const struct arch_reg core_regs[] = {
	ARCH_0_31("r", "", 64, "uint64", NULL, R, 0, 1),
	ARCH_ROW("pc", 64, "code_ptr", NULL, GP, IN_REGS(nip)),
	ARCH_ROW("msr", 64, "uint64", NULL, GP, IN_REGS(msr)),
	ARCH_ROW("cr", 32, "uint32", NULL, GP, IN_REGS(ccr)),
	ARCH_ROW("lr", 64, "code_ptr", NULL, GP, IN_REGS(link)),
	ARCH_ROW("ctr", 64, "uint64", NULL, GP, IN_REGS(ctr)),
	ARCH_ROW("xer", 32, "uint32", NULL, GP, IN_REGS(xer)),
};

static const struct arch_reg fpu_regs[] = {
	FPU_ROWS("", 0),
	ARCH_ROW("fpscr", 64, "int", "float", F, FPSCR),
};

static const struct arch_reg linux_regs[] = {
	ARCH_ROW("orig_r3", 64, "int", NULL, GP, IN_REGS(orig_gpr3)),
	ARCH_ROW("trap", 64, "int", NULL, GP, IN_REGS(trap)),
};

static const struct arch_field vec128[] = {
	ARCH_MEMBER("uint128", "uint128"), ARCH_MEMBER("v4_float", "v4f"),
	ARCH_MEMBER("v4_int32", "v4i32"),  ARCH_MEMBER("v8_int16", "v8i16"),
	ARCH_MEMBER("v16_int8", "v16i8"),  ARCH_NO_FIELD,
};

static const struct arch_type altivec_types[] = {
	ARCH_VECTOR_OF("v4f", "ieee_single", 4),
	ARCH_VECTOR_OF("v4i32", "int32", 4),
	ARCH_VECTOR_OF("v8i16", "int16", 8),
	ARCH_VECTOR_OF("v16i8", "int8", 16),
	ARCH_UNION_OF("vec128", vec128),
	ARCH_NO_TYPE,
};

static const struct arch_reg altivec_regs[] = { ALTIVEC_ROWS("", 0) };

static const struct arch_reg vsx_regs[] = {
	ARCH_0_31("vs", "h", 64, "uint64", NULL, VSX, 0, 1),
};

static const struct arch_reg ppr_regs[] = { NOT_STORED("ppr") };
static const struct arch_reg dscr_regs[] = { NOT_STORED("dscr") };
static const struct arch_reg tar_regs[] = { NOT_STORED("tar") };

static const struct arch_reg ebb_regs[] = {
	NOT_STORED("bescr"), NOT_STORED("ebbhr"), NOT_STORED("ebbrr"),
};

static const struct arch_reg pmu_regs[] = {
	NOT_STORED("mmcr0"), NOT_STORED("mmcr2"), NOT_STORED("siar"),
	NOT_STORED("sdar"),  NOT_STORED("sier"),
};

static const struct arch_reg tm_regs[] = {
	ARCH_ROW("tfhar", 64, "uint64", NULL, TM, IN_REGS(tfhar)),
	ARCH_ROW("texasr", 64, "uint64", NULL, TM, IN_REGS(texasr)),
	ARCH_ROW("tfiar", 64, "uint64", NULL, TM, IN_REGS(tfiar)),
};

static const struct arch_reg old_core_regs[] = {
	ARCH_0_31("cr", "", 64, "uint64", NULL, OLD + R, 0, 1),
	ARCH_ROW("ccr", 32, "uint32", NULL, OLD + GP, IN_REGS(ccr)),
	ARCH_ROW("cxer", 32, "uint32", NULL, OLD + GP, IN_REGS(xer)),
	ARCH_ROW("clr", 64, "code_ptr", NULL, OLD + GP, IN_REGS(link)),
	ARCH_ROW("cctr", 64, "uint64", NULL, OLD + GP, IN_REGS(ctr)),
};

static const struct arch_reg old_fpu_regs[] = {
	FPU_ROWS("c", OLD),
	ARCH_ROW("cfpscr", 64, "uint64", "float", OLD + F, FPSCR),
};

static const struct arch_reg old_altivec_regs[] = { ALTIVEC_ROWS("c", OLD) };

static const struct arch_reg old_vsx_regs[] = {
	ARCH_0_31("cvs", "h", 64, "uint64", NULL, OLD + VSX, 0, 1),
};

/** One set of registers. */
struct set {
	const Criu__UserPpc64RegsEntry *gp;
	const Criu__UserPpc64FpstateEntry *fp;
	const Criu__UserPpc64VrstateEntry *vr;
	const Criu__UserPpc64VsxstateEntry *vsx;
};

static struct set set_of(const Criu__CoreEntry *core, bool old)
{
	const Criu__ThreadInfoPpc64 *info = core->ti_ppc64;
	const Criu__UserPpc64TmRegsEntry *tm = info ? info->tmstate : NULL;

	if (tm && !old)
		return (struct set){ tm->gpregs, tm->fpstate, tm->vrstate, tm->vsxstate };
	if (info && old == !!tm)
		return (struct set){ info->gpregs, info->fpstate, info->vrstate, info->vsxstate };
	return (struct set){ 0 };
}

static bool has_tm(const Criu__CoreEntry *core)
{
	return set_of(core, true).gp;
}

static bool has_old_fp(const Criu__CoreEntry *core)
{
	return set_of(core, true).fp;
}

static bool has_old_vr(const Criu__CoreEntry *core)
{
	return set_of(core, true).vr;
}

static bool has_old_vsx(const Criu__CoreEntry *core)
{
	return set_of(core, true).vsx;
}

#define FEATURE(name, types, regs, present)                                                       \
	ARCH_FEATURE("org.gnu.gdb.power." name, types, regs, present)

static const struct arch_feature features[] = {
	FEATURE("core", NULL, core_regs, NULL),
	FEATURE("fpu", NULL, fpu_regs, NULL),
	FEATURE("linux", NULL, linux_regs, NULL),
	FEATURE("altivec", altivec_types, altivec_regs, NULL),
	FEATURE("vsx", NULL, vsx_regs, NULL),
	FEATURE("ppr", NULL, ppr_regs, NULL),
	FEATURE("dscr", NULL, dscr_regs, NULL),
	FEATURE("tar", NULL, tar_regs, NULL),
	FEATURE("ebb", NULL, ebb_regs, NULL),
	FEATURE("linux.pmu", NULL, pmu_regs, NULL),
	FEATURE("htm.spr", NULL, tm_regs, has_tm),
	FEATURE("htm.core", NULL, old_core_regs, has_tm),
	FEATURE("htm.fpu", NULL, old_fpu_regs, has_old_fp),
	FEATURE("htm.altivec", altivec_types, old_altivec_regs, has_old_vr),
	FEATURE("htm.vsx", NULL, old_vsx_regs, has_old_vsx),
	ARCH_NO_FEATURE,
};

/* The last word of the 16 bytes that vscr has to itself, in the order of significance. */
static bool get_vscr(const Criu__UserPpc64VrstateEntry *vr, const struct arch_reg *reg, bool big,
		     uint8_t *out)
{
	struct arch_reg word = *reg;

	word.off = FIRST_VSCR + (big ? 1 : 0);
	return vr && words_u64(vr->vrregs, vr->n_vrregs, &word, big, out);
}

/* These three are optional fields, together. */
static bool get_tm(const Criu__CoreEntry *core, const struct arch_reg *reg, bool big, uint8_t *out)
{
	const Criu__UserPpc64RegsEntry *gp = set_of(core, true).gp;

	return gp && gp->has_texasr && gp->has_tfhar && gp->has_tfiar &&
	       field_u64(gp, reg, big, out);
}

static bool get_vector(const struct set *set, const struct arch_reg *reg, unsigned int part,
		       bool big, uint8_t *out)
{
	switch (part) {
	case VR:
		return set->vr && words_u64(set->vr->vrregs, set->vr->n_vrregs, reg, big, out);
	case VSCR:
		return get_vscr(set->vr, reg, big, out);
	case VRSAVE:
		if (set->vr)
			endian_put(out, 4, big, set->vr->vrsave);
		return set->vr;
	case VSX:
		return set->vsx &&
		       words_u64(set->vsx->vsxregs, set->vsx->n_vsxregs, reg, big, out);
	default:
		return false;
	}
}

static bool get(const struct arch *arch, const Criu__CoreEntry *core, const struct arch_reg *reg,
		uint8_t *out)
{
	struct set set = set_of(core, reg->part >= OLD);
	unsigned int part = reg->part % OLD;
	bool big = arch->big_endian;

	switch (part) {
	case R:
		return set.gp && words_u64(set.gp->gpr, set.gp->n_gpr, reg, big, out);
	case GP:
		return field_u64(set.gp, reg, big, out);
	case F:
		return set.fp && words_u64(set.fp->fpregs, set.fp->n_fpregs, reg, big, out);
	case TM:
		return get_tm(core, reg, big, out);
	default:
		return get_vector(&set, reg, part, big, out);
	}
}

/* r13, by the ABI. */
static bool thread_pointer(const Criu__CoreEntry *core, uint64_t *out)
{
	if (!core->ti_ppc64 || core->ti_ppc64->gpregs->n_gpr <= 13)
		return false;
	*out = core->ti_ppc64->gpregs->gpr[13];
	return true;
}

static bool match(const Criu__CoreEntry *core, bool big_endian)
{
	return core->mtype == CRIU__CORE_ENTRY__MARCH__PPC64 && !big_endian;
}

static bool match_be(const Criu__CoreEntry *core, bool big_endian)
{
	return core->mtype == CRIU__CORE_ENTRY__MARCH__PPC64 && big_endian;
}

/* nip, msr, orig_gpr3, ctr, link, xer, ccr; trap is the ninth behind the general registers. */
static const struct arch_slot general_slots[] = {
	ARCH_SLOTS("r0", 32, 0, 8), ARCH_SLOT("pc", 256, 8),  ARCH_SLOT("msr", 264, 8),
	ARCH_SLOT("orig_r3", 272, 8), ARCH_SLOT("ctr", 280, 8), ARCH_SLOT("lr", 288, 8),
	ARCH_SLOT("xer", 296, 8),   ARCH_SLOT("cr", 304, 8),  ARCH_SLOT("trap", 320, 8),
	ARCH_NO_SLOT,
};

static const struct arch_slot fp_slots[] = {
	ARCH_SLOTS("f0", 32, 0, 8),
	ARCH_SLOT("fpscr", 256, 8),
	ARCH_NO_SLOT,
};

/* vscr is the least significant word of 16 bytes, vrsave the first of 16 others. */
#define VMX_SLOTS(c, vscr_at)                                                                     \
	{                                                                                         \
		ARCH_SLOTS(c "vr0", 32, 0, 16), ARCH_SLOT(c "vscr", vscr_at, 4),                  \
			ARCH_SLOT(c "vrsave", 528, 4), ARCH_NO_SLOT                               \
	}
static const struct arch_slot vmx_slots[] = VMX_SLOTS("", 512);
static const struct arch_slot vmx_be_slots[] = VMX_SLOTS("", 524);
static const struct arch_slot old_vmx_slots[] = VMX_SLOTS("c", 512);
static const struct arch_slot old_vmx_be_slots[] = VMX_SLOTS("c", 524);

static const struct arch_slot vsx_slots[] = { ARCH_SLOTS("vs0h", 32, 0, 8), ARCH_NO_SLOT };

static const struct arch_slot tm_slots[] = { ARCH_SLOTS("tfhar", 3, 0, 8), ARCH_NO_SLOT };

static const struct arch_slot old_general_slots[] = {
	ARCH_SLOTS("cr0", 32, 0, 8), ARCH_SLOT("cctr", 280, 8), ARCH_SLOT("clr", 288, 8),
	ARCH_SLOT("cxer", 296, 8),   ARCH_SLOT("ccr", 304, 8),	ARCH_NO_SLOT,
};

static const struct arch_slot old_fp_slots[] = {
	ARCH_SLOTS("cf0", 32, 0, 8),
	ARCH_SLOT("cfpscr", 256, 8),
	ARCH_NO_SLOT,
};

static const struct arch_slot old_vsx_slots[] = { ARCH_SLOTS("cvs0h", 32, 0, 8), ARCH_NO_SLOT };

#define NOTES(vmx, old_vmx)                                                                       \
	{                                                                                         \
		{ "CORE", NT_PRSTATUS, 384, general_slots, NULL },                                \
		{ "CORE", NT_PRFPREG, 264, fp_slots, NULL },                                      \
		{ "LINUX", NT_PPC_VMX, 544, vmx, NULL },                                          \
		{ "LINUX", NT_PPC_VSX, 256, vsx_slots, NULL },                                    \
		{ "LINUX", NOTE_TM_CGPR, 384, old_general_slots, NULL },                          \
		{ "LINUX", NOTE_TM_CFPR, 264, old_fp_slots, NULL },                               \
		{ "LINUX", NOTE_TM_CVMX, 544, old_vmx, NULL },                                    \
		{ "LINUX", NOTE_TM_CVSX, 256, old_vsx_slots, NULL },                              \
		{ "LINUX", NOTE_TM_SPR, 24, tm_slots, NULL },                                     \
		ARCH_NO_NOTE,                                                                     \
	}

/* Note types that older headers lack. */
enum {
	NOTE_TM_CGPR = 0x108,
	NOTE_TM_CFPR,
	NOTE_TM_CVMX,
	NOTE_TM_CVSX,
	NOTE_TM_SPR,
};

static const struct arch_note core_notes[] = NOTES(vmx_slots, old_vmx_slots);
static const struct arch_note core_notes_be[] = NOTES(vmx_be_slots, old_vmx_be_slots);

#define PPC64(match_, big_endian_, notes_, abi)                                           \
	{                                                                                 \
		.gdb_name = "powerpc:common64", .osabi = "GNU/Linux", .elf_machine = EM_PPC64, \
		.word_size = 8, .big_endian = big_endian_, .page_size = 65536,            \
		.features = features,                                                     \
		.nr_short = 38, /* up to xer */                                           \
		.pc = "pc", .sp = "r1", .match = match_, .get = get,                      \
		.elf_flags = abi, .notes = notes_, .thread_pointer = thread_pointer,      \
	}

const struct arch arch_ppc64 = PPC64(match, false, core_notes, 2);
const struct arch arch_ppc64_be = PPC64(match_be, true, core_notes_be, 1);
