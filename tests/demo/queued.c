// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * queued.c - a service that hangs, for the demo: a job queue on the heap, three workers, and two
 * locks taken in the wrong order.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum state { WAITING, RUNNING, DONE };

struct job {
	int id;
	enum state state;
	char name[16];
	double cost;
	struct job *next;
};

struct queue {
	const char *title;
	size_t length;
	struct job *first;
};

static struct queue queue = { .title = "nightly" };
static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both_locked;

static void add_job(int id, const char *name, double cost)
{
	struct job *job = calloc(1, sizeof(*job));

	job->id = id;
	strncpy(job->name, name, sizeof(job->name) - 1);
	job->cost = cost;
	job->next = queue.first;
	queue.first = job;
	queue.length++;
}

static void log_progress(const struct job *job, int percent)
{
	pthread_mutex_lock(&log_lock);
	printf("job %d: %d%%\n", job->id, percent);
	pthread_mutex_unlock(&log_lock);
}

static void *run_jobs(void *arg)
{
	struct job *job;

	pthread_setname_np(pthread_self(), arg);
	pthread_mutex_lock(&queue_lock);
	job = queue.first;
	job->state = RUNNING;
	pthread_barrier_wait(&both_locked);
	log_progress(job, 10); // holds queue_lock, waits for log_lock
	pthread_mutex_unlock(&queue_lock);
	return NULL;
}

static void *report(void *arg)
{
	size_t length;

	pthread_setname_np(pthread_self(), arg);
	pthread_mutex_lock(&log_lock);
	pthread_barrier_wait(&both_locked);
	pthread_mutex_lock(&queue_lock); // holds log_lock, waits for queue_lock
	length = queue.length;
	printf("%s: %zu jobs\n", queue.title, length);
	pthread_mutex_unlock(&queue_lock);
	pthread_mutex_unlock(&log_lock);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t runner, reporter;

	add_job(103, "thumbnails", 2.5);
	add_job(102, "invoices", 0.75);
	add_job(101, "backup", 12);
	pthread_barrier_init(&both_locked, NULL, 2);
	pthread_create(&runner, NULL, run_jobs, "runner");
	pthread_create(&reporter, NULL, report, "reporter");
	pthread_join(runner, NULL);
	pthread_join(reporter, NULL);
	return argc > 1 ? atoi(argv[1]) : 0;
}
