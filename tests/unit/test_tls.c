// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * crit_tls_address() in a made-up process: 64 KiB of memory at 0x10000, nothing elsewhere, into
 * which each test writes the structures of a C library as it needs them, sound or not. Real ones
 * are in tests/corpus and tests/live.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch/list.h"
#include "checkpoint/checkpoint.h"
#include "symbols/lookup.h"
#include "tls/runtime.h"
#include "util/endian.h"
#include "util/error.h"

enum {
	BASE = 0x10000,
	LEN = 0x10000,
	MAP = 0x11000,	    /* a link map */
	LIST = 0x13000,	    /* a dtv_slotinfo_list */
	LIST_HEAD = 0x14000, /* the pointer to it */
	DTV = 0x15000,
	POINTER = 0x18000, /* the thread pointer; some keep their table 28 KiB before it */
	BLOCK = 0x1a000,
	NR_SLOTS = 62,
	EXE = 0x1c000, /* an executable's program headers, behind an ELF header */
	NOWHERE = 0x900000,
};

static uint8_t memory[LEN];
static struct arch_layout layout;
static struct crit_task task;
static struct crit_thread thread;
static struct arch_regs regs;
static uint8_t auxv[64];
static size_t auxv_len;

/* ---- what the layers below would say ------------------------------------------------------- */

enum crit_status crit_task_load(struct crit_task *of, struct crit_error *err)
{
	(void)of;
	(void)err;
	return CRIT_OK;
}

const struct arch_layout *task_layout(const struct crit_task *of)
{
	(void)of;
	return &layout;
}

struct crit_task *thread_task(const struct crit_thread *of)
{
	(void)of;
	return &task;
}

struct crit_thread *crit_thread_at(struct crit_task *of, size_t index)
{
	(void)of;
	return index ? NULL : &thread;
}

uint32_t crit_thread_tid(const struct crit_thread *of)
{
	(void)of;
	return 43;
}

enum crit_status thread_regs(struct crit_thread *of, const struct arch_regs **out,
			     struct crit_error *err)
{
	(void)of;
	(void)err;
	*out = &regs;
	return CRIT_OK;
}

enum crit_status crit_task_auxv(struct crit_task *of, const void **out, size_t *len,
				struct crit_error *err)
{
	(void)of;
	(void)err;
	*out = auxv;
	*len = auxv_len;
	return CRIT_OK;
}

enum crit_status crit_mem_read(struct crit_task *of, uint64_t vaddr, size_t len, void *buf,
			       size_t *nread, struct crit_error *err)
{
	(void)of;
	if (nread)
		*nread = 0;
	if (vaddr < BASE || vaddr >= BASE + LEN || len > BASE + LEN - vaddr)
		return error_set(err, CRIT_UNMAPPED, "no mapping at 0x%llx",
				 (unsigned long long)vaddr);
	memcpy(buf, memory + (vaddr - BASE), len);
	if (nread)
		*nread = len;
	return CRIT_OK;
}

static const char *library = "/lib/libz.so.1";
static bool descriptors; /* does the library have them? */

bool crit_task_file_at(struct crit_task *of, size_t index, struct crit_file *out)
{
	(void)of;
	*out = (struct crit_file){ .id = 7, .path = library };
	return index == 0;
}

enum crit_status crit_task_exe(struct crit_task *of, struct crit_file *out, struct crit_error *err)
{
	(void)of;
	*out = (struct crit_file){ .id = 1, .path = "/bin/main" };
	return error_set(err, CRIT_OK, "none");
}

/* Descriptors stand at MAP, 16 bytes each, in the order they are asked for. */
void symbols_find(struct crit_task *of, const struct crit_file *file,
		  struct symbol_wanted *wanted, size_t nr_wanted)
{
	(void)of;
	assert_int_equal(file->id, 7);
	for (size_t i = 0; descriptors && i < nr_wanted; i++) {
		wanted[i].found = strcmp(wanted[i].name, "_dl_tls_dtv_slotinfo_list") != 0;
		wanted[i].vaddr = MAP + 16 * i;
	}
}

