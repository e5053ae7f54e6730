/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * listings.h - what must be true of the listings of any checkpoint: they end, text has no bytes
 * that a terminal would obey, JSON closes what it opens, and what is wrong is counted.
 */
#ifndef FUZZ_LISTINGS_H
#define FUZZ_LISTINGS_H

#include "checkpoint_folder.h"
#include "critcore.h"

enum { MAX_LISTING = 1 << 20 /* bytes; a small image may say that there is much */ };

struct listing {
	bool is_json, in_string, escaped;
	size_t len;
	int depth; /* of JSON: open braces and brackets */
	size_t nr_problems;
};

static void note_byte(struct listing *l, char c)
{
	require((unsigned char)c >= 0x20 || c == '\n' || (c == '\t' && !l->is_json));
	require(c != 0x7f);
	if (l->escaped)
		l->escaped = false;
	else if (l->in_string && c == '\\')
		l->escaped = true;
	else if (c == '"')
		l->in_string = !l->in_string;
	else if (!l->in_string)
		l->depth += (c == '{' || c == '[') - (c == '}' || c == ']');
	require(!l->is_json || l->depth >= 0);
}

static bool take_piece(void *ctx, const void *data, size_t len)
{
	struct listing *l = ctx;

	for (size_t i = 0; i < len; i++)
		note_byte(l, ((const char *)data)[i]);
	l->len += len;
	return l->len < MAX_LISTING;
}

static void note_problem(void *ctx, const struct crit_error *err)
{
	struct listing *l = ctx;

	require(err->status && *err->message && !strchr(err->message, '\n'));
	l->nr_problems++;
}

static void check_listing(struct crit_checkpoint *ckpt, enum crit_explore_what what, bool json)
{
	struct listing listing = { .is_json = json };
	struct crit_explore_options options = {
		.report = { .form = json ? CRIT_REPORT_JSON : CRIT_REPORT_TEXT },
		.args = true, .env = true, .threads = true, .state = true,
		.problem = note_problem, .problem_ctx = &listing,
	};
	struct crit_output *out;
	struct crit_error err;
	size_t nr_problems = 0;
	enum crit_status status;

	require(!crit_output_from_function(take_piece, &listing, &out, &err));
	status = crit_explore(ckpt, what, &options, out, &nr_problems, &err);
	crit_output_close(out);
	require(!status || listing.len >= MAX_LISTING || status == CRIT_NO_MEMORY);
	require(status || !json || (!listing.depth && !listing.in_string));
	// Arguments that cannot be read are said in their place.
	require(json || listing.nr_problems <= nr_problems);
}

static bool count_task(void *ctx, struct crit_task *task, unsigned int depth)
{
	(void)task, (void)depth;
	++*(size_t *)ctx;
	return true;
}

/** One listing, for time's sake; the input's size says which. */
static void check_listings(struct crit_checkpoint *ckpt, size_t size)
{
	enum crit_explore_what what = (enum crit_explore_what)(size % (CRIT_EXPLORE_SK + 1));
	size_t nr = 0;

	require(!crit_tree_walk(ckpt, NULL, count_task, &nr, NULL) && nr == crit_task_count(ckpt));
	check_listing(ckpt, what, false);
	check_listing(ckpt, what, true);
}

#endif
