// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cpu.c - would the tasks run on this machine? That is nothing about the images: all findings are
 * warnings. Compared are the kind of CPU; the vector registers that the tasks had in use, with what
 * this kernel saves; and, where `criu cpuinfo dump` left a cpuinfo.img, all instructions.
 */
#include "check/check.h"
#include "cpuinfo.pb-c.h"
#include "task.pb-c.h"
#include "util/buf.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#define HERE CRIU__CORE_ENTRY__MARCH__X86_64
#elif defined(__aarch64__)
#define HERE CRIU__CORE_ENTRY__MARCH__AARCH64
#elif defined(__arm__)
#define HERE CRIU__CORE_ENTRY__MARCH__ARM
#elif defined(__powerpc64__)
#define HERE CRIU__CORE_ENTRY__MARCH__PPC64
#elif defined(__s390x__)
#define HERE CRIU__CORE_ENTRY__MARCH__S390
#elif defined(__mips__)
#define HERE CRIU__CORE_ENTRY__MARCH__MIPS
#elif defined(__loongarch64)
#define HERE CRIU__CORE_ENTRY__MARCH__LOONGARCH64
#elif defined(__riscv)
#define HERE CRIU__CORE_ENTRY__MARCH__RISCV64
#else
#define HERE CRIU__CORE_ENTRY__MARCH__UNKNOWN
#endif

static const char *march_name(int march)
{
	static const char *const names[] = { "?", "x86-64", "ARM", "AArch64", "PowerPC 64", "s390x",
					     "MIPS", "LoongArch 64", "RISC-V 64" };

	return march > 0 && march < 9 ? names[march] : names[0];
}

/* ---- this machine --------------------------------------------------------------------------- */

/* Words of cpuinfo_x86_entry.capability: registers of CPUID leaves. */
enum word {
	WORD_1_EDX = 0,
	WORD_EXT_EDX = 1,
	WORD_1_ECX = 4,
	WORD_EXT_ECX = 6,
	WORD_7_EBX = 9,
	WORD_D_EAX = 10,
	WORD_7_ECX = 11,
	WORD_7_EDX = 18,
	NR_WORDS = 19,
};

