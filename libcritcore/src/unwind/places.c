// SPDX-License-Identifier: LGPL-2.1-or-later
/* places.c - a hash table by object and address, emptied when it has grown beyond use. */
#include "unwind/places.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 1024, MAX_PLACES = 64 * 1024 };

static void free_slot(struct place *place)
{
	cfi_row_free(place->row);
	free(place->calls);
}

static void empty(struct places *places)
{
	for (size_t i = 0; i < places->cap; i++)
		free_slot(&places->slots[i]);
	if (places->slots)
		memset(places->slots, 0, places->cap * sizeof(places->slots[0]));
	places->nr = 0;
}

void places_deinit(struct places *places)
{
	empty(places);
	free(places->slots);
	memset(places, 0, sizeof(*places));
}

static struct place *find_slot(const struct places *places, const struct object *object,
			       uint64_t vaddr)
{
	uint64_t hash = (vaddr ^ (uintptr_t)object) * 0x9e3779b97f4a7c15ULL;
	size_t i = (size_t)(hash >> 32) & (places->cap - 1);

	while (places->slots[i].object &&
	       (places->slots[i].object != object || places->slots[i].vaddr != vaddr))
		i = (i + 1) & (places->cap - 1);
	return &places->slots[i];
}

static bool grow(struct places *places)
{
	struct places more = { .cap = places->cap ? places->cap * 2 : FIRST_CAP };

	more.slots = calloc(more.cap, sizeof(more.slots[0]));
	if (!more.slots)
		return false;
	for (size_t i = 0; i < places->cap; i++)
		if (places->slots[i].object)
			*find_slot(&more, places->slots[i].object, places->slots[i].vaddr) =
				places->slots[i];
	more.nr = places->nr;
	free(places->slots);
	*places = more;
	return true;
}

struct place *places_get(struct places *places, struct object *object, uint64_t vaddr)
{
	struct place *place;

	if (places->nr == MAX_PLACES)
		empty(places);
	if (places->nr * 2 >= places->cap && !grow(places))
		return NULL;
	place = find_slot(places, object, vaddr);
	if (!place->object) {
		place->object = object;
		place->vaddr = vaddr;
		places->nr++;
	}
	return place;
}

const struct cfi_row *place_row(struct place *place, const struct cpu *cpu)
{
	if (!place->asked_row)
		place->row = cfi_row_find(place->object, cpu, place->vaddr);
	place->asked_row = true;
	return place->row;
}

void place_names(struct place *place)
{
	struct source_call calls[MAX_CALLS];
	size_t nr;

	if (place->asked_names)
		return;
	place->asked_names = true;
	place->symbol = object_symbol(place->object, place->vaddr);
	nr = source_calls(place->object, place->vaddr, calls);
	place->calls = nr ? malloc(nr * sizeof(calls[0])) : NULL;
	if (place->calls)
		memcpy(place->calls, calls, nr * sizeof(calls[0]));
	place->nr_calls = place->calls ? nr : 0;
}
