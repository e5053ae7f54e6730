/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * x86.h - what x86_64 and i386 share: the FXSAVE and XSAVE pieces of core images.
 *
 * CRIU stores the XSAVE area by component (xsave.ymmh_space is component 2, and so on), not by
 * offset. That is a blessing: the offsets of the area differ from CPU to CPU (AMD and Intel place
 * AVX-512 differently), and nobody who reads components can get them wrong.
 */
#ifndef CRIT_ARCH_X86_H
#define CRIT_ARCH_X86_H

#include "arch/arch.h"
#include "arch/rows.h"

/** Where an x86 register stands; `arch_reg.part`. `off` is an index unless said otherwise. */
enum x86_part {
	X86_GP,	      /* off: of a uint64_t field in Criu__UserX86RegsEntry */
	X86_ST,	      /* st_space, 16 bytes each of which 10 count */
	X86_FCTRL,    /* the x87 control registers, no off */
	X86_FSTAT,
	X86_FTAG,
	X86_FISEG,
	X86_FIOFF,
	X86_FOSEG,
	X86_FOOFF,
	X86_FOP,
	X86_XMM,      /* xmm_space, 16 bytes each */
	X86_MXCSR,
	X86_YMMH,     /* component 2, 16 bytes each: bits 128-255 of ymm0-15 */
	X86_K,	      /* component 5, 8 bytes each */
	X86_ZMMH,     /* component 6, 32 bytes each: bits 256-511 of zmm0-15 */
	X86_HI_XMM,   /* component 7, 64 bytes each: zmm16-31; bits 0-127 */
	X86_HI_YMMH,  /* ... bits 128-255 */
	X86_HI_ZMMH,  /* ... bits 256-511 */
	X86_PKRU,     /* component 9 */
	X86_SSP,      /* component 11: the shadow stack pointer */
	X86_TLS,      /* tls, a Linux struct user_desc each */
};

/** arch.get of both CPUs. */
bool x86_get(const struct arch *arch, const Criu__CoreEntry *core, const struct arch_reg *reg,
	     uint8_t *out);

/** arch_note.fill of both CPUs: FXSAVE, and what XSAVE writes. */
bool x86_fill_fxsave(const struct arch *arch, const Criu__CoreEntry *core, uint8_t *desc,
		     size_t *len);
bool x86_fill_xsave(const struct arch *arch, const Criu__CoreEntry *core, uint8_t *desc,
		    size_t *len);

enum { X86_NT_XSTATE = 0x202, X86_NT_SHSTK = 0x204 }; /* older headers lack them */

bool x86_has_avx(const Criu__CoreEntry *core);
bool x86_has_avx512(const Criu__CoreEntry *core);
bool x86_has_pkru(const Criu__CoreEntry *core);
bool x86_has_ssp(const Criu__CoreEntry *core);

extern const struct arch_type x86_core_types[];	  /* i386_eflags */
extern const struct arch_type x86_sse_types[];	  /* vec128, i386_mxcsr */
extern const struct arch_type x86_tls_types[];	  /* i386_tls_gdt_reg */
extern const struct arch_type x86_avx512_types[]; /* v2ui128, and vec128 again */

#define X86_GPR(name_, field_, bits_, type_)                                                      \
	{ name_, bits_, type_, NULL, X86_GP, offsetof(Criu__UserX86RegsEntry, field_) }
#define X86_ROW(name_, bits_, type_, group_, part_, off_)                                         \
	ARCH_ROW(name_, bits_, type_, group_, part_, off_)
#define X86_0_7(pre, post, bits, type, part)                                                      \
	ARCH_0_7(pre, post, bits, type, NULL, part, 0, 1)
#define X86_8_15(pre, post, bits, type, part)                                                     \
	ARCH_8_15(pre, post, bits, type, NULL, part, 8, 1)
#define X86_16_31(pre, post, bits, type, part, first)                                             \
	ARCH_16_31(pre, post, bits, type, NULL, part, first, 1)
#define X86_X87                                                                                   \
	X86_0_7("st", "", 80, "i387_ext", X86_ST),                                                \
	X86_ROW("fctrl", 32, "int", "float", X86_FCTRL, 0),                                       \
	X86_ROW("fstat", 32, "int", "float", X86_FSTAT, 0),                                       \
	X86_ROW("ftag", 32, "int", "float", X86_FTAG, 0),                                         \
	X86_ROW("fiseg", 32, "int", "float", X86_FISEG, 0),                                       \
	X86_ROW("fioff", 32, "int", "float", X86_FIOFF, 0),                                       \
	X86_ROW("foseg", 32, "int", "float", X86_FOSEG, 0),                                       \
	X86_ROW("fooff", 32, "int", "float", X86_FOOFF, 0),                                       \
	X86_ROW("fop", 32, "int", "float", X86_FOP, 0)
#define X86_MXCSR_ROW X86_ROW("mxcsr", 32, "i386_mxcsr", "vector", X86_MXCSR, 0)

#define X86_FEATURE(name_, types_, regs_, present_)                                                \
	ARCH_FEATURE("org.gnu.gdb.i386." name_, types_, regs_, present_)
#define X86_NO_FEATURE ARCH_NO_FEATURE

#endif