/* What programs can use by themselves, by the names of /proc/cpuinfo. */
static const struct {
	uint8_t word, bit;
	const char *name;
} instructions[] = {
	{ WORD_1_EDX, 0, "fpu" },	{ WORD_1_EDX, 8, "cx8" },
	{ WORD_1_EDX, 15, "cmov" },	{ WORD_1_EDX, 19, "clflush" },
	{ WORD_1_EDX, 23, "mmx" },	{ WORD_1_EDX, 24, "fxsr" },
	{ WORD_1_EDX, 25, "sse" },	{ WORD_1_EDX, 26, "sse2" },
	{ WORD_EXT_EDX, 22, "mmxext" }, { WORD_EXT_EDX, 27, "rdtscp" },
	{ WORD_EXT_EDX, 30, "3dnowext" }, { WORD_EXT_EDX, 31, "3dnow" },
	{ WORD_1_ECX, 0, "pni" },	{ WORD_1_ECX, 1, "pclmulqdq" },
	{ WORD_1_ECX, 9, "ssse3" },	{ WORD_1_ECX, 12, "fma" },
	{ WORD_1_ECX, 13, "cx16" },	{ WORD_1_ECX, 19, "sse4_1" },
	{ WORD_1_ECX, 20, "sse4_2" },	{ WORD_1_ECX, 22, "movbe" },
	{ WORD_1_ECX, 23, "popcnt" },	{ WORD_1_ECX, 25, "aes" },
	{ WORD_1_ECX, 26, "xsave" },	{ WORD_1_ECX, 28, "avx" },
	{ WORD_1_ECX, 29, "f16c" },	{ WORD_1_ECX, 30, "rdrand" },
	{ WORD_EXT_ECX, 5, "abm" },	{ WORD_EXT_ECX, 6, "sse4a" },
	{ WORD_EXT_ECX, 8, "3dnowprefetch" }, { WORD_EXT_ECX, 11, "xop" },
	{ WORD_EXT_ECX, 16, "fma4" },	{ WORD_EXT_ECX, 21, "tbm" },
	{ WORD_7_EBX, 0, "fsgsbase" },	{ WORD_7_EBX, 3, "bmi1" },
	{ WORD_7_EBX, 4, "hle" },	{ WORD_7_EBX, 5, "avx2" },
	{ WORD_7_EBX, 8, "bmi2" },	{ WORD_7_EBX, 11, "rtm" },
	{ WORD_7_EBX, 14, "mpx" },	{ WORD_7_EBX, 16, "avx512f" },
	{ WORD_7_EBX, 17, "avx512dq" }, { WORD_7_EBX, 18, "rdseed" },
	{ WORD_7_EBX, 19, "adx" },	{ WORD_7_EBX, 21, "avx512ifma" },
	{ WORD_7_EBX, 23, "clflushopt" }, { WORD_7_EBX, 24, "clwb" },
	{ WORD_7_EBX, 26, "avx512pf" }, { WORD_7_EBX, 27, "avx512er" },
	{ WORD_7_EBX, 28, "avx512cd" }, { WORD_7_EBX, 29, "sha_ni" },
	{ WORD_7_EBX, 30, "avx512bw" }, { WORD_7_EBX, 31, "avx512vl" },
	{ WORD_D_EAX, 0, "xsaveopt" },	{ WORD_D_EAX, 1, "xsavec" },
	{ WORD_D_EAX, 2, "xgetbv1" },	{ WORD_7_ECX, 1, "avx512vbmi" },
	{ WORD_7_ECX, 6, "avx512_vbmi2" }, { WORD_7_ECX, 8, "gfni" },
	{ WORD_7_ECX, 9, "vaes" },	{ WORD_7_ECX, 10, "vpclmulqdq" },
	{ WORD_7_ECX, 11, "avx512_vnni" }, { WORD_7_ECX, 12, "avx512_bitalg" },
	{ WORD_7_ECX, 14, "avx512_vpopcntdq" }, { WORD_7_ECX, 22, "rdpid" },
	{ WORD_7_EDX, 2, "avx512_4vnniw" }, { WORD_7_EDX, 3, "avx512_4fmaps" },
};

struct machine {
	uint32_t words[NR_WORDS];
	uint64_t components; /* of XSAVE, as the kernel switched them on */
	uint32_t xsave_size;
};

#if defined(__x86_64__) || defined(__i386__)
enum { OSXSAVE = 1u << 27 };

static uint64_t components_here(void)
{
	uint32_t low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

static bool machine_get(struct machine *m)
{
	uint32_t a, b, c, d;

	*m = (struct machine){ 0 };
	if (!__get_cpuid(1, &a, &b, &m->words[WORD_1_ECX], &m->words[WORD_1_EDX]))
		return false;
	if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
		m->words[WORD_7_EBX] = b;
		m->words[WORD_7_ECX] = c;
		m->words[WORD_7_EDX] = d;
	}
	if (__get_cpuid(0x80000001, &a, &b, &c, &d)) {
		m->words[WORD_EXT_ECX] = c;
		m->words[WORD_EXT_EDX] = d;
	}
	if (!(m->words[WORD_1_ECX] & OSXSAVE))
		return true;
	m->components = components_here();
	if (__get_cpuid_count(0xd, 1, &a, &b, &c, &d))
		m->words[WORD_D_EAX] = a;
	if (__get_cpuid_count(0xd, 0, &a, &b, &c, &d))
		m->xsave_size = b;
	return true;
}
#else
static bool machine_get(struct machine *m)
{
	*m = (struct machine){ 0 };
	return false;
}
#endif

/* ---- comparing ------------------------------------------------------------------------------ */

static const struct {
	uint8_t component;
	const char *name;
} components[] = {
	{ 2, "AVX" },	  { 3, "MPX" },	    { 5, "AVX-512" }, { 6, "AVX-512" },
	{ 7, "AVX-512" }, { 9, "protection keys" }, { 11, "user shadow stacks" },
};

