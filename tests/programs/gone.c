// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * gone.c - a program and a library (-DLIBRARY) without a C library, for a checkpoint of a process
 * whose code was deleted. The table makes holes in the file worth having: a page of zeros and one
 * that is not.
 */
int gone_wait(int depth);
extern int gone_value;

#ifdef LIBRARY
int gone_value = 77;
const char gone_table[3 * 4096] = { [2 * 4096] = 'x' };

int gone_wait(int depth)
{
	if (depth)
		return gone_wait(depth - 1) + 1;
	for (;;)
		__asm__ volatile("syscall" : : "a"(34) : "rcx", "r11", "memory"); // pause
}
#else
int kept_value = 1234;

static int start(int depth)
{
	return gone_wait(depth) + kept_value;
}

void _start(void)
{
	start(gone_value - 75);
}
#endif