/* ---- making the process -------------------------------------------------------------------- */

static size_t word(void)
{
	return layout.arch->word_size;
}

static void put(uint64_t vaddr, uint64_t value)
{
	assert_in_range(vaddr, BASE, BASE + LEN - 8);
	endian_put(memory + (vaddr - BASE), word(), layout.arch->big_endian, value);
}

static struct tls_runtime *start(const struct arch *arch, int library_kind)
{
	struct tls_runtime *runtime = calloc(1, sizeof(*runtime));

	assert_non_null(runtime);
	memset(memory, 0, sizeof(memory));
	free(task.tls);
	task.tls = runtime;
	layout.arch = arch;
	regs = (struct arch_regs){ .has_thread_pointer = true, .thread_pointer = POINTER };
	runtime->library = library_kind;
	return runtime;
}

static void put_field(uint64_t base, const struct glibc_field *field, uint64_t value)
{
	put(base + field->off, value);
}

/* glibc with module `modid` at MAP, of generation 5, its block in dtv but not static. */
static struct glibc *start_glibc(const struct arch *arch, uint64_t modid)
{
	struct glibc *g = &start(arch, TLS_GLIBC)->glibc;
	uint32_t w = (uint32_t)arch->word_size;
	const struct arch_tls *abi = arch_tls(arch);

	*g = (struct glibc){
		.modid = { 1168, w }, .offset = { 1160, w }, .dtv = { 0, 2 * w },
		.dtv_val = { 0, w }, .dtv_counter = { 0, w }, .list_len = { 0, w },
		.list_next = { w, w }, .list_slots = { 2 * w, 2 * w }, .slot_gen = { 0, w },
		.slot_map = { w, w }, .has_list = true, .list = LIST_HEAD,
	};
	put(LIST_HEAD, LIST);
	put_field(LIST, &g->list_len, NR_SLOTS);
	put(LIST + 2 * w + modid * 2 * w, 5);
	put(LIST + 2 * w + modid * 2 * w + w, MAP);
	put_field(MAP, &g->modid, modid);
	put_field(MAP, &g->offset, UINT64_MAX);
	put(POINTER - abi->bias + (uint64_t)(abi->glibc_dtv * (int)w), DTV);
	put(DTV - 2 * w, 20);
	put(DTV, 5);
	put(DTV + modid * 2 * w, BLOCK);
	return g;
}

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

