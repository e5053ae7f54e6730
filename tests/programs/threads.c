// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * threads.c - eight named threads, each busy in another way.
 *
 * One waits for a condition, one for a mutex, one for a semaphore, one sleeps, one reads a pipe,
 * one polls it, one is in a signal handler, one computes. "boss" joins the first.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "ready.h"

#define NR_WORKERS 8

static pthread_mutex_t taken = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t start;
static sem_t empty;
static int channel[2];
static sem_t handled;
volatile unsigned long turns;
__thread int mine = -1;

static void wait_condition(int nr)
{
	pthread_mutex_lock(&guard);
	while (nr >= 0)
		pthread_cond_wait(&never, &guard);
	pthread_mutex_unlock(&guard);
}

static void wait_mutex(int nr)
{
	pthread_mutex_lock(&taken);
	mine = nr;
}

static void wait_semaphore(int nr)
{
	while (nr >= 0)
		sem_wait(&empty);
}

static void wait_time(int nr)
{
	struct timespec day = { 86400 + nr, 0 };

	while (nr >= 0)
		nanosleep(&day, NULL);
}

static void wait_read(int nr)
{
	char byte;

	while (nr >= 0 && read(channel[0], &byte, 1) != 1)
		;
}

static void wait_poll(int nr)
{
	struct pollfd item = { .fd = channel[0], .events = POLLIN };

	while (nr >= 0)
		poll(&item, 1, -1);
}

static void on_signal(int signo)
{
	volatile int caught = signo;

	sem_post(&handled);
	while (caught)
		pause();
}

static void wait_handler(int nr)
{
	signal(SIGUSR2, on_signal);
	pthread_kill(pthread_self(), SIGUSR2);
	mine = nr;
}

static void compute(int nr)
{
	for (;;)
		turns += (unsigned)nr;
}

static void (*const work[NR_WORKERS])(int) = {
	wait_condition, wait_mutex, wait_semaphore, wait_time,
	wait_read,	wait_poll,  wait_handler,   compute,
};

static void *worker(void *arg)
{
	int nr = (int)(intptr_t)arg;
	double share = nr + 0.125;
	char name[16];

	mine = nr;
	snprintf(name, sizeof(name), "worker %d", nr);
	pthread_setname_np(pthread_self(), name);
	pthread_barrier_wait(&start);
	work[nr](nr);
	__asm__ volatile("" : : "m"(share));
	return NULL;
}

int main(void)
{
	pthread_t all[NR_WORKERS];

	pthread_setname_np(pthread_self(), "boss");
	sem_init(&empty, 0, 0);
	sem_init(&handled, 0, 0);
	if (pipe(channel))
		return 1;
	pthread_mutex_lock(&taken);
	pthread_barrier_init(&start, NULL, NR_WORKERS + 1);
	for (int i = 0; i < NR_WORKERS; i++)
		pthread_create(&all[i], NULL, worker, (void *)(intptr_t)i);
	pthread_barrier_wait(&start);
	while (sem_wait(&handled) && errno == EINTR)
		;
	ready();
	pthread_join(all[0], NULL);
	return 0;
}
