// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * where_pages_are.c - the process tree of a checkpoint, and for each process how much of its
 * private memory is in this checkpoint, in its parent, or was left with a page server.
 *
 *	cc where_pages_are.c $(pkg-config --cflags --libs critcore) -o where_pages_are
 *	./where_pages_are DIR
 */
#include <stdio.h>

#include <critcore.h>

struct sums {
	uint64_t bytes[CRIT_RUN_UNKNOWN + 1]; /* by enum crit_run_place */
};

static bool add_run(void *ctx, const struct crit_run *run)
{
	struct sums *sums = ctx;

	sums->bytes[run->place] += run->nr_pages * run->page_size;
	return true;
}

static bool print_task(void *ctx, struct crit_task *task, unsigned int depth)
{
	struct sums sums = { { 0 } };
	struct crit_task_info info;
	char text[CRIT_SIZE_TEXT_MAX];
	struct crit_error err;

	(void)ctx;
	crit_task_info(task, &info, NULL);
	printf("%7u %*s%s:", info.pid, 2 * (int)(depth < 40 ? depth : 40), "", info.comm);
	if (crit_run_walk(task, add_run, &sums, &err)) {
		printf(" %s\n", err.message);
		return true;
	}
	for (int place = CRIT_RUN_HERE; place <= CRIT_RUN_UNKNOWN; place++) {
		if (!sums.bytes[place])
			continue;
		crit_size_text(sums.bytes[place], text);
		printf(" %s %s", crit_run_place_name((enum crit_run_place)place), text);
	}
	putchar('\n');
	return true;
}

int main(int argc, char **argv)
{
	struct crit_checkpoint *ckpt;
	struct crit_error err;
	enum crit_status status;

	if (argc != 2) {
		fprintf(stderr, "usage: where_pages_are DIR\n");
		return 2;
	}
	if (crit_checkpoint_open(argv[1], &ckpt, &err)) {
		fprintf(stderr, "where_pages_are: %s\n", err.message);
		return 1;
	}
	status = crit_tree_walk(ckpt, NULL, print_task, NULL, &err);
	if (status)
		fprintf(stderr, "where_pages_are: %s\n", err.message);
	crit_checkpoint_close(ckpt);
	return status != CRIT_OK;
}