static const struct arch *const archs[] = {
	&arch_x86_64, &arch_i386,   &arch_s390x,  &arch_aarch64,	 &arch_arm,
	&arch_ppc64,  &arch_mips64, &arch_riscv64, &arch_loongarch64,
};

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
	struct glibc *g = start_glibc(&arch_x86_64, 3);

	(void)state;
	// Two slots here, and one of them two lists on.
	put_field(LIST, &g->list_len, 2);
	put_field(LIST, &g->list_next, LIST + 0x400);
	put_field(LIST + 0x400, &g->list_len, 0);
	put_field(LIST + 0x400, &g->list_next, LIST + 0x800);
	put_field(LIST + 0x800, &g->list_len, 2);
	put(LIST + 0x800 + 16 + 16, 5);
	put(LIST + 0x800 + 16 + 16 + 8, MAP);
	expect(MAP, BLOCK + 0x10);
	put_field(LIST + 0x800, &g->list_len, 1);
	expect_error(MAP, CRIT_CORRUPT,
		     "link map 0x11000: module 3 in the dynamic linker's list of modules: "
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

/* A link map at @at of a library whose ELF header is at @base, with or without PT_TLS. */
static void put_library(uint64_t at, uint64_t base, uint64_t prev, bool has_tls)
{
	size_t w = word();
	bool wide = w == 8, big = layout.arch->big_endian;
	uint8_t *header = memory + (base - BASE), *phdr = header + (wide ? 64 : 52);

	put(at, base);
	put(at + 2 * w, base + 0x300);
	put(at + 4 * w, prev);
	memcpy(header, "\177ELF", 4);
	endian_put(header + (wide ? 32 : 28), w, big, wide ? 64 : 52);
	endian_put(header + (wide ? 54 : 42), 2, big, wide ? 56 : 32);
	endian_put(header + (wide ? 56 : 44), 2, big, 2);
	endian_put(phdr, 4, big, 2); // PT_DYNAMIC
	endian_put(phdr + (wide ? 16 : 8), w, big, 0x300);
	phdr += wide ? 56 : 32;
	endian_put(phdr, 4, big, has_tls ? 7 : 1); // PT_TLS, PT_LOAD
	endian_put(phdr + (wide ? 40 : 20), w, big, 0x20);
}

/* Three libraries in a row, the middle one without variables: the last one is number 2. */
static void start_musl(const struct arch *arch)
{
	const struct arch_tls *abi = arch_tls(arch);

	start(arch, TLS_MUSL);
	put_library(MAP, 0x12000, 0, true);
	put_library(MAP + 0x100, 0x12400, MAP, false);
	put_library(MAP + 0x200, 0x12800, MAP + 0x100, true);
	put(POINTER - abi->bias + (uint64_t)(abi->musl_dtv * (int)word()), DTV);
	put(DTV, 2);
	put(DTV + word(), BLOCK + 0x400 + abi->musl_dtv_bias);
	put(DTV + 2 * word(), BLOCK + abi->musl_dtv_bias);
}

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

/* A static executable, linked to run at 0x1bfc0, with thread-local storage of so many bytes. */
static void put_executable(uint64_t len, uint64_t align, uint64_t vaddr)
{
	static const uint64_t aux[] = { 3 /* AT_PHDR */, EXE, 4 /* AT_PHENT */, 56,
					5 /* AT_PHNUM */, 2 };
	uint8_t *phdr = memory + (EXE - BASE);

	for (size_t i = 0; i < 6; i++)
		endian_put(auxv + 8 * i, 8, layout.arch->big_endian, aux[i]);
	auxv_len = 48;
	bool big = layout.arch->big_endian;
	endian_put(phdr, 4, big, 1); // PT_LOAD
	endian_put(phdr + 16, 8, big, EXE - 64);
	endian_put(phdr + 32, 8, big, 0x1000);
	phdr += 56;
	endian_put(phdr, 4, big, 7);
	endian_put(phdr + 16, 8, big, vaddr);
	endian_put(phdr + 40, 8, big, len);
	endian_put(phdr + 48, 8, big, align);
}

static void start_unknown(const struct arch *arch)
{
	start(arch, TLS_UNKNOWN);
	free(task.tls); // to be found
	task.tls = NULL;
}

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

/* ---- all modules ----------------------------------------------------------------------------- */

enum { R_DEBUG = 0x12000, DYNAMIC = 0x12100, NAMES = 0x12400 };

/* What crit_tls_modules() tells, as text. */
struct told {
	char text[256];
	size_t most;
};

static bool tell(void *ctx, const struct crit_tls_module *module)
{
	struct told *told = ctx;
	size_t len = strlen(told->text);

	snprintf(told->text + len, sizeof(told->text) - len, "%u %x %s%s;",
		 (unsigned int)module->number, (unsigned int)module->link_map, module->name,
		 module->plain ? "" : " not plain");
	return --told->most > 0;
}

static void expect_modules(size_t most, const char *text)
{
	struct told told = { .most = most };
	struct crit_error err = { .message = "" };

	if (crit_tls_modules(&task, tell, &told, &err))
		fail_msg("%s", err.message);
	assert_string_equal(told.text, text);
}

static void expect_modules_error(enum crit_status status, const char *text)
{
	struct told told = { .most = 100000 };
	struct crit_error err;

	assert_int_equal(crit_tls_modules(&task, tell, &told, &err), status);
	assert_string_equal(err.message, text);
}

/* The executable, which has no number, a library of number 3 at MAP, and one of number 4. */
static struct glibc *start_list(void)
{
	struct glibc *g = start_glibc(&arch_x86_64, 3);
	struct tls_runtime *runtime = task.tls;

	runtime->has_exe = true;
	runtime->exe.dynamic = DYNAMIC;
	strcpy(runtime->exe.interp, "/lib/ld.so");
	put(DYNAMIC, 1); // DT_NEEDED
	put(DYNAMIC + 16, 21); // DT_DEBUG
	put(DYNAMIC + 24, R_DEBUG);
	put(R_DEBUG + 8, 0x10100);
	put(0x10100 + 16, DYNAMIC);
	put(0x10100 + 24, MAP);
	put(MAP + 8, NAMES);
	put(MAP + 24, 0x17000);
	put_field(0x17000, &g->modid, 4);
	put_field(0x17000, &g->offset, 0x40); // close by, and the table does not know of it
	put(LIST + 16 + 4 * 16, 5);
	put(LIST + 16 + 4 * 16 + 8, 0x17000);
	put(0x17000 + 8, NAMES + 0x80);
	put(DTV + 4 * 16, UINT64_MAX);
	strcpy((char *)memory + (NAMES - BASE), "/lib/liba.so");
	memset(memory + (NAMES + 0x80 - BASE), 'b', 100);
	return g;
}

static void test_modules(void **state)
{
	char text[256];

	(void)state;
	start_list();
	snprintf(text, sizeof(text), "3 11000 /lib/liba.so;4 17000 %.*s not plain;", 100,
		 (const char *)memory + (NAMES + 0x80 - BASE));
	expect_modules(100, text);
	expect_modules(1, "3 11000 /lib/liba.so;");
	put(0x17000 + 8, NOWHERE);
	expect_modules(100, "3 11000 /lib/liba.so;4 17000  not plain;");
	put(DTV, 4); // what is in the table is that of a module before
	expect_modules(1, "3 11000 /lib/liba.so not plain;");
	put(DTV + 3 * 16, UINT64_MAX);
	expect_modules(1, "3 11000 /lib/liba.so;");
}

static void test_modules_wild(void **state)
{
	(void)state;
	start_list();
	put(0x17000 + 24, 0x10100);
	expect_modules_error(CRIT_CORRUPT, "modules with thread-local storage: the list of link "
					   "maps goes round in a circle at 0x11000");
	put(0x17000 + 24, NOWHERE);
	expect_modules_error(CRIT_UNMAPPED, "modules with thread-local storage: link map 0x900000: "
					    "no mapping at 0x900000");
	put(R_DEBUG + 8, 0);
	expect_modules(100, "");
	put(DYNAMIC + 24, NOWHERE);
	expect_modules_error(CRIT_UNMAPPED, "modules with thread-local storage: r_debug: no mapping "
					    "at 0x900008");
	put(DYNAMIC + 16, 0); // no DT_DEBUG
	expect_modules_error(CRIT_NOT_FOUND,
			     "modules with thread-local storage: the executable's dynamic section "
			     "does not lead to a list of link maps");
	((struct tls_runtime *)task.tls)->library = TLS_UNKNOWN;
	expect_modules_error(CRIT_UNSUPPORTED,
			     "modules with thread-local storage: neither glibc's descriptors (in "
			     "libc.so.6, libpthread or the symbols of a static executable) nor "
			     "musl were found");
	library = "/lib/libz.so.1";
	start_unknown(&arch_x86_64);
	put_executable(0x24, 8, 0x4000);
	put(POINTER + 8, DTV);
	put(DTV + 16, POINTER - 0x28);
	expect_modules(100, "1 0 ;");
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
		cmocka_unit_test(test_glibc_dynamic),	    cmocka_unit_test(test_glibc_static),
		cmocka_unit_test(test_glibc_not_allocated), cmocka_unit_test(test_glibc_second_list),
		cmocka_unit_test(test_glibc_wild),	    cmocka_unit_test(test_glibc_wild_pointers),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_musl),		    cmocka_unit_test(test_musl_wild),
		cmocka_unit_test(test_executable),	    cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_modules),	    cmocka_unit_test(test_modules_wild),
	};

	return cmocka_run_group_tests(tests, NULL, stop);
}
