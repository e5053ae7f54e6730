// SPDX-License-Identifier: LGPL-2.1-or-later
/* keys.c - see keys.h. */
#include "check/keys.h"

#include <stdlib.h>

#include "util/array.h"

bool keys_add(struct keys *k, uint64_t group, uint64_t number, const struct item *item)
{
	if (!array_grow(&k->keys, k->nr, &k->cap, sizeof(*k->keys)))
		return false;
	k->keys[k->nr++] = (struct key){ group, number, item };
	return true;
}

static int compare(const struct key *a, const struct key *b)
{
	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

static int by_number(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	int order = compare(x, y);

	// Items are added in the order they have in memory.
	return order ? order : (x->item > y->item) - (x->item < y->item);
}

void keys_sort(struct keys *k)
{
	if (k->nr)
		qsort(k->keys, k->nr, sizeof(*k->keys), by_number);
}

/** The first key that is not less. */
static const struct key *lower_bound(const struct keys *k, const struct key *wanted)
{
	size_t low = 0, high = k->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare(&k->keys[mid], wanted) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < k->nr ? &k->keys[low] : NULL;
}

const struct key *keys_find(const struct keys *k, uint64_t group, uint64_t number)
{
	struct key wanted = { group, number, NULL };
	const struct key *key = lower_bound(k, &wanted);

	return key && !compare(key, &wanted) ? key : NULL;
}

const struct key *keys_group(const struct keys *k, uint64_t group)
{
	struct key wanted = { group, 0, NULL };
	const struct key *key = lower_bound(k, &wanted);

	return key && key->group == group ? key : NULL;
}

const struct key *keys_next_double(const struct keys *k, size_t from)
{
	for (size_t i = from ? from : 1; i < k->nr; i++)
		if (!compare(&k->keys[i - 1], &k->keys[i]))
			return &k->keys[i];
	return NULL;
}

void keys_deinit(struct keys *k)
{
	free(k->keys);
	*k = (struct keys){ 0 };
}
