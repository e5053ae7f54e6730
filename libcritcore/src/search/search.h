/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* search.h - a search that is under way, in one process or in several. */
#ifndef CRIT_SEARCH_SEARCH_H
#define CRIT_SEARCH_SEARCH_H

#include "critcore.h"
#include "search/seen.h"

struct search {
	const struct crit_pattern *pattern;
	struct crit_search_options options;
	bool (*found)(void *ctx, const struct crit_match *match);
	struct seen *seen; /* NULL: a single process */
	struct crit_task *task;
	uint64_t nr;	      /* matches so far */
	uint64_t done, total; /* bytes */
	bool stopped;	      /* by found(), or by the number of matches */
};

void search_init(struct search *s, const struct crit_pattern *pattern,
		 const struct crit_search_options *options,
		 bool (*found)(void *ctx, const struct crit_match *match));
/** Add what there is to look at in a loaded task. */
void search_add_total(struct search *s, struct crit_task *task);
/** Look at all of one task. */
enum crit_status search_task(struct search *s, struct crit_task *task, struct crit_error *err);

#endif
