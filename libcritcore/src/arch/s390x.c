// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * s390x.c - 64-bit IBM Z: thread_info_s390 (features org.gnu.gdb.s390.*). Always big-endian, in
 * whatever byte order the images are framed: a crit of another machine writes them in its own.
 *
 * The first half of v0 to v15 are f0 to f15, the second has a message of its own; v16 to v31 are
 * whole. last_break and the transaction diagnostic block are in no image; neither is orig_r2, of
 * which there is a field that no CRIU fills (4.3 and older).
 */
#include <elf.h>

#include "arch/list.h"
#include "arch/notes.h"
#include "arch/rows.h"
#include "arch/words.h"

enum part {
	GP,    /* off: in Criu__UserS390RegsEntry */
	R,     /* gprs; off: index, as in all that follow */
	ACR,   /* acrs */
	FPC,   /* off: in Criu__UserS390FpregsEntry */
	F,     /* fprs */
	CALL,  /* off: of a uint32_t in Criu__UserS390RegsEntry */
	VL,    /* vxrs_low */
	VH,    /* vxrs_high: index of the high half */
	GS,    /* gs_cb */
	GSBC,  /* gs_bc */
	NONE,  /* in no image */
};

#define IN_REGS(field) offsetof(Criu__UserS390RegsEntry, field)

static const struct arch_reg core_regs[] = {
	ARCH_ROW("pswm", 64, "uint64", "psw", GP, IN_REGS(psw_mask)),
	ARCH_ROW("pswa", 64, "uint64", "psw", GP, IN_REGS(psw_addr)),
	ARCH_0_15("r", "", 64, "uint64", "general", R, 0, 1),
};

static const struct arch_reg acr_regs[] = {
	ARCH_0_15("acr", "", 32, "uint32", "access", ACR, 0, 1),
};

static const struct arch_reg fpr_regs[] = {
	ARCH_ROW("fpc", 32, "uint32", "float", FPC, offsetof(Criu__UserS390FpregsEntry, fpc)),
	ARCH_0_15("f", "", 64, "ieee_double", "float", F, 0, 1),
};

static const struct arch_reg linux_regs[] = {
	ARCH_ROW("orig_r2", 64, "uint64", "system", NONE, 0),
	ARCH_ROW("last_break", 64, "code_ptr", "system", NONE, 0),
	ARCH_ROW("system_call", 32, "uint32", "system", CALL, IN_REGS(system_call)),
};

static const struct arch_field vec128[] = {
	ARCH_MEMBER("v4_float", "v4f"),	 ARCH_MEMBER("v2_double", "v2d"),
	ARCH_MEMBER("v16_int8", "v16i8"), ARCH_MEMBER("v8_int16", "v8i16"),
	ARCH_MEMBER("v4_int32", "v4i32"), ARCH_MEMBER("v2_int64", "v2i64"),
	ARCH_MEMBER("uint128", "uint128"), ARCH_NO_FIELD,
};

static const struct arch_type vx_types[] = {
	ARCH_VECTOR_OF("v4f", "ieee_single", 4), ARCH_VECTOR_OF("v2d", "ieee_double", 2),
	ARCH_VECTOR_OF("v16i8", "int8", 16),	 ARCH_VECTOR_OF("v8i16", "int16", 8),
	ARCH_VECTOR_OF("v4i32", "int32", 4),	 ARCH_VECTOR_OF("v2i64", "int64", 2),
	ARCH_UNION_OF("vec128", vec128),	 ARCH_NO_TYPE,
};

static const struct arch_reg vx_regs[] = {
	ARCH_0_15("v", "l", 64, "uint64", NULL, VL, 0, 1),
	ARCH_16_31("v", "", 128, "vec128", NULL, VH, 0, 2),
};

/* The first of the four words is reserved. */
static const struct arch_reg gs_regs[] = {
	ARCH_ROW("gsd", 64, "uint64", "system", GS, 1),
	ARCH_ROW("gssm", 64, "uint64", "system", GS, 2),
	ARCH_ROW("gsepla", 64, "data_ptr", "system", GS, 3),
};

static const struct arch_reg gsbc_regs[] = {
	ARCH_ROW("bc_gsd", 64, "uint64", "system", GSBC, 1),
	ARCH_ROW("bc_gssm", 64, "uint64", "system", GSBC, 2),
	ARCH_ROW("bc_gsepla", 64, "data_ptr", "system", GSBC, 3),
};

static bool has_vx(const Criu__CoreEntry *core)
{
	return core->ti_s390 && core->ti_s390->vxrs_low;
}

static bool has_gs(const Criu__CoreEntry *core)
{
	return core->ti_s390 && core->ti_s390->gs_cb;
}

static bool has_gsbc(const Criu__CoreEntry *core)
{
	return core->ti_s390 && core->ti_s390->gs_bc;
}

static const struct arch_feature features[] = {
	ARCH_FEATURE("org.gnu.gdb.s390.core", NULL, core_regs, NULL),
	ARCH_FEATURE("org.gnu.gdb.s390.acr", NULL, acr_regs, NULL),
	ARCH_FEATURE("org.gnu.gdb.s390.fpr", NULL, fpr_regs, NULL),
	ARCH_FEATURE("org.gnu.gdb.s390.linux", NULL, linux_regs, NULL),
	ARCH_FEATURE("org.gnu.gdb.s390.vx", vx_types, vx_regs, has_vx),
	ARCH_FEATURE("org.gnu.gdb.s390.gs", NULL, gs_regs, has_gs),
	ARCH_FEATURE("org.gnu.gdb.s390.gsbc", NULL, gsbc_regs, has_gsbc),
	ARCH_NO_FEATURE,
};

