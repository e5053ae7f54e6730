// SPDX-License-Identifier: LGPL-2.1-or-later
/* pool.c - see pool.h. */
#include "compress/pool.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum { MAX_THREADS = 256, ASK_EVERY_NS = 100 * 1000 * 1000 };

struct pool {
	const struct pool_ops *ops;
	void *ctx;
	struct crit_error *err;

	pthread_mutex_t lock; /* over all below */
	pthread_cond_t turn;  /* somebody placed, or it is over */
	pthread_cond_t ended; /* a thread is through */
	uint64_t nr_claimed, nr_placed;
	unsigned nr_running;
	uint64_t done;
	enum crit_status status; /* the first failure */
};

unsigned pool_threads(unsigned wanted)
{
	cpu_set_t set;

	if (!wanted && sched_getaffinity(0, sizeof(set), &set) == 0)
		wanted = (unsigned)CPU_COUNT(&set);
	if (!wanted)
		wanted = 1;
	return wanted < MAX_THREADS ? wanted : MAX_THREADS;
}

/** Note a failure; the lock is held. */
static void fail(struct pool *p, enum crit_status status, const struct crit_error *why)
{
	if (p->status)
		return;
	p->status = status;
	if (p->err)
		*p->err = *why;
	pthread_cond_broadcast(&p->turn);
}

/** Claim the next job; the lock is held. @return false: there is none, or it is over. */
static bool claim(struct pool *p, void *job, uint64_t *ticket)
{
	struct crit_error err;
	bool more = false;

	if (!p->status) {
		enum crit_status status = p->ops->claim(p->ctx, job, &more, &err);

		if (status)
			fail(p, status, &err);
	}
	if (!p->status && more)
		*ticket = p->nr_claimed++;
	return !p->status && more;
}

/** Wait for our turn and take it; the lock is held. */
static enum crit_status place(struct pool *p, void *job, uint64_t ticket, struct crit_error *err)
{
	enum crit_status status;

	while (!p->status && p->nr_placed != ticket)
		pthread_cond_wait(&p->turn, &p->lock);
	if (p->status || !p->ops->place)
		return CRIT_OK;
	status = p->ops->place(p->ctx, job, err);
	p->nr_placed++;
	pthread_cond_broadcast(&p->turn);
	return status;
}

/** Carry out a claimed job. The lock is held before and after, not while it works. */
static void carry_out(struct pool *p, void *job, uint64_t ticket)
{
	enum crit_status status;
	struct crit_error err;
	uint64_t done = 0;

	pthread_mutex_unlock(&p->lock);
	status = p->ops->work(p->ctx, job, &err);
	pthread_mutex_lock(&p->lock);
	if (!status && p->ops->place)
		status = place(p, job, ticket, &err);
	if (!status && !p->status) {
		pthread_mutex_unlock(&p->lock);
		status = p->ops->write(p->ctx, job, &done, &err);
		pthread_mutex_lock(&p->lock);
	}
	p->done += done;
	if (status)
		fail(p, status, &err);
}

static void *run_thread(void *arg)
{
	struct pool *p = arg;
	void *job = calloc(1, p->ops->job_size);
	struct crit_error err;
	uint64_t ticket = 0;

	pthread_mutex_lock(&p->lock);
	if (!job)
		fail(p, error_no_memory(&err), &err);
	while (job && claim(p, job, &ticket))
		carry_out(p, job, ticket);
	p->nr_running--;
	pthread_cond_signal(&p->ended);
	pthread_mutex_unlock(&p->lock);
	if (job)
		p->ops->release(job);
	free(job);
	return NULL;
}

/** Start threads; signals stay with the caller's. @return how many could be started. */
static unsigned start(struct pool *p, pthread_t *threads, unsigned nr)
{
	sigset_t all, old;
	unsigned started = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	p->nr_running = nr;
	while (started < nr && !pthread_create(&threads[started], NULL, run_thread, p))
		started++;
	pthread_mutex_lock(&p->lock);
	p->nr_running -= nr - started;
	pthread_mutex_unlock(&p->lock);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return started;
}

/** Until all threads are through, ask whether to go on. */
static void watch(struct pool *p, struct pool_options *options)
{
	struct timespec until;
	struct crit_error err;

	pthread_mutex_lock(&p->lock);
	while (p->nr_running) {
		uint64_t done = options->done + p->done;
		bool go_on;

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += ASK_EVERY_NS;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		if (pthread_cond_timedwait(&p->ended, &p->lock, &until) != ETIMEDOUT)
			continue;
		if (!options->keep_going)
			continue;
		pthread_mutex_unlock(&p->lock);
		go_on = options->keep_going(options->keep_going_ctx, done, options->total);
		pthread_mutex_lock(&p->lock);
		if (!go_on)
			fail(p, error_set(&err, CRIT_INTERRUPTED, "interrupted"), &err);
	}
	pthread_mutex_unlock(&p->lock);
}

enum crit_status pool_run(const struct pool_ops *ops, void *ctx, struct pool_options *options,
			  struct crit_error *err)
{
	struct pool p = { .ops = ops, .ctx = ctx, .err = err };
	pthread_t *threads = calloc(options->nr_threads + 1, sizeof(*threads));
	pthread_condattr_t monotonic;
	unsigned started;

	if (!threads)
		return error_no_memory(err);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&p.lock, NULL);
	pthread_cond_init(&p.turn, NULL);
	pthread_cond_init(&p.ended, &monotonic);
	pthread_condattr_destroy(&monotonic);
	started = options->nr_threads ? start(&p, threads, options->nr_threads) : 0;
	if (!started) {
		p.nr_running = 1;
		run_thread(&p);
	}
	watch(&p, options);
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	pthread_cond_destroy(&p.ended);
	pthread_cond_destroy(&p.turn);
	pthread_mutex_destroy(&p.lock);
	free(threads);
	options->done += p.done;
	return p.status;
}
