// SPDX-License-Identifier: LGPL-2.1-or-later
/* arena.c - see arena.h. Chunks double as they are filled, up to 1 MiB; a larger request gets a
 * chunk of its own. */
#include "util/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CHUNK = 4096, LAST_CHUNK = 1 << 20, ALIGN = _Alignof(max_align_t) };

struct arena_chunk {
	struct arena_chunk *next;
	size_t size, used; /* of data[] */
	_Alignas(max_align_t) unsigned char data[];
};

void arena_init(struct arena *a, size_t limit)
{
	memset(a, 0, sizeof(*a));
	a->limit = limit;
}

void arena_deinit(struct arena *a)
{
	while (a->chunks) {
		struct arena_chunk *c = a->chunks;

		a->chunks = c->next;
		free(c);
	}
	a->used = 0;
}

void arena_reset(struct arena *a, size_t limit)
{
	struct arena_chunk *keep = a->chunks;

	if (keep) {
		a->chunks = keep->next;
		arena_deinit(a);
		keep->next = NULL;
		keep->used = 0;
		a->chunks = keep;
	}
	a->used = 0;
	a->limit = limit;
}

static struct arena_chunk *add_chunk(struct arena *a, size_t size)
{
	size_t want = a->chunks ? a->chunks->size * 2 : FIRST_CHUNK;
	struct arena_chunk *c;

	if (want > LAST_CHUNK)
		want = LAST_CHUNK;
	if (want < size)
		want = size;
	c = malloc(sizeof(*c) + want);
	if (!c)
		return NULL;
	c->size = want;
	c->used = 0;
	c->next = a->chunks;
	a->chunks = c;
	return c;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_chunk *c = a->chunks;
	void *p;

	if (size > a->limit || a->limit - size < ALIGN)
		return NULL;
	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (size > a->limit - a->used)
		return NULL;
	if (!c || c->size - c->used < size)
		c = add_chunk(a, size);
	if (!c)
		return NULL;
	p = c->data + c->used;
	c->used += size;
	a->used += size;
	return p;
}

char *arena_text(struct arena *a, const void *data, size_t len)
{
	char *copy = len < SIZE_MAX ? arena_alloc(a, len + 1) : NULL;

	if (!copy)
		return NULL;
	if (len)
		memcpy(copy, data, len);
	copy[len] = '\0';
	return copy;
}
