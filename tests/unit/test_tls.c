// SPDX-License-Identifier: LGPL-2.1-or-later
/* crit_tls_address() in a made-up process: see tls_process.h. */
#include "tls_process.h"

static void expect(uint64_t link_map, uint64_t vaddr)
{
	struct crit_error err = { .message = "" };
	uint64_t found = 0;

	if (crit_tls_address(&thread, link_map, 0x10, &found, &err))
		fail_msg("%s", err.message);
	assert_int_equal(found, vaddr);
}

static void expect_error(uint64_t link_map, enum crit_status status, const char *text)
{
	struct crit_error err;
	uint64_t found = 77;

	assert_int_equal(crit_tls_address(&thread, link_map, 0x10, &found, &err), status);
	assert_int_equal(found, 77);
	assert_memory_equal(err.message, "thread-local storage of thread 43: ", 35);
	assert_string_equal(err.message + 35, text);
}

/* ---- glibc --------------------------------------------------------------------------------- */

static void test_glibc_dynamic(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(archs) / sizeof(*archs); i++) {
		start_glibc(archs[i], 3);
		expect(MAP, BLOCK + 0x10);
	}
}

static void test_glibc_static(void **state)
{
	// l_tls_offset, and the block that it means, from the thread pointer
	static const struct {
		const struct arch *arch;
		uint64_t off;
		int64_t block;
	} cases[] = {
		{ &arch_x86_64, 0x40, -0x40 },	  { &arch_i386, 0x40, -0x40 },
		{ &arch_s390x, 0x40, -0x40 },	  { &arch_aarch64, 0x40, 0x40 },
		{ &arch_arm, 0x40, 0x40 },	  { &arch_ppc64, 0x40, -0x7000 + 0x40 },
		{ &arch_mips64, 0x40, -0x7000 + 0x40 }, { &arch_riscv64, 0x40, 0x40 },
		{ &arch_riscv64, 0, 0 },	  { &arch_ppc64, 0, -0x7000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct glibc *g = start_glibc(cases[i].arch, 1);

		put_field(MAP, &g->offset, cases[i].off);
		put(DTV + 2 * word(), UINT64_MAX); // not in the dtv yet: it is there all the same
		expect(MAP, (uint64_t)(POINTER + cases[i].block + 0x10));
	}
	struct glibc *g = start_glibc(&arch_x86_64, 1);
	put_field(MAP, &g->offset, 0); // here 0 means that there is none
	expect(MAP, BLOCK + 0x10);
	put_field(MAP, &g->offset, (uint64_t)-2);
	expect(MAP, BLOCK + 0x10);
}

static const char not_yet[] = "link map 0x11000: not allocated yet: thread 43 has not used a "
			      "thread-local variable of module 3";

static void test_glibc_not_allocated(void **state)
{
	(void)state;
	start_glibc(&arch_x86_64, 3);
	put(DTV + 3 * 16, UINT64_MAX);
	expect_error(MAP, CRIT_NOT_FOUND, not_yet);
	put(DTV + 3 * 16, 0);
	expect_error(MAP, CRIT_NOT_FOUND, not_yet);
	start_glibc(&arch_x86_64, 3);
	put(DTV, 4); // older than the module: the block is that of the module before
	expect_error(MAP, CRIT_NOT_FOUND, not_yet);
	start_glibc(&arch_x86_64, 3);
	put(DTV - 16, 2); // the table ends before the module
	expect_error(MAP, CRIT_NOT_FOUND, not_yet);
}

static void test_glibc_second_list(void **state)
{
	struct glibc *g = start_glibc(&arch_x86_64, 50);

	(void)state;
	put(DTV - 16, 60);
	put_field(LIST, &g->list_len, 32); // and two lists on
	put_field(LIST, &g->list_next, LIST + 0x400);
	put_field(LIST + 0x400, &g->list_len, 2);
	put_field(LIST + 0x400, &g->list_next, LIST + 0x800);
	put_field(LIST + 0x800, &g->list_len, 32);
	put(LIST + 0x800 + 16 + 18 * 16, 5);
	put(LIST + 0x800 + 16 + 18 * 16 + 8, MAP);
	// None is that short: a million of them would take long.
	expect_error(MAP, CRIT_CORRUPT,
		     "link map 0x11000: module 50 in the dynamic linker's list of modules: "
		     "0x13400 has only 2 of them");
	put_field(LIST, &g->list_next, LIST + 0x800);
	expect(MAP, BLOCK + 0x10);
	put_field(LIST + 0x800, &g->list_len, 18);
	put_field(LIST, &g->list_next, 0);
	expect_error(MAP, CRIT_CORRUPT,
		     "link map 0x11000: module 50 in the dynamic linker's list of modules: "
		     "it ends before that");
}

static void test_glibc_wild(void **state)
{
	struct glibc *g = start_glibc(&arch_x86_64, 3);

	(void)state;
	expect_error(NOWHERE, CRIT_UNMAPPED, "link map 0x900000: no mapping at 0x900490");
	expect_error(UINT64_MAX, CRIT_UNMAPPED,
		     "link map 0xffffffffffffffff: no mapping at 0x48f");
	expect_error(MAP + 0x800, CRIT_NOT_FOUND,
		     "link map 0x11800: the module has no thread-local storage");
	put_field(MAP, &g->modid, 2);
	expect_error(MAP, CRIT_CORRUPT,
		     "link map 0x11000: no link map: module 2, which it claims to be, has that at "
		     "0x0");
	put_field(MAP, &g->modid, (uint64_t)1 << 63);
	expect_error(MAP, CRIT_CORRUPT,
		     "link map 0x11000: module 9223372036854775808 in the dynamic linker's list of "
		     "modules: it ends before that");
	put_field(LIST, &g->list_next, LIST); // a circle
	expect_error(MAP, CRIT_CORRUPT,
		     "link map 0x11000: module 9223372036854775808 in the dynamic linker's list of "
		     "modules: it ends before that");
	put_field(LIST, &g->list_len, UINT64_MAX);
	expect_error(MAP, CRIT_CORRUPT,
		     "link map 0x11000: no link map: module 9223372036854775808, which it claims "
		     "to be, has that at 0x0");
}

static void test_glibc_wild_pointers(void **state)
{
	(void)state;
	start_glibc(&arch_x86_64, 3);
	put(LIST_HEAD, NOWHERE);
	expect_error(MAP, CRIT_UNMAPPED,
		     "link map 0x11000: module 3 in the dynamic linker's list of modules: "
		     "no mapping at 0x900000");
	start_glibc(&arch_x86_64, 3);
	put(POINTER + 8, NOWHERE);
	expect_error(MAP, CRIT_UNMAPPED, "link map 0x11000: no mapping at 0x8ffff0");
	regs.thread_pointer = NOWHERE;
	expect_error(MAP, CRIT_UNMAPPED, "link map 0x11000: no mapping at 0x900008");
	regs.has_thread_pointer = false;
	expect_error(MAP, CRIT_NOT_FOUND, "the image does not have its thread pointer");
	start_glibc(&arch_x86_64, 3)->has_list = false;
	expect_error(MAP, CRIT_NOT_FOUND,
		     "link map 0x11000: the dynamic linker's file, which tells where its list of "
		     "modules is, is not here");
}

/* Addresses of 32 bits wrap where the CPU's do. */
static void test_wrap(void **state)
{
	struct glibc *g = start_glibc(&arch_i386, 1);
	uint64_t found;

	(void)state;
	put_field(MAP, &g->offset, (uint32_t)-0x1000);
	assert_int_equal(crit_tls_address(&thread, MAP, 0xfffffff0, &found, NULL), CRIT_OK);
	assert_int_equal(found, POINTER + 0xff0);
	regs.thread_pointer = 0;
	put_field(MAP, &g->offset, 0x40);
	expect(MAP, 0xffffffd0);
}

/* ---- musl ---------------------------------------------------------------------------------- */

static void test_musl(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(archs) / sizeof(*archs); i++) {
		start_musl(archs[i]);
		expect(MAP, BLOCK + 0x400 + 0x10);
		expect(MAP + 0x200, BLOCK + 0x10);
	}
	expect_error(MAP + 0x100, CRIT_NOT_FOUND,
		     "link map 0x11100: the module has no thread-local storage");
	put(DTV, 1);
	expect_error(MAP + 0x200, CRIT_NOT_FOUND,
		     "not allocated yet: thread 43 has not used a thread-local variable of module "
		     "2");
	put(DTV, 2);
	put(DTV + 2 * word(), 0);
	expect_error(MAP + 0x200, CRIT_NOT_FOUND,
		     "not allocated yet: thread 43 has not used a thread-local variable of module "
		     "2");
}

