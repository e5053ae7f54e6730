/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* search.h - searching memory. A part of critcore.h. */
#ifndef CRITCORE_SEARCH_H
#define CRITCORE_SEARCH_H

#include "critcore/task.h"

#ifdef __cplusplus
extern "C" {
#endif

enum crit_pattern_kind {
	CRIT_PATTERN_TEXT,    /* these very bytes */
	CRIT_PATTERN_HEX,     /* "de ad be ef", blanks optional; "?" is any half byte: "4? ?? 05" */
	CRIT_PATTERN_INTEGER, /* "42", "-1", "0x2a": of int_size bytes, in the task's byte order */
	CRIT_PATTERN_REGEX,   /* PCRE2's syntax, over bytes */
};

struct crit_pattern_options {
	bool ignore_case;	 /* TEXT, REGEX: of ASCII letters */
	bool utf16;		 /* TEXT: given as UTF-8, looked for as UTF-16 in the byte order */
	unsigned int int_size;	 /* INTEGER: 1, 2, 4 or 8; 0: the smallest that holds the value */
	bool big_endian;	 /* INTEGER, utf16: as crit_checkpoint_info.big_endian says */
};

struct crit_pattern;

/**
 * @param text     @p len bytes; TEXT may hold any, the others are ASCII.
 * @param options  NULL: all zero.
 * @param out      [out] Release it with crit_pattern_free().
 * @return CRIT_OK; CRIT_INVALID: the error says what is wrong and where; CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_pattern_new(enum crit_pattern_kind kind, const void *text,
					   size_t len, const struct crit_pattern_options *options,
					   struct crit_pattern **out, struct crit_error *err);
/** NULL is fine. */
CRIT_API void crit_pattern_free(struct crit_pattern *pattern);

struct crit_match {
	struct crit_task *task;
	uint64_t vaddr, len; /* in bytes */
	size_t mapping;	     /* of the first byte */
	uint64_t nr;	     /* from 0, of this search */
};

struct crit_search_options {
	uint64_t start, end;   /* addresses; end 0: to the top */
	uint64_t align;	       /* only matches at multiples of it; 0 and 1: anywhere */
	uint64_t max_matches;  /* stop after so many; 0: all */
	bool overlapping;      /* also matches that begin inside the one before; not for REGEX */
	crit_keep_going_fn keep_going; /* bytes looked at, of how many; from the caller's thread */
	/** Hears of memory that is said to be there but cannot be read, and so was not searched. */
	void (*unreadable)(void *ctx, struct crit_task *task, uint64_t vaddr, uint64_t len,
			   const struct crit_error *why);
	void *ctx;	       /* for keep_going, unreadable, found and skipped */
};

/**
 * Look for a pattern in all memory of a task that is there, in address order. Matches may cross
 * the borders of pages, runs and mappings, but every byte of them is there: nothing matches across
 * unavailable bytes. A match of REGEX is at most 64 KiB long.
 *
 * @param options  NULL: all zero.
 * @param found    Called for each match; false ends the search (CRIT_OK).
 * @return CRIT_OK, whatever was found; CRIT_INTERRUPTED; CRIT_INVALID: a regular expression that
 *         needs too much work; CRIT_NO_MEMORY; or as crit_task_load(). Images that cannot be read
 *         in places are searched where they can.
 */
CRIT_API enum crit_status crit_search(struct crit_task *task, const struct crit_pattern *pattern,
				      const struct crit_search_options *options,
				      bool (*found)(void *ctx, const struct crit_match *match),
				      struct crit_error *err);

/**
 * The same in every process of a checkpoint, one after the other in crit_task_at() order. Memory
 * that several share, and clean pages of files, are searched once: matches wholly inside are told
 * for the first process that maps them. Processes without memory are passed over; so are those
 * that cannot be loaded, after @p skipped heard why.
 */
CRIT_API enum crit_status crit_search_all(struct crit_checkpoint *ckpt,
					  const struct crit_pattern *pattern,
					  const struct crit_search_options *options,
					  bool (*found)(void *ctx, const struct crit_match *match),
					  void (*skipped)(void *ctx, struct crit_task *task,
							  const struct crit_error *why),
					  struct crit_error *err);

#ifdef __cplusplus
}
#endif

#endif
