// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cores.c - core-TID.img: one for each thread, with what a restore of it needs. The leader's has
 * the process besides: tc, and a copy of the ids.
 */
#include <stdio.h>

#include "check/check.h"
#include "pstree.pb-c.h"
#include "security.pb-c.h"
#include "task.pb-c.h"

enum { STATE_ALIVE = 1, STATE_DEAD = 2, STATE_STOPPED = 3, STATE_ZOMBIE = 6 };
enum { SECCOMP_FILTER = 2, SOCK_FILTER_LEN = 8 };
/* Lists in the order of the signals, without SIGKILL and SIGSTOP. */
enum { NR_ACTIONS = 64 - 2, NR_ACTIONS_MIPS = 128 - 2 };
/* XSAVE components as arrays: how many numbers each has. */
enum { NR_ST = 32, NR_XMM = 64, NR_YMMH = 64, NR_BNDREG = 8, NR_BNDCSR = 8, NR_OPMASK = 8,
       NR_ZMM = 64, NR_HI16_ZMM = 128, NR_PKRU = 2 };

static const void *registers_of(const Criu__CoreEntry *core)
{
	switch (core->mtype) {
	case CRIU__CORE_ENTRY__MARCH__X86_64:
		return core->thread_info;
	case CRIU__CORE_ENTRY__MARCH__ARM:
		return core->ti_arm;
	case CRIU__CORE_ENTRY__MARCH__AARCH64:
		return core->ti_aarch64;
	case CRIU__CORE_ENTRY__MARCH__PPC64:
		return core->ti_ppc64;
	case CRIU__CORE_ENTRY__MARCH__S390:
		return core->ti_s390;
	case CRIU__CORE_ENTRY__MARCH__MIPS:
		return core->ti_mips;
	case CRIU__CORE_ENTRY__MARCH__LOONGARCH64:
		return core->ti_loongarch64;
	case CRIU__CORE_ENTRY__MARCH__RISCV64:
		return core->ti_riscv64;
	default:
		return NULL;
	}
}

static void check_area(struct check *c, const struct item *at, const char *field, size_t nr,
		       size_t wanted)
{
	if (nr < wanted)
		found(c, RULE_CORE_REGISTERS, at, field, "%zu numbers where the area has %zu", nr,
		      wanted);
}

