// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * explore.c - a listing as a whole: which processes it is about, what stands around them, and what
 * could not be listed.
 *
 *	text	PID, then lines that begin with a tab; ps: a line each
 *	JSON	a list with an object for each process; ps: the root
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore/explore.h"

static void (*const listings[])(struct explore *x, struct crit_task *task) = {
	[CRIT_EXPLORE_FDS] = explore_fds,
	[CRIT_EXPLORE_MEMS] = explore_mems,
	[CRIT_EXPLORE_RSS] = explore_rss,
	[CRIT_EXPLORE_SK] = explore_sk,
};

bool crit_explore_find(const char *word, enum crit_explore_what *out)
{
	static const struct {
		const char *word;
		enum crit_explore_what what;
	} rows[] = {
		{ "ps", CRIT_EXPLORE_PS },   { "fds", CRIT_EXPLORE_FDS },
		{ "fd", CRIT_EXPLORE_FDS },  { "mems", CRIT_EXPLORE_MEMS },
		{ "mem", CRIT_EXPLORE_MEMS }, { "rss", CRIT_EXPLORE_RSS },
		{ "sk", CRIT_EXPLORE_SK },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(rows[i].word, word)) {
			*out = rows[i].what;
			return true;
		}
	return false;
}

void explore_problem(struct explore *x, const struct crit_error *err,
		     struct explore_errors *errors)
{
	size_t len = strlen(errors->text);

	// Two things that are wrong because of the same image are one.
	if (len && !strcmp(errors->text, err->message))
		return;
	x->nr_problems++;
	snprintf(errors->text + len, sizeof(errors->text) - len, "%s%s", len ? "; " : "",
		 err->message);
	if (!x->is_json && x->options->problem)
		x->options->problem(x->options->problem_ctx, err);
}

void explore_json_errors(struct explore *x, const struct explore_errors *errors)
{
	if (*errors->text)
		json_writer_text(&x->json, "error", errors->text);
}

const char *explore_unknown(const struct explore *x)
{
	return x->is_json ? "unknown" : "unknown path";
}

const char *explore_file(const struct explore *x, const struct crit_task *task, uint32_t file_id)
{
	struct files *files = &task->ckpt->files;
	struct mapped_file *file = NULL;

	if (files_load(files, NULL) || files_find(files, file_id, &file, NULL) || !file ||
	    !file->path)
		return explore_unknown(x);
	return file->path;
}

/** One process; the dead have nothing that could be listed. */
static void list_task(struct explore *x, enum crit_explore_what what, struct crit_task *task)
{
	core_load(task, NULL);
	if (task->state != CRIT_TASK_ZOMBIE)
		listings[what](x, task);
}

static enum crit_status list_tasks(struct explore *x, enum crit_explore_what what,
				   struct crit_task *only, struct crit_error *err)
{
	const struct crit_report_options *report = &x->options->report;
	size_t nr = x->ckpt->nr_tasks;

	for (size_t i = 0; i < nr && !lines_failed(x->text); i++) {
		struct crit_task *task = &x->ckpt->tasks[i];

		if (report->keep_going && !report->keep_going(report->ctx, i, nr))
			return error_set(err, CRIT_INTERRUPTED, "interrupted");
		if (!only || only == task)
			list_task(x, what, task);
		else if (what == CRIT_EXPLORE_MEMS)
			explore_mems_note(x, task);
		if (only == task)
			break;
	}
	return CRIT_OK;
}

static enum crit_status list(struct explore *x, enum crit_explore_what what, struct crit_task *only,
			     struct crit_error *err)
{
	enum crit_status status;

	if (what == CRIT_EXPLORE_PS)
		return explore_ps(x, only, err);
	if (x->is_json)
		json_writer_list(&x->json, NULL);
	status = list_tasks(x, what, only, err);
	if (x->is_json)
		json_writer_end(&x->json);
	return status;
}

static enum crit_status find_task(struct crit_checkpoint *ckpt, enum crit_explore_what what,
				  uint32_t pid, struct crit_task **out, struct crit_error *err)
{
	struct crit_task *task = pid ? crit_task_find(ckpt, pid) : NULL;

	*out = task;
	if (!pid)
		return CRIT_OK;
	if (!task)
		return error_set(err, CRIT_NOT_FOUND, "no process %u in the checkpoint", pid);
	core_load(task, NULL);
	if (task->state == CRIT_TASK_ZOMBIE && what != CRIT_EXPLORE_PS)
		return task_load_mappings(task, err); // says how it died
	return CRIT_OK;
}

enum crit_status crit_explore(struct crit_checkpoint *ckpt, enum crit_explore_what what,
			      const struct crit_explore_options *options, struct crit_output *out,
			      size_t *nr_problems, struct crit_error *err)
{
	struct explore x = { .ckpt = ckpt, .options = options };
	struct crit_task *only;
	enum crit_status status, written;

	status = find_task(ckpt, what, options->pid, &only, err);
	if (status)
		return status;
	x.is_json = options->report.form == CRIT_REPORT_JSON;
	x.text = &x.json.lines;
	json_writer_init(&x.json, out, true);
	status = list(&x, what, only, err);
	written = json_writer_finish(&x.json, status ? NULL : err);
	small_ids_free(&x.shared);
	free(x.peers);
	if (nr_problems)
		*nr_problems = x.nr_problems;
	return status ? status : written;
}
