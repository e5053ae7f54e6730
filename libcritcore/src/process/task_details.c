// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * task_details.c - what the images say of a whole process: crit_task_details_read().
 *
 * Today all of it is in the leader's core image. Until CRIU 2.0 or so parts had images of their
 * own, which are read where the core image lacks the part:
 *
 *	sigacts-PID, signal-s-PID, itimers-PID, posix-timers-PID, rlimit-PID
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "process/records.h"
#include "process/siginfo.h"
#include "process/words.h"

/* What the caller gets, and what it is made of. */
struct owner {
	struct crit_task_details pub;
	struct arena arena;
};

/* An array of messages, out of a core image or an old image of its own. */
struct list {
	void **items;
	size_t nr;
};

static enum crit_status fill_pending(struct crit_task *task, struct owner *own, struct list list,
				     struct crit_error *err)
{
	own->pub.nr_pending = list.nr;
	return siginfo_queue(task, (Criu__SiginfoEntry **)list.items, list.nr, &own->arena,
			     &own->pub.pending, err);
}

/* CRIU has one layout for sigaction(2) on all CPUs, but the kernel's of MIPS begins with 32 bits of
 * flags and has no restorer: what it wrote is one place further in the image (all versions of CRIU
 * up to 4.3), and mask_extended is whatever stood there. */
static void take_action(const struct crit_task *task, const Criu__SaEntry *sa,
			struct crit_sigaction *out)
{
	bool big = task->ckpt->info.big_endian;

	out->handler = sa->sigaction;
	out->flags = sa->flags;
	out->restorer = sa->restorer;
	out->mask = (struct crit_sigset){ sa->mask, 0 };
	out->flag_kind = CRIT_FLAGS_SIGACTION;
	if (!task->mips)
		return;
	out->handler = sa->flags;
	out->flags = big ? sa->sigaction >> 32 : (uint32_t)sa->sigaction;
	out->restorer = 0;
	out->mask = (struct crit_sigset){ sa->restorer, sa->mask };
	out->flag_kind = CRIT_FLAGS_MIPS_SIGACTION;
}

/* The places in the list are the signals from 1 on, but for SIGKILL and SIGSTOP. */
static enum crit_status fill_actions(struct crit_task *task, struct owner *own, struct list list,
				     struct crit_error *err)
{
	struct crit_sigaction *out = records_alloc(&own->arena, list.nr, sizeof(*out));
	const uint32_t sigkill = 9, sigstop = task->mips ? 23 : 19;
	uint32_t signo = 0;

	if (list.nr && !out)
		return error_no_memory(err);
	for (size_t i = 0; i < list.nr; i++) {
		do
			signo++;
		while (signo == sigkill || signo == sigstop);
		out[i].signo = signo;
		take_action(task, list.items[i], &out[i]);
	}
	own->pub.actions = out;
	own->pub.nr_actions = list.nr;
	return CRIT_OK;
}

static enum crit_status fill_rlimits(struct crit_task *task, struct owner *own, struct list list,
				     struct crit_error *err)
{
	struct crit_rlimit *out = records_alloc(&own->arena, list.nr, sizeof(*out));

	if (list.nr && !out)
		return error_no_memory(err);
	for (size_t i = 0; i < list.nr; i++) {
		const Criu__RlimitEntry *limit = list.items[i];

		out[i] = (struct crit_rlimit){ "Max of an unknown resource", "", limit->cur,
					       limit->max };
		words_rlimit(task->mips, (uint32_t)i, &out[i].name, &out[i].unit);
	}
	own->pub.rlimits = out;
	own->pub.nr_rlimits = list.nr;
	return CRIT_OK;
}

/* Of what does not fit there is the most. */
static uint64_t nanoseconds(uint64_t seconds, uint64_t part, uint64_t in_part)
{
	uint64_t whole, rest, sum;

	if (__builtin_mul_overflow(seconds, UINT64_C(1000000000), &whole) ||
	    __builtin_mul_overflow(part, in_part, &rest) ||
	    __builtin_add_overflow(whole, rest, &sum))
		return UINT64_MAX;
	return sum;
}

static enum crit_status fill_itimers(struct crit_task *task, struct owner *own, struct list list,
				     struct crit_error *err)
{
	static const char *const names[] = { "real", "virtual", "profiling" };
	const uint32_t signals[] = { 14, task->mips ? 28 : 26, task->mips ? 29 : 27 };

	(void)err;
	own->pub.has_itimers = list.nr >= 3;
	for (size_t i = 0; i < 3 && list.nr >= 3; i++) {
		const Criu__ItimerEntry *timer = list.items[i];

		own->pub.itimers[i] = (struct crit_itimer){
			.name = names[i], .signo = signals[i],
			.interval = nanoseconds(timer->isec, timer->iusec, 1000),
			.left = nanoseconds(timer->vsec, timer->vusec, 1000),
		};
	}
	return CRIT_OK;
}

static enum crit_status fill_posix_timers(struct crit_task *task, struct owner *own,
					  struct list list, struct crit_error *err)
{
	struct crit_posix_timer *out = records_alloc(&own->arena, list.nr, sizeof(*out));

	(void)task;
	if (list.nr && !out)
		return error_no_memory(err);
	for (size_t i = 0; i < list.nr; i++) {
		const Criu__PosixTimerEntry *timer = list.items[i];

		out[i] = (struct crit_posix_timer){
			.id = timer->it_id, .clock = (int32_t)timer->clock_id,
			.clock_name = words_clock((int32_t)timer->clock_id),
			.signo = timer->si_signo, .notify = timer->it_sigev_notify,
			.notify_name = words_notify(timer->it_sigev_notify),
			.notify_tid = timer->notify_thread_id, .value = timer->sival_ptr,
			.overrun = timer->overrun,
			.interval = nanoseconds(timer->isec, timer->insec, 1),
			.left = nanoseconds(timer->vsec, timer->vnsec, 1),
		};
	}
	own->pub.posix_timers = out;
	own->pub.nr_posix_timers = list.nr;
	return CRIT_OK;
}

