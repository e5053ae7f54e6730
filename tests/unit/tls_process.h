/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tls_process.h - a made-up process for the tests of thread-local storage: 64 KiB of memory at
 * 0x10000, nothing elsewhere, into which each test writes the structures of a C library as it needs
 * them, sound or not. Real ones are in tests/check/tls, tests/corpus and tests/live.
 */
#ifndef CRIT_TEST_TLS_PROCESS_H
#define CRIT_TEST_TLS_PROCESS_H

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

static inline size_t word(void)
{
	return layout.arch->word_size;
}

static inline void put(uint64_t vaddr, uint64_t value)
{
	assert_in_range(vaddr, BASE, BASE + LEN - 8);
	endian_put(memory + (vaddr - BASE), word(), layout.arch->big_endian, value);
}

static inline struct tls_runtime *start(const struct arch *arch, int library_kind)
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

static inline void put_field(uint64_t base, const struct glibc_field *field, uint64_t value)
{
	put(base + field->off, value);
}

/* glibc with module `modid` at MAP, of generation 5, its block in dtv but not static. */
static inline struct glibc *start_glibc(const struct arch *arch, uint64_t modid)
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

static const struct arch *const archs[] = {
	&arch_x86_64, &arch_i386,   &arch_s390x,  &arch_aarch64,	 &arch_arm,
	&arch_ppc64,  &arch_mips64, &arch_riscv64, &arch_loongarch64,
};

/* A link map at @at of a library whose ELF header is at @base, with or without PT_TLS. */
static inline void put_library(uint64_t at, uint64_t base, uint64_t prev, bool has_tls)
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
static inline void start_musl(const struct arch *arch)
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

/* A static executable, linked to run at 0x1bfc0, with thread-local storage of so many bytes. */
static inline void put_executable(uint64_t len, uint64_t align, uint64_t vaddr)
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

static inline void start_unknown(const struct arch *arch)
{
	start(arch, TLS_UNKNOWN);
	free(task.tls); // to be found
	task.tls = NULL;
}

#endif
