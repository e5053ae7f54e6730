// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Thread pointers of all CPUs: what nobody prints, and thread-local storage starts from. Registers
 * have cases of their own (registers*.case).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arch/arch.h"

enum {
	POINTER = 0x3ff,
	POINTER_LOW = 0xbf177740,
};

static const uint64_t pointer = (uint64_t)POINTER << 32 | POINTER_LOW;

static void assert_thread_pointer(Criu__CoreEntry *core, Criu__CoreEntry__March mtype,
				  uint64_t expected)
{
	const struct arch *arch;
	uint64_t found = 0;

	core->mtype = mtype;
	arch = arch_find(core, false);
	assert_non_null(arch);
	assert_true(arch->thread_pointer(core, &found));
	assert_int_equal(found, expected);
	assert_non_null(arch->pc);
	assert_non_null(arch->sp);
}

static void test_fields(void **state)
{
	Criu__ThreadInfoAarch64 aarch64 = CRIU__THREAD_INFO_AARCH64__INIT;
	Criu__ThreadInfoArm arm = CRIU__THREAD_INFO_ARM__INIT;
	Criu__ThreadInfoMips mips = CRIU__THREAD_INFO_MIPS__INIT;
	Criu__CoreEntry core = CRIU__CORE_ENTRY__INIT;

	(void)state;
	aarch64.tls = mips.tls = pointer;
	arm.tls = POINTER_LOW;
	core.ti_aarch64 = &aarch64;
	core.ti_arm = &arm;
	core.ti_mips = &mips;
	assert_thread_pointer(&core, CRIU__CORE_ENTRY__MARCH__AARCH64, pointer);
	assert_thread_pointer(&core, CRIU__CORE_ENTRY__MARCH__ARM, POINTER_LOW);
	assert_thread_pointer(&core, CRIU__CORE_ENTRY__MARCH__MIPS, pointer);
}

static void test_general_registers(void **state)
{
	uint64_t words[32] = { 0 };
	Criu__ThreadInfoPpc64 ppc64 = CRIU__THREAD_INFO_PPC64__INIT;
	Criu__UserPpc64RegsEntry ppc64_regs = CRIU__USER_PPC64_REGS_ENTRY__INIT;
	Criu__ThreadInfoLoongarch64 loongarch = CRIU__THREAD_INFO_LOONGARCH64__INIT;
	Criu__UserLoongarch64GpregsEntry loongarch_regs = CRIU__USER_LOONGARCH64_GPREGS_ENTRY__INIT;
	Criu__ThreadInfoRiscv64 riscv = CRIU__THREAD_INFO_RISCV64__INIT;
	Criu__UserRiscv64RegsEntry riscv_regs = CRIU__USER_RISCV64_REGS_ENTRY__INIT;
	Criu__CoreEntry core = CRIU__CORE_ENTRY__INIT;

	(void)state;
	words[13] = pointer;
	words[2] = pointer + 1;
	riscv_regs.tp = pointer + 2;
	ppc64_regs.gpr = loongarch_regs.regs = words;
	ppc64_regs.n_gpr = loongarch_regs.n_regs = 32;
	ppc64.gpregs = &ppc64_regs;
	loongarch.gpregs = &loongarch_regs;
	riscv.gpregs = &riscv_regs;
	core.ti_ppc64 = &ppc64;
	core.ti_loongarch64 = &loongarch;
	core.ti_riscv64 = &riscv;
	assert_thread_pointer(&core, CRIU__CORE_ENTRY__MARCH__PPC64, pointer);
	assert_thread_pointer(&core, CRIU__CORE_ENTRY__MARCH__LOONGARCH64, pointer + 1);
	assert_thread_pointer(&core, CRIU__CORE_ENTRY__MARCH__RISCV64, pointer + 2);
}

static void test_access_registers(void **state)
{
	uint32_t halves[16] = { POINTER, POINTER_LOW };
	Criu__ThreadInfoS390 s390 = CRIU__THREAD_INFO_S390__INIT;
	Criu__UserS390RegsEntry regs = CRIU__USER_S390_REGS_ENTRY__INIT;
	Criu__CoreEntry core = CRIU__CORE_ENTRY__INIT;

	(void)state;
	regs.acrs = halves;
	regs.n_acrs = 16;
	s390.gpregs = &regs;
	core.ti_s390 = &s390;
	assert_thread_pointer(&core, CRIU__CORE_ENTRY__MARCH__S390, pointer);
}

/* A core image of a CPU may lack what the CPU's registers are in. */
static void test_missing(void **state)
{
	Criu__CoreEntry core = CRIU__CORE_ENTRY__INIT;
	uint64_t found;

	(void)state;
	for (int mtype = CRIU__CORE_ENTRY__MARCH__ARM; mtype <= CRIU__CORE_ENTRY__MARCH__RISCV64;
	     mtype++) {
		core.mtype = (Criu__CoreEntry__March)mtype;
		assert_non_null(arch_find(&core, false));
		assert_false(arch_find(&core, false)->thread_pointer(&core, &found));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_general_registers),
		cmocka_unit_test(test_access_registers),
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
