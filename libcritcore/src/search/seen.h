/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seen.h - which memory was searched already, when several processes have it: ranges of files and
 * of shared memory. It may forget, then matches are told again; it never makes one up.
 */
#ifndef CRIT_SEARCH_SEEN_H
#define CRIT_SEARCH_SEEN_H

#include "critcore.h"

struct seen;

/** @return NULL: out of memory. */
struct seen *seen_new(void);
/** NULL is fine. */
void seen_free(struct seen *seen);

/** Another task comes; addresses mean nothing any more. */
void seen_next_task(struct seen *seen);

/**
 * Hear of a range that is about to be searched. Ranges come in address order.
 *
 * @param origin  Its len is made smaller where what was searched before begins or ends.
 * @return Was all of it searched before, as one range?
 */
bool seen_meet(struct seen *seen, struct crit_task *task, struct crit_origin *origin);
/** Does a match in the current task lie wholly in a range that was searched before? */
bool seen_has(const struct seen *seen, uint64_t vaddr, uint64_t len);

#endif
