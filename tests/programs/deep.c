// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * deep.c - many frames, locals of many types, a list on the heap.
 *
 * main calls visit() ten deep; every level keeps a node of a ring of seven alive in a local.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "ready.h"

enum colour { GREY = 3, TEAL = 7, AMBER = 12 };

struct node {
	int id;
	enum colour colour;
	char label[12];
	double weight;
	struct node *next;
};

union word {
	uint32_t bits;
	float real;
};

struct packed {
	unsigned low : 3;
	signed middle : 9;
	unsigned high : 20;
};

struct node *ring;
union word pi = { .real = 3.140625f };
struct packed packed = { 6, -200, 0xabcde };
const char *const title = "a ring of seven";
int table[3][4] = { { 1, 2, 3, 4 }, { 10, 20, 30, 40 }, { -1, -2, -3, -4 } };
char untouched[20000];
long long counter = 1LL << 40;
void (*where)(void) = stay;

static struct node *make_ring(int nr)
{
	struct node *first = NULL, *last = NULL;

	for (int i = 0; i < nr; i++) {
		struct node *node = calloc(1, sizeof(*node));

		node->id = 100 + i;
		node->colour = i % 2 ? TEAL : AMBER;
		node->weight = i * 0.25;
		snprintf(node->label, sizeof(node->label), "node %d", i);
		if (last)
			last->next = node;
		else
			first = node;
		last = node;
	}
	last->next = first;
	return first;
}

static __attribute__((noinline)) int visit(int level, struct node *at, const char *name)
{
	static int visits;
	struct node copy = *at;
	char text[24] = "";
	short squares[4] = { (short)level, (short)(level * level), -1, 0 };
	bool last = level == 0;
	float half = (float)level / 2;
	int result;

	visits++;
	snprintf(text, sizeof(text), "%s at %d", name, level);
	if (last) {
		ready();
		where();
		return copy.id;
	}
	result = visit(level - 1, at->next, name);
	return result + squares[0] + text[0] + (int)half;
}

int main(int argc, char **argv)
{
	uint64_t marker = 0x1122334455667788;

	ring = make_ring(7);
	memset(untouched + 8192, 0x5a, 16);
	return visit(10, ring, argc > 1 ? argv[1] : "walk") + (int)marker;
}
