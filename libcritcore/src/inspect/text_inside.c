// SPDX-License-Identifier: LGPL-2.1-or-later
/* text_inside.c - the process tree, with files and sockets below each process. */
#include <stdlib.h>
#include <string.h>

#include "explore/explore.h"
#include "inspect/inspect.h"

enum { ROOT_LEVEL = 2 };

static void put_env(struct inspect *in, struct crit_task *task, size_t level)
{
	size_t len;
	char *env = inspect_strings(in, task, true, &len);

	if (env && len)
		tree_line(in->tree, level, "Environment variables");
	for (size_t at = 0; env && at < len; at += strlen(env + at) + 1)
		if (env[at])
			tree_line(in->tree, level + 1, "%s", env + at);
	free(env);
}

static void put_files(struct inspect *in, struct crit_task *task, size_t level)
{
	struct crit_task_dirs dirs;
	struct crit_error why;
	struct crit_fd fd;

	if (crit_fd_load(task, &why)) {
		inspect_problem(in, &why);
		return;
	}
	tree_line(in->tree, level, "Open files");
	for (size_t i = 0; crit_fd_at(task, i, &fd); i++)
		tree_line(in->tree, level + 1, "[%s %u]  %s", crit_fd_kind_name(fd.kind), fd.fd,
			  *fd.link ? fd.link : "(not in the images)");
	if (crit_task_dirs(task, &dirs, &why)) {
		inspect_problem(in, &why);
		return;
	}
	tree_line(in->tree, level + 1, "[cwd]  %s", dirs.cwd ? dirs.cwd : "(not in the images)");
	tree_line(in->tree, level + 1, "[root]  %s", dirs.root ? dirs.root : "(not in the images)");
}

static void put_socket(struct inspect *in, const struct crit_socket *sk, size_t level)
{
	char send[CRIT_SIZE_TEXT_MAX], receive[CRIT_SIZE_TEXT_MAX], buf[PROTOCOL_LEN];
	const char *protocol = inspect_protocol(sk, buf);
	const char *type = explore_type(sk->type);
	const char *state = sk->has_state ? crit_socket_state_name(sk->state) : "-";
	char *name = sk->kind == CRIT_FD_UNIXSK ? inspect_unix_name(sk) : NULL;

	crit_size_text(sk->snd_buf, send);
	crit_size_text(sk->rcv_buf, receive);
	if (name)
		tree_line(in->tree, level, "[%s %s (%s)]  %s", protocol, type ? type : "?", state,
			  *name ? name : "(no name)");
	else if (sk->kind == CRIT_FD_INETSK)
		tree_line(in->tree, level, "[%s (%s)]  %s:%u -> %s:%u (send %s, receive %s)",
			  protocol, state, sk->src_addr, sk->src_port, sk->dst_addr, sk->dst_port,
			  send, receive);
	else
		tree_line(in->tree, level, "[%s]  (send %s, receive %s)", protocol, send, receive);
	free(name);
}

static void put_sockets(struct inspect *in, struct crit_task *task, size_t level)
{
	bool any = false;
	struct crit_socket sk;
	struct crit_fd fd;
	size_t i = 0;

	if (crit_fd_load(task, NULL))
		return;
	while (explore_next_socket(task, &i, &fd, &sk)) {
		if (!any)
			tree_line(in->tree, level, "Open sockets");
		any = true;
		put_socket(in, &sk, level + 1);
	}
}

static void put_name(struct inspect *in, struct crit_task *task, const struct crit_task_info *info,
		     size_t level)
{
	bool alive = info->state == CRIT_TASK_ALIVE;
	char *args = NULL;
	size_t len = 0;

	if (in->options->cmdline && info->state != CRIT_TASK_ZOMBIE)
		args = inspect_strings(in, task, false, &len);
	tree_line(in->tree, level, "[%u%s%s%s]  %.*s", info->pid, alive ? "" : " (",
		  alive ? "" : crit_task_state_name(info->state), alive ? "" : ")",
		  (int)(len ? len : strlen(info->comm)), len ? args : info->comm);
	free(args);
}

static bool put_process(void *ctx, struct crit_task *task, unsigned int depth)
{
	size_t level = ROOT_LEVEL + (depth < TREE_DEPTH ? depth : TREE_DEPTH);
	struct inspect *in = ctx;
	struct crit_task_info info;

	inspect_task(in, task, &info);
	put_name(in, task, &info, level);
	if (info.state == CRIT_TASK_ZOMBIE)
		return true;
	if (in->options->env)
		put_env(in, task, level + 1);
	if (in->options->files)
		put_files(in, task, level + 1);
	if (in->options->sockets)
		put_sockets(in, task, level + 1);
	return true;
}

void inspect_text_inside(struct inspect *in)
{
	const struct crit_inspect_options *o = in->options;

	if ((!o->processes && !o->files && !o->sockets) || (o->pid && !in->from))
		return;
	tree_line(in->tree, 1, "Process tree");
	inspect_walk(in, put_process);
}
