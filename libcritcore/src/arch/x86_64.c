// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * x86_64.c - 64-bit tasks of x86: registers in gdb's order (features org.gnu.gdb.i386.*), each with
 * its place in thread_info_x86. See x86.h.
 */
#include <elf.h>

#include "arch/list.h"
#include "arch/notes.h"
#include "arch/x86.h"

static const struct arch_reg core_regs[] = {
	X86_GPR("rax", ax, 64, "int64"),
	X86_GPR("rbx", bx, 64, "int64"),
	X86_GPR("rcx", cx, 64, "int64"),
	X86_GPR("rdx", dx, 64, "int64"),
	X86_GPR("rsi", si, 64, "int64"),
	X86_GPR("rdi", di, 64, "int64"),
	X86_GPR("rbp", bp, 64, "data_ptr"),
	X86_GPR("rsp", sp, 64, "data_ptr"),
	X86_GPR("r8", r8, 64, "int64"),
	X86_GPR("r9", r9, 64, "int64"),
	X86_GPR("r10", r10, 64, "int64"),
	X86_GPR("r11", r11, 64, "int64"),
	X86_GPR("r12", r12, 64, "int64"),
	X86_GPR("r13", r13, 64, "int64"),
	X86_GPR("r14", r14, 64, "int64"),
	X86_GPR("r15", r15, 64, "int64"),
	X86_GPR("rip", ip, 64, "code_ptr"),
	X86_GPR("eflags", flags, 32, "i386_eflags"),
	X86_GPR("cs", cs, 32, "int32"),
	X86_GPR("ss", ss, 32, "int32"),
	X86_GPR("ds", ds, 32, "int32"),
	X86_GPR("es", es, 32, "int32"),
	X86_GPR("fs", fs, 32, "int32"),
	X86_GPR("gs", gs, 32, "int32"),
	X86_X87,
};

static const struct arch_reg sse_regs[] = {
	X86_0_7("xmm", "", 128, "vec128", X86_XMM),
	X86_8_15("xmm", "", 128, "vec128", X86_XMM),
	X86_MXCSR_ROW,
};

static const struct arch_reg linux_regs[] = {
	X86_GPR("orig_rax", orig_ax, 64, "int"),
};

static const struct arch_reg segment_regs[] = {
	X86_GPR("fs_base", fs_base, 64, "int"),
	X86_GPR("gs_base", gs_base, 64, "int"),
};

static const struct arch_reg avx_regs[] = {
	X86_0_7("ymm", "h", 128, "uint128", X86_YMMH),
	X86_8_15("ymm", "h", 128, "uint128", X86_YMMH),
};

static const struct arch_reg avx512_regs[] = {
	X86_16_31("xmm", "", 128, "vec128", X86_HI_XMM, 0),
	X86_16_31("ymm", "h", 128, "uint128", X86_HI_YMMH, 0),
	X86_0_7("k", "", 64, "uint64", X86_K),
	X86_0_7("zmm", "h", 256, "v2ui128", X86_ZMMH),
	X86_8_15("zmm", "h", 256, "v2ui128", X86_ZMMH),
	X86_16_31("zmm", "h", 256, "v2ui128", X86_HI_ZMMH, 0),
};

static const struct arch_reg pkeys_regs[] = {
	X86_ROW("pkru", 32, "uint32", NULL, X86_PKRU, 0),
};

static const struct arch_reg ssp_regs[] = {
	X86_ROW("pl3_ssp", 64, "data_ptr", NULL, X86_SSP, 0),
};

static const struct arch_feature features[] = {
	X86_FEATURE("core", x86_core_types, core_regs, NULL),
	X86_FEATURE("sse", x86_sse_types, sse_regs, NULL),
	X86_FEATURE("linux", NULL, linux_regs, NULL),
	X86_FEATURE("segments", NULL, segment_regs, NULL),
	X86_FEATURE("avx", NULL, avx_regs, x86_has_avx),
	X86_FEATURE("avx512", x86_avx512_types, avx512_regs, x86_has_avx512),
	X86_FEATURE("pkeys", NULL, pkeys_regs, x86_has_pkru),
	// gdb 17 and later; older ones list it as it is.
	X86_FEATURE("pl3_ssp", NULL, ssp_regs, x86_has_ssp),
	X86_NO_FEATURE,
};

static bool match(const Criu__CoreEntry *core, bool big_endian)
{
	const Criu__ThreadInfoX86 *info = core->thread_info;

	(void)big_endian;
	return core->mtype == CRIU__CORE_ENTRY__MARCH__X86_64 &&
	       (!info || !info->gpregs->has_mode ||
		info->gpregs->mode == CRIU__USER_X86_REGS_MODE__NATIVE);
}

static bool thread_pointer(const Criu__CoreEntry *core, uint64_t *out)
{
	if (!core->thread_info)
		return false;
	*out = core->thread_info->gpregs->fs_base;
	return true;
}

/* struct user_regs_struct of the kernel. */
static const struct arch_slot general_slots[] = {
	ARCH_SLOT("r15", 0, 8),	     ARCH_SLOT("r14", 8, 8),	ARCH_SLOT("r13", 16, 8),
	ARCH_SLOT("r12", 24, 8),     ARCH_SLOT("rbp", 32, 8),	ARCH_SLOT("rbx", 40, 8),
	ARCH_SLOT("r11", 48, 8),     ARCH_SLOT("r10", 56, 8),	ARCH_SLOT("r9", 64, 8),
	ARCH_SLOT("r8", 72, 8),	     ARCH_SLOT("rax", 80, 8),	ARCH_SLOT("rcx", 88, 8),
	ARCH_SLOT("rdx", 96, 8),     ARCH_SLOT("rsi", 104, 8),	ARCH_SLOT("rdi", 112, 8),
	ARCH_SLOT("orig_rax", 120, 8), ARCH_SLOT("rip", 128, 8), ARCH_SLOT("cs", 136, 8),
	ARCH_SLOT("eflags", 144, 8), ARCH_SLOT("rsp", 152, 8),	ARCH_SLOT("ss", 160, 8),
	ARCH_SLOT("fs_base", 168, 8), ARCH_SLOT("gs_base", 176, 8), ARCH_SLOT("ds", 184, 8),
	ARCH_SLOT("es", 192, 8),     ARCH_SLOT("fs", 200, 8),	ARCH_SLOT("gs", 208, 8),
	ARCH_NO_SLOT,
};

static const struct arch_slot shadow_stack_slots[] = { ARCH_SLOT("pl3_ssp", 0, 8), ARCH_NO_SLOT };

static const struct arch_note core_notes[] = {
	{ "CORE", NT_PRSTATUS, 216, general_slots, NULL },
	{ "CORE", NT_PRFPREG, 512, NULL, x86_fill_fxsave },
	{ "LINUX", X86_NT_XSTATE, 0, NULL, x86_fill_xsave },
	{ "LINUX", X86_NT_SHSTK, 8, shadow_stack_slots, NULL },
	ARCH_NO_NOTE,
};

const struct arch arch_x86_64 = {
	.gdb_name = "i386:x86-64",
	.osabi = "GNU/Linux",
	.elf_machine = EM_X86_64,
	.word_size = 8,
	.page_size = 4096,
	.features = features,
	.nr_short = 24, // up to gs
	.pc = "rip",
	.sp = "rsp",
	.notes = core_notes,
	.match = match,
	.get = x86_get,
	.thread_pointer = thread_pointer,
};
