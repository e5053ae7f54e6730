// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * changed_pages.c - which memory of a process changed between two checkpoints: one line for each
 * range of pages, for who wants to know how much the next incremental dump would take.
 *
 *	cc changed_pages.c $(pkg-config --cflags --libs critcore) -o changed_pages
 *	./changed_pages OLD NEW PID
 *
 * What cannot be compared is told with the reason; it is neither the same nor changed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <critcore.h>

static bool show(void *ctx, const struct crit_difference *d)
{
	uint64_t start = d->new_end ? d->new_start : d->old_start;
	uint64_t end = d->new_end ? d->new_end : d->old_end;

	(void)ctx;
	if (d->what == CRIT_DIFF_RANGE)
		printf("0x%" PRIx64 "-0x%" PRIx64 " %s%s%s\n", start, end,
		       crit_diff_how_name(d->how), d->why ? ": " : "", d->why ? d->why : "");
	return true; // go on
}

/** A checkpoint, or the folder of a pre-dump. */
static struct crit_checkpoint *open_one(const char *path)
{
	struct crit_checkpoint *ckpt;
	struct crit_error err;

	if (!crit_pre_dump_open(path, &ckpt, NULL) || !crit_checkpoint_open(path, &ckpt, &err))
		return ckpt;
	fprintf(stderr, "changed_pages: %s\n", err.message);
	exit(1);
}

int main(int argc, char **argv)
{
	struct crit_diff_options options = {
		.only = 1u << CRIT_DIFF_MEMORY | 1u << CRIT_DIFF_RANGE,
		.ranges = true,
	};
	struct crit_checkpoint *before, *after;
	struct crit_diff_totals totals;
	struct crit_error err;

	if (argc != 4) {
		fprintf(stderr, "usage: changed_pages OLD NEW PID\n");
		return 2;
	}
	before = open_one(argv[1]);
	after = open_one(argv[2]);
	options.pid = (uint32_t)strtoul(argv[3], NULL, 10);
	if (crit_diff(before, after, &options, show, &totals, &err)) {
		fprintf(stderr, "changed_pages: %s\n", err.message);
		return 1;
	}
	printf("%" PRIu64 " KiB changed, %" PRIu64 " KiB added, %" PRIu64 " KiB gone\n",
	       totals.memory.changed / 1024, totals.memory.added / 1024,
	       totals.memory.gone / 1024);
	crit_checkpoint_close(after);
	crit_checkpoint_close(before);
	return 0;
}
