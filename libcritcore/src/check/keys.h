/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keys.h - a sorted list of numbers, to find again what one image mentions in another.
 *
 * Fill it with keys_add(), then keys_sort(), then ask. A key is a pair, for numbers that only mean
 * something together; most are (0, number).
 */
#ifndef CRIT_CHECK_KEYS_H
#define CRIT_CHECK_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct item;

struct key {
	uint64_t group, number;
	const struct item *item; /* what has this number; borrowed, may be NULL */
};

/** A zeroed one is ready to use. */
struct keys {
	struct key *keys;
	size_t nr, cap;
};

/** @return false: out of memory. */
bool keys_add(struct keys *k, uint64_t group, uint64_t number, const struct item *item);
/** Equal ones stay in the order they were added. */
void keys_sort(struct keys *k);
/** The first of the equal ones; NULL if there is none. */
const struct key *keys_find(const struct keys *k, uint64_t group, uint64_t number);
/** The first key of a group; NULL if there is none. The others stand behind it. */
const struct key *keys_group(const struct keys *k, uint64_t group);
/** The first key that is equal to the one before it, at or after @p from; NULL: none. */
const struct key *keys_next_double(const struct keys *k, size_t from);
void keys_deinit(struct keys *k);

#endif
