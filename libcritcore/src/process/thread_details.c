// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * thread_details.c - what the images say of one thread: crit_thread_details_read(). Most is in
 * thread_core of its core image. Until CRIU 2.0 or so these were elsewhere:
 *
 *	creds-PID.img        credentials, of all threads
 *	signal-p-TID.img     signals that wait for the thread
 *	tc.blk_sigset        what the leader blocks (today's images, too)
 *	tc.old_seccomp_*     seccomp, of all threads
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "process/records.h"
#include "process/siginfo.h"
#include "process/words.h"

struct owner {
	struct crit_thread_details pub;
	struct arena arena;
};

static void fill_schedule(const Criu__ThreadCoreEntry *tc, struct crit_thread_details *out)
{
	out->has_nice = tc->has_sched_nice;
	out->nice = tc->sched_nice;
	out->has_policy = tc->has_sched_policy;
	out->policy = tc->sched_policy;
	out->policy_name = words_policy(tc->sched_policy);
	out->has_priority = tc->has_sched_prio;
	out->priority = tc->sched_prio;
	out->has_pdeath_signal = tc->has_pdeath_sig;
	out->pdeath_signal = tc->pdeath_sig;
	out->has_timerslack = tc->has_timerslack_ns;
	out->timerslack = tc->timerslack_ns;
	out->robust_list = tc->futex_rla;
	out->robust_list_len = tc->futex_rla_len;
}

static void fill_registered(const Criu__ThreadCoreEntry *tc, struct crit_thread_details *out)
{
	if (tc->sas) {
		out->has_altstack = true;
		out->altstack_start = tc->sas->ss_sp;
		out->altstack_len = tc->sas->ss_size;
		out->altstack_flags = tc->sas->ss_flags;
	}
	if (tc->rseq_entry) {
		out->has_rseq = true;
		out->rseq = tc->rseq_entry->rseq_abi_pointer;
		out->rseq_len = tc->rseq_entry->rseq_abi_size;
		out->rseq_signature = tc->rseq_entry->signature;
		out->rseq_cs = tc->rseq_entry->has_rseq_cs_pointer ?
				       tc->rseq_entry->rseq_cs_pointer : 0;
	}
}

static void fill_blocked(const Criu__CoreEntry *core, struct crit_thread_details *out)
{
	const Criu__ThreadCoreEntry *tc = core->thread_core;

	if (tc && tc->has_blk_sigset) {
		out->has_blocked = true;
		out->blocked = (struct crit_sigset){ tc->blk_sigset, tc->blk_sigset_extended };
	} else if (core->tc) {
		out->has_blocked = true;
		out->blocked = (struct crit_sigset){ core->tc->blk_sigset,
						     core->tc->blk_sigset_extended };
	}
}

/* A set of 32-bit words; there may be more of them one day than names. */
static uint64_t capabilities(const uint32_t *words, size_t nr)
{
	return (nr > 0 ? words[0] : 0) | (nr > 1 ? (uint64_t)words[1] << 32 : 0);
}

static void fill_creds(const Criu__CredsEntry *creds, struct crit_thread_details *out)
{
	out->has_creds = true;
	out->creds = (struct crit_creds){
		.uid = creds->uid, .euid = creds->euid, .suid = creds->suid, .fsuid = creds->fsuid,
		.gid = creds->gid, .egid = creds->egid, .sgid = creds->sgid, .fsgid = creds->fsgid,
		.groups = creds->groups, .nr_groups = creds->n_groups,
		.inheritable = capabilities(creds->cap_inh, creds->n_cap_inh),
		.permitted = capabilities(creds->cap_prm, creds->n_cap_prm),
		.effective = capabilities(creds->cap_eff, creds->n_cap_eff),
		.bounding = capabilities(creds->cap_bnd, creds->n_cap_bnd),
		.ambient = capabilities(creds->cap_amb, creds->n_cap_amb),
		.has_ambient = creds->n_cap_amb,
		.has_no_new_privs = creds->has_no_new_privs,
		.no_new_privs = creds->no_new_privs,
		.securebits = creds->secbits,
		.lsm_profile = creds->lsm_profile, .lsm_sockcreate = creds->lsm_sockcreate,
	};
}

static enum crit_status find_creds(struct crit_thread *thread, const Criu__CoreEntry *core,
				   struct owner *own, struct crit_error *err)
{
	void **old;
	size_t nr;
	enum crit_status status;

	if (core->thread_core && core->thread_core->creds) {
		fill_creds(core->thread_core->creds, &own->pub);
		return CRIT_OK;
	}
	status = records_read(thread->task, "creds", thread->task->pid, IMG_CREDS,
			      &criu__creds_entry__descriptor, &own->arena, &old, &nr, err);
	if (!status && nr)
		fill_creds(old[0], &own->pub);
	return status;
}

static enum crit_status find_pending(struct crit_thread *thread, const Criu__CoreEntry *core,
				     struct owner *own, struct crit_error *err)
{
	const Criu__SignalQueueEntry *queue =
		core->thread_core ? core->thread_core->signals_p : NULL;
	void **items = queue ? (void **)queue->signals : NULL;
	size_t nr = queue ? queue->n_signals : 0;
	enum crit_status status = CRIT_OK;

	if (!queue)
		status = records_read(thread->task, "signal-p", thread->tid, IMG_SIGNAL,
				      &criu__siginfo_entry__descriptor, &own->arena, &items, &nr,
				      err);
	if (status)
		return status;
	own->pub.has_pending = queue || items;
	own->pub.nr_pending = nr;
	return siginfo_queue(thread->task, (Criu__SiginfoEntry **)items, nr, &own->arena,
			     &own->pub.pending, err);
}

/* ---- Seccomp -------------------------------------------------------------------------------- */

/* Filters are chained by their places in seccomp.img. 0: the chain leads nowhere, or round. */
static size_t count_filters(const Criu__SeccompEntry *all, uint32_t last)
{
	size_t nr = 0;

	for (uint32_t at = last; nr <= all->n_seccomp_filters; nr++) {
		const Criu__SeccompFilter *filter;

		if (at >= all->n_seccomp_filters)
			return 0;
		filter = all->seccomp_filters[at];
		if (!filter->has_prev)
			return nr + 1;
		at = filter->prev;
	}
	return 0;
}

static enum crit_status find_filters(struct crit_thread *thread, uint32_t last, struct owner *own,
				     struct crit_error *err)
{
	struct source *src = thread->task->ckpt->src;
	Criu__SeccompEntry *all;
	enum crit_status status;

	if (!source_has(src, "seccomp.img"))
		return CRIT_OK;
	status = image_read_single(src, "seccomp.img", IMG_SECCOMP,
				   &criu__seccomp_entry__descriptor, &own->arena, &all, err);
	if (!status)
		own->pub.nr_seccomp_filters = count_filters(all, last);
	own->pub.has_seccomp_filters = own->pub.nr_seccomp_filters;
	return status;
}

static enum crit_status find_seccomp(struct crit_thread *thread, const Criu__CoreEntry *core,
				     struct owner *own, struct crit_error *err)
{
	const Criu__ThreadCoreEntry *tc = core->thread_core;
	const Criu__TaskCoreEntry *old = core->tc;

	if (tc && tc->has_seccomp_mode) {
		own->pub.seccomp = (enum crit_seccomp_mode)tc->seccomp_mode;
		if (tc->has_seccomp_filter)
			return find_filters(thread, tc->seccomp_filter, own, err);
	} else if (old && old->has_old_seccomp_mode) {
		own->pub.seccomp = (enum crit_seccomp_mode)old->old_seccomp_mode;
		if (old->has_old_seccomp_filter)
			return find_filters(thread, old->old_seccomp_filter, own, err);
	}
	return CRIT_OK;
}

/* ---- All of it ------------------------------------------------------------------------------ */

static enum crit_status fill(struct crit_thread *thread, struct owner *own, struct crit_error *err)
{
	Criu__CoreEntry *core;
	enum crit_status status;

	core_load(thread->task, NULL); // which CPU it is; a thread's own image may still be read
	status = core_read(thread, &own->arena, &core, err);
	if (status)
		return status;
	if (core->thread_core) {
		fill_schedule(core->thread_core, &own->pub);
		fill_registered(core->thread_core, &own->pub);
	}
	fill_blocked(core, &own->pub);
	status = find_creds(thread, core, own, err);
	if (!status)
		status = find_pending(thread, core, own, err);
	if (!status)
		status = find_seccomp(thread, core, own, err);
	return status;
}

enum crit_status crit_thread_details_read(struct crit_thread *thread,
					  struct crit_thread_details **out,
					  struct crit_error *err)
{
	struct owner *own = calloc(1, sizeof(*own));
	enum crit_status status;

	if (!own)
		return error_no_memory(err);
	arena_init(&own->arena, 0);
	status = fill(thread, own, err);
	if (status)
		crit_thread_details_free(&own->pub);
	else
		*out = &own->pub;
	return status;
}

void crit_thread_details_free(struct crit_thread_details *details)
{
	struct owner *own = (struct owner *)details; // its first member

	if (!own)
		return;
	arena_deinit(&own->arena);
	free(own);
}
