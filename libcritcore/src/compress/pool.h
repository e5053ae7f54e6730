/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pool.h - a sequence of jobs on all cores, with one step of each in order.
 *
 *	claim    one at a time, in order: what is the next job?
 *	work     side by side: the expensive part
 *	place    one at a time, in the order of claims: where does the result go?
 *	write    side by side: put it there
 *
 * Memory is that of one job for each thread. The first failure ends it all. While the threads work,
 * the caller's thread asks keep_going() ten times a second.
 */
#ifndef CRIT_COMPRESS_POOL_H
#define CRIT_COMPRESS_POOL_H

#include "util/error.h"

/** Functions of one kind of work; @p ctx is everybody's, @p job one thread's. */
struct pool_ops {
	size_t job_size; /* in bytes; zeroed before the first claim, kept from one to the next */
	/** @p more stays false at the end. */
	enum crit_status (*claim)(void *ctx, void *job, bool *more, struct crit_error *err);
	enum crit_status (*work)(void *ctx, void *job, struct crit_error *err);
	enum crit_status (*place)(void *ctx, void *job, struct crit_error *err); /* may be NULL */
	/** @p done  [out] Bytes of progress that this job was. */
	enum crit_status (*write)(void *ctx, void *job, uint64_t *done, struct crit_error *err);
	void (*release)(void *job); /* what the job holds */
};

struct pool_options {
	unsigned nr_threads; /* 0: the caller's alone, which then asks nothing: for small work */
	crit_keep_going_fn keep_going; /* NULL: always */
	void *keep_going_ctx;
	uint64_t done, total; /* for keep_going(); done grows */
};

/** @return CRIT_OK; what a function returned; CRIT_INTERRUPTED; CRIT_NO_MEMORY. */
enum crit_status pool_run(const struct pool_ops *ops, void *ctx, struct pool_options *options,
			  struct crit_error *err);

/** How many threads to use when @p wanted (0: one a core) were asked for. */
unsigned pool_threads(unsigned wanted);

#endif
