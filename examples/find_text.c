// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * find_text.c - look for a text in the memory of all processes of a checkpoint.
 *
 *	cc find_text.c $(pkg-config --cflags --libs critcore) -o find_text
 *	./find_text DIR TEXT
 *
 * What several processes share is searched once.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <critcore.h>

static bool found(void *ctx, const struct crit_match *match)
{
	struct crit_task_info task;
	struct crit_mapping mapping;

	(void)ctx;
	crit_task_info(match->task, &task, NULL);
	crit_mapping_at(match->task, match->mapping, &mapping);
	printf("%" PRIu32 " (%s) 0x%" PRIx64 " in %s memory\n", task.pid, task.comm, match->vaddr,
	       crit_mapping_kind_name(mapping.kind));
	return true;
}

static void skipped(void *ctx, struct crit_task *task, const struct crit_error *why)
{
	(void)ctx;
	(void)task;
	fprintf(stderr, "find_text: not searched: %s\n", why->message);
}

int main(int argc, char **argv)
{
	struct crit_checkpoint *ckpt = NULL;
	struct crit_pattern *pattern = NULL;
	struct crit_error err;
	int status = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: find_text DIR TEXT\n");
		return 2;
	}
	if (crit_checkpoint_open(argv[1], &ckpt, &err) ||
	    crit_pattern_new(CRIT_PATTERN_TEXT, argv[2], strlen(argv[2]), NULL, &pattern, &err) ||
	    crit_search_all(ckpt, pattern, NULL, found, skipped, &err)) {
		fprintf(stderr, "find_text: %s\n", err.message);
		status = 1;
	}
	crit_pattern_free(pattern);
	crit_checkpoint_close(ckpt);
	return status;
}