static void check_x86(struct check *c, const struct item *at, const Criu__ThreadInfoX86 *info)
{
	const Criu__UserX86FpregsEntry *fp = info->fpregs;
	const Criu__UserX86XsaveEntry *x = fp->xsave;

	check_area(c, at, "thread_info.fpregs.st_space", fp->n_st_space, NR_ST);
	check_area(c, at, "thread_info.fpregs.xmm_space", fp->n_xmm_space, NR_XMM);
	if (!x)
		return;
#define AREA(name, wanted)                                                                \
	do {                                                                              \
		if (x->n_##name)                                                          \
			check_area(c, at, "thread_info.fpregs.xsave." #name, x->n_##name, \
				   wanted);                                               \
	} while (0)
	AREA(ymmh_space, NR_YMMH);
	AREA(bndreg_state, NR_BNDREG);
	AREA(bndcsr_state, NR_BNDCSR);
	AREA(opmask_reg, NR_OPMASK);
	AREA(zmm_upper, NR_ZMM);
	AREA(hi16_zmm, NR_HI16_ZMM);
	AREA(pkru, NR_PKRU);
#undef AREA
}

static void check_registers(struct check *c, const struct item *at, const Criu__CoreEntry *core,
			    const Criu__CoreEntry *first)
{
	if (first && core->mtype != first->mtype)
		found(c, RULE_CORE_CPU, at, "mtype", "CPU %d, where the root's is %d",
		      (int)core->mtype, (int)first->mtype);
	else if (!registers_of(core))
		found(c, RULE_CORE_CPU, at, NULL, "no registers of CPU %d", (int)core->mtype);
	else if (core->mtype == CRIU__CORE_ENTRY__MARCH__X86_64)
		check_x86(c, at, core->thread_info);
}

static const Criu__SeccompEntry *all_filters(const struct check *c)
{
	const struct item *image = item_numbered(c, SET_SECCOMP, 0);

	return image ? image->msg : NULL;
}

static void check_seccomp(struct check *c, const struct item *at,
			  const Criu__ThreadCoreEntry *thread)
{
	const Criu__SeccompEntry *all = all_filters(c);
	size_t nr = all ? all->n_seccomp_filters : 0;

	if (thread->has_seccomp_mode && (int)thread->seccomp_mode == SECCOMP_FILTER &&
	    thread->seccomp_filter >= nr)
		found(c, RULE_CORE_SECCOMP, at, "thread_core.seccomp_filter",
		      "filter %u is not in seccomp.img, which has %zu", thread->seccomp_filter, nr);
}

/** A filter names the one before it; CRIU follows that until there is none. */
static void check_filters(struct check *c)
{
	const struct item *at = item_numbered(c, SET_SECCOMP, 0);
	const Criu__SeccompEntry *all = all_filters(c);

	for (size_t i = 0; all && i < all->n_seccomp_filters && goes_on(c); i++) {
		const Criu__SeccompFilter *filter = all->seccomp_filters[i];

		if (filter->filter.len % SOCK_FILTER_LEN)
			found(c, RULE_CORE_SECCOMP, at, "seccomp_filters.filter",
			      "filter %zu has %zu bytes, no whole instructions", i,
			      filter->filter.len);
		if (filter->has_prev && filter->prev >= all->n_seccomp_filters)
			found(c, RULE_CORE_SECCOMP, at, "seccomp_filters.prev",
			      "filter %zu comes after %u, of %zu", i, filter->prev,
			      all->n_seccomp_filters);
		else if (filter->has_prev && filter->prev == i)
			found(c, RULE_CORE_SECCOMP, at, "seccomp_filters.prev",
			      "filter %zu comes after itself", i);
	}
}

static void check_thread_part(struct check *c, const struct item *at, const Criu__CoreEntry *core)
{
	if (!core->thread_core) {
		found(c, RULE_CORE_THREAD, at, "thread_core", "the field is not there");
		return;
	}
	check_seccomp(c, at, core->thread_core);
	if (core->thread_core->pdeath_sig > 64)
		found(c, RULE_CORE_THREAD, at, "thread_core.pdeath_sig", "no signal has number %u",
		      core->thread_core->pdeath_sig);
}

static void check_limits(struct check *c, const struct item *at, const Criu__TaskCoreEntry *tc)
{
	for (size_t i = 0; tc->rlimits && i < tc->rlimits->n_rlimits; i++) {
		const Criu__RlimitEntry *r = tc->rlimits->rlimits[i];

		if (r->cur > r->max)
			found(c, RULE_CORE_LIMITS, at, "tc.rlimits",
			      "limit %zu is %llu, above its maximum of %llu", i,
			      (unsigned long long)r->cur, (unsigned long long)r->max);
	}
}

static void check_signals(struct check *c, const struct item *at, const Criu__CoreEntry *core)
{
	size_t nr = core->tc->n_sigactions;

	// Before CRIU 3.10 they were in an image of their own. MIPS has twice as many; some CRIUs
	// dump the first half.
	if (nr && nr != NR_ACTIONS &&
	    (nr != NR_ACTIONS_MIPS || core->mtype != CRIU__CORE_ENTRY__MARCH__MIPS))
		found(c, RULE_CORE_SIGNALS, at, "tc.sigactions", "%zu of them where there are %d",
		      nr, NR_ACTIONS);
}

/** @return whether the process lives. */
static bool check_state(struct check *c, const struct item *at, const Criu__CoreEntry *core)
{
	if (!core->tc) {
		found(c, RULE_CORE_STATE, at, "tc", "the field is not there");
		return false;
	}
	switch (core->tc->task_state) {
	case STATE_ALIVE:
	case STATE_STOPPED:
		return true;
	case STATE_DEAD:
		return false;
	default:
		found(c, RULE_CORE_STATE, at, "tc.task_state", "no process has state %u",
		      core->tc->task_state);
		return false;
	}
}

/** Before CRIU 1.3 they were in an image of their own. */
static void check_timers(struct check *c, const struct item *at, const Criu__CoreEntry *core)
{
	char name[32];

	snprintf(name, sizeof(name), "itimers-%llu.img", (unsigned long long)at->number);
	if (!core->tc->timers && !source_has(c->src, name))
		found(c, RULE_CORE_STATE, at, "tc.timers", "the field is not there");
}

static const struct item *core_of(struct check *c, uint32_t tid, const char *what, uint32_t pid)
{
	const struct item *item = item_numbered(c, SET_CORE, tid);
	char name[32];

	snprintf(name, sizeof(name), "core-%u.img", tid);
	if (!item && !source_has(c->src, name))
		found_image(c, RULE_CORE_MISSING, NULL, name,
			    "there is no such file, but a %s %u in the tree", what, pid);
	return item;
}

static void check_other_threads(struct check *c, const Criu__PstreeEntry *e,
				const Criu__CoreEntry *first)
{
	for (size_t i = 1; i < e->n_threads && goes_on(c); i++) {
		const struct item *at = core_of(c, e->threads[i], "thread", e->threads[i]);
		const Criu__CoreEntry *core = at ? at->msg : NULL;

		if (!core)
			continue;
		check_registers(c, at, core, first);
		check_thread_part(c, at, core);
		if (core->tc || core->ids)
			found(c, RULE_CORE_THREAD, at, core->tc ? "tc" : "ids",
			      "thread %u is no process, but has a process's part",
			      e->threads[i]);
	}
}

static void check_process(struct check *c, const Criu__PstreeEntry *e,
			  const Criu__CoreEntry **first)
{
	const struct item *at = core_of(c, e->pid, "process", e->pid);
	const Criu__CoreEntry *core = at ? at->msg : NULL;

	if (core && check_state(c, at, core)) {
		check_registers(c, at, core, *first);
		check_thread_part(c, at, core);
		check_limits(c, at, core->tc);
		check_signals(c, at, core);
		check_timers(c, at, core);
		if (!*first)
			*first = core;
		check_other_threads(c, e, *first);
	} else if (!core) {
		check_other_threads(c, e, *first);
	}
}

void check_cores(struct check *c)
{
	const struct items *tree = &c->sets[SET_PSTREE], *cores = &c->sets[SET_CORE];
	const Criu__CoreEntry *first = NULL;

	check_filters(c);
	for (size_t i = 0; i < tree->nr && goes_on(c); i++)
		check_process(c, tree->items[i].msg, &first);
	for (size_t i = 0; tree->nr && i < cores->nr; i++)
		if (!keys_find(&c->threads, 0, cores->items[i].number))
			found_image(c, RULE_IMAGE_STRAY, NULL, cores->items[i].image,
				    "no process or thread of the tree has this number");
}
