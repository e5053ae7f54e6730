/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* report.h - how differences are written: two forms behind one callback. */
#ifndef CRIT_DIFF_REPORT_H
#define CRIT_DIFF_REPORT_H

#include "report/json_writer.h"
#include "util/spool.h"

struct diff_text {
	struct lines lines;
	struct spool held; /* ranges of a mapping, whose own line comes first and is known last */
	struct lines held_lines;
	struct crit_output *held_out;
	bool any;     /* something was written */
	uint32_t pid; /* whose heading was written last */
	enum crit_diff_what section;
};

/** @param out  Borrowed. */
enum crit_status diff_text_init(struct diff_text *t, struct crit_output *out,
				struct crit_error *err);
/** As lines_finish(). */
enum crit_status diff_text_finish(struct diff_text *t, struct crit_error *err);
/** @return false: the output failed. */
bool diff_text_add(struct diff_text *t, const struct crit_difference *d);
/** What stands above all. @param memory  Was it compared? */
void diff_text_summary(struct lines *l, const char *before, const char *after,
		       const struct crit_diff_totals *totals, bool memory);

bool diff_json_add(struct json_writer *w, const struct crit_difference *d);
void diff_json_totals(struct json_writer *w, const struct crit_diff_totals *totals);

#endif
