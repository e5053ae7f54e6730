// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * report.c - crit_diff_report(). JSON goes out as it is found. Text has its summary on top, which
 * is known at the end, so the rest waits in a spool.
 */
#include "diff/report.h"

#include "util/error.h"

struct text_report {
	struct diff_text text;
	struct spool spool;
};

static bool add_text(void *ctx, const struct crit_difference *d)
{
	struct text_report *r = ctx;

	return diff_text_add(&r->text, d);
}

static bool add_json(void *ctx, const struct crit_difference *d)
{
	return diff_json_add(ctx, d);
}

static bool to_spool(void *ctx, const void *data, size_t len)
{
	return !spool_add(ctx, data, len, NULL);
}

/** What crit_diff() hands to the callback is the report's; progress is the caller's. */
struct watch {
	const struct crit_report_options *report;
	void *writer;
	bool (*add)(void *writer, const struct crit_difference *d);
};

static bool keep_going(void *ctx, uint64_t done, uint64_t total)
{
	const struct watch *w = ctx;

	return w->report->keep_going(w->report->ctx, done, total);
}

static bool found(void *ctx, const struct crit_difference *d)
{
	const struct watch *w = ctx;

	return w->add(w->writer, d);
}

struct pair {
	struct crit_checkpoint *before, *after;
};

static enum crit_status run(const struct pair *pair, const struct crit_diff_options *options,
			    struct watch *w, struct crit_diff_totals *totals,
			    struct crit_error *err)
{
	struct crit_diff_options o = { 0 };

	if (options)
		o = *options;
	o.keep_going = w->report->keep_going ? keep_going : NULL;
	o.ctx = w;
	return crit_diff(pair->before, pair->after, &o, found, totals, err);
}

static enum crit_status report_json(const struct pair *pair,
				    const struct crit_diff_options *options, struct watch *watch,
				    struct crit_output *out, struct crit_diff_totals *totals,
				    struct crit_error *err)
{
	struct json_writer w;
	enum crit_status status, written;

	json_writer_init(&w, out, false);
	watch->writer = &w;
	watch->add = add_json;
	status = run(pair, options, watch, totals, err);
	if (!status)
		diff_json_totals(&w, totals);
	written = json_writer_finish(&w, status ? NULL : err);
	return status ? status : written;
}

/** The summary, then what waited. */
static enum crit_status finish_text(const struct pair *pair, struct text_report *r, bool memory,
				    struct crit_output *out, const struct crit_diff_totals *totals,
				    struct crit_error *err)
{
	struct crit_checkpoint_info a, b;
	enum crit_status status;
	struct lines top;

	crit_checkpoint_info(pair->before, &a);
	crit_checkpoint_info(pair->after, &b);
	lines_init(&top, out);
	diff_text_summary(&top, a.path, b.path, totals, memory);
	status = lines_finish(&top, err);
	return status ? status : spool_write(&r->spool, out, err);
}

static enum crit_status report_text(const struct pair *pair,
				    const struct crit_diff_options *options, struct watch *watch,
				    struct crit_output *out, struct crit_diff_totals *totals,
				    struct crit_error *err)
{
	bool memory = !options || !options->only || options->only & 1u << CRIT_DIFF_MEMORY;
	struct crit_output *spooled;
	struct text_report r;
	enum crit_status status, written;

	spool_init(&r.spool);
	status = crit_output_from_function(to_spool, &r.spool, &spooled, err);
	if (status)
		return status;
	status = diff_text_init(&r.text, spooled, err);
	watch->writer = &r;
	watch->add = add_text;
	if (!status)
		status = run(pair, options, watch, totals, err);
	written = diff_text_finish(&r.text, status ? NULL : err);
	if (written && !status)
		status = error_set(err, CRIT_OS, "the differences do not fit a temporary file");
	if (!status)
		status = finish_text(pair, &r, memory, out, totals, err);
	crit_output_close(spooled);
	spool_deinit(&r.spool);
	return status;
}

enum crit_status crit_diff_report(struct crit_checkpoint *before, struct crit_checkpoint *after,
				  const struct crit_diff_options *options,
				  const struct crit_report_options *report,
				  struct crit_output *out, struct crit_diff_totals *totals,
				  struct crit_error *err)
{
	const struct crit_report_options plain = { 0 };
	const struct pair pair = { before, after };
	struct crit_diff_totals unasked;
	struct watch watch = { .report = report ? report : &plain };

	if (!totals)
		totals = &unasked;
	return watch.report->form == CRIT_REPORT_JSON
		       ? report_json(&pair, options, &watch, out, totals, err)
		       : report_text(&pair, options, &watch, out, totals, err);
}
