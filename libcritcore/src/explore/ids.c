// SPDX-License-Identifier: LGPL-2.1-or-later
/* ids.c - small numbers in place of long ones: a hash table with open addresses. */
#include <stdlib.h>

#include "explore/explore.h"

enum { FIRST_PLACES = 64 };

static size_t hash(uint64_t id)
{
	id *= 0x9e3779b97f4a7c15ull; // 2^64 over the golden ratio
	return (size_t)(id ^ id >> 32);
}

/** The place of an id, or the free one where it belongs. */
static struct small_id *find(const struct small_ids *ids, uint64_t id)
{
	size_t i = hash(id) & (ids->nr_places - 1);

	while (ids->places[i].number && ids->places[i].id != id)
		i = (i + 1) & (ids->nr_places - 1);
	return &ids->places[i];
}

static bool grow(struct small_ids *ids)
{
	struct small_ids larger = { .nr = ids->nr };

	larger.nr_places = ids->nr_places ? ids->nr_places * 2 : FIRST_PLACES;
	larger.places = calloc(larger.nr_places, sizeof(*larger.places));
	if (!larger.places)
		return false;
	for (size_t i = 0; i < ids->nr_places; i++)
		if (ids->places[i].number)
			*find(&larger, ids->places[i].id) = ids->places[i];
	free(ids->places);
	*ids = larger;
	return true;
}

uint32_t small_id(struct small_ids *ids, uint64_t id)
{
	struct small_id *place;

	if (ids->nr >= ids->nr_places / 2 && !grow(ids))
		return 0;
	place = find(ids, id);
	if (!place->number)
		*place = (struct small_id){ id, (uint32_t)++ids->nr };
	return place->number;
}

void small_ids_free(struct small_ids *ids)
{
	free(ids->places);
}
