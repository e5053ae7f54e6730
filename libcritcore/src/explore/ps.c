// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ps.c - the process tree.
 *
 *	    PID   PGID    SID   COMM
 *	   5549   5549   5549   tree-root (sleeping in wait4)
 *	                            args: ./tree -n 3
 *	   5556                     {worker} (running)
 *	   5550   5550   5550       child-a (stopped by SIGSTOP, in pause)
 *
 * What is in parentheses comes with the option state, the others with theirs. Arguments are quoted
 * as a shell wants them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore/explore.h"

enum { MAX_INDENT = 1000 /* levels; CRIT ends there with an error */ };

struct ps {
	struct explore *x;
	struct ps_json json;
	size_t nr; /* processes so far */
	bool interrupted;
};

void explore_doing(struct crit_thread *thread, char out[CRIT_STATE_TEXT_MAX])
{
	struct crit_thread_state state;

	*out = '\0';
	if (!crit_thread_state(thread, &state, NULL))
		crit_thread_state_text(thread, &state, out, CRIT_STATE_TEXT_MAX);
}

static void indent(struct lines *l, unsigned int depth)
{
	for (unsigned int i = 0; i < depth && i < MAX_INDENT; i++)
		lines_add(l, "    ", 4);
}

/** " (zombie, exited with status 7)" */
static void put_state(struct explore *x, struct crit_thread *thread, const char *state)
{
	char doing[CRIT_STATE_TEXT_MAX];

	if (!x->options->state)
		return;
	explore_doing(thread, doing);
	if (!*state && !*doing)
		state = "unknown";
	lines_str(x->text, " (");
	lines_str(x->text, state);
	lines_str(x->text, *state && *doing ? ", " : "");
	lines_safe(x->text, doing);
	lines_str(x->text, ")");
}

static void put_row(struct explore *x, struct crit_task *task, const struct crit_task_info *info,
		    unsigned int depth, bool known)
{
	// What else there is to say of the living stands in what they were doing.
	bool named = info->state == CRIT_TASK_ZOMBIE || info->state == CRIT_TASK_UNKNOWN;

	lines_printf(x->text, "%7u%7u%7u   ", info->pid, info->pgid, info->sid);
	indent(x->text, depth);
	lines_safe(x->text, known ? info->comm : "?");
	put_state(x, crit_thread_at(task, 0), named ? crit_task_state_name(info->state) : "");
	lines_add(x->text, "\n", 1);
}

/** As a shell wants it. */
static void put_word(struct lines *l, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_@%+=:,./-";

	if (*word && !word[strspn(word, plain)]) {
		lines_str(l, word);
		return;
	}
	lines_str(l, "'");
	for (const char *part = word; part;) {
		const char *quote = strchr(part, '\'');
		char *copy = quote ? strndup(part, (size_t)(quote - part)) : NULL;

		lines_safe(l, quote ? copy : part);
		lines_str(l, quote ? "'\\''" : "");
		part = quote ? quote + 1 : NULL;
		free(copy);
	}
	lines_str(l, "'");
}

static void begin_detail(struct lines *l, unsigned int depth, const char *what)
{
	lines_printf(l, "%24s", "");
	indent(l, depth + 1);
	lines_str(l, what);
}

static void end_unavailable(struct lines *l, const struct strings *strings)
{
	lines_str(l, " not available: ");
	lines_safe(l, strings->why.message);
	lines_add(l, "\n", 1);
}

static void put_args(struct explore *x, struct crit_task *task, unsigned int depth)
{
	struct strings args;
	const char *word;
	size_t pos = 0;

	explore_strings(x, task, crit_task_args, &args);
	begin_detail(x->text, depth, "args:");
	if (!args.text) {
		end_unavailable(x->text, &args);
		return;
	}
	while ((word = explore_next_string(&args, &pos))) {
		lines_str(x->text, " ");
		put_word(x->text, word);
	}
	lines_add(x->text, "\n", 1);
	free(args.text);
}

static void put_env(struct explore *x, struct crit_task *task, unsigned int depth)
{
	struct strings env;
	const char *word;
	size_t pos = 0;

	explore_strings(x, task, crit_task_env, &env);
	if (!env.text) {
		begin_detail(x->text, depth, "env:");
		end_unavailable(x->text, &env);
		return;
	}
	while ((word = explore_next_string(&env, &pos))) {
		begin_detail(x->text, depth, "env: ");
		lines_safe(x->text, word);
		lines_add(x->text, "\n", 1);
	}
	free(env.text);
}

static void put_threads(struct explore *x, struct crit_task *task, unsigned int depth)
{
	for (size_t i = 1; i < crit_thread_count(task) && !lines_failed(x->text); i++) {
		struct crit_thread *thread = crit_thread_at(task, i);

		lines_printf(x->text, "%7u%17s", crit_thread_tid(thread), "");
		indent(x->text, depth + 1);
		lines_str(x->text, "{");
		lines_safe(x->text, crit_thread_name(thread));
		lines_str(x->text, "}");
		put_state(x, thread, "");
		lines_add(x->text, "\n", 1);
	}
}

static void list_text(struct explore *x, struct crit_task *task, const struct crit_task_info *info,
		      unsigned int depth, bool known)
{
	put_row(x, task, info, depth, known);
	if (info->state == CRIT_TASK_ZOMBIE)
		return;
	if (x->options->args)
		put_args(x, task, depth);
	if (x->options->env)
		put_env(x, task, depth);
	if (x->options->threads)
		put_threads(x, task, depth);
}

static bool list_task(void *ctx, struct crit_task *task, unsigned int depth)
{
	struct ps *ps = ctx;
	struct explore *x = ps->x;
	const struct crit_report_options *report = &x->options->report;
	struct explore_errors errors = { 0 };
	struct crit_task_info info;
	struct crit_error err;
	bool known = !crit_task_info(task, &info, &err);

	ps->interrupted = report->keep_going &&
			  !report->keep_going(report->ctx, ps->nr++, x->ckpt->nr_tasks);
	if (ps->interrupted)
		return false;
	if (!known) {
		error_prefix(&err, err.status, "process %u: ", task->pid);
		explore_problem(x, &err, &errors);
	}
	if (x->is_json)
		explore_ps_json(x, &ps->json, task, &info, depth, &errors);
	else
		list_text(x, task, &info, depth, known);
	return !lines_failed(x->text);
}

enum crit_status explore_ps(struct explore *x, struct crit_task *from, struct crit_error *err)
{
	struct ps ps = { .x = x };
	enum crit_status status;

	if (!x->is_json)
		lines_printf(x->text, "%7s%7s%7s   %s\n", "PID", "PGID", "SID", "COMM");
	status = crit_tree_walk(x->ckpt, from, list_task, &ps, err);
	if (x->is_json)
		explore_ps_json_end(x, &ps.json);
	if (ps.interrupted)
		return error_set(err, CRIT_INTERRUPTED, "interrupted");
	return status;
}