static void test_musl_wild(void **state)
{
	(void)state;
	start_musl(&arch_x86_64);
	expect_error(NOWHERE, CRIT_UNMAPPED, "link map 0x900000: no mapping at 0x900010");
	expect_error(MAP + 0x400, CRIT_UNMAPPED,
		     "ELF header at 0x0: no mapping at 0x0");
	put(MAP, 0x12800);
	put(MAP + 0x100, 0x12900);
	put(MAP + 0x200, 0x12400);
	expect_error(MAP + 0x200, CRIT_CORRUPT,
		     "no link map at 0x11200: its dynamic section is not that of the ELF file at "
		     "0x12400");
	expect_error(MAP + 0x100, CRIT_CORRUPT, "no ELF header at 0x12900");
	start_musl(&arch_x86_64);
	put(MAP + 4 * 8, MAP + 0x200); // a circle
	expect_error(MAP + 0x200, CRIT_CORRUPT,
		     "the list of link maps before 0x11200 does not end");
	put(MAP + 4 * 8, NOWHERE);
	expect_error(MAP + 0x200, CRIT_UNMAPPED, "link map 0x900000: no mapping at 0x900010");
	start_musl(&arch_x86_64);
	endian_put(memory + 0x2000 + 56, 2, false, 0xffff);
	expect_error(MAP, CRIT_CORRUPT, "65535 program headers of 56 bytes at 0x12040");
	start_musl(&arch_x86_64);
	put(POINTER + 8, NOWHERE);
	expect_error(MAP, CRIT_UNMAPPED, "no mapping at 0x900000");
}