struct part {
	const char *stem; /* of the old image */
	enum image_magic magic;
	const ProtobufCMessageDescriptor *desc;
	bool (*in_core)(const Criu__TaskCoreEntry *tc, struct list *out, void **three);
	enum crit_status (*fill)(struct crit_task *task, struct owner *own, struct list list,
				 struct crit_error *err);
	size_t has; /* of a bool in crit_task_details; 0: none */
};

static bool core_pending(const Criu__TaskCoreEntry *tc, struct list *out, void **three)
{
	(void)three;
	if (tc->signals_s)
		*out = (struct list){ (void **)tc->signals_s->signals, tc->signals_s->n_signals };
	return tc->signals_s;
}

static bool core_actions(const Criu__TaskCoreEntry *tc, struct list *out, void **three)
{
	(void)three;
	*out = (struct list){ (void **)tc->sigactions, tc->n_sigactions };
	return tc->n_sigactions;
}

static bool core_rlimits(const Criu__TaskCoreEntry *tc, struct list *out, void **three)
{
	(void)three;
	if (tc->rlimits)
		*out = (struct list){ (void **)tc->rlimits->rlimits, tc->rlimits->n_rlimits };
	return tc->rlimits;
}

static bool core_itimers(const Criu__TaskCoreEntry *tc, struct list *out, void **three)
{
	if (!tc->timers)
		return false;
	three[0] = tc->timers->real;
	three[1] = tc->timers->virt;
	three[2] = tc->timers->prof;
	*out = (struct list){ three, 3 };
	return true;
}

static bool core_posix_timers(const Criu__TaskCoreEntry *tc, struct list *out, void **three)
{
	(void)three;
	if (tc->timers)
		*out = (struct list){ (void **)tc->timers->posix, tc->timers->n_posix };
	return tc->timers;
}

#define HAS(member) offsetof(struct crit_task_details, member)

static const struct part parts[] = {
	{ "signal-s", IMG_SIGNAL, &criu__siginfo_entry__descriptor, core_pending, fill_pending,
	  HAS(has_pending) },
	{ "sigacts", IMG_SIGACT, &criu__sa_entry__descriptor, core_actions, fill_actions, 0 },
	{ "rlimit", IMG_RLIMIT, &criu__rlimit_entry__descriptor, core_rlimits, fill_rlimits, 0 },
	{ "itimers", IMG_ITIMERS, &criu__itimer_entry__descriptor, core_itimers, fill_itimers,
	  HAS(has_itimers) },
	{ "posix-timers", IMG_POSIX_TIMERS, &criu__posix_timer_entry__descriptor,
	  core_posix_timers, fill_posix_timers, HAS(has_posix_timers) },
};

static enum crit_status read_part(struct crit_task *task, const struct part *part,
				  const Criu__TaskCoreEntry *tc, struct owner *own,
				  struct crit_error *err)
{
	struct list list = { NULL, 0 };
	void *three[3];
	bool has = part->in_core(tc, &list, three);
	enum crit_status status = CRIT_OK;

	if (!has) {
		status = records_read(task, part->stem, task->pid, part->magic, part->desc,
				      &own->arena, &list.items, &list.nr, err);
		has = list.nr;
	}
	if (status)
		return status;
	if (part->has)
		*((bool *)((char *)&own->pub + part->has)) = has;
	return part->fill(task, own, list, err);
}

static void fill_numbers(const Criu__TaskCoreEntry *tc, struct crit_task_details *out)
{
	out->personality = tc->personality;
	out->flags = tc->flags;
	out->has_loginuid = tc->has_loginuid;
	out->loginuid = tc->loginuid;
	out->has_oom_score_adj = tc->has_oom_score_adj;
	out->oom_score_adj = tc->oom_score_adj;
	out->has_child_subreaper = tc->has_child_subreaper;
	out->child_subreaper = tc->child_subreaper;
	out->has_membarrier = tc->has_membarrier_registration_mask;
	out->membarrier = tc->membarrier_registration_mask;
}

static enum crit_status fill(struct crit_task *task, struct owner *own, struct crit_error *err)
{
	Criu__CoreEntry *core;
	enum crit_status status = core_load(task, err);

	if (!status)
		status = core_read(&task->threads[0], &own->arena, &core, err);
	if (status)
		return status;
	if (!core->tc) // it had one when it was loaded
		return error_set(err, CRIT_CORRUPT, "core-%u.img: changed while it is open",
				 task->pid);
	fill_numbers(core->tc, &own->pub);
	for (size_t i = 0; !status && i < sizeof(parts) / sizeof(parts[0]); i++)
		status = read_part(task, &parts[i], core->tc, own, err);
	return status;
}

enum crit_status crit_task_details_read(struct crit_task *task, struct crit_task_details **out,
					struct crit_error *err)
{
	struct owner *own = calloc(1, sizeof(*own));
	enum crit_status status;

	if (!own)
		return error_no_memory(err);
	arena_init(&own->arena, 0);
	status = fill(task, own, err);
	if (status)
		crit_task_details_free(&own->pub);
	else
		*out = &own->pub;
	return status;
}

void crit_task_details_free(struct crit_task_details *details)
{
	struct owner *own = (struct owner *)details; // its first member

	if (!own)
		return;
	arena_deinit(&own->arena);
	free(own);
}
