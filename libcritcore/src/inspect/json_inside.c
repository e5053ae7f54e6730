// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * json_inside.c - processes, files and sockets as JSON. A process is an object, those below it are
 * in its "children"; readers of JSON bound how deep it may be, so processes beyond MAX_LEVEL stand
 * beside their parents, and "ppid" says whose children they are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore/explore.h"
#include "inspect/inspect.h"

enum { MAX_LEVEL = 60 };
_Static_assert(MAX_LEVEL * 2 + 8 <= JSON_WRITER_DEPTH, "an object and a list for each");

/** Where the tree is. */
struct nest {
	struct inspect *in;
	unsigned int level;		/* open objects */
	bool has_children[MAX_LEVEL + 1]; /* by level: its list is open */
	bool others; /* behind the first root: in the list "other_process_trees" */
};

static void close_to(struct nest *n, unsigned int level)
{
	for (; n->level > level; n->level--) {
		if (n->has_children[n->level])
			json_writer_end(n->in->json);
		n->has_children[n->level] = false;
		json_writer_end(n->in->json);
	}
}

static void open_process(struct nest *n, unsigned int depth)
{
	struct json_writer *w = n->in->json;
	bool first = !n->level && !n->others;

	close_to(n, depth < MAX_LEVEL ? depth : MAX_LEVEL - 1);
	if (n->level && !n->has_children[n->level]) {
		json_writer_list(w, "children");
		n->has_children[n->level] = true;
	}
	if (!n->level && !first && !n->others) {
		json_writer_list(w, "other_process_trees");
		n->others = true;
	}
	json_writer_object(w, first ? "process_tree" : NULL);
	n->level++;
}

/** "NAME=value"; what has no name stands under "". */
static void put_variable(struct json_writer *w, char *word)
{
	char *equals = strchr(word, '=');

	if (!equals) {
		inspect_json_named(w, "", word);
		return;
	}
	*equals = '\0';
	inspect_json_named(w, word, equals + 1);
}

static void put_env(struct inspect *in, struct crit_task *task)
{
	size_t len;
	char *env = inspect_strings(in, task, true, &len);

	if (!env)
		return;
	json_writer_object(in->json, "environment_variables");
	for (size_t at = 0; at < len;) {
		size_t next = at + strlen(env + at) + 1;

		if (env[at])
			put_variable(in->json, env + at);
		at = next;
	}
	json_writer_end(in->json);
	free(env);
}

static void put_cmdline(struct inspect *in, struct crit_task *task)
{
	size_t len;
	char *args = inspect_strings(in, task, false, &len);

	if (args)
		json_writer_text_n(in->json, "cmdline", args, len);
	free(args);
}

/** As checkpointctl names them. */
static const char *state_name(enum crit_task_state state)
{
	return state == CRIT_TASK_ALIVE	    ? "Alive"
	       : state == CRIT_TASK_STOPPED ? "Stopped"
	       : state == CRIT_TASK_ZOMBIE  ? "Zombie"
					    : "Unknown";
}

static bool put_process(struct nest *n, struct crit_task *task, unsigned int depth)
{
	struct inspect *in = n->in;
	struct crit_task_info info;

	inspect_task(in, task, &info);
	open_process(n, depth);
	json_writer_uint(in->json, "pid", info.pid);
	json_writer_text(in->json, "command", info.comm);
	json_writer_text(in->json, "task_state", state_name(info.state));
	json_writer_uint(in->json, "ppid", info.ppid);
	if (in->options->cmdline && info.state != CRIT_TASK_ZOMBIE)
		put_cmdline(in, task);
	if (in->options->env && info.state != CRIT_TASK_ZOMBIE)
		put_env(in, task);
	return !lines_failed(&in->json->lines);
}

/* ---- Files and sockets ---------------------------------------------------------------------- */

static void put_file(struct json_writer *w, const char *type, const char *name, const char *path)
{
	json_writer_object(w, NULL);
	json_writer_text(w, "type", type);
	json_writer_text(w, "fd", name);
	json_writer_text(w, "path", path);
	json_writer_end(w);
}

