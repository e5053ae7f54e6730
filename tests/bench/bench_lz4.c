// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the machine itself can do, to compare `critcore compress` with: bench_lz4 FILE NEW BLOCK
 *
 * LZ4 on all cores, over the blocks of FILE in memory, there and back; and writing FILE's bytes to
 * a file NEW, put on the disk. Prints lines "name seconds", the best of some rounds.
 */
#include <fcntl.h>
#include <lz4.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 3, BATCH = 64 };

static uint8_t *plain, *packed;
static int *sizes;
static size_t len, block, slot, nr_blocks;
static atomic_size_t next;
static atomic_bool unpacking;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void do_block(size_t i, char *out)
{
	const char *from = (const char *)plain + i * block,
		   *there = (const char *)packed + i * slot;

	if (unpacking && sizes[i] < (int)(block / 8 * 7))
		LZ4_decompress_safe(there, out, sizes[i], (int)block);
	else if (unpacking)
		memcpy(out, from, block);
	else
		sizes[i] = LZ4_compress_fast(from, (char *)packed + i * slot, (int)block, (int)slot,
					     1);
}

static void *work(void *unused)
{
	char *out = malloc(block);
	size_t first;

	(void)unused;
	while ((first = atomic_fetch_add(&next, BATCH)) < nr_blocks)
		for (size_t i = first; i < first + BATCH && i < nr_blocks; i++)
			do_block(i, out);
	free(out);
	return NULL;
}

static void measure(const char *name)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[256];
	double best = 1e9;

	for (int round = 0; round < ROUNDS; round++) {
		double start = now();

		next = 0;
		for (long i = 0; i < cores && i < 256; i++)
			pthread_create(&threads[i], NULL, work, NULL);
		for (long i = 0; i < cores && i < 256; i++)
			pthread_join(threads[i], NULL);
		best = now() - start < best ? now() - start : best;
	}
	printf("%s %.4f\n", name, best);
}

static void measure_disk(const char *path)
{
	double best = 1e9;

	for (int round = 0; round < ROUNDS; round++) {
		double start = now();
		int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		for (size_t off = 0; off < len; off += 1 << 20)
			if (write(fd, plain + off, len - off < 1 << 20 ? len - off : 1 << 20) < 0)
				perror(path);
		fsync(fd);
		close(fd);
		best = now() - start < best ? now() - start : best;
	}
	unlink(path);
	printf("disk %.4f\n", best);
}

int main(int argc, char **argv)
{
	int fd = argc == 4 ? open(argv[1], O_RDONLY) : -1;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return 2;
	len = (size_t)st.st_size;
	block = (size_t)atoi(argv[3]);
	slot = (size_t)LZ4_compressBound((int)block);
	nr_blocks = len / block;
	plain = malloc(len);
	packed = malloc(nr_blocks * slot);
	sizes = calloc(nr_blocks, sizeof(*sizes));
	if (!plain || !packed || !sizes)
		return 2;
	for (size_t off = 0; off < len; off += 1 << 20)
		if (pread(fd, plain + off, 1 << 20, (off_t)off) < 0)
			return 2;
	memset(packed, 1, nr_blocks * slot);
	measure("compress");
	unpacking = true;
	measure("decompress");
	measure_disk(argv[2]);
	return 0;
}
