// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What reading pages costs beside what nobody can be faster than; see pages.py for the checkpoints.
 *
 *	bench_pages plain DIR		crit_mem_read() of all memory, memcpy() from the mapped file
 *	bench_pages lz4 DIR		the same, LZ4_decompress_safe() of the same blocks
 *	bench_pages random DIR N STEP	8 bytes of one of N pages, each STEP bytes behind the other
 *	bench_pages open DIR		open, load, and add up where all memory comes from
 *
 * Both sides take turns in one process, on one CPU. Prints lines "name value"; bytes that differ
 * end it with 1.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <lz4.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

enum { FIRST = 0x10000000, CHUNK = 1 << 20, ROUNDS = 7, NR_READS = 2000000 };

static struct crit_task *open_task(const char *dir)
{
	struct crit_checkpoint *ckpt;
	struct crit_error err;
	struct crit_task *task;

	check(crit_checkpoint_open(dir, &ckpt, &err), &err);
	task = crit_task_at(ckpt, 0);
	check(crit_task_load(task, &err), &err);
	return task;
}

static const uint8_t *map_pages(const char *dir, size_t *len)
{
	char path[4096];
	struct stat st;
	void *map;
	int fd;

	snprintf(path, sizeof(path), "%s/pages-1.img", dir);
	fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st)) {
		perror(path);
		exit(1);
	}
	*len = (size_t)st.st_size;
	map = mmap(NULL, *len, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED) {
		perror(path);
		exit(1);
	}
	return map;
}

static double read_all(struct crit_task *task, size_t len, uint8_t *buf)
{
	double start = now();
	struct crit_error err;

	for (size_t done = 0; done < len; done += CHUNK)
		check(crit_mem_read(task, FIRST + done, CHUNK, buf, NULL, &err), &err);
	return now() - start;
}

static double copy_all(const uint8_t *map, size_t len, uint8_t *buf)
{
	double start = now();

	for (size_t done = 0; done < len; done += CHUNK) {
		memcpy(buf, map + done, CHUNK);
		__asm__ volatile("" : : "r"(buf) : "memory");
	}
	return now() - start;
}

static void bench_plain(const char *dir)
{
	struct crit_task *task = open_task(dir);
	double ours = 1e9, base = 1e9;
	uint8_t *buf = malloc(CHUNK);
	size_t len;
	const uint8_t *map = map_pages(dir, &len);

	for (int i = 0; i < ROUNDS; i++) {
		double copied = copy_all(map, len, buf), read = read_all(task, len, buf);

		base = copied < base ? copied : base;
		ours = read < ours ? read : ours;
	}
	if (memcmp(buf, map + len - CHUNK, CHUNK))
		exit(1);
	printf("bytes %zu\nbase %.6f\nours %.6f\n", len, base, ours);
}

struct block {
	uint64_t off, vaddr;
	uint32_t len, mem_len;
};

static size_t list_blocks(struct crit_task *task, struct block **out)
{
	size_t nr = 0, cap = 0;
	struct crit_origin at;
	struct crit_error err;

	*out = NULL;
	for (uint64_t vaddr = FIRST;; vaddr += at.len) {
		check(crit_mem_locate(task, vaddr, &at, &err), &err);
		if (at.kind != CRIT_ORIGIN_IMAGE || !at.block_len)
			return nr;
		if (nr == cap) {
			cap = cap ? 2 * cap : 1024;
			*out = realloc(*out, cap * sizeof(**out));
		}
		(*out)[nr++] = (struct block){ at.off, vaddr, at.block_len, at.block_mem_len };
	}
}

static double decompress_all(const uint8_t *map, const struct block *blocks, size_t nr,
			     uint8_t *buf)
{
	double start = now();

	for (size_t i = 0; i < nr; i++) {
		uint8_t *to = buf + (blocks[i].vaddr - FIRST) % CHUNK;

		if (LZ4_decompress_safe((const char *)map + blocks[i].off, (char *)to,
					(int)blocks[i].len, (int)blocks[i].mem_len) < 0)
			exit(1);
	}
	return now() - start;
}

static void bench_lz4(const char *dir)
{
	struct crit_task *task = open_task(dir);
	double ours = 1e9, base = 1e9;
	uint8_t *a = malloc(CHUNK), *b = malloc(CHUNK);
	struct block *blocks;
	size_t map_len, nr = list_blocks(task, &blocks), len;
	const uint8_t *map = map_pages(dir, &map_len);

	len = nr ? blocks[nr - 1].vaddr + blocks[nr - 1].mem_len - FIRST : 0;
	for (int i = 0; i < ROUNDS; i++) {
		double alone = decompress_all(map, blocks, nr, a), read = read_all(task, len, b);

		base = alone < base ? alone : base;
		ours = read < ours ? read : ours;
	}
	if (!nr || memcmp(a, b, CHUNK))
		exit(1);
	printf("bytes %zu\nbase %.6f\nours %.6f\n", len, base, ours);
}

static void bench_random(const char *dir, uint64_t nr, uint64_t step)
{
	struct crit_task *task = open_task(dir);
	uint64_t seed = 1, sum = 0;
	struct crit_error err;
	double start;

	for (int round = 0; round < 2; round++) { // the first one is the warm-up
		start = now();
		for (int i = 0; i < NR_READS; i++) {
			uint64_t value;

			seed = seed * 6364136223846793005u + 1442695040888963407u;
			check(crit_mem_read(task, FIRST + (seed >> 33) % nr * step, sizeof(value),
					    &value, NULL, &err), &err);
			sum += value;
		}
	}
	printf("read %.9f\nsum %" PRIu64 "\n", (now() - start) / NR_READS, sum);
}

static void bench_open(const char *dir)
{
	struct crit_mem_totals totals;
	double start = now(), opened;
	struct crit_task *task = open_task(dir);
	struct crit_error err;
	struct rusage usage;

	opened = now();
	check(crit_mem_totals(task, 0, UINT64_MAX, &totals, &err), &err);
	getrusage(RUSAGE_SELF, &usage);
	printf("open %.6f\ntotals %.6f\npeak %ld\nimage %" PRIu64 "\nunavailable %" PRIu64 "\n",
	       opened - start, now() - opened, usage.ru_maxrss * 1024L, totals.image,
	       totals.unavailable);
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "plain"))
		bench_plain(argv[2]);
	else if (argc == 3 && !strcmp(argv[1], "lz4"))
		bench_lz4(argv[2]);
	else if (argc == 5 && !strcmp(argv[1], "random"))
		bench_random(argv[2], strtoull(argv[3], NULL, 0), strtoull(argv[4], NULL, 0));
	else if (argc == 3 && !strcmp(argv[1], "open"))
		bench_open(argv[2]);
	else
		return 2;
	return 0;
}
