// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * diff.c - crit_diff(): processes with the same pid belong together.
 *
 * A pid may have come to another program meanwhile; then nothing in it is compared but what a
 * program hands on to the next one. And the same program may have been started again: the kernel
 * then gave it another auxiliary vector, with other addresses and random bytes.
 */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "diff/diff.h"
#include "util/error.h"

/* ---- One process ---------------------------------------------------------------------------- */

static bool is_dead(struct crit_task *task, struct crit_task_info *info)
{
	crit_task_info(task, info, NULL);
	return info->state == CRIT_TASK_ZOMBIE;
}

/** What of it that can be told without its memory. @return both are there and alive. */
static bool compare_heads(struct diff *d, struct crit_difference *of)
{
	struct crit_task_info info[2];
	bool dead[2];

	for (int s = OLD; s <= NEW; s++)
		dead[s] = is_dead(d->sides[s].task, &info[s]);
	d->comm = info[NEW].comm;
	diff_text(d, of, "name", info[OLD].comm, info[NEW].comm);
	diff_text(d, of, "state", crit_task_state_name(info[OLD].state),
		  crit_task_state_name(info[NEW].state));
	if (dead[OLD] && dead[NEW])
		diff_number(d, of, "exit status", "0x%llx", info[OLD].exit_code,
			    info[NEW].exit_code);
	return !dead[OLD] && !dead[NEW];
}

/** Two pre-dumps: one may tell what both have. */
static enum crit_status begin_bare(struct diff *d, struct crit_task *tasks[2],
				   struct crit_error *err)
{
	uint32_t size[2] = { 0, 0 };
	enum crit_status status = CRIT_OK;

	for (int s = OLD; s <= NEW && !status; s++)
		status = bare_page_size(tasks[s], &size[s], err);
	if (status)
		return status;
	if (!size[OLD] && !size[NEW])
		return error_set(err, CRIT_INVALID, "no image says how large its pages are");
	if (size[OLD] && size[NEW] && size[OLD] != size[NEW])
		return error_set(err, CRIT_INVALID, "pages of %u bytes and of %u", size[OLD],
				 size[NEW]);
	for (int s = OLD; s <= NEW && !status; s++)
		status = side_begin_bare(&d->sides[s], tasks[s], size[OLD] ? size[OLD] : size[NEW],
					 err);
	return status;
}

/** Begin with both sides; the whole one first, since a pre-dump is read like it. */
static enum crit_status begin(struct diff *d, struct crit_task *tasks[2], struct crit_error *err)
{
	int first = d->sides[OLD].ckpt->pre_dump ? NEW : OLD;
	enum crit_status status;

	if (d->sides[OLD].ckpt->pre_dump && d->sides[NEW].ckpt->pre_dump)
		return begin_bare(d, tasks, err);
	status = side_begin(&d->sides[first], tasks[first], NULL, err);
	return status ? status
		      : side_begin(&d->sides[!first], tasks[!first], tasks[first], err);
}

static enum crit_status compare_loaded(struct diff *d, const struct crit_difference *of,
				       struct crit_error *err)
{
	bool bare = d->sides[OLD].bare || d->sides[NEW].bare;
	bool same = bare || diff_program(d, of);

	if (!bare && diff_wants(d, CRIT_DIFF_STATE))
		diff_state(d);
	if (!bare && same && (diff_wants(d, CRIT_DIFF_THREAD) || diff_wants(d, CRIT_DIFF_REGISTER)))
		diff_threads(d);
	if (!bare && (diff_wants(d, CRIT_DIFF_FD) || diff_wants(d, CRIT_DIFF_SOCKET)))
		diff_fds(d);
	return same && diff_goes_on(d) ? diff_memory(d, err) : CRIT_OK;
}

static enum crit_status compare_tasks(struct diff *d, struct crit_task *tasks[2],
				      struct crit_error *err)
{
	struct crit_difference of = { .what = CRIT_DIFF_PROCESS };
	bool bare = d->sides[OLD].ckpt->pre_dump || d->sides[NEW].ckpt->pre_dump;
	struct crit_task_info info;
	enum crit_status status;
	struct crit_error why;

	d->differs = d->unsure = false;
	d->comm = "";
	d->sides[OLD].task = tasks[OLD];
	d->sides[NEW].task = tasks[NEW];
	if (bare) {
		crit_task_info(tasks[d->sides[OLD].ckpt->pre_dump ? NEW : OLD], &info, NULL);
		d->comm = info.comm;
	}
	if (bare || compare_heads(d, &of)) {
		status = begin(d, tasks, &why);
		if (status == CRIT_NO_MEMORY)
			return error_set(err, status, "%s", why.message);
		if (status)
			diff_unknown(d, &of, why.message);
		else
			status = compare_loaded(d, &of, err);
		if (status == CRIT_NO_MEMORY)
			return status;
	}
	d->totals.changed += d->differs;
	d->totals.unsure += !d->differs && d->unsure;
	d->totals.same += !d->differs && !d->unsure;
	return CRIT_OK;
}

