// SPDX-License-Identifier: LGPL-2.1-or-later
/* search.c - crit_search(): a scan, its matches counted and described. */
#include "search/search.h"

#include <string.h>

#include "search/scan.h"

void search_init(struct search *s, const struct crit_pattern *pattern,
		 const struct crit_search_options *options,
		 bool (*found)(void *ctx, const struct crit_match *match))
{
	memset(s, 0, sizeof(*s));
	s->pattern = pattern;
	s->found = found;
	if (options)
		s->options = *options;
}

/** The last address to look at; an end of 0 is the top. */
static uint64_t last_of(const struct search *s)
{
	return s->options.end - 1;
}

void search_add_total(struct search *s, struct crit_task *task)
{
	struct crit_mem_totals totals;
	uint64_t end = s->options.end ? s->options.end : UINT64_MAX;

	if (s->options.keep_going && !crit_mem_totals(task, s->options.start, end, &totals, NULL))
		s->total += totals.image + totals.zero + totals.file;
}

static bool found(void *ctx, uint64_t vaddr, uint64_t len)
{
	struct search *s = ctx;
	struct crit_match match = { .task = s->task, .vaddr = vaddr, .len = len, .nr = s->nr };
	struct crit_origin origin;

	if (s->seen && seen_has(s->seen, vaddr, len))
		return true;
	match.mapping = SIZE_MAX;
	if (!crit_mem_locate(s->task, vaddr, &origin, NULL))
		match.mapping = origin.mapping;
	s->nr++;
	s->stopped = !s->found(s->options.ctx, &match) || s->nr == s->options.max_matches;
	return !s->stopped;
}

static bool keep_going(void *ctx, uint64_t len)
{
	struct search *s = ctx;

	s->done += len;
	if (s->done > s->total) // a checkpoint that changes, or is damaged
		s->done = s->total;
	return !s->options.keep_going || s->options.keep_going(s->options.ctx, s->done, s->total);
}

static void unreadable(void *ctx, uint64_t vaddr, uint64_t len, const struct crit_error *why)
{
	struct search *s = ctx;

	if (s->options.unreadable)
		s->options.unreadable(s->options.ctx, s->task, vaddr, len, why);
}

static bool known(void *ctx, struct crit_origin *origin)
{
	struct search *s = ctx;

	return seen_meet(s->seen, s->task, origin);
}

enum crit_status search_task(struct search *s, struct crit_task *task, struct crit_error *err)
{
	struct scan scan = {
		.task = task,
		.pattern = s->pattern,
		.start = s->options.start,
		.last = last_of(s),
		.align = s->options.align,
		.overlapping = s->options.overlapping && !s->pattern->regex,
		.found = found,
		.keep_going = keep_going,
		.unreadable = unreadable,
		.known = s->seen ? known : NULL,
		.ctx = s,
	};

	s->task = task;
	return scan.start > scan.last ? CRIT_OK : scan_run(&scan, err);
}

enum crit_status crit_search(struct crit_task *task, const struct crit_pattern *pattern,
			     const struct crit_search_options *options,
			     bool (*found_one)(void *ctx, const struct crit_match *match),
			     struct crit_error *err)
{
	enum crit_status status = crit_task_load(task, err);
	struct search s;

	if (status)
		return status;
	search_init(&s, pattern, options, found_one);
	search_add_total(&s, task);
	return search_task(&s, task, err);
}
