// SPDX-License-Identifier: LGPL-2.1-or-later
/* cpu.c - a row for each CPU, from the DWARF chapters of their ABI documents. See cpu.h. */
#include "unwind/cpu.h"

#include <string.h>

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define R4(name, a, b, c, d) name #a, name #b, name #c, name #d
#define R8(name, a, b, c, d, e, f, g, h) R4(name, a, b, c, d), R4(name, e, f, g, h)
#define R0_31(name)                                                                       \
	R8(name, 0, 1, 2, 3, 4, 5, 6, 7), R8(name, 8, 9, 10, 11, 12, 13, 14, 15),         \
		R8(name, 16, 17, 18, 19, 20, 21, 22, 23), R8(name, 24, 25, 26, 27, 28, 29, 30, 31)

/* ---- x86 ------------------------------------------------------------------------------------ */

static const char *const x86_64_names[] = {
	"rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp",
	R8("r", 8, 9, 10, 11, 12, 13, 14, 15), "rip",
};

/* mov $15, %rax; syscall. At sp then is a ucontext, in it a sigcontext. */
static const uint8_t x86_64_return[] = { 0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05 };
static const uint8_t x86_64_saved[] = { 8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7, 16 };

static const struct cpu_trampoline x86_64_trampolines[] = {
	{ x86_64_return, sizeof(x86_64_return), 0, 40, x86_64_saved, sizeof(x86_64_saved) },
	{ 0 },
};

static const char *const i386_names[] = {
	"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "eip",
};

/* mov $173, %eax; int $0x80, with signal number and two pointers, siginfo and ucontext at sp; or,
 * for handlers without siginfo, pop %eax; mov $119, %eax; int $0x80, with a sigcontext behind the
 * signal number. */
static const uint8_t i386_rt_return[] = { 0xb8, 173, 0, 0, 0, 0xcd, 0x80 };
static const uint8_t i386_return[] = { 0x58, 0xb8, 119, 0, 0, 0, 0xcd, 0x80 };
static const uint8_t i386_saved[] = { 7, 6, 5, 4, 3, 2, 1, 0, CPU_NONE, CPU_NONE, 8 };

static const struct cpu_trampoline i386_trampolines[] = {
	{ i386_rt_return, sizeof(i386_rt_return), 0, 12 + 128 + 20 + 16, i386_saved,
	  sizeof(i386_saved) },
	{ i386_return, sizeof(i386_return), 0, 4 + 16, i386_saved, sizeof(i386_saved) },
	{ 0 },
};

/* ---- The others ----------------------------------------------------------------------------- */

static const char *const aarch64_names[] = {
	R8("x", 0, 1, 2, 3, 4, 5, 6, 7), R8("x", 8, 9, 10, 11, 12, 13, 14, 15),
	R8("x", 16, 17, 18, 19, 20, 21, 22, 23), R4("x", 24, 25, 26, 27), "x28", "x29", "x30",
	"sp", "pc",
};

static const char *const arm_names[] = {
	R8("r", 0, 1, 2, 3, 4, 5, 6, 7), R4("r", 8, 9, 10, 11), "r12", "sp", "lr", "pc",
};

/* The link register is number 65; 64 is free for the pc. */
static const char *const ppc64_names[] = { R0_31("r"), R0_31("f"), "pc", "lr" };

/* Functions that call no strangers keep registers in f0 to f7, which others may overwrite. */
static const char *const s390x_names[] = {
	R8("r", 0, 1, 2, 3, 4, 5, 6, 7), R8("r", 8, 9, 10, 11, 12, 13, 14, 15),
	"f0", "f2", "f4", "f6", "f1", "f3", "f5", "f7",
	"f8", "f10", "f12", "f14", "f9", "f11", "f13", "f15", [65] = "pswa",
};

static const char *const mips64_names[] = { R0_31("r"), [64] = "pc" };
static const char *const loongarch64_names[] = { R0_31("r"), [64] = "pc" };

static const char *const riscv64_names[] = {
	"zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "fp", "s1",
	R8("a", 0, 1, 2, 3, 4, 5, 6, 7), R8("s", 2, 3, 4, 5, 6, 7, 8, 9), "s10", "s11",
	R4("t", 3, 4, 5, 6), [64] = "pc",
};

#define BITS(first, last) ((~0ULL >> (63 - (last))) & (~0ULL << (first)))

static const struct cpu cpus[] = {
	{ "i386:x86-64", x86_64_names, NR(x86_64_names), 16, 7, 6, CPU_NONE, true, true,
	  BITS(12, 15) | 1 << 3 | 1 << 6, x86_64_trampolines, 0, NULL },
	{ "i386", i386_names, NR(i386_names), 8, 4, 5, CPU_NONE, true, true,
	  BITS(5, 7) | 1 << 3, i386_trampolines, 0, NULL },
	{ "aarch64", aarch64_names, NR(aarch64_names), 32, 31, 29, 30, false, true, BITS(19, 30),
	  NULL, BITS(0, 47), NULL },
	{ "arm", arm_names, NR(arm_names), 15, 13, 11, 14, false, false, BITS(4, 11) | 1 << 14,
	  NULL, ~1ULL, NULL },
	{ "powerpc:common64", ppc64_names, NR(ppc64_names), 64, 1, CPU_NONE, 65, false, false,
	  BITS(14, 31) | BITS(46, 63), NULL, 0, NULL },
	{ "s390:64-bit", s390x_names, NR(s390x_names), 65, 15, CPU_NONE, 14, false, false,
	  BITS(6, 14) | BITS(16, 31), NULL, 0, NULL },
	{ "mips:isa64r2", mips64_names, NR(mips64_names), 64, 29, 30, 31, false, false,
	  BITS(16, 23) | BITS(28, 31), NULL, 0, "0.191" },
	{ "Loongarch64", loongarch64_names, NR(loongarch64_names), 64, 3, 22, 1, false, false,
	  BITS(22, 31) | 1 << 1, NULL, 0, "0.190" },
	{ "riscv:rv64", riscv64_names, NR(riscv64_names), 64, 2, 8, 1, false, false,
	  BITS(18, 27) | 1 << 8 | 1 << 9 | 1 << 1, NULL, 0, NULL },
};

const struct cpu *cpu_find(const char *gdb_name)
{
	for (size_t i = 0; i < NR(cpus); i++)
		if (!strcmp(cpus[i].name, gdb_name))
			return &cpus[i];
	return NULL;
}
