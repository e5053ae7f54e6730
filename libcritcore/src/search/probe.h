/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* probe.h - two bytes at a distance, looked for with the vector instructions of this machine. */
#ifndef CRIT_SEARCH_PROBE_H
#define CRIT_SEARCH_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROBE_BLOCK = 64 }; /* places that are looked at together */

struct probe {
	size_t off[2];	   /* of the bytes, from a place on */
	uint8_t value[2];  /* they are, */
	uint8_t mask[2];   /* where these bits are set */
};

/** Has this machine instructions for it? If not, probe_next() must not be used. */
bool probe_works(void);

/**
 * Look at blocks of PROBE_BLOCK places, from @p *at on and while a whole block lies before @p end,
 * for one with a place where both bytes fit.
 *
 * @param at  [in, out] The block found; behind the last one when there is none.
 * @return The places in it that fit, as bits, the first in bit 0; 0: there is none.
 */
uint64_t probe_next(const struct probe *probe, const uint8_t *bytes, size_t *at, size_t end);

#endif