static bool get_extension(const Criu__ThreadInfoS390 *info, const struct arch_reg *reg,
			  uint8_t *out)
{
	switch (reg->part) {
	case VL:
		return info->vxrs_low && words_u64(info->vxrs_low->regs, info->vxrs_low->n_regs,
						   reg, true, out);
	case VH:
		return info->vxrs_high && words_u64(info->vxrs_high->regs,
						    info->vxrs_high->n_regs, reg, true, out);
	case GS:
		return info->gs_cb &&
		       words_u64(info->gs_cb->regs, info->gs_cb->n_regs, reg, true, out);
	case GSBC:
		return info->gs_bc &&
		       words_u64(info->gs_bc->regs, info->gs_bc->n_regs, reg, true, out);
	default:
		return false;
	}
}

static bool get(const struct arch *arch, const Criu__CoreEntry *core, const struct arch_reg *reg,
		uint8_t *out)
{
	const Criu__ThreadInfoS390 *info = core->ti_s390;

	(void)arch;
	if (!info)
		return false;
	switch (reg->part) {
	case GP:
		return field_u64(info->gpregs, reg, true, out);
	case R:
		return words_u64(info->gpregs->gprs, info->gpregs->n_gprs, reg, true, out);
	case ACR:
		return words_u32(info->gpregs->acrs, info->gpregs->n_acrs, reg, true, out);
	case FPC:
		return field_u32(info->fpregs, reg, true, out);
	case F:
		return words_u64(info->fpregs->fprs, info->fpregs->n_fprs, reg, true, out);
	case CALL:
		return field_u32(info->gpregs, reg, true, out);
	default:
		return get_extension(info, reg, out);
	}
}

/* Access registers 0 and 1, the high half first. */
static bool thread_pointer(const Criu__CoreEntry *core, uint64_t *out)
{
	if (!core->ti_s390 || core->ti_s390->gpregs->n_acrs < 2)
		return false;
	*out = (uint64_t)core->ti_s390->gpregs->acrs[0] << 32 | core->ti_s390->gpregs->acrs[1];
	return true;
}

static bool match(const Criu__CoreEntry *core, bool big_endian)
{
	(void)big_endian;
	return core->mtype == CRIU__CORE_ENTRY__MARCH__S390;
}

/* orig_r2 is behind them, and never known. */
static const struct arch_slot general_slots[] = {
	ARCH_SLOTS("pswm", 2, 0, 8),
	ARCH_SLOTS("r0", 16, 16, 8),
	ARCH_SLOTS("acr0", 16, 144, 4),
	ARCH_SLOT("orig_r2", 208, 8),
	ARCH_NO_SLOT,
};

static const struct arch_slot fp_slots[] = {
	ARCH_SLOT("fpc", 0, 4),
	ARCH_SLOTS("f0", 16, 8, 8),
	ARCH_NO_SLOT,
};

static const struct arch_slot call_slots[] = { ARCH_SLOT("system_call", 0, 4), ARCH_NO_SLOT };
static const struct arch_slot last_break_slots[] = { ARCH_SLOT("last_break", 0, 8), ARCH_NO_SLOT };
static const struct arch_slot low_slots[] = { ARCH_SLOTS("v0l", 16, 0, 8), ARCH_NO_SLOT };
static const struct arch_slot high_slots[] = { ARCH_SLOTS("v16", 16, 0, 16), ARCH_NO_SLOT };
static const struct arch_slot gs_slots[] = { ARCH_SLOTS("gsd", 3, 8, 8), ARCH_NO_SLOT };
static const struct arch_slot gsbc_slots[] = { ARCH_SLOTS("bc_gsd", 3, 8, 8), ARCH_NO_SLOT };

/* Note types that older headers lack. */
enum { NOTE_VXRS_LOW = 0x309, NOTE_VXRS_HIGH, NOTE_GS_CB, NOTE_GS_BC };

static const struct arch_note core_notes[] = {
	{ "CORE", NT_PRSTATUS, 216, general_slots, NULL },
	{ "CORE", NT_PRFPREG, 136, fp_slots, NULL },
	{ "LINUX", NT_S390_LAST_BREAK, 8, last_break_slots, NULL },
	{ "LINUX", NT_S390_SYSTEM_CALL, 4, call_slots, NULL },
	{ "LINUX", NOTE_VXRS_LOW, 128, low_slots, NULL },
	{ "LINUX", NOTE_VXRS_HIGH, 256, high_slots, NULL },
	{ "LINUX", NOTE_GS_CB, 32, gs_slots, NULL },
	{ "LINUX", NOTE_GS_BC, 32, gsbc_slots, NULL },
	ARCH_NO_NOTE,
};

const struct arch arch_s390x = {
	.gdb_name = "s390:64-bit",
	.osabi = "GNU/Linux",
	.elf_machine = EM_S390,
	.word_size = 8,
	.big_endian = true,
	.page_size = 4096,
	.features = features,
	.nr_short = 18, // up to r15
	.pc = "pswa",
	.sp = "r15",
	.notes = core_notes,
	.match = match,
	.get = get,
	.thread_pointer = thread_pointer,
};
