// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the library needs for a checkpoint of many page runs: bench_memory DIR RUNS
 *
 * DIR is as synthetic.py makes it: RUNS pages, every second one from FIRST on, each beginning with
 * its number. Prints lines "name nanoseconds"; ends with 1 when the library reads something else.
 *
 * Reads are timed in batches, for a look at the clock takes some 30 ns itself.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "critcore.h"

enum {
	FIRST = 0x10000000,
	DISTANCE = 2 * 4096,
	NR_OPENINGS = 9,
	NR_BATCHES = 1001,
	BATCH = 200,
};

static double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return 1e9 * (double)ts.tv_sec + (double)ts.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_median(const char *name, double *ns, size_t count)
{
	qsort(ns, count, sizeof(*ns), compare);
	printf("%s %.0f\n", name, ns[count / 2]);
}

static void check(enum crit_status status, const struct crit_error *err)
{
	if (status == CRIT_OK)
		return;
	fprintf(stderr, "bench_memory: %s\n", err->message);
	exit(1);
}

static struct crit_task *open_task(const char *dir, struct crit_checkpoint **ckpt)
{
	struct crit_error err;

	check(crit_checkpoint_open(dir, ckpt, &err), &err);
	struct crit_task *task = crit_task_at(*ckpt, 0);
	check(crit_task_load(task, &err), &err);
	return task;
}

static void time_opening(const char *dir)
{
	struct crit_checkpoint *ckpt;
	double ns[NR_OPENINGS];

	open_task(dir, &ckpt); // warm-up
	crit_checkpoint_close(ckpt);
	for (int i = 0; i < NR_OPENINGS; i++) {
		double start = now_ns();
		open_task(dir, &ckpt);
		ns[i] = now_ns() - start;
		crit_checkpoint_close(ckpt);
	}
	print_median("open", ns, NR_OPENINGS);
}

static void read_page(struct crit_task *task, uint64_t number)
{
	struct crit_error err;
	uint64_t value = ~number;

	check(crit_mem_read(task, FIRST + number * DISTANCE, sizeof(value), &value, NULL, &err),
	      &err);
	if (value == number)
		return;
	fprintf(stderr, "bench_memory: page %" PRIu64 " begins with %" PRIu64 "\n", number, value);
	exit(1);
}

/* Nanoseconds for one of a batch of random reads. */
static double time_batch(struct crit_task *task, uint64_t nr_runs, uint64_t *seed)
{
	double start = now_ns();

	for (int i = 0; i < BATCH; i++) {
		*seed = *seed * 6364136223846793005u + 1442695040888963407u;
		read_page(task, (*seed >> 33) % nr_runs);
	}
	return (now_ns() - start) / BATCH;
}

/* Once over all pages is the warm-up; it also shows what a first touch costs. */
static void time_reads(struct crit_task *task, uint64_t nr_runs)
{
	static double ns[NR_BATCHES];
	uint64_t seed = 1;
	double start = now_ns();

	for (uint64_t i = 0; i < nr_runs; i++)
		read_page(task, i);
	printf("first %.0f\n", (now_ns() - start) / (double)nr_runs);
	for (int i = 0; i < NR_BATCHES; i++)
		ns[i] = time_batch(task, nr_runs, &seed);
	print_median("read", ns, NR_BATCHES);
}

int main(int argc, char **argv)
{
	struct crit_checkpoint *ckpt;

	if (argc != 3)
		return 2;
	time_opening(argv[1]);
	struct crit_task *task = open_task(argv[1], &ckpt);
	time_reads(task, strtoull(argv[2], NULL, 10));
	crit_checkpoint_close(ckpt);
	return 0;
}
