// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * loongarch64.c - 64-bit LoongArch: thread_info_loongarch64 (features org.gnu.gdb.loongarch.*).
 * The eight condition flags are the bytes of one integer.
 *
 * f0 to f31 have a field, but CRIU does not fill it (4.3 and older): what is in images there is
 * what was in CRIU's own heap. They are not shown.
 *
 * In no image are orig_a0 and badv, the vector registers (LSX, LASX) and those of the binary
 * translation extension. All the same they have to be here: gdb (18.1) knows their numbers and
 * asks for them, whatever the description has.
 */
#include <elf.h>

#include "arch/list.h"
#include "arch/notes.h"
#include "arch/rows.h"
#include "arch/words.h"
#include "util/endian.h"

enum part {
	R,    /* regs; off: index */
	PC,
	FCC,  /* off: number */
	FCSR,
	NONE, /* in no image */
};

/* gdb's types: r1 is the return address, r2 and r3 the thread and stack pointers, r22 the frame. */
static const struct arch_reg base_regs[] = {
	ARCH_ROW("r0", 64, "uint64", "general", R, 0),
	ARCH_ROW("r1", 64, "code_ptr", "general", R, 1),
	ARCH_ROW("r2", 64, "data_ptr", "general", R, 2),
	ARCH_ROW("r3", 64, "data_ptr", "general", R, 3),
	ARCH_8("r", 4, 5, 6, 7, 8, 9, 10, 11, "", 64, "uint64", "general", R, 4, 1),
	ARCH_8("r", 12, 13, 14, 15, 16, 17, 18, 19, "", 64, "uint64", "general", R, 12, 1),
	ARCH_ROW("r20", 64, "uint64", "general", R, 20),
	ARCH_ROW("r21", 64, "uint64", "general", R, 21),
	ARCH_ROW("r22", 64, "data_ptr", "general", R, 22),
	ARCH_ROW("r23", 64, "uint64", "general", R, 23),
	ARCH_8("r", 24, 25, 26, 27, 28, 29, 30, 31, "", 64, "uint64", "general", R, 24, 1),
	ARCH_ROW("orig_a0", 64, "uint64", "general", NONE, 0),
	ARCH_ROW("pc", 64, "code_ptr", "general", PC, 0),
	ARCH_ROW("badv", 64, "code_ptr", "general", NONE, 0),
};

static const struct arch_field fputype[] = {
	ARCH_MEMBER("f", "ieee_single"),
	ARCH_MEMBER("d", "ieee_double"),
	ARCH_NO_FIELD,
};

static const struct arch_type fpu_types[] = {
	ARCH_UNION_OF("fputype", fputype),
	ARCH_NO_TYPE,
};

static const struct arch_reg fpu_regs[] = {
	ARCH_0_31("f", "", 64, "fputype", "float", NONE, 0, 0),
	ARCH_0_7("fcc", "", 8, "uint8", "float", FCC, 0, 1),
	ARCH_ROW("fcsr", 32, "uint32", "float", FCSR, 0),
};

static const struct arch_field lsxv[] = {
	ARCH_MEMBER("v4_float", "v4f"),	  ARCH_MEMBER("v2_double", "v2d"),
	ARCH_MEMBER("v16_int8", "v16i8"), ARCH_MEMBER("v8_int16", "v8i16"),
	ARCH_MEMBER("v4_int32", "v4i32"), ARCH_MEMBER("v2_int64", "v2i64"),
	ARCH_MEMBER("uint128", "uint128"), ARCH_NO_FIELD,
};

static const struct arch_type lsx_types[] = {
	ARCH_VECTOR_OF("v4f", "ieee_single", 4), ARCH_VECTOR_OF("v2d", "ieee_double", 2),
	ARCH_VECTOR_OF("v16i8", "int8", 16),	 ARCH_VECTOR_OF("v8i16", "int16", 8),
	ARCH_VECTOR_OF("v4i32", "int32", 4),	 ARCH_VECTOR_OF("v2i64", "int64", 2),
	ARCH_UNION_OF("lsxv", lsxv),		 ARCH_NO_TYPE,
};

static const struct arch_reg lsx_regs[] = {
	ARCH_0_31("vr", "", 128, "lsxv", "lsx", NONE, 0, 0),
};

static const struct arch_field lasxv[] = {
	ARCH_MEMBER("v8_float", "v8f"),	   ARCH_MEMBER("v4_double", "v4d"),
	ARCH_MEMBER("v32_int8", "v32i8"),  ARCH_MEMBER("v16_int16", "v16i16"),
	ARCH_MEMBER("v8_int32", "v8i32"),  ARCH_MEMBER("v4_int64", "v4i64"),
	ARCH_MEMBER("v2_uint128", "v2ui128"), ARCH_NO_FIELD,
};

