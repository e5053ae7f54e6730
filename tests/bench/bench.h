/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bench.h - what the C parts of benchmarks share. */
#ifndef CRIT_BENCH_H
#define CRIT_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "critcore.h"

/** Seconds of a clock that only goes on. */
static inline double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + 1e-9 * (double)ts.tv_nsec;
}

/** End the benchmark when something failed. */
static inline void check(enum crit_status status, const struct crit_error *err)
{
	if (status == CRIT_OK)
		return;
	fprintf(stderr, "benchmark: %s\n", err->message);
	exit(1);
}

#endif
