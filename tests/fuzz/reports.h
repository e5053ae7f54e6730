/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reports.h - fuzz_checkpoint.c: statistics, checks and core files of any checkpoint. They end,
 * reports are fit for a terminal, JSON closes what it opens, and the sums of a core file are the
 * memory there is.
 */
#ifndef FUZZ_REPORTS_H
#define FUZZ_REPORTS_H

#include "listings.h"

enum { MAX_CORE = 8 << 20 /* bytes of memory; beyond that only time is spent */ };

static struct crit_output *begin_report(struct listing *listing, bool json,
					struct crit_report_options *how)
{
	struct crit_output *out;

	*listing = (struct listing){ .is_json = json };
	*how = (struct crit_report_options){ .form = json ? CRIT_REPORT_JSON : CRIT_REPORT_TEXT };
	require(!crit_output_from_function(take_piece, listing, &out, NULL));
	return out;
}

static void end_report(const struct listing *listing, struct crit_output *out)
{
	crit_output_close(out);
	require(listing->len);
	require(!listing->is_json || listing->len >= MAX_LISTING ||
		(!listing->depth && !listing->in_string));
}

static void check_stats(struct crit_checkpoint *ckpt, bool json)
{
	struct crit_stats_options options = { .duplicates = true };
	struct crit_report_options how;
	struct crit_error err = { 0 };
	struct listing listing;
	struct crit_output *out = begin_report(&listing, json, &how);

	require(!crit_stats_write(ckpt, &options, &how, out, &err) || *err.message);
	end_report(&listing, out);
}

struct tally {
	uint64_t nr[3]; /* by severity */
};

static bool take_finding(void *ctx, const struct crit_finding *finding)
{
	struct tally *tally = ctx;

	require(finding->severity <= CRIT_CHECK_ERROR && *finding->rule->id && *finding->text);
	require(!strchr(finding->text, '\n'));
	tally->nr[finding->severity]++;
	return true;
}

/** @param path  What the checkpoint's folder is in; the folder need not be a checkpoint. */
static void check_checks(const char *path, bool json)
{
	struct crit_check_options options = { .no_cpu = true };
	struct crit_check_result result, again;
	struct crit_report_options how;
	struct tally tally = { { 0 } };
	struct crit_error err = { 0 };
	struct listing listing;
	struct crit_output *out;
	char name[80];

	snprintf(name, sizeof(name), "%s/img", path);
	if (crit_check(name, &options, take_finding, &tally, &result, &err)) {
		require(*err.message);
		return;
	}
	// Of what is wrong in a hundred places not every one is told.
	require(tally.nr[CRIT_CHECK_ERROR] <= result.nr_errors &&
		(!result.nr_errors || tally.nr[CRIT_CHECK_ERROR]));
	out = begin_report(&listing, json, &how);
	require(!crit_check_report(name, &options, &how, out, &again, NULL) ||
		listing.len >= MAX_LISTING);
	require(listing.len >= MAX_LISTING || !memcmp(&result, &again, sizeof(again)));
	end_report(&listing, out);
}

static bool count_core(void *ctx, const void *data, size_t len)
{
	(void)data;
	*(uint64_t *)ctx += len;
	return true;
}

static void sum_gap(void *ctx, const struct crit_dump_gap *gap)
{
	require(gap->start < gap->end && *gap->why);
	*(uint64_t *)ctx += gap->end - gap->start;
}

static void check_core(struct crit_task *task)
{
	uint64_t written = 0, gaps = 0, mapped = 0;
	struct crit_core_options options = { .gap = sum_gap, .ctx = &gaps };
	struct crit_core_result result;
	struct crit_error err = { 0 };
	struct crit_mapping mapping;
	struct crit_output *out;

	for (size_t i = 0; crit_mapping_at(task, i, &mapping); i++)
		mapped += mapping.end - mapping.start;
	if (mapped > MAX_CORE)
		return;
	require(!crit_output_from_function(count_core, &written, &out, NULL));
	if (crit_core_write(task, out, &options, &result, &err)) {
		require(*err.message);
	} else {
		require(written == result.len && gaps == result.missing);
		require(result.image + result.zero + result.in_files + result.missing +
				result.never == mapped);
	}
	crit_output_close(out);
}

#endif
