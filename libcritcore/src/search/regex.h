/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * regex.h - regular expressions over a stream of bytes, of which a window is at hand.
 *
 * An attempt to match sees REGEX_MAX bytes from where it begins, and `keep` bytes before that, but
 * no more: so what is found does not depend on where windows begin and end.
 */
#ifndef CRIT_SEARCH_REGEX_H
#define CRIT_SEARCH_REGEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "critcore.h"

enum { REGEX_MAX = 64 * 1024 }; /* bytes of the longest match */

/** A compiled expression. Does not change: several searches may use it at a time. */
struct regex;

/** @param out  [out] Release it with regex_free().
 *  @return CRIT_OK, CRIT_INVALID, CRIT_NO_MEMORY. */
enum crit_status regex_new(const void *text, size_t len, bool ignore_case, struct regex **out,
			   struct crit_error *err);
/** NULL is fine. */
void regex_free(struct regex *regex);
/** How many bytes before a place matter for a match there; at least 1. */
size_t regex_keep(const struct regex *regex);

/** What one search needs besides. */
struct regex_run;

/** @param regex  Outlives it. @return NULL: out of memory. */
struct regex_run *regex_run_new(const struct regex *regex);
/** NULL is fine. */
void regex_run_free(struct regex_run *run);

/** What is known of the bytes behind a window. */
enum regex_end {
	REGEX_MORE, /* there are more, which come next */
	REGEX_CUT,  /* there are more, but nothing that begins here and needs them matters */
	REGEX_LAST, /* there are none */
};

enum regex_result {
	REGEX_FOUND,
	REGEX_GO_ON, /* not so far: call again from *pos on */
	REGEX_WAIT,  /* not without what follows; from *pos on less than REGEX_MAX is left */
};

/**
 * Look for the first match, of at least one byte, that begins at or behind a place; for a moment.
 *
 * @param bytes  @p len of them. What stands before *pos is looked at by assertions.
 * @param pos    [in, out] Index in them, less than @p len; moved on when nothing was found.
 * @param hit    [out] Begin and end of a match.
 * @return CRIT_OK; CRIT_INVALID: it needs too much work; CRIT_NO_MEMORY.
 */
enum crit_status regex_try(struct regex_run *run, const uint8_t *bytes, size_t len,
			   enum regex_end end, size_t *pos, enum regex_result *result,
			   size_t hit[2], struct crit_error *err);

/** Could a match begin and end inside a long range of zeros? */
enum crit_status regex_fits_zeros(const struct regex *regex, bool *out, struct crit_error *err);

#endif
