// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * riscv64.c - 64-bit RISC-V: thread_info_riscv64 (features org.gnu.gdb.riscv.*). gdb makes fflags
 * and frm of fcsr by itself; the vector registers are in no image.
 */
#include <elf.h>

#include "arch/list.h"
#include "arch/notes.h"
#include "arch/rows.h"
#include "arch/words.h"
#include "util/endian.h"

enum part {
	ZERO, /* not in the image either, but there is only one value */
	GP,   /* off: in Criu__UserRiscv64RegsEntry */
	F,    /* off: index */
	FCSR,
};

#define GPR(name, field, type)                                                                    \
	ARCH_ROW(name, 64, type, NULL, GP, offsetof(Criu__UserRiscv64RegsEntry, field))
#define FPR(name, n) ARCH_ROW(name, 64, "riscv_double", NULL, F, n)

static const struct arch_reg cpu_regs[] = {
	ARCH_ROW("zero", 64, "int", NULL, ZERO, 0),
	GPR("ra", ra, "code_ptr"), GPR("sp", sp, "data_ptr"), GPR("gp", gp, "data_ptr"),
	GPR("tp", tp, "data_ptr"), GPR("t0", t0, "int"),      GPR("t1", t1, "int"),
	GPR("t2", t2, "int"),	   GPR("fp", s0, "data_ptr"), GPR("s1", s1, "int"),
	GPR("a0", a0, "int"),	   GPR("a1", a1, "int"),      GPR("a2", a2, "int"),
	GPR("a3", a3, "int"),	   GPR("a4", a4, "int"),      GPR("a5", a5, "int"),
	GPR("a6", a6, "int"),	   GPR("a7", a7, "int"),      GPR("s2", s2, "int"),
	GPR("s3", s3, "int"),	   GPR("s4", s4, "int"),      GPR("s5", s5, "int"),
	GPR("s6", s6, "int"),	   GPR("s7", s7, "int"),      GPR("s8", s8, "int"),
	GPR("s9", s9, "int"),	   GPR("s10", s10, "int"),    GPR("s11", s11, "int"),
	GPR("t3", t3, "int"),	   GPR("t4", t4, "int"),      GPR("t5", t5, "int"),
	GPR("t6", t6, "int"),	   GPR("pc", pc, "code_ptr"),
};

static const struct arch_field riscv_double[] = {
	ARCH_MEMBER("float", "ieee_single"),
	ARCH_MEMBER("double", "ieee_double"),
	ARCH_NO_FIELD,
};

static const struct arch_type fpu_types[] = {
	ARCH_UNION_OF("riscv_double", riscv_double),
	ARCH_NO_TYPE,
};

static const struct arch_reg fpu_regs[] = {
	FPR("ft0", 0),	FPR("ft1", 1),	FPR("ft2", 2),	  FPR("ft3", 3),
	FPR("ft4", 4),	FPR("ft5", 5),	FPR("ft6", 6),	  FPR("ft7", 7),
	FPR("fs0", 8),	FPR("fs1", 9),	FPR("fa0", 10),	  FPR("fa1", 11),
	FPR("fa2", 12), FPR("fa3", 13), FPR("fa4", 14),	  FPR("fa5", 15),
	FPR("fa6", 16), FPR("fa7", 17), FPR("fs2", 18),	  FPR("fs3", 19),
	FPR("fs4", 20), FPR("fs5", 21), FPR("fs6", 22),	  FPR("fs7", 23),
	FPR("fs8", 24), FPR("fs9", 25), FPR("fs10", 26),  FPR("fs11", 27),
	FPR("ft8", 28), FPR("ft9", 29), FPR("ft10", 30),  FPR("ft11", 31),
	ARCH_ROW("fcsr", 32, "int", NULL, FCSR, 0),
};

static const struct arch_feature features[] = {
	ARCH_FEATURE("org.gnu.gdb.riscv.cpu", NULL, cpu_regs, NULL),
	ARCH_FEATURE("org.gnu.gdb.riscv.fpu", fpu_types, fpu_regs, NULL),
	ARCH_NO_FEATURE,
};

static bool get(const struct arch *arch, const Criu__CoreEntry *core, const struct arch_reg *reg,
		uint8_t *out)
{
	const Criu__ThreadInfoRiscv64 *info = core->ti_riscv64;

	(void)arch;
	if (!info)
		return false;
	switch (reg->part) {
	case ZERO:
		endian_put(out, 8, false, 0);
		return true;
	case GP:
		return field_u64(info->gpregs, reg, false, out);
	case F:
		return words_u64(info->fpsimd->f, info->fpsimd->n_f, reg, false, out);
	case FCSR:
		endian_put(out, 4, false, info->fpsimd->fcsr);
		return true;
	default:
		return false;
	}
}

/* tp, by the ABI; CRIU's field `tls` has the same. */
static bool thread_pointer(const Criu__CoreEntry *core, uint64_t *out)
{
	if (!core->ti_riscv64)
		return false;
	*out = core->ti_riscv64->gpregs->tp;
	return true;
}

static bool match(const Criu__CoreEntry *core, bool big_endian)
{
	(void)big_endian;
	return core->mtype == CRIU__CORE_ENTRY__MARCH__RISCV64;
}

static const struct arch_slot general_slots[] = {
	ARCH_SLOT("pc", 0, 8),
	ARCH_SLOTS("ra", 31, 8, 8),
	ARCH_NO_SLOT,
};

static const struct arch_slot fp_slots[] = {
	ARCH_SLOTS("ft0", 32, 0, 8),
	ARCH_SLOT("fcsr", 256, 4),
	ARCH_NO_SLOT,
};

static const struct arch_note core_notes[] = {
	{ "CORE", NT_PRSTATUS, 256, general_slots, NULL },
	{ "CORE", NT_PRFPREG, 264, fp_slots, NULL },
	ARCH_NO_NOTE,
};

const struct arch arch_riscv64 = {
	.gdb_name = "riscv:rv64",
	.osabi = "GNU/Linux",
	.elf_machine = EM_RISCV,
	.elf_flags = 5, // EF_RISCV_RVC, EF_RISCV_FLOAT_ABI_DOUBLE
	.word_size = 8,
	.page_size = 4096,
	.features = features,
	.nr_short = 33, // up to pc
	.pc = "pc",
	.sp = "sp",
	.notes = core_notes,
	.match = match,
	.get = get,
	.thread_pointer = thread_pointer,
};
