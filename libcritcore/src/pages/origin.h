/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * origin.h - filling struct crit_origin, the answer to "where is this byte?".
 *
 * Who answers gets it with vaddr and len set: the range asked about. He says what is true of the
 * first byte and shortens len to the bytes for which the same holds.
 */
#ifndef CRIT_PAGES_ORIGIN_H
#define CRIT_PAGES_ORIGIN_H

#include "critcore.h"

static inline void origin_unavailable(struct crit_origin *out, enum crit_why why)
{
	out->kind = CRIT_ORIGIN_UNAVAILABLE;
	out->why = why;
}

/** The answer holds for at most @p len bytes. */
static inline void origin_limit(struct crit_origin *out, uint64_t len)
{
	if (len < out->len)
		out->len = len;
}

/** It ends at @p end at the latest. */
static inline void origin_narrow(struct crit_origin *out, uint64_t end)
{
	origin_limit(out, end - out->vaddr);
}

#endif