static uint64_t component_bit(size_t i)
{
	return UINT64_C(1) << components[i].component;
}

/** What of the tasks' state has no room here; the shadow stack is switched on by CRIU, not XCR0. */
static void check_registers(struct check *c, const struct machine *m)
{
	const struct items *cores = &c->sets[SET_CORE];
	uint64_t told = UINT64_C(1) << 11;

	for (size_t i = 0; i < cores->nr && goes_on(c); i++) {
		const Criu__CoreEntry *core = cores->items[i].msg;
		const Criu__UserX86XsaveEntry *x =
			core->thread_info ? core->thread_info->fpregs->xsave : NULL;

		for (size_t k = 0; x && k < sizeof(components) / sizeof(components[0]); k++) {
			uint64_t bit = component_bit(k);

			if (!(x->xstate_bv & bit & ~m->components & ~told))
				continue;
			told |= bit;
			found(c, RULE_CPU_FEATURES, &cores->items[i],
			      "thread_info.fpregs.xsave.xstate_bv",
			      "cannot run here: registers of %s (component %u) were in use, "
			      "which this machine does not have",
			      components[k].name, components[k].component);
		}
	}
}

static void check_instructions(struct check *c, const struct item *at,
			       const Criu__CpuinfoX86Entry *e, const struct machine *m)
{
	struct buf missing = { 0 };

	for (size_t i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++) {
		size_t word = instructions[i].word;
		uint32_t bit = UINT32_C(1) << instructions[i].bit;

		if (word < e->n_capability && e->capability[word] & bit & ~m->words[word])
			buf_printf(&missing, "%s%s", missing.len ? " " : "", instructions[i].name);
	}
	buf_add_byte(&missing, '\0');
	if (missing.failed)
		check_no_memory(c);
	else if (missing.len > 1)
		found(c, RULE_CPU_FEATURES, at, "x86_entry.capability",
		      "may not run here: the machine had %s, and this one has not", missing.data);
	buf_deinit(&missing);
}

static void check_cpuinfo(struct check *c, const struct machine *m)
{
	const struct item *at = item_numbered(c, SET_CPUINFO, 0);
	const Criu__CpuinfoEntry *all = at ? at->msg : NULL;
	const Criu__CpuinfoX86Entry *e = all && all->n_x86_entry == 1 ? all->x86_entry[0] : NULL;

	if (!e)
		return;
	check_instructions(c, at, e, m);
	if (e->has_xfeatures_mask && e->xfeatures_mask & ~m->components)
		found(c, RULE_CPU_FEATURES, at, "x86_entry.xfeatures_mask",
		      "XSAVE components 0x%llx of the machine, this one has 0x%llx",
		      (unsigned long long)e->xfeatures_mask, (unsigned long long)m->components);
	if (e->has_xsave_size && m->xsave_size && e->xsave_size != m->xsave_size)
		found(c, RULE_CPU_FEATURES, at, "x86_entry.xsave_size",
		      "the machine's XSAVE area had %u bytes, this one's %u: criu refuses that "
		      "with --cpu-cap=fpu", e->xsave_size, m->xsave_size);
}

void check_cpu(struct check *c)
{
	const struct items *cores = &c->sets[SET_CORE];
	const Criu__CoreEntry *first = cores->nr ? cores->items[0].msg : NULL;
	struct machine here;

	if (c->options->no_cpu || !first)
		return;
	if ((int)first->mtype != HERE) {
		found(c, RULE_CPU_KIND, &cores->items[0], "mtype",
		      "cannot run here: the tasks are of %s, this machine is %s",
		      march_name((int)first->mtype), march_name(HERE));
		return;
	}
	if (HERE != CRIU__CORE_ENTRY__MARCH__X86_64 || !machine_get(&here))
		return;
	check_registers(c, &here);
	check_cpuinfo(c, &here);
}
