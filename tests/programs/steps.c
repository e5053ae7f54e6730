// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * steps.c - a process that changes at SIGUSR1, and says in its variables how: dumped before and
 * after, for comparing checkpoints. Whatever is called "same" is.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096 };

struct inner {
	int depth;
	const char *text;
};

struct outer {
	unsigned int low : 3, high : 5;
	double ratio;
	char name[16];
	struct inner in[3];
	union {
		int number;
		char bytes[4];
	} both;
};

int counter = 1, same = 4711;
struct outer outer = { .low = 1, .high = 9, .ratio = 0.5, .name = "first",
		       .in = { { 1, "one" }, { 2, "two" }, { 3, "three" } } };
struct inner *pointer;
static long squares[1000];
__thread int of_thread = 10;
static char *grown, *shielded, *unmapped;
static int fds[2], offset_fd, closed_fd;

static void *wait_here(void *arg)
{
	of_thread += *(int *)arg;
	for (;;)
		pause();
	return NULL;
}

static void begin(void)
{
	static int first = 5;
	pthread_t thread;

	pointer = malloc(sizeof(*pointer));
	*pointer = (struct inner){ 100, NULL };
	shielded = mmap((void *)0x100000000, PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	unmapped = mmap((void *)0x200000000, 2 * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	shielded[5] = unmapped[PAGE] = 1;
	offset_fd = open("/proc/self/exe", O_RDONLY);
	closed_fd = open("/dev/zero", O_RDONLY);
	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	pthread_create(&thread, NULL, wait_here, &first);
}

/* The thread may not have slept yet when this returns. */
static void change(int *local, struct inner *aside)
{
	static int calls = 40;
	struct rlimit limit = { 100, 200 };

	calls++;
	counter = 2;
	outer.low = 2;
	outer.ratio = 0.75;
	strcpy(outer.name, "second");
	outer.in[1].depth = 20;
	outer.both.bytes[1] = 1;
	pointer->depth = 200;
	squares[10] = 100;
	squares[999] = 998001;
	of_thread = 11;
	*local = 8;
	aside->depth = -1;
	grown = sbrk(64 * PAGE);
	grown[3] = 3;
	shielded[5] = 2;
	mprotect(shielded, PAGE, PROT_READ);
	munmap(unmapped, 2 * PAGE);
	lseek(offset_fd, 64, SEEK_SET);
	close(closed_fd);
	open("/dev/null", O_WRONLY);
	if (write(fds[0], "hello", 5) != 5)
		_exit(4);
	umask(077);
	setrlimit(RLIMIT_NOFILE, &limit);
	signal(SIGUSR2, SIG_IGN);
}

static void work(void)
{
	volatile int local = 7, same_local = 70;
	struct inner aside = { 1, "aside" };
	sigset_t set;
	int signo;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	begin();
	for (;;) {
		sigwait(&set, &signo);
		change((int *)&local, &aside);
	}
}

int main(void)
{
	umask(022);
	work();
	return same;
}
