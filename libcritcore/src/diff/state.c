// SPDX-License-Identifier: LGPL-2.1-or-later
/* state.c - what the kernel knew of a process: relatives, signals, timers, limits, directories. */
#include <stdio.h>
#include <string.h>

#include "diff/diff.h"

enum { FIELD_TEXT = 96 };

static void compare_actions(struct diff *d, const struct crit_difference *of,
			    const struct crit_task_details *a, const struct crit_task_details *b)
{
	char field[FIELD_TEXT];

	if (a->nr_actions != b->nr_actions)
		return; // not recorded in one of them, or another CPU
	for (size_t i = 0; i < a->nr_actions; i++) {
		const struct crit_sigaction *x = &a->actions[i], *y = &b->actions[i];
		const char *name = crit_signal_name(d->sides[NEW].task, y->signo);

		snprintf(field, sizeof(field), "handler of %s", name);
		diff_number(d, of, field, "0x%llx", x->handler, y->handler);
		snprintf(field, sizeof(field), "flags of %s's handler", name);
		diff_number(d, of, field, "0x%llx", x->flags, y->flags);
		snprintf(field, sizeof(field), "mask of %s's handler", name);
		diff_number(d, of, field, "0x%llx", x->mask.low, y->mask.low);
	}
}

static void compare_limits(struct diff *d, const struct crit_difference *of,
			   const struct crit_task_details *a, const struct crit_task_details *b)
{
	char field[FIELD_TEXT];

	for (size_t i = 0; i < a->nr_rlimits && i < b->nr_rlimits; i++) {
		snprintf(field, sizeof(field), "limit: %s", b->rlimits[i].name);
		diff_number(d, of, field, "%llu", a->rlimits[i].soft, b->rlimits[i].soft);
		snprintf(field, sizeof(field), "hard limit: %s", b->rlimits[i].name);
		diff_number(d, of, field, "%llu", a->rlimits[i].hard, b->rlimits[i].hard);
	}
}

static void compare_timers(struct diff *d, const struct crit_difference *of,
			   const struct crit_task_details *a, const struct crit_task_details *b)
{
	char field[FIELD_TEXT];

	for (size_t i = 0; i < 3 && a->has_itimers && b->has_itimers; i++) {
		snprintf(field, sizeof(field), "%s timer: left", b->itimers[i].name);
		diff_number(d, of, field, "%llu ns", a->itimers[i].left, b->itimers[i].left);
		snprintf(field, sizeof(field), "%s timer: interval", b->itimers[i].name);
		diff_number(d, of, field, "%llu ns", a->itimers[i].interval,
			    b->itimers[i].interval);
	}
	if (!a->has_posix_timers || !b->has_posix_timers)
		return;
	diff_number(d, of, "POSIX timers", "%llu", a->nr_posix_timers, b->nr_posix_timers);
	for (size_t i = 0; i < a->nr_posix_timers && i < b->nr_posix_timers; i++) {
		const struct crit_posix_timer *x = &a->posix_timers[i], *y = &b->posix_timers[i];

		if (x->id != y->id)
			break;
		snprintf(field, sizeof(field), "timer %u: left", y->id);
		diff_number(d, of, field, "%llu ns", x->left, y->left);
		snprintf(field, sizeof(field), "timer %u: interval", y->id);
		diff_number(d, of, field, "%llu ns", x->interval, y->interval);
	}
}

static void compare_details(struct diff *d, const struct crit_difference *of,
			    const struct crit_task_details *a, const struct crit_task_details *b)
{
	diff_number(d, of, "personality", "0x%llx", a->personality, b->personality);
	diff_maybe(d, of, "oom_score_adj", "%lld", a->has_oom_score_adj,
		   (uint64_t)(int64_t)a->oom_score_adj, b->has_oom_score_adj,
		   (uint64_t)(int64_t)b->oom_score_adj);
	diff_maybe(d, of, "login uid", "%llu", a->has_loginuid, a->loginuid, b->has_loginuid,
		   b->loginuid);
	diff_maybe(d, of, "child subreaper", "%llu", a->has_child_subreaper, a->child_subreaper,
		   b->has_child_subreaper, b->child_subreaper);
	diff_maybe(d, of, "signals waiting", "%llu", a->has_pending, a->nr_pending, b->has_pending,
		   b->nr_pending);
	compare_actions(d, of, a, b);
	compare_limits(d, of, a, b);
	compare_timers(d, of, a, b);
}

static void compare_dirs(struct diff *d, const struct crit_difference *of)
{
	struct crit_task_dirs dirs[2];

	for (int s = OLD; s <= NEW; s++)
		if (crit_task_dirs(d->sides[s].task, &dirs[s], NULL))
			return;
	diff_text(d, of, "current directory", dirs[OLD].cwd, dirs[NEW].cwd);
	diff_text(d, of, "root directory", dirs[OLD].root, dirs[NEW].root);
	diff_maybe(d, of, "umask", "%03llo", dirs[OLD].has_umask, dirs[OLD].umask,
		   dirs[NEW].has_umask, dirs[NEW].umask);
}

void diff_state(struct diff *d)
{
	struct crit_difference of = { .what = CRIT_DIFF_STATE };
	struct crit_task_details *details[2] = { NULL, NULL };
	struct crit_task_info info[2];

	for (int s = OLD; s <= NEW; s++) {
		crit_task_info(d->sides[s].task, &info[s], NULL);
		crit_task_details_read(d->sides[s].task, &details[s], NULL);
	}
	diff_number(d, &of, "parent", "%llu", info[OLD].ppid, info[NEW].ppid);
	diff_number(d, &of, "process group", "%llu", info[OLD].pgid, info[NEW].pgid);
	diff_number(d, &of, "session", "%llu", info[OLD].sid, info[NEW].sid);
	if (details[OLD] && details[NEW])
		compare_details(d, &of, details[OLD], details[NEW]);
	compare_dirs(d, &of);
	crit_task_details_free(details[OLD]);
	crit_task_details_free(details[NEW]);
}
