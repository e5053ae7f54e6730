// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * frames.h - what the frames of frames.cpp are made of. It is compiled twice into one program, with
 * and without optimization, each time into a namespace of its own.
 *
 *	run()	loops: its locals live on across stops, some in registers, some in pieces of them
 *	middle() inlined into run()
 *	down()	recursion, deeper at the second stop
 *	left(), right()	both call leaf() with a stack of the same form
 */
struct small {
	int first;
	short second;
};

struct flags {
	unsigned int low : 3, high : 9;
	signed int below : 4;
};

union either {
	unsigned int number;
	unsigned char bytes[4];
};

struct base {
	long inherited;
};

struct derived : base {
	int own;
	small &other;
	__attribute__((noinline)) void method(int step);
};

extern thread_local int of_thread;
void stop(int thread); // until the next step
#define KEEP(x) asm volatile("" : "+r"(x))

namespace NAME {

__attribute__((noinline)) void leaf(int thread, int argument)
{
	int inside = argument * 3;

	KEEP(inside);
	stop(thread);
	KEEP(inside);
}

__attribute__((noinline)) void left(int thread)
{
	leaf(thread, 1);
	asm volatile("");
}

__attribute__((noinline)) void right(int thread)
{
	leaf(thread, 2);
	asm volatile("");
}

__attribute__((noinline)) int down(int thread, int step, int depth)
{
	int here = depth * 10 + step, below = 0;

	KEEP(here);
	if (depth)
		below = down(thread, step, depth - 1);
	else if (step)
		right(thread);
	else
		left(thread);
	KEEP(below);
	return here + below;
}

static inline __attribute__((always_inline)) int middle(int thread, int step, long counted)
{
	long doubled = 2 * counted;

	KEEP(doubled);
	int result = down(thread, step, step ? 4 : 2);
	KEEP(doubled);
	return result + (int)doubled;
}

__attribute__((noinline)) void run(int thread)
{
	long counted = 5, same_counted = 55;
	double ratio = 0.5;
	float none = __builtin_nanf("1");
	small pieces = { 1, 2 }, fixed = { 10, 20 };
	flags bits = { 1, 300, -3 };
	either both = { 0x41424344 };
	int numbers[4] = { 1, 2, 3, 4 }, *into = &numbers[1], &alias = numbers[3];
	unsigned char letters[8] = "before", tag = 'a';
	derived object = { { 7 }, 8, fixed };
	bool flag = false;

	for (int step = 0; step < 3; step++) {
		int inner = step * 100;

		KEEP(counted);
		KEEP(same_counted);
		KEEP(inner);
		KEEP(into);
		asm volatile("" : "+x"(ratio), "+x"(none));
		int got = middle(thread, step, counted);
		object.method(got);
		counted += 7;
		ratio = ratio * 3 + got * 0.0;
		none = -none;
		pieces.second += 1 + (short)(inner * 0);
		bits.low += 1;
		bits.below += 1;
		both.number += 0x100;
		numbers[3] *= 10;
		into += flag;
		letters[0] = 'B';
		tag++;
		fixed.second++;
		flag = !flag;
		of_thread += 3;
		asm volatile("" : "+r"(pieces.first), "+r"(pieces.second), "+r"(both.number));
		asm volatile("" ::"r"(&bits), "r"(letters), "r"(&alias), "r"(numbers), "r"(&fixed)
			     : "memory");
	}
	KEEP(tag);
	KEEP(same_counted);
}

} // namespace NAME
