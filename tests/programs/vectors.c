// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vectors.c - known values in x87, MMX-free SSE, AVX and (where there is) AVX-512 registers.
 *
 * Byte j of vector register n is 11 * n + j + 1; mask register n is 0x0102040810204080 << n. The
 * wait is a bare system call: nothing may touch the registers between the loads and the dump.
 */
#include <stdint.h>
#include <string.h>

#include "ready.h"

unsigned char vectors[32][64] __attribute__((aligned(64)));
uint64_t masks[8];
double stack[3] = { -0.5, 6.75, 1e300 };
unsigned int control = 0x7fa0;

static void load_x87(void)
{
	__asm__ volatile("fldl %2; fldl %1; fldl %0; ldmxcsr %3"
			 : : "m"(stack[0]), "m"(stack[1]), "m"(stack[2]), "m"(control));
}

static __attribute__((noinline, noreturn)) void park_sse(void)
{
	__asm__ volatile(".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
			 "movdqa \\n*64(%0), %%xmm\\n\n.endr\n"
			 "0: mov $34, %%eax\nsyscall\njmp 0b" : : "D"(vectors) : "memory");
	__builtin_unreachable();
}

static __attribute__((noinline, noreturn)) void park_avx(void)
{
	__asm__ volatile(".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
			 "vmovdqa \\n*64(%0), %%ymm\\n\n.endr\n"
			 "0: mov $34, %%eax\nsyscall\njmp 0b" : : "D"(vectors) : "memory");
	__builtin_unreachable();
}

static __attribute__((noinline, noreturn)) void park_avx512(void)
{
	__asm__ volatile(".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,"
			 "16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
			 "vmovdqa64 \\n*64(%0), %%zmm\\n\n.endr\n"
			 ".irp n,0,1,2,3,4,5,6,7\nkmovq \\n*8(%1), %%k\\n\n.endr\n"
			 "0: mov $34, %%eax\nsyscall\njmp 0b"
			 : : "D"(vectors), "S"(masks) : "memory");
	__builtin_unreachable();
}

int main(void)
{
	for (int n = 0; n < 32; n++)
		for (int j = 0; j < 64; j++)
			vectors[n][j] = (unsigned char)(11 * n + j + 1);
	for (int n = 0; n < 8; n++)
		masks[n] = 0x0102040810204080ull << n;
	ready();
	load_x87();
	if (__builtin_cpu_supports("avx512bw"))
		park_avx512();
	if (__builtin_cpu_supports("avx"))
		park_avx();
	park_sse();
}
