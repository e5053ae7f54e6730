// SPDX-License-Identifier: LGPL-2.1-or-later
/* inspect.c - reading one checkpoint after the other, and what is asked about each. */
#include "inspect/inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container/container.h"
#include "explore/explore.h"
#include "stats/stats.h"

void inspect_problem(struct inspect *in, const struct crit_error *why)
{
	struct crit_error full = *why;

	if (why->status == CRIT_INTERRUPTED) {
		in->status = CRIT_INTERRUPTED;
		return;
	}
	if (why->status == CRIT_NO_MEMORY && !why->has_off)
		in->status = CRIT_NO_MEMORY;
	error_prefix(&full, why->status, "%s: ", in->container->path);
	if (in->options->problem)
		in->options->problem(in->options->ctx, &full);
}

void inspect_task(struct inspect *in, struct crit_task *task, struct crit_task_info *out)
{
	struct crit_error why;

	if (crit_task_info(task, out, &why))
		inspect_problem(in, &why);
}

void inspect_walk(struct inspect *in, crit_tree_fn fn)
{
	struct crit_error why;

	if (crit_tree_walk(in->ckpt, in->from, fn, in, &why))
		inspect_problem(in, &why);
}

char *inspect_strings(struct inspect *in, struct crit_task *task, bool env, size_t *len)
{
	struct crit_error why;
	char *text;

	if ((env ? crit_task_env : crit_task_args)(task, &text, len, &why)) {
		inspect_problem(in, &why);
		return NULL;
	}
	while (!env && *len && !text[*len - 1]) // what a program's title does not fill, too
		--*len;
	for (size_t i = 0; !env && i < *len; i++)
		if (!text[i])
			text[i] = ' ';
	return text;
}

const char *inspect_protocol(const struct crit_socket *sk, char buf[PROTOCOL_LEN])
{
	const char *name = NULL;

	if (sk->kind == CRIT_FD_UNIXSK)
		return "UNIX";
	if (sk->kind == CRIT_FD_INETSK)
		name = explore_protocol(sk->protocol);
	else if (sk->kind == CRIT_FD_NETLINKSK)
		name = explore_netlink(sk->protocol);
	else
		name = "PACKET";
	if (!name)
		snprintf(buf, PROTOCOL_LEN, "%u", sk->protocol);
	return name ? name : buf;
}

char *inspect_unix_name(const struct crit_socket *sk)
{
	char *name = calloc(1, sk->name_len + 1);

	if (name && sk->name_len)
		memcpy(name, sk->name, sk->name_len);
	if (name && sk->name_len && !name[0])
		name[0] = '@';
	return name;
}

/* ---- One checkpoint ------------------------------------------------------------------------- */

static bool wants_inside(const struct crit_inspect_options *o)
{
	return o->stats || o->processes || o->files || o->sockets;
}

static void read_stats(struct inspect *in)
{
	struct crit_error why;

	if (stats_read_dump(in->ckpt, &in->dump, &why))
		inspect_problem(in, &why);
}

/** Open it, if something inside is asked for. */
static void open_inside(struct inspect *in)
{
	struct crit_error why;

	if (!wants_inside(in->options))
		return;
	if (!in->ckpt && crit_checkpoint_open_with(in->container->checkpoint_path,
						   in->options->open, &in->ckpt, &why)) {
		in->ckpt = NULL;
		inspect_problem(in, &why);
		return;
	}
	if (in->options->stats)
		read_stats(in);
	if (!in->options->pid)
		return;
	in->from = crit_task_find(in->ckpt, in->options->pid);
	if (!in->from) {
		error_set(&why, CRIT_NOT_FOUND, "no process %u in the checkpoint",
			  in->options->pid);
		inspect_problem(in, &why);
	}
}

static void write_one(struct inspect *in, bool is_json)
{
	struct crit_error why;
	struct tree tree;

	for (size_t i = 0; i < in->container->nr_problems; i++) {
		error_set(&why, CRIT_CORRUPT, "%s", in->container->problems[i]);
		inspect_problem(in, &why);
	}
	open_inside(in);
	if (is_json) {
		inspect_json(in);
	} else {
		tree_init(&tree);
		in->tree = &tree;
		inspect_text(in);
		tree_write(&tree, &in->json->lines);
	}
}

/** What is inside is opened by name after the container was read. Standard input can be read once,
 *  so there the checkpoint comes first. */
static enum crit_status read_container(struct inspect *in, const char *path,
				       struct crit_container **out, struct crit_error *err)
{
	enum crit_status status;

	if (strcmp(path, "-") != 0 || !wants_inside(in->options))
		return crit_container_read_with(path, in->options->open, out, err);
	status = crit_checkpoint_open_with(path, in->options->open, &in->ckpt, err);
	return status ? status : container_read_source(in->ckpt->src, path, out, err);
}

static enum crit_status inspect_path(const char *path, const struct crit_inspect_options *options,
				     bool is_json, struct json_writer *w)
{
	struct inspect in = { .options = options, .json = w };
	struct crit_container *container;
	struct crit_error why;
	enum crit_status status = read_container(&in, path, &container, &why);

	if (!status) {
		in.container = container;
		write_one(&in, is_json);
		crit_container_free(container);
		status = in.status;
	} else if (status != CRIT_INTERRUPTED) {
		if (options->problem)
			options->problem(options->ctx, &why);
		if (status != CRIT_NO_MEMORY || why.has_off)
			status = CRIT_OK;
	}
	crit_checkpoint_close(in.ckpt);
	return status;
}

enum crit_status crit_inspect_write(const char *const *paths, size_t nr_paths,
				    const struct crit_inspect_options *options,
				    const struct crit_report_options *how,
				    struct crit_output *out, struct crit_error *err)
{
	bool is_json = how->form == CRIT_REPORT_JSON;
	enum crit_status status = CRIT_OK, written;
	struct json_writer w;

	json_writer_init(&w, out, true);
	if (is_json)
		json_writer_list(&w, NULL);
	for (size_t i = 0; i < nr_paths && !status && !lines_failed(&w.lines); i++) {
		if (how->keep_going && !how->keep_going(how->ctx, i, nr_paths))
			status = CRIT_INTERRUPTED;
		else
			status = inspect_path(paths[i], options, is_json, &w);
		if (status == CRIT_NO_MEMORY)
			error_no_memory(err);
		else if (status)
			error_set(err, status, "interrupted");
	}
	if (is_json)
		json_writer_end(&w);
	written = json_writer_finish(&w, status ? NULL : err);
	return status ? status : written;
}
