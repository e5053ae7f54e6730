// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The process of the benchmarks: big MIB THREADS
 *
 * Fills MIB of private anonymous memory with words that are not zero, starts THREADS named threads
 * that sleep a few frames deep, writes "ready" to its output and sleeps as well. The eight bytes
 * "critcore" stand once in memory, at the end of its first quarter: something for `find`.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	DEPTH = 5,
	STACK_LEN = 64 * 1024,
};

/* What the benchmarks ask gdb for. */
unsigned char *memory;
size_t memory_len;

__thread int number = -1; /* of the thread, from 1 on; 0: the first one */

static atomic_int nr_asleep;
static atomic_bool over; /* never */

static int rest(void)
{
	nr_asleep++;
	while (!over)
		pause();
	return 0;
}

static int descend(int depth, const char *why)
{
	char local[32];

	snprintf(local, sizeof(local), "%s %d", why, depth);
	return local[0] + (depth ? descend(depth - 1, why) : rest());
}

static void *work(void *name)
{
	number = atoi(strchr(name, '-') + 1);
	pthread_setname_np(pthread_self(), name);
	descend(DEPTH, name);
	return NULL;
}

static void start_thread(int nr)
{
	char *name = NULL;
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_LEN);
	if (asprintf(&name, "worker-%d", nr) < 0 ||
	    pthread_create(&thread, &attr, work, name) != 0)
		exit(1);
	pthread_attr_destroy(&attr);
}

/* xorshift64: never zero, and quick enough not to be what one waits for. */
static void fill_memory(void)
{
	uint64_t *words = (uint64_t *)memory;
	uint64_t x = 0x9e3779b97f4a7c15;

	for (size_t i = 0; i < memory_len / sizeof(*words); i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		words[i] = x;
	}
	memcpy(memory + memory_len / 4 - 8, "critcore", 8);
}

/* Without a pipe to the outside, which could not be dumped. */
static void say_ready(void)
{
	puts("ready");
	if (!freopen("/dev/null", "w", stdout))
		exit(1);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	memory_len = (size_t)atoi(argv[1]) << 20;
	memory = mmap(NULL, memory_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return 1;
	fill_memory();
	int nr_threads = atoi(argv[2]);
	for (int i = 1; i <= nr_threads; i++)
		start_thread(i);
	while (nr_asleep < nr_threads)
		usleep(1000);
	number = 0;
	say_ready();
	return descend(DEPTH, "main");
}