static const struct arch_type lasx_types[] = {
	ARCH_VECTOR_OF("v8f", "ieee_single", 8), ARCH_VECTOR_OF("v4d", "ieee_double", 4),
	ARCH_VECTOR_OF("v32i8", "int8", 32),	 ARCH_VECTOR_OF("v16i16", "int16", 16),
	ARCH_VECTOR_OF("v8i32", "int32", 8),	 ARCH_VECTOR_OF("v4i64", "int64", 4),
	ARCH_VECTOR_OF("v2ui128", "uint128", 2), ARCH_UNION_OF("lasxv", lasxv),
	ARCH_NO_TYPE,
};

static const struct arch_reg lasx_regs[] = {
	ARCH_0_31("xr", "", 256, "lasxv", "lasx", NONE, 0, 0),
};

static const struct arch_reg lbt_regs[] = {
	ARCH_ROW("scr0", 64, "uint64", "lbt", NONE, 0),
	ARCH_ROW("scr1", 64, "uint64", "lbt", NONE, 0),
	ARCH_ROW("scr2", 64, "uint64", "lbt", NONE, 0),
	ARCH_ROW("scr3", 64, "uint64", "lbt", NONE, 0),
	ARCH_ROW("eflags", 32, "uint32", "lbt", NONE, 0),
	ARCH_ROW("ftop", 32, "uint32", "lbt", NONE, 0),
};

static const struct arch_feature features[] = {
	ARCH_FEATURE("org.gnu.gdb.loongarch.base", NULL, base_regs, NULL),
	ARCH_FEATURE("org.gnu.gdb.loongarch.fpu", fpu_types, fpu_regs, NULL),
	ARCH_FEATURE("org.gnu.gdb.loongarch.lsx", lsx_types, lsx_regs, NULL),
	ARCH_FEATURE("org.gnu.gdb.loongarch.lasx", lasx_types, lasx_regs, NULL),
	ARCH_FEATURE("org.gnu.gdb.loongarch.lbt", NULL, lbt_regs, NULL),
	ARCH_NO_FEATURE,
};

static bool get(const struct arch *arch, const Criu__CoreEntry *core, const struct arch_reg *reg,
		uint8_t *out)
{
	const Criu__ThreadInfoLoongarch64 *info = core->ti_loongarch64;

	(void)arch;
	if (!info)
		return false;
	switch (reg->part) {
	case R:
		return words_u64(info->gpregs->regs, info->gpregs->n_regs, reg, false, out);
	case PC:
		endian_put(out, 8, false, info->gpregs->pc);
		return true;
	case FCC:
		*out = (uint8_t)(info->fpregs->fcc >> 8 * reg->off);
		return true;
	case FCSR:
		endian_put(out, 4, false, info->fpregs->fcsr);
		return true;
	default:
		return false;
	}
}

/* r2, by the ABI; CRIU's field `tls` has the same. */
static bool thread_pointer(const Criu__CoreEntry *core, uint64_t *out)
{
	if (!core->ti_loongarch64 || core->ti_loongarch64->gpregs->n_regs <= 2)
		return false;
	*out = core->ti_loongarch64->gpregs->regs[2];
	return true;
}

static bool match(const Criu__CoreEntry *core, bool big_endian)
{
	(void)big_endian;
	return core->mtype == CRIU__CORE_ENTRY__MARCH__LOONGARCH64;
}

/* orig_a0 and badv, between and behind, are never known. */
static const struct arch_slot general_slots[] = {
	ARCH_SLOTS("r0", 32, 0, 8),
	ARCH_SLOT("pc", 264, 8),
	ARCH_NO_SLOT,
};

/* f0 to f31 are never known, so that there are no such notes yet. */
static const struct arch_slot fp_slots[] = {
	ARCH_SLOTS("f0", 32, 0, 8),
	ARCH_SLOTS("fcc0", 8, 256, 1),
	ARCH_SLOT("fcsr", 264, 4),
	ARCH_NO_SLOT,
};

static const struct arch_slot lsx_slots[] = { ARCH_SLOTS("vr0", 32, 0, 16), ARCH_NO_SLOT };
static const struct arch_slot lasx_slots[] = { ARCH_SLOTS("xr0", 32, 0, 32), ARCH_NO_SLOT };

/* Note types that older headers lack. */
enum { NOTE_LSX = 0xa02, NOTE_LASX };

static const struct arch_note core_notes[] = {
	{ "CORE", NT_PRSTATUS, 360, general_slots, NULL },
	{ "CORE", NT_PRFPREG, 268, fp_slots, NULL },
	{ "LINUX", NOTE_LSX, 512, lsx_slots, NULL },
	{ "LINUX", NOTE_LASX, 1024, lasx_slots, NULL },
	ARCH_NO_NOTE,
};

const struct arch arch_loongarch64 = {
	.gdb_name = "Loongarch64",
	.osabi = "GNU/Linux",
	.elf_machine = 258, // EM_LOONGARCH, which older headers lack
	.elf_flags = 0x43,  // double-precision registers, second form of objects
	.word_size = 8,
	.page_size = 16384,
	.features = features,
	.nr_short = 35, // up to badv
	.pc = "pc",
	.sp = "r3",
	.notes = core_notes,
	.match = match,
	.get = get,
	.thread_pointer = thread_pointer,
};
