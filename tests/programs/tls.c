// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tls.c - thread-local variables of every kind, and a file that says where they are.
 *
 * $TLS_FOLDER has the libraries (tlslib.c under several names) and gets the file "truth": lines of
 * thread, expression, address; "-" for one that the thread has no block for. Only what a thread
 * really used is asked for its address there, since asking allocates it.
 *
 *	first, second	linked with the program
 *	closed		loaded, used by all threads, unloaded: its number is free again
 *	late		loaded then, so it gets that number; used by the threads with even numbers
 *	close_by	loaded with static thread-local storage
 *	lazy0 .. lazyN	so many that the dynamic linker needs a second list of modules
 *
 * -DALONE makes the program without any library, to be linked statically.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "ready.h"

#ifndef NR_LAZY
#define NR_LAZY 70
#endif

enum { NR_WORKERS = 3 };

#ifndef ALONE
extern int *first_address(void), *second_address(void);
#endif

__thread int own = 7;
__thread char own_name[16];
static __thread __attribute__((aligned(64))) long own_wide[8] = { 1, 2, 3 };

static pthread_barrier_t step;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static FILE *truth;
#ifndef ALONE
static void *closed;
static int *(*closed_address)(void), *(*late_address)(void), *(*close_by_address)(void);
static int *(*lazy_address[NR_LAZY])(void);
#endif

static void say(int nr, const char *what, const void *address)
{
	fprintf(truth, "t%d %s ", nr, what);
	if (address)
		fprintf(truth, "%#lx\n", (unsigned long)address);
	else
		fprintf(truth, "-\n");
}

#ifdef ALONE

static void use_closed(int nr)
{
	(void)nr;
}

static void use_libraries(int nr)
{
	(void)nr;
}

static void load_libraries(void)
{
}

static void load_others(void)
{
}

#else

static void *load(const char *name, const char *symbol, void **handle)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/lib%s.so", getenv("TLS_FOLDER"), name);
	*handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!*handle) {
		fprintf(stderr, "%s\n", dlerror());
		exit(4);
	}
	return dlsym(*handle, symbol);
}

static void use_closed(int nr)
{
	*closed_address() = nr;
}

static void use_libraries(int nr)
{
	char what[32];

	*first_address() = 200 + nr;
	*second_address() = 300 + nr;
	*close_by_address() = 400 + nr;
	say(nr, "first", first_address());
	say(nr, "second", second_address());
	say(nr, "close_by", close_by_address());
	say(nr, "late", nr % 2 ? NULL : late_address());
	for (int i = 0; i < NR_LAZY; i += 23) {
		snprintf(what, sizeof(what), "lazy%d", i);
		say(nr, what, nr == 1 ? NULL : lazy_address[i]());
	}
}

static void load_libraries(void)
{
	closed_address = load("closed", "closed_address", &closed);
}

static void load_others(void)
{
	char name[32], symbol[32];
	void *handle;

	dlclose(closed);
	late_address = load("late", "late_address", &handle);
	close_by_address = load("close_by", "close_by_address", &handle);
	for (int i = 0; i < NR_LAZY; i++) {
		snprintf(name, sizeof(name), "lazy%d", i);
		snprintf(symbol, sizeof(symbol), "lazy%d_address", i);
		lazy_address[i] = load(name, symbol, &handle);
	}
}

#endif

static void use(int nr)
{
	own = 100 + nr;
	own_wide[3] = nr;
	snprintf(own_name, sizeof(own_name), "thread %d", nr);
	pthread_mutex_lock(&lock);
	say(nr, "own", &own);
	say(nr, "own_name", own_name);
	say(nr, "own_wide", own_wide);
	say(nr, "errno", &errno);
	use_libraries(nr);
	errno = 40 + nr;
	pthread_mutex_unlock(&lock);
}

static void *worker(void *arg)
{
	int nr = (int)(intptr_t)arg;
	char name[16];

	snprintf(name, sizeof(name), "t%d", nr);
	pthread_setname_np(pthread_self(), name);
	use_closed(nr);
	pthread_barrier_wait(&step); // all have used it
	pthread_barrier_wait(&step); // it is gone, others are there
	use(nr);
	pthread_barrier_wait(&step);
	stay();
	return NULL;
}

int main(void)
{
	pthread_t thread;
	char path[512];

	snprintf(path, sizeof(path), "%s/truth", getenv("TLS_FOLDER"));
	truth = fopen(path, "w");
	pthread_setname_np(pthread_self(), "t0");
	pthread_barrier_init(&step, NULL, NR_WORKERS + 1);
	load_libraries();
	for (int i = 1; i <= NR_WORKERS; i++)
		pthread_create(&thread, NULL, worker, (void *)(intptr_t)i);
	use_closed(0);
	pthread_barrier_wait(&step);
	load_others();
	pthread_barrier_wait(&step);
	use(0);
	pthread_barrier_wait(&step);
	fclose(truth);
	ready();
	stay();
	return 0;
}