/* ---- executables, and which C library it is ------------------------------------------------- */

static void test_executable(void **state)
{
	static const struct {
		const struct arch *arch;
		uint64_t len, align, vaddr;
		int64_t block;
	} cases[] = {
		{ &arch_x86_64, 0x24, 8, 0x4000, -0x28 },
		{ &arch_x86_64, 0x24, 64, 0x4000, -0x40 },
		{ &arch_x86_64, 0x24, 64, 0x4008, -0x38 }, // at 8 modulo 64
		{ &arch_x86_64, 0x24, 0, 0x4001, -0x24 },
		{ &arch_s390x, 0x24, 8, 0x4000, -0x28 },
		{ &arch_aarch64, 0x24, 8, 0x4000, 0x10 },
		{ &arch_aarch64, 0x24, 64, 0x4000, 0x40 },
		{ &arch_aarch64, 0x24, 64, 0x4020, 0x20 },
		{ &arch_riscv64, 0x24, 64, 0x4000, 0 },
		{ &arch_ppc64, 0x24, 64, 0x4000, -0x7000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		start_unknown(cases[i].arch);
		put_executable(cases[i].len, cases[i].align, cases[i].vaddr);
		expect(0, (uint64_t)(POINTER + cases[i].block + 0x10));
	}
	start_unknown(&arch_x86_64);
	put_executable(0x24, 24, 0x4000);
	expect_error(0, CRIT_CORRUPT, "thread-local storage aligned to 24 bytes");
	expect_error(MAP, CRIT_UNSUPPORTED,
		     "neither glibc's descriptors (in libc.so.6, libpthread or the symbols of a "
		     "static executable) nor musl were found");
	start_unknown(&arch_x86_64);
	put_executable(0x24, 8, 0x4000);
	put(EXE + 56, 4);
	expect_error(0, CRIT_NOT_FOUND, "the executable has no thread-local storage");
	start_unknown(&arch_x86_64);
	put_executable(0x24, 8, 0x4000);
	put(EXE + 32, 0);
	expect_error(0, CRIT_CORRUPT, "program headers at 0x1c000 are in no segment");
	start_unknown(&arch_x86_64);
	auxv_len = 0;
	expect_error(0, CRIT_NOT_FOUND, "the auxiliary vector does not name program headers");
}

/* Descriptors as they stand in the library: bits, elements, offset in 32 bits each. */
static void put_descriptor(size_t i, uint32_t bits, uint32_t off)
{
	endian_put(memory + (MAP - BASE) + 16 * i, 4, false, bits);
	endian_put(memory + (MAP - BASE) + 16 * i + 8, 4, false, off);
}

static void test_descriptors(void **state)
{
	const struct tls_runtime *runtime;

	(void)state;
	start_unknown(&arch_x86_64);
	for (size_t i = 0; i < 11; i++)
		put_descriptor(i, 64, 8 * (uint32_t)i);
	descriptors = true;
	library = "/lib/libnothing.so";
	assert_int_equal(tls_runtime_get(&task, &runtime, NULL), CRIT_OK);
	assert_int_equal(runtime->library, TLS_UNKNOWN);
	start_unknown(&arch_x86_64);
	for (size_t i = 0; i < 11; i++)
		put_descriptor(i, 64, 8 * (uint32_t)i);
	library = "/lib/x86_64-linux-gnu/libc-2.31.so";
	assert_int_equal(tls_runtime_get(&task, &runtime, NULL), CRIT_OK);
	assert_int_equal(runtime->library, TLS_GLIBC);
	assert_int_equal(runtime->glibc.slot_map.off, 72);
	assert_true(runtime->glibc.has_list);
	assert_int_equal(runtime->glibc.list, MAP + 16 * 11 + 80); // _rtld_global and the offset
	start_unknown(&arch_x86_64); // all zeros: no descriptors
	assert_int_equal(tls_runtime_get(&task, &runtime, NULL), CRIT_OK);
	assert_int_equal(runtime->library, TLS_UNKNOWN);
	start_unknown(&arch_x86_64);
	library = "/lib/ld-musl-x86_64.so.1";
	assert_int_equal(tls_runtime_get(&task, &runtime, NULL), CRIT_OK);
	assert_int_equal(runtime->library, TLS_MUSL);
	descriptors = false;
}

static int stop(void **state)
{
	(void)state;
	free(task.tls);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_glibc_dynamic),
		cmocka_unit_test(test_glibc_static),
		cmocka_unit_test(test_glibc_not_allocated),
		cmocka_unit_test(test_glibc_second_list),
		cmocka_unit_test(test_glibc_wild),
		cmocka_unit_test(test_glibc_wild_pointers),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_musl),
		cmocka_unit_test(test_musl_wild),
		cmocka_unit_test(test_executable),
		cmocka_unit_test(test_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, stop);
}
