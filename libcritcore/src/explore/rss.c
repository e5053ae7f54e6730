// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * rss.c - which pages of private memory there were, and in which mappings.
 *
 *	PID
 *		VADDR / PAGES        START / PAGES  [PATH]
 *		                     START / PAGES  [PATH]
 *		                     [where else they are]
 *		VADDR / PAGES        ~
 *
 * Behind each run stand the mappings it is in; "~" is the one that the last run ended in. The line
 * behind them is empty, unless the pages are not in this checkpoint.
 */
#include <stdio.h>

#include "explore/explore.h"
#include "image/vma_status.h"

struct rss {
	struct explore *x;
	struct crit_task *task;
	size_t last;	  /* index of the last mapping that was listed */
	const char *path; /* JSON: of the last file that the run at hand is in */
};

static const char *path_of(const struct rss *rss, const struct crit_mapping *m)
{
	if (!(m->status & (VMA_FILE_PRIVATE | VMA_FILE_SHARED)))
		return NULL;
	return m->path ? m->path : explore_file(rss->x, rss->task, (uint32_t)m->shmid);
}

static uint64_t nr_pages(const struct rss *rss, const struct crit_mapping *m)
{
	return (m->end - m->start) / rss->task->page_size;
}

/** What a user must know of pages that are not here. */
static const char *elsewhere(enum crit_run_place place)
{
	switch (place) {
	case CRIT_RUN_HERE:
		return NULL;
	case CRIT_RUN_PARENT:
		return "(in the parent checkpoint)";
	case CRIT_RUN_LAZY:
		return "(left with the page server)";
	case CRIT_RUN_UNKNOWN:
		break;
	}
	return "(the pagemap does not say where)";
}

/* ---- text ------------------------------------------------------------------------------------ */

static void put_mapping(struct rss *rss, const struct crit_mapping *m, bool again)
{
	struct lines *l = rss->x->text;
	const char *path = path_of(rss, m);

	if (again) {
		lines_str(l, " ~");
	} else {
		lines_printf(l, " %08llx / %-8llu", (unsigned long long)m->start,
			     (unsigned long long)nr_pages(rss, m));
		lines_str(l, path ? " " : "");
		lines_safe(l, path);
	}
	lines_printf(l, "\n\t%23s", "");
}

static void put_head(struct rss *rss, const struct crit_run *run)
{
	char text[64];

	snprintf(text, sizeof(text), "\t%llx / %-8llu", (unsigned long long)run->vaddr,
		 (unsigned long long)run->nr_pages);
	lines_printf(rss->x->text, "%-24s", text);
}

static void put_tail(struct rss *rss, const struct crit_run *run)
{
	const char *where = elsewhere(run->place);

	if (where)
		lines_printf(rss->x->text, " %s", where);
	lines_add(rss->x->text, "\n", 1);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void put_json_mapping(struct rss *rss, const struct crit_mapping *m, bool again)
{
	struct json_writer *w = &rss->x->json;
	char number[20];

	snprintf(number, sizeof(number), "%llx", (unsigned long long)m->start);
	json_writer_object(w, NULL);
	json_writer_text(w, "addr", again ? "~" : number);
	if (!again)
		json_writer_uint(w, "pages", nr_pages(rss, m));
	json_writer_end(w);
	if (!again && path_of(rss, m))
		rss->path = path_of(rss, m);
}

static void begin_json(struct rss *rss, const struct crit_run *run)
{
	struct json_writer *w = &rss->x->json;
	char number[20];

	rss->path = NULL;
	snprintf(number, sizeof(number), "%llx", (unsigned long long)run->vaddr);
	json_writer_object(w, NULL);
	json_writer_text(w, "phy_addr", number);
	json_writer_uint(w, "phy_pages", run->nr_pages);
	json_writer_list_of_some(w, "vmas");
}

static void end_json(struct rss *rss, const struct crit_run *run)
{
	struct json_writer *w = &rss->x->json;

	json_writer_end(w);
	if (rss->path)
		json_writer_text(w, "resource", rss->path);
	json_writer_text(w, "where", crit_run_place_name(run->place));
	if (run->compressed)
		json_writer_bool(w, "compressed", true);
	json_writer_end(w);
}

/* ---- one process ----------------------------------------------------------------------------- */

static void list_mappings(struct rss *rss, const struct crit_run *run)
{
	uint64_t end = run->vaddr + run->nr_pages * run->page_size;
	size_t i = mapping_find(rss->task, run->vaddr);

	for (; i < rss->task->nr_mappings && !lines_failed(rss->x->text); i++) {
		const struct crit_mapping *m = &rss->task->mappings[i].pub;

		if (m->start >= end)
			return;
		if (rss->x->is_json)
			put_json_mapping(rss, m, i == rss->last);
		else
			put_mapping(rss, m, i == rss->last);
		rss->last = i;
	}
}

static bool list_run(void *ctx, const struct crit_run *run)
{
	struct rss *rss = ctx;

	if (rss->x->is_json)
		begin_json(rss, run);
	else
		put_head(rss, run);
	list_mappings(rss, run);
	if (rss->x->is_json)
		end_json(rss, run);
	else
		put_tail(rss, run);
	return !lines_failed(rss->x->text);
}

void explore_rss(struct explore *x, struct crit_task *task)
{
	struct rss rss = { x, task, SIZE_MAX, NULL };
	struct explore_errors errors = { 0 };
	struct crit_error err;

	if (x->is_json) {
		json_writer_object(&x->json, NULL);
		json_writer_uint(&x->json, "pid", task->pid);
		json_writer_list_of_some(&x->json, "rss");
	} else {
		lines_printf(x->text, "%u\n", task->pid);
	}
	if (crit_run_walk(task, list_run, &rss, &err))
		explore_problem(x, &err, &errors);
	if (!x->is_json)
		return;
	json_writer_end(&x->json);
	explore_json_errors(x, &errors);
	json_writer_end(&x->json);
}
