// SPDX-License-Identifier: LGPL-2.1-or-later
/* write.c - the report: counting, then writing it in the form that is wanted. */
#include "stats/stats.h"
#include "stats/write.h"

enum crit_status crit_stats_write(struct crit_checkpoint *ckpt,
				  const struct crit_stats_options *options,
				  const struct crit_report_options *how, struct crit_output *out,
				  struct crit_error *err)
{
	struct crit_stats_options with = options ? *options : (struct crit_stats_options){ 0 };
	struct report_of r = { 0 };
	struct crit_error first;
	struct json_writer w;
	struct crit_stats *stats = NULL;
	enum crit_status status;

	with.keep_going = how->keep_going;
	with.ctx = how->ctx;
	status = stats_collect(ckpt, &with, &stats, &first, err);
	if (status)
		return status;
	r.stats = stats;
	r.info = ckpt->info;
	json_writer_init(&w, out, true);
	if (how->form == CRIT_REPORT_JSON)
		stats_write_json(&r, &w);
	else
		stats_write_text(&r, how->colour, &w.lines);
	status = json_writer_finish(&w, err);
	if (!status && first.status) {
		status = first.status;
		if (err)
			*err = first;
		error_prefix(err, status, "not all could be counted: ");
	}
	crit_stats_free(stats);
	return status;
}
