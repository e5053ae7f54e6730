/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* diff.h - fuzz_checkpoint.c: a checkpoint does not differ from itself; compared with the pages of
 * its parent, what one way round is added is gone the other way round. Two pre-dumps likewise. */
#ifndef FUZZ_DIFF_H
#define FUZZ_DIFF_H

#include "checkpoint_folder.h"
#include "critcore.h"

static bool check_difference(void *ctx, const struct crit_difference *d)
{
	(void)ctx;
	require(d->comm && strcmp(crit_diff_what_name(d->what), "unknown"));
	require((d->how == CRIT_DIFF_UNKNOWN) <= (d->why != NULL));
	require(d->old_end >= d->old_start && d->new_end >= d->new_start);
	require(d->what == CRIT_DIFF_RANGE || !d->nr_bytes);
	require(!d->nr_bytes || (d->old_bytes && d->new_bytes));
	return true;
}

static void run_diff(struct crit_checkpoint *before, struct crit_checkpoint *after,
		     struct crit_diff_totals *totals)
{
	struct crit_diff_options options = { .ranges = true, .bytes = true };

	require(!crit_diff(before, after, &options, check_difference, totals, NULL));
}

/** @param again  The same one, opened in the same way. */
static void check_with_itself(struct crit_checkpoint *ckpt, struct crit_checkpoint *again)
{
	struct crit_diff_totals totals;

	run_diff(ckpt, again, &totals);
	require(!totals.nr_differences && !totals.changed && !totals.added && !totals.gone);
	require(!totals.memory.changed && !totals.memory.added && !totals.memory.gone);
}

static void check_both_ways(struct crit_checkpoint *a, struct crit_checkpoint *b)
{
	struct crit_diff_totals there, back;

	run_diff(a, b, &there);
	run_diff(b, a, &back);
	require(there.memory.changed == back.memory.changed &&
		there.memory.unknown == back.memory.unknown &&
		there.memory.added == back.memory.gone && there.memory.gone == back.memory.added &&
		there.added == back.gone && there.gone == back.added);
}

/** @param path  What the checkpoint's folder is in. */
static void check_with_parents(struct crit_checkpoint *ckpt, const char *path)
{
	static const char *const levels[] = { "one", "server" };
	struct crit_checkpoint *parents[2] = { NULL, NULL };
	char parent[80];

	for (size_t i = 0; i < 2; i++) {
		snprintf(parent, sizeof(parent), "%s/%s", path, levels[i]);
		if (!crit_pre_dump_open(parent, &parents[i], NULL))
			check_both_ways(ckpt, parents[i]);
	}
	if (parents[0] && parents[1])
		check_both_ways(parents[0], parents[1]);
	crit_checkpoint_close(parents[0]);
	crit_checkpoint_close(parents[1]);
}

#endif
