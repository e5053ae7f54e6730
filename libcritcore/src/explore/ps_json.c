// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ps_json.c - the process tree as go-criu has it: a process is an object, those below it are in its
 * "children". Readers of JSON bound how deep it may be; processes beyond MAX_LEVEL stand beside
 * their parents, and "ppid" says whose children they are. The whole is always one object: should
 * there be several roots, the first one has the others in "other_roots".
 */
#include <stdlib.h>

#include "explore/explore.h"

enum { MAX_LEVEL = JSON_WRITER_DEPTH / 2 - 4 };

static void close_list(struct json_writer *w, struct ps_json *ps)
{
	if (ps->is_list_open[ps->level])
		json_writer_end(w);
	ps->is_list_open[ps->level] = false;
}

/** Close objects until @p level are open. */
static void close_to(struct json_writer *w, struct ps_json *ps, unsigned int level)
{
	for (; ps->level > level; ps->level--) {
		close_list(w, ps);
		json_writer_end(w);
	}
}

static void open_object(struct json_writer *w, struct ps_json *ps, unsigned int depth)
{
	bool is_other = !depth && ps->level;
	unsigned int level;

	if (is_other) {
		close_to(w, ps, 1);
		if (!ps->others)
			close_list(w, ps);
		ps->others = true;
	}
	level = depth + ps->others;
	close_to(w, ps, level < MAX_LEVEL ? level : MAX_LEVEL);
	if (ps->level && !ps->is_list_open[ps->level]) {
		json_writer_list(w, is_other ? "other_roots" : "children");
		ps->is_list_open[ps->level] = true;
	}
	json_writer_object(w, NULL);
	ps->level++;
}

static void put_strings(struct explore *x, struct crit_task *task, const char *key,
			const char *key_why,
			enum crit_status (*get)(struct crit_task *task, char **out, size_t *len,
						struct crit_error *err))
{
	struct json_writer *w = &x->json;
	struct strings strings;
	const char *word;
	size_t pos = 0;

	explore_strings(x, task, get, &strings);
	if (!strings.text) {
		json_writer_null(w, key);
		json_writer_text(w, key_why, strings.why.message);
		return;
	}
	json_writer_list(w, key);
	while ((word = explore_next_string(&strings, &pos)))
		json_writer_text(w, NULL, word);
	json_writer_end(w);
	free(strings.text);
}

/** null: nothing that is in the images tells. */
static void put_doing(struct json_writer *w, struct crit_thread *thread)
{
	char doing[CRIT_STATE_TEXT_MAX];

	explore_doing(thread, doing);
	json_writer_text(w, "doing", *doing ? doing : NULL);
}

static void put_threads(struct explore *x, struct crit_task *task)
{
	struct json_writer *w = &x->json;

	json_writer_list(w, "threads");
	for (size_t i = 0; i < crit_thread_count(task) && !lines_failed(x->text); i++) {
		struct crit_thread *thread = crit_thread_at(task, i);

		json_writer_object(w, NULL);
		json_writer_uint(w, "tid", crit_thread_tid(thread));
		json_writer_text(w, "name", crit_thread_name(thread));
		if (x->options->state)
			put_doing(w, thread);
		json_writer_end(w);
	}
	json_writer_end(w);
}

static void put_details(struct explore *x, struct crit_task *task)
{
	if (x->options->args)
		put_strings(x, task, "args", "args_why", crit_task_args);
	if (x->options->env)
		put_strings(x, task, "env", "env_why", crit_task_env);
	if (x->options->threads)
		put_threads(x, task);
}

void explore_ps_json(struct explore *x, struct ps_json *ps, struct crit_task *task,
		     const struct crit_task_info *info, unsigned int depth,
		     const struct explore_errors *errors)
{
	struct json_writer *w = &x->json;

	open_object(w, ps, depth);
	json_writer_uint(w, "pid", info->pid);
	json_writer_uint(w, "pgid", info->pgid);
	json_writer_uint(w, "sid", info->sid);
	json_writer_text(w, "comm", info->comm);
	json_writer_uint(w, "ppid", info->ppid);
	json_writer_text(w, "state", crit_task_state_name(info->state));
	if (info->state == CRIT_TASK_ZOMBIE)
		json_writer_uint(w, "exit_code", info->exit_code);
	if (x->options->state)
		put_doing(w, crit_thread_at(task, 0));
	if (info->state != CRIT_TASK_ZOMBIE)
		put_details(x, task);
	explore_json_errors(x, errors);
}

void explore_ps_json_end(struct explore *x, struct ps_json *ps)
{
	close_to(&x->json, ps, 0);
}