static void tell_one(struct diff *d, struct crit_task *task, enum crit_diff_how how)
{
	struct crit_difference of = { .what = CRIT_DIFF_PROCESS };
	struct crit_task_info info;

	crit_task_info(task, &info, NULL);
	d->comm = info.comm;
	diff_only(d, &of, how, NULL);
	d->totals.added += how == CRIT_DIFF_ADDED;
	d->totals.gone += how == CRIT_DIFF_GONE;
}

/* ---- All of them ---------------------------------------------------------------------------- */

/** The next process of a side that is asked for, by pid; NULL: none is left. */
static struct crit_task *next_task(struct diff *d, int side, size_t *i)
{
	struct crit_checkpoint *ckpt = d->sides[side].ckpt;

	while (*i < ckpt->nr_tasks && d->options->pid && ckpt->by_pid[*i]->pid != d->options->pid)
		++*i;
	return *i < ckpt->nr_tasks ? ckpt->by_pid[*i] : NULL;
}

static enum crit_status compare_pair(struct diff *d, struct crit_task *tasks[2],
				     struct crit_error *err)
{
	enum crit_status status = compare_tasks(d, tasks, err);

	side_end(&d->sides[OLD]);
	side_end(&d->sides[NEW]);
	if (!status && d->no_memory)
		status = error_no_memory(err);
	return status;
}

static enum crit_status compare_all(struct diff *d, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;
	size_t i[2] = { 0, 0 };

	while (!status && diff_goes_on(d)) {
		struct crit_task *tasks[2] = { next_task(d, OLD, &i[OLD]),
					       next_task(d, NEW, &i[NEW]) };

		if (!tasks[OLD] && !tasks[NEW])
			break;
		if (!tasks[OLD] || (tasks[NEW] && tasks[NEW]->pid < tasks[OLD]->pid)) {
			d->pid = tasks[NEW]->pid;
			tell_one(d, tasks[NEW], CRIT_DIFF_ADDED);
			i[NEW]++;
		} else if (!tasks[NEW] || tasks[OLD]->pid < tasks[NEW]->pid) {
			d->pid = tasks[OLD]->pid;
			tell_one(d, tasks[OLD], CRIT_DIFF_GONE);
			i[OLD]++;
		} else {
			d->pid = tasks[NEW]->pid;
			status = compare_pair(d, tasks, err);
			i[OLD]++;
			i[NEW]++;
		}
	}
	return status;
}

/** How much there is to do, when somebody watches: what the images of the new one have. */
static void add_up(struct diff *d)
{
	struct crit_checkpoint *ckpt = d->sides[NEW].ckpt;
	struct crit_mem_totals totals;

	for (size_t i = 0; d->options->keep_going && i < ckpt->nr_tasks; i++) {
		struct crit_task_info info;

		if ((d->options->pid && ckpt->tasks[i].pid != d->options->pid) || ckpt->pre_dump ||
		    is_dead(&ckpt->tasks[i], &info) || !diff_goes_on(d))
			continue;
		if (!crit_mem_totals(&ckpt->tasks[i], 0, UINT64_MAX, &totals, NULL))
			d->total += totals.image;
	}
}

static enum crit_status check(const struct diff *d, struct crit_error *err)
{
	uint32_t pid = d->options->pid;

	if (pid && !crit_task_find(d->sides[OLD].ckpt, pid) &&
	    !crit_task_find(d->sides[NEW].ckpt, pid))
		return error_set(err, CRIT_NOT_FOUND, "no process %u in either of them", pid);
	return CRIT_OK;
}

static void release(struct diff *d)
{
	for (int s = OLD; s <= NEW; s++) {
		objects_deinit(&d->sides[s].objects);
		free(d->sides[s].bytes);
	}
	tdestroy(d->shared, free);
}

enum crit_status crit_diff(struct crit_checkpoint *before, struct crit_checkpoint *after,
			   const struct crit_diff_options *options,
			   bool (*found)(void *ctx, const struct crit_difference *d),
			   struct crit_diff_totals *totals, struct crit_error *err)
{
	const struct crit_diff_options none = { 0 };
	struct diff *d = calloc(1, sizeof(*d));
	enum crit_status status;

	if (!d)
		return error_no_memory(err);
	d->sides[OLD].ckpt = before;
	d->sides[NEW].ckpt = after;
	d->options = options ? options : &none;
	d->found = found;
	status = check(d, err);
	for (int s = OLD; s <= NEW && !status; s++) {
		d->sides[s].bytes = malloc(DIFF_CHUNK);
		if (!d->sides[s].bytes)
			status = error_no_memory(err);
	}
	if (!status) {
		add_up(d);
		status = compare_all(d, err);
	}
	if (!status && d->interrupted)
		status = error_set(err, CRIT_INTERRUPTED, "interrupted");
	if (totals)
		*totals = d->totals;
	release(d);
	free(d);
	return status;
}
