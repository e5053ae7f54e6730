// SPDX-License-Identifier: LGPL-2.1-or-later
/* timers.c - timers of processes (core_entry.tc.timers) and those behind descriptors (timerfd):
 * times that the kernel takes, clocks that it has, signals and threads that there are. */
#include "check/check.h"
#include "fdtable.pb-c.h"
#include "pstree.pb-c.h"
#include "task.pb-c.h"

enum { NSEC = 1000000000, USEC = 1000000 };
/* How a timer tells: a signal to the process, nothing, a thread of the C library, one thread. */
enum { BY_SIGNAL = 0, BY_NOTHING = 1, BY_THREAD = 2, TO_THREAD = 4 };

static bool is_time(uint64_t seconds, uint64_t part, uint64_t most)
{
	return seconds <= INT64_MAX && part < most;
}

static void check_timerfd(struct check *c, const struct item *at, const Criu__TimerfdEntry *e)
{
	static const bool clocks[] = { [0] = true, [1] = true, [7] = true, [8] = true, [9] = true };

	if (e->clockid >= sizeof(clocks) || !clocks[e->clockid])
		found(c, RULE_TIMER, at, "tfd.clockid", "no timer is of clock %u", e->clockid);
	if (!is_time(e->vsec, e->vnsec, NSEC) || !is_time(e->isec, e->insec, NSEC))
		found(c, RULE_TIMER, at, "tfd.vsec", "the kernel takes no such time");
}

static void check_interval(struct check *c, const struct item *at, const char *field,
			   const Criu__ItimerEntry *e)
{
	if (e && (!is_time(e->vsec, e->vusec, USEC) || !is_time(e->isec, e->iusec, USEC)))
		found(c, RULE_TIMER, at, field, "the kernel takes no such time");
}

/** Those from 0x80000000 on are CPU clocks of processes. */
static bool is_clock(uint32_t id)
{
	static const bool clocks[] = {
		[0] = true, [1] = true, [2] = true, [3] = true,
		[7] = true, [8] = true, [9] = true, [11] = true,
	};

	return id > INT32_MAX || (id < sizeof(clocks) && clocks[id]);
}

static uint32_t last_signal(const struct item *at)
{
	const Criu__CoreEntry *core = at->msg;

	return core->mtype == CRIU__CORE_ENTRY__MARCH__MIPS ? 128 : 64;
}

static void check_target(struct check *c, const struct item *at, const Criu__PosixTimerEntry *e)
{
	const struct key *key = keys_find(&c->threads, 0, (uint32_t)e->notify_thread_id);

	switch (e->it_sigev_notify) {
	case BY_NOTHING:
		return;
	case TO_THREAD:
		if (e->has_notify_thread_id && e->notify_thread_id &&
		    (!key || ((const Criu__PstreeEntry *)key->item->msg)->pid != at->number))
			found(c, RULE_TIMER, at, "tc.timers.posix.notify_thread_id",
			      "timer %u tells thread %d, which the process does not have",
			      e->it_id, e->notify_thread_id);
		/* fall through */
	case BY_SIGNAL:
	case BY_THREAD:
		if (!e->si_signo || e->si_signo > last_signal(at))
			found(c, RULE_TIMER, at, "tc.timers.posix.si_signo",
			      "timer %u sends signal %u, which there is not", e->it_id,
			      e->si_signo);
		return;
	default:
		found(c, RULE_TIMER, at, "tc.timers.posix.it_sigev_notify",
		      "timer %u tells in way %u, which there is not", e->it_id,
		      e->it_sigev_notify);
	}
}

static void check_posix(struct check *c, const struct item *at, const Criu__PosixTimerEntry *e)
{
	if (!is_time(e->vsec, e->vnsec, NSEC) || !is_time(e->isec, e->insec, NSEC))
		found(c, RULE_TIMER, at, "tc.timers.posix.vsec",
		      "the kernel takes no such time of timer %u", e->it_id);
	if (!is_clock(e->clock_id))
		found(c, RULE_TIMER, at, "tc.timers.posix.clock_id",
		      "timer %u is of clock %u, which there is not", e->it_id, e->clock_id);
	check_target(c, at, e);
}

static void check_timers(struct check *c, const struct item *at, const Criu__TaskTimersEntry *e)
{
	const struct key *key = NULL;
	struct keys ids = { 0 };

	check_interval(c, at, "tc.timers.real", e->real);
	check_interval(c, at, "tc.timers.virt", e->virt);
	check_interval(c, at, "tc.timers.prof", e->prof);
	for (size_t i = 0; i < e->n_posix && goes_on(c); i++) {
		check_posix(c, at, e->posix[i]);
		if (!keys_add(&ids, 0, e->posix[i]->it_id, at))
			check_no_memory(c);
	}
	keys_sort(&ids);
	while ((key = keys_next_double(&ids, key ? (size_t)(key - ids.keys) + 1 : 0)))
		found(c, RULE_TIMER, at, "tc.timers.posix.it_id", "a timer %llu is there already",
		      (unsigned long long)key->number);
	keys_deinit(&ids);
}

void check_all_timers(struct check *c)
{
	const struct items *cores = &c->sets[SET_CORE], *files = &c->sets[SET_FILES];

	for (size_t i = 0; i < cores->nr && goes_on(c); i++) {
		const Criu__CoreEntry *core = cores->items[i].msg;

		if (core->tc && core->tc->timers)
			check_timers(c, &cores->items[i], core->tc->timers);
	}
	for (size_t i = 0; i < files->nr && goes_on(c); i++) {
		const Criu__TimerfdEntry *e = file_body(&files->items[i], CRIU__FD_TYPES__TIMERFD);

		if (e)
			check_timerfd(c, &files->items[i], e);
	}
}
