// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tasks.c - list the processes of a checkpoint and their threads.
 *
 *	cc tasks.c $(pkg-config --cflags --libs critcore) -o tasks
 *	./tasks DIR
 */
#include <stdio.h>

#include <critcore.h>

static void print_task(struct crit_task *task)
{
	struct crit_task_info info;
	struct crit_error err;

	// Even when the core image cannot be read there is something to show.
	if (crit_task_info(task, &info, &err))
		fprintf(stderr, "tasks: %s\n", err.message);
	printf("%7u %*s%s, %s\n", info.pid, 2 * (int)info.depth, "", info.comm,
	       crit_task_state_name(info.state));
	for (size_t i = 1; i < crit_thread_count(task); i++) {
		struct crit_thread *thread = crit_thread_at(task, i);

		printf("%7u %*sthread %s\n", crit_thread_tid(thread), 2 * (int)info.depth + 2, "",
		       crit_thread_name(thread));
	}
}

int main(int argc, char **argv)
{
	struct crit_checkpoint *ckpt;
	struct crit_error err;

	if (argc != 2) {
		fprintf(stderr, "usage: tasks DIR\n");
		return 2;
	}
	if (crit_checkpoint_open(argv[1], &ckpt, &err)) {
		fprintf(stderr, "tasks: %s\n", err.message);
		return 1;
	}
	for (size_t i = 0; i < crit_task_count(ckpt); i++)
		print_task(crit_task_at(ckpt, i));
	crit_checkpoint_close(ckpt);
	return 0;
}
