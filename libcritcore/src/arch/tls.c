// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tls.c - thread-local storage of each CPU; see tls.h.
 *
 * Where the pointer to the table is follows from glibc's own descriptors (_thread_db_pthread_dtvp
 * less _thread_db_const_thread_area or _thread_db_register64; the same numbers in 2.31 to 2.43),
 * and has to stay, since code that was compiled long ago reaches its variables by it.
 */
#include "arch/tls.h"

#include "arch/list.h"

static const struct row {
	const struct arch *arch;
	struct arch_tls tls;
} rows[] = {
	{ &arch_x86_64, { .glibc_dtv = 1, .musl_dtv = 1 } },
	{ &arch_i386, { .glibc_dtv = 1, .musl_dtv = 1 } },
	{ &arch_s390x, { .glibc_dtv = 1, .musl_dtv = 1 } },
	{ &arch_aarch64, { .above = true, .gap_words = 2, .musl_dtv = -1 } },
	{ &arch_arm, { .above = true, .gap_words = 2, .musl_dtv = -1 } },
	{ &arch_riscv64,
	  { .above = true, .glibc_dtv = -2, .musl_dtv = -1, .musl_dtv_bias = 0x800 } },
	{ &arch_loongarch64, { .above = true, .glibc_dtv = -2, .musl_dtv = -1 } },
	{ &arch_mips64,
	  { .above = true, .bias = 0x7000, .glibc_dtv = -2, .musl_dtv = -1,
	    .musl_dtv_bias = 0x8000 } },
	{ &arch_ppc64,
	  { .above = true, .bias = 0x7000, .glibc_dtv = -1, .musl_dtv = -1,
	    .musl_dtv_bias = 0x8000 } },
};

/* A CPU has another arch for each byte order. */
static bool is_same(const struct arch *a, const struct arch *b)
{
	return a->elf_machine == b->elf_machine;
}

const struct arch_tls *arch_tls(const struct arch *arch)
{
	size_t i = 0;

	while (!is_same(rows[i].arch, arch) && i + 1 < sizeof(rows) / sizeof(*rows))
		i++;
	return &rows[i].tls;
}
