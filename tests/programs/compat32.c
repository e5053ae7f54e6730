// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * compat32.c - an i386 program without any library.
 *
 * Needs no 32-bit C library, neither to build nor to run. A few levels of recursion over a chain in
 * .bss; the handshake's descriptor comes as argv[1].
 */
enum { SYS_write = 4, SYS_close = 6, SYS_pause = 29 };

struct link {
	short id;
	char tag[6];
	float scale;
	struct link *next;
};

struct link chain[4];
unsigned long long wide = 0x0123456789abcdefull;
const char motto[] = "thirty-two bits";
int depth_seen;

static int call3(int number, int a, const void *b, int c)
{
	int result;

	__asm__ volatile("int $0x80" : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
	return result;
}

static int number(const char *text)
{
	int value = 0;

	while (*text >= '0' && *text <= '9')
		value = value * 10 + *text++ - '0';
	return value;
}

static __attribute__((noinline)) void stay(void)
{
	for (;;)
		call3(SYS_pause, 0, 0, 0);
}

static __attribute__((noinline)) int descend(int level, struct link *at)
{
	int squares[3] = { level, level * level, level * level * level };
	double half = level / 2.0;

	depth_seen = level;
	if (level < 5)
		return descend(level + 1, at->next) + squares[1] + (half > 1);
	stay();
	return 0;
}

__attribute__((used)) int begin(long *stack)
{
	int argc = (int)stack[0];
	const char **argv = (const char **)&stack[1];

	for (int i = 0; i < 4; i++) {
		chain[i].id = (short)(-i - 1);
		chain[i].tag[0] = (char)('a' + i);
		chain[i].scale = 1.5f * (float)i;
		chain[i].next = &chain[(i + 1) % 4];
	}
	if (argc > 1) {
		call3(SYS_write, number(argv[1]), "r", 1);
		call3(SYS_close, number(argv[1]), 0, 0);
	}
	return descend(0, chain);
}

__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %esp, %eax\n\tand $-16, %esp\n"
	"\tsub $12, %esp\n\tpush %eax\n\tcall begin\n\thlt\n");
