// SPDX-License-Identifier: LGPL-2.1-or-later
/* stats.c - counting all there is, and keeping a list of what could not be counted. */
#include "stats/stats.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_PROBLEMS = 20, BIGGEST = 10 };

enum crit_status collect_problem(struct collect *c, const struct crit_error *why,
				 struct crit_error *err)
{
	struct crit_stats *out = c->out;

	if (why->status == CRIT_NO_MEMORY && !why->has_off) {
		if (err)
			*err = *why;
		return CRIT_NO_MEMORY;
	}
	if (!c->first.status)
		c->first = *why;
	if (out->nr_problems == MAX_PROBLEMS) {
		out->nr_more_problems++;
		return CRIT_OK;
	}
	out->problems[out->nr_problems] = strdup(why->message);
	if (!out->problems[out->nr_problems])
		return error_no_memory(err);
	out->nr_problems++;
	return CRIT_OK;
}

static enum crit_status collect_all(struct collect *c, struct crit_error *err)
{
	static enum crit_status (*const parts[])(struct collect *, struct crit_error *) = {
		collect_criu, collect_tasks, collect_fds, collect_memory, collect_levels,
		collect_images,
	};
	enum crit_status status = CRIT_OK;

	for (size_t i = 0; !status && i < sizeof(parts) / sizeof(parts[0]); i++)
		status = parts[i](c, err);
	return status;
}

enum crit_status stats_collect(struct crit_checkpoint *ckpt,
			       const struct crit_stats_options *options, struct crit_stats **out,
			       struct crit_error *first, struct crit_error *err)
{
	struct crit_stats_options with_defaults = options ? *options
							   : (struct crit_stats_options){ 0 };
	struct collect c = { .ckpt = ckpt, .options = &with_defaults };
	enum crit_status status;

	if (!with_defaults.max_biggest)
		with_defaults.max_biggest = BIGGEST;
	c.out = calloc(1, sizeof(*c.out));
	if (c.out)
		c.out->problems = calloc(MAX_PROBLEMS, sizeof(*c.out->problems));
	status = c.out && c.out->problems ? collect_all(&c, err) : error_no_memory(err);
	if (status) {
		crit_stats_free(c.out);
		return status;
	}
	*out = c.out;
	*first = c.first;
	return CRIT_OK;
}

enum crit_status crit_stats_read(struct crit_checkpoint *ckpt,
				 const struct crit_stats_options *options, struct crit_stats **out,
				 struct crit_error *err)
{
	struct crit_error first;

	return stats_collect(ckpt, options, out, &first, err);
}

void crit_stats_free(struct crit_stats *stats)
{
	if (!stats)
		return;
	for (size_t i = 0; i < stats->nr_problems; i++)
		free(stats->problems[i]);
	free(stats->problems);
	free(stats->fds);
	free(stats->sockets);
	free(stats->biggest);
	free(stats->levels);
	free(stats->images);
	free(stats);
}
