// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * duplicates.c - pages with the same contents, in bounded memory.
 *
 * A page is known by 64 bits made of its contents. Those of all pages are kept in a table, up to a
 * limit; beyond, only contents whose number ends in a zero bit, then in two, and so on: a fair
 * sample, from which the whole is estimated.
 */
#include "stats/duplicates.h"

#include <stdlib.h>
#include <string.h>

enum { MIN_SLOTS = 1 << 10 };

struct slot {
	uint64_t number; /* 0: free */
	uint32_t owner;	 /* who has it first */
	uint32_t nr_same, nr_across; /* further pages */
};

struct duplicates {
	struct slot *slots;
	size_t nr_slots, nr_used, max_slots;
	unsigned int nr_zero_bits; /* that a number must end in to be kept */
	struct crit_duplicates *out;
};

static uint64_t rotate(uint64_t value, unsigned int bits)
{
	return value << bits | value >> (64 - bits);
}

/** @param zero  [out] All bytes are zeros. */
static uint64_t number_of(const uint8_t *page, size_t len, bool *zero)
{
	static const uint64_t odd[4] = { 0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f,
					 0xd6e8feb86659fd93, 0xa0761d6478bd642f };
	uint64_t lanes[4] = { len, 1, 2, 3 }, any = 0, sum = 0;
	size_t at = 0;

	for (; at + sizeof(lanes) <= len; at += sizeof(lanes)) {
		uint64_t words[4];

		memcpy(words, page + at, sizeof(words));
		for (size_t i = 0; i < 4; i++) {
			any |= words[i];
			lanes[i] = rotate((lanes[i] ^ words[i]) * odd[i], 31);
		}
	}
	for (; at < len; at++) {
		any |= page[at];
		lanes[0] = rotate((lanes[0] ^ page[at]) * odd[0], 31);
	}
	for (size_t i = 0; i < 4; i++) {
		sum = (sum ^ lanes[i]) * odd[i];
		sum ^= sum >> 32;
	}
	*zero = !any;
	return sum ? sum : 1;
}

/* ---- The table ------------------------------------------------------------------------------ */

static struct slot *find(struct duplicates *d, uint64_t number)
{
	size_t at = (size_t)(number >> 20) & (d->nr_slots - 1);

	while (d->slots[at].number && d->slots[at].number != number)
		at = (at + 1) & (d->nr_slots - 1);
	return &d->slots[at];
}

static bool is_kept(const struct duplicates *d, uint64_t number)
{
	return !(number & ((1ull << d->nr_zero_bits) - 1));
}

/** Make room: a larger table or, when it may not grow, half of what is in it. */
static bool make_room(struct duplicates *d)
{
	struct slot *old = d->slots;
	size_t nr_old = d->nr_slots;
	bool grow = nr_old < d->max_slots;
	struct slot *slots = calloc(grow ? nr_old * 2 : nr_old, sizeof(*slots));

	if (!slots)
		return false;
	d->slots = slots;
	d->nr_slots = grow ? nr_old * 2 : nr_old;
	d->nr_zero_bits += !grow;
	d->nr_used = 0;
	for (size_t i = 0; i < nr_old; i++)
		if (old[i].number && is_kept(d, old[i].number)) {
			*find(d, old[i].number) = old[i];
			d->nr_used++;
		}
	free(old);
	return true;
}

static bool add(struct duplicates *d, uint64_t number, uint32_t owner)
{
	struct slot *slot;

	if (!is_kept(d, number))
		return true;
	slot = find(d, number);
	if (slot->number) {
		*(slot->owner == owner ? &slot->nr_same : &slot->nr_across) += 1;
		return true;
	}
	*slot = (struct slot){ .number = number, .owner = owner };
	d->nr_used++;
	return d->nr_used < d->nr_slots / 4 * 3 || make_room(d);
}

/* ---- For who reads pages -------------------------------------------------------------------- */

struct duplicates *duplicates_new(struct crit_duplicates *out, size_t max_slots)
{
	struct duplicates *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->out = out;
	d->max_slots = max_slots;
	d->nr_slots = MIN_SLOTS;
	d->slots = calloc(d->nr_slots, sizeof(*d->slots));
	if (d->slots)
		return d;
	free(d);
	return NULL;
}

bool duplicates_add(struct duplicates *d, const uint8_t *data, size_t len, uint32_t page_size,
		    uint32_t owner)
{
	for (size_t at = 0; at < len; at += page_size) {
		size_t part = len - at < page_size ? len - at : page_size;
		bool zero;
		uint64_t number = number_of(data + at, part, &zero);

		d->out->nr_pages++;
		d->out->nr_zero += zero;
		if (!zero && !add(d, number, owner))
			return false;
	}
	return true;
}

void duplicates_finish(struct duplicates *d)
{
	struct crit_duplicates *out = d->out;

	for (size_t i = 0; i < d->nr_slots; i++) {
		const struct slot *slot = &d->slots[i];

		out->nr_distinct += slot->number != 0;
		out->nr_same += slot->nr_same;
		out->nr_across += slot->nr_across;
	}
	out->nr_distinct <<= d->nr_zero_bits;
	out->nr_same <<= d->nr_zero_bits;
	out->nr_across <<= d->nr_zero_bits;
	out->estimated = d->nr_zero_bits;
}

void duplicates_free(struct duplicates *d)
{
	if (!d)
		return;
	free(d->slots);
	free(d);
}