static bool put_files(void *ctx, struct crit_task *task, unsigned int depth)
{
	struct inspect *in = ctx;
	struct json_writer *w = in->json;
	struct crit_task_dirs dirs;
	struct crit_error why;
	struct crit_fd fd;
	char name[40];

	(void)depth;
	if (crit_fd_load(task, &why)) {
		if (task->state != CRIT_TASK_ZOMBIE)
			inspect_problem(in, &why);
		return true;
	}
	json_writer_object(w, NULL);
	json_writer_uint(w, "pid", task->pid);
	json_writer_list(w, "open_files");
	for (size_t i = 0; crit_fd_at(task, i, &fd) && !lines_failed(&w->lines); i++) {
		snprintf(name, sizeof(name), "%s %u", crit_fd_kind_name(fd.kind), fd.fd);
		put_file(w, crit_fd_kind_name(fd.kind), name, *fd.link ? fd.link : NULL);
	}
	if (crit_task_dirs(task, &dirs, &why)) {
		inspect_problem(in, &why);
	} else {
		put_file(w, "", "cwd", dirs.cwd);
		put_file(w, "", "root", dirs.root);
	}
	json_writer_end(w);
	json_writer_end(w);
	return !lines_failed(&w->lines);
}

static void put_size(struct json_writer *w, const char *key, uint64_t bytes)
{
	char text[CRIT_SIZE_TEXT_MAX];

	crit_size_text(bytes, text);
	json_writer_text(w, key, text);
}

static void put_socket_data(struct json_writer *w, const struct crit_socket *sk,
			    const char *protocol)
{
	char *name;

	json_writer_text(w, "type", protocol);
	if (sk->kind == CRIT_FD_UNIXSK) {
		name = inspect_unix_name(sk);
		if (name)
			json_writer_text_n(w, "address", name, sk->name_len);
		free(name);
	}
	if (explore_type(sk->type))
		json_writer_text(w, "socket_type", explore_type(sk->type));
	if (sk->has_state && strcmp(crit_socket_state_name(sk->state), "?") != 0)
		json_writer_text(w, "state", crit_socket_state_name(sk->state));
	if (sk->kind == CRIT_FD_INETSK) {
		json_writer_text(w, "src", sk->src_addr);
		json_writer_uint(w, "src_port", sk->src_port);
		json_writer_text(w, "dst", sk->dst_addr);
		json_writer_uint(w, "dst_port", sk->dst_port);
	}
	put_size(w, "send_buf", sk->snd_buf);
	put_size(w, "recv_buf", sk->rcv_buf);
}

static bool put_sockets(void *ctx, struct crit_task *task, unsigned int depth)
{
	struct inspect *in = ctx;
	struct json_writer *w = in->json;
	char buf[PROTOCOL_LEN];
	struct crit_socket sk;
	const char *protocol;
	struct crit_fd fd;
	size_t i = 0;

	(void)depth;
	if (crit_fd_load(task, NULL)) // told with the files
		return true;
	json_writer_object(w, NULL);
	json_writer_uint(w, "pid", task->pid);
	json_writer_list(w, "open_sockets");
	while (explore_next_socket(task, &i, &fd, &sk) && !lines_failed(&w->lines)) {
		protocol = inspect_protocol(&sk, buf);
		json_writer_object(w, NULL);
		json_writer_uint(w, "fd", fd.fd);
		json_writer_text(w, "protocol", protocol);
		json_writer_object(w, "data");
		put_socket_data(w, &sk, protocol);
		json_writer_end(w);
		json_writer_end(w);
	}
	json_writer_end(w);
	json_writer_end(w);
	return !lines_failed(&w->lines);
}

/* ---- All of it ------------------------------------------------------------------------------ */

static bool walk_process(void *ctx, struct crit_task *task, unsigned int depth)
{
	return put_process(ctx, task, depth);
}

static void put_processes(struct inspect *in)
{
	struct nest nest = { .in = in };
	struct crit_error why;

	if (crit_tree_walk(in->ckpt, in->from, walk_process, &nest, &why))
		inspect_problem(in, &why);
	close_to(&nest, 0);
	if (nest.others)
		json_writer_end(in->json);
}

void inspect_json_inside(struct inspect *in)
{
	if (in->options->pid && !in->from)
		return;
	if (in->options->processes)
		put_processes(in);
	if (in->options->files) {
		json_writer_list(in->json, "file_descriptors");
		inspect_walk(in, put_files);
		json_writer_end(in->json);
	}
	if (in->options->sockets) {
		json_writer_list(in->json, "sockets");
		inspect_walk(in, put_sockets);
		json_writer_end(in->json);
	}
}
