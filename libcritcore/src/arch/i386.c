// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * i386.c - 32-bit tasks on an x86_64 kernel: the same messages with mode COMPAT, of which the low
 * halves count and r8 to r15 are unused. See x86.h.
 */
#include <elf.h>

#include "arch/list.h"
#include "arch/notes.h"
#include "arch/x86.h"

static const struct arch_reg core_regs[] = {
	X86_GPR("eax", ax, 32, "int32"),
	X86_GPR("ecx", cx, 32, "int32"),
	X86_GPR("edx", dx, 32, "int32"),
	X86_GPR("ebx", bx, 32, "int32"),
	X86_GPR("esp", sp, 32, "data_ptr"),
	X86_GPR("ebp", bp, 32, "data_ptr"),
	X86_GPR("esi", si, 32, "int32"),
	X86_GPR("edi", di, 32, "int32"),
	X86_GPR("eip", ip, 32, "code_ptr"),
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
	X86_MXCSR_ROW,
};

static const struct arch_reg linux_regs[] = {
	X86_GPR("orig_eax", orig_ax, 32, "int"),
	// gdb 18 and later; older ones list them as they are.
	X86_ROW("i386_tls_gdt_0", 128, "i386_tls_gdt_reg", "system", X86_TLS, 0),
	X86_ROW("i386_tls_gdt_1", 128, "i386_tls_gdt_reg", "system", X86_TLS, 1),
	X86_ROW("i386_tls_gdt_2", 128, "i386_tls_gdt_reg", "system", X86_TLS, 2),
};

static const struct arch_reg avx_regs[] = {
	X86_0_7("ymm", "h", 128, "uint128", X86_YMMH),
};

static const struct arch_reg avx512_regs[] = {
	X86_0_7("k", "", 64, "uint64", X86_K),
	X86_0_7("zmm", "h", 256, "v2ui128", X86_ZMMH),
};

static const struct arch_reg pkeys_regs[] = {
	X86_ROW("pkru", 32, "uint32", NULL, X86_PKRU, 0),
};

static const struct arch_feature features[] = {
	X86_FEATURE("core", x86_core_types, core_regs, NULL),
	X86_FEATURE("sse", x86_sse_types, sse_regs, NULL),
	X86_FEATURE("linux", x86_tls_types, linux_regs, NULL),
	X86_FEATURE("avx", NULL, avx_regs, x86_has_avx),
	X86_FEATURE("avx512", x86_avx512_types, avx512_regs, x86_has_avx512),
	X86_FEATURE("pkeys", NULL, pkeys_regs, x86_has_pkru),
	X86_NO_FEATURE,
};

static bool match(const Criu__CoreEntry *core, bool big_endian)
{
	const Criu__ThreadInfoX86 *info = core->thread_info;

	(void)big_endian;
	return core->mtype == CRIU__CORE_ENTRY__MARCH__X86_64 && info && info->gpregs->has_mode &&
	       info->gpregs->mode == CRIU__USER_X86_REGS_MODE__COMPAT;
}

/* gs selects one of the three thread-local segments of the GDT, whose base it is. */
static bool thread_pointer(const Criu__CoreEntry *core, uint64_t *out)
{
	const Criu__ThreadInfoX86 *info = core->thread_info;

	for (size_t i = 0; info && i < info->n_tls; i++) {
		if (info->tls[i]->seg_not_present ||
		    info->tls[i]->entry_number != (info->gpregs->gs & 0xffff) >> 3)
			continue;
		*out = info->tls[i]->base_addr;
		return true;
	}
	return false;
}

/* struct user_regs_struct of a 32-bit kernel. */
static const struct arch_slot general_slots[] = {
	ARCH_SLOT("ebx", 0, 4),	    ARCH_SLOT("ecx", 4, 4),  ARCH_SLOT("edx", 8, 4),
	ARCH_SLOT("esi", 12, 4),    ARCH_SLOT("edi", 16, 4), ARCH_SLOT("ebp", 20, 4),
	ARCH_SLOT("eax", 24, 4),    ARCH_SLOT("ds", 28, 4),  ARCH_SLOT("es", 32, 4),
	ARCH_SLOT("fs", 36, 4),	    ARCH_SLOT("gs", 40, 4),  ARCH_SLOT("orig_eax", 44, 4),
	ARCH_SLOT("eip", 48, 4),    ARCH_SLOT("cs", 52, 4),  ARCH_SLOT("eflags", 56, 4),
	ARCH_SLOT("esp", 60, 4),    ARCH_SLOT("ss", 64, 4),  ARCH_NO_SLOT,
};

/* FSAVE: opcode and code selector share a word. */
static const struct arch_slot x87_slots[] = {
	ARCH_SLOT("fctrl", 0, 4),  ARCH_SLOT("fstat", 4, 4),  ARCH_SLOT("ftag", 8, 4),
	ARCH_SLOT("fioff", 12, 4), ARCH_SLOT("fiseg", 16, 2), ARCH_SLOT("fop", 18, 2),
	ARCH_SLOT("fooff", 20, 4), ARCH_SLOT("foseg", 24, 4), ARCH_SLOTS("st0", 8, 28, 10),
	ARCH_NO_SLOT,
};

static const struct arch_slot tls_slots[] = {
	ARCH_SLOTS("i386_tls_gdt_0", 3, 0, 16),
	ARCH_NO_SLOT,
};

static const struct arch_note core_notes[] = {
	{ "CORE", NT_PRSTATUS, 68, general_slots, NULL },
	{ "CORE", NT_PRFPREG, 108, x87_slots, NULL },
	{ "LINUX", NT_PRXFPREG, 512, NULL, x86_fill_fxsave },
	{ "LINUX", X86_NT_XSTATE, 0, NULL, x86_fill_xsave },
	{ "LINUX", NT_386_TLS, 48, tls_slots, NULL },
	ARCH_NO_NOTE,
};

const struct arch arch_i386 = {
	.gdb_name = "i386",
	.osabi = "GNU/Linux",
	.elf_machine = EM_386,
	.short_ids = true,
	.word_size = 4,
	.auxv_packed = true,
	.page_size = 4096,
	.features = features,
	.nr_short = 16, // up to gs
	.pc = "eip",
	.sp = "esp",
	.notes = core_notes,
	.match = match,
	.get = x86_get,
	.thread_pointer = thread_pointer,
};
