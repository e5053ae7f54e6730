/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * needle.h - bytes to look for, of which only some bits may count: text, case ignored or not, hex
 * bytes with wildcards, integers.
 */
#ifndef CRIT_SEARCH_NEEDLE_H
#define CRIT_SEARCH_NEEDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "critcore.h"
#include "search/probe.h"

struct needle {
	uint8_t *value; /* len bytes; bits that do not count are 0 */
	uint8_t *mask;	/* len bytes: the bits that count */
	size_t len;
	struct probe probe; /* two of them that are rare in memory; may be the same one */
	bool exact;	/* all bits count */
	bool zeros;	/* zeros fit */
};

/**
 * Copy the bytes and look at them.
 *
 * @param mask  NULL: all bits count.
 * @param len   At least 1.
 * @param out   [out] End it with needle_deinit().
 * @return CRIT_OK; CRIT_INVALID: no bit counts; CRIT_NO_MEMORY.
 */
enum crit_status needle_init(struct needle *out, const uint8_t *value, const uint8_t *mask,
			     size_t len, struct crit_error *err);
/** A zeroed one is fine. */
void needle_deinit(struct needle *needle);

/** Where a match may begin: at indices with (base + index) % align == 0. */
struct lattice {
	uint64_t base, align; /* align is at least 1 */
};

/** The first match in @p len bytes. @return its index; SIZE_MAX: there is none. */
size_t needle_find(const struct needle *needle, const uint8_t *bytes, size_t len,
		   struct lattice lattice);

#endif
