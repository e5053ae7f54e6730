/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Write core files of every living process of a checkpoint, to core.PID, and say what is missing.
 *
 *	write_core DIR
 */
#include <stdio.h>

#include "critcore.h"

static void print_gap(void *ctx, const struct crit_dump_gap *gap)
{
	(void)ctx;
	fprintf(stderr, "  0x%llx-0x%llx: %s\n", (unsigned long long)gap->start,
		(unsigned long long)gap->end, gap->why);
}

static int write_core(struct crit_task *task)
{
	const struct crit_core_options options = { .gap = print_gap };
	struct crit_core_result result;
	struct crit_task_info info;
	struct crit_error err;
	char path[32];

	crit_task_info(task, &info, NULL);
	if (info.state == CRIT_TASK_ZOMBIE)
		return 0;
	snprintf(path, sizeof(path), "core.%u", info.pid);
	if (crit_core_write_file(task, path, &options, &result, &err)) {
		fprintf(stderr, "%s\n", err.message);
		return 1;
	}
	printf("%s: %zu threads, %llu bytes\n", path, result.nr_threads,
	       (unsigned long long)result.len);
	return 0;
}

int main(int argc, char **argv)
{
	struct crit_checkpoint *ckpt;
	struct crit_error err;
	int failed = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: %s DIR\n", argv[0]);
		return 2;
	}
	if (crit_checkpoint_open(argv[1], &ckpt, &err)) {
		fprintf(stderr, "%s\n", err.message);
		return 1;
	}
	for (size_t i = 0; i < crit_task_count(ckpt); i++)
		failed |= write_core(crit_task_at(ckpt, i));
	crit_checkpoint_close(ckpt);
	return failed;
}
