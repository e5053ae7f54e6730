// SPDX-License-Identifier: LGPL-2.1-or-later
/* tell.c - handing differences to the caller. See diff.h. */
#include <stdio.h>
#include <string.h>

#include "diff/diff.h"

const char *crit_diff_what_name(enum crit_diff_what what)
{
	static const char *const names[] = {
		[CRIT_DIFF_PROCESS] = "process", [CRIT_DIFF_STATE] = "state",
		[CRIT_DIFF_THREAD] = "thread",	 [CRIT_DIFF_REGISTER] = "register",
		[CRIT_DIFF_FD] = "fd",		 [CRIT_DIFF_SOCKET] = "socket",
		[CRIT_DIFF_MAPPING] = "mapping", [CRIT_DIFF_MEMORY] = "memory",
		[CRIT_DIFF_RANGE] = "range",
	};

	return (size_t)what < sizeof(names) / sizeof(names[0]) ? names[what] : "unknown";
}

const char *crit_diff_how_name(enum crit_diff_how how)
{
	static const char *const names[] = {
		[CRIT_DIFF_CHANGED] = "changed", [CRIT_DIFF_ADDED] = "added",
		[CRIT_DIFF_GONE] = "gone",	 [CRIT_DIFF_MOVED] = "moved",
		[CRIT_DIFF_UNKNOWN] = "unknown",
	};

	return (size_t)how < sizeof(names) / sizeof(names[0]) ? names[how] : "unknown";
}

bool diff_goes_on(struct diff *d)
{
	const struct crit_diff_options *o = d->options;

	if (!d->ended && o->keep_going && !o->keep_going(o->ctx, d->done, d->total))
		d->interrupted = d->ended = true;
	return !d->ended;
}

bool diff_wants(const struct diff *d, enum crit_diff_what what)
{
	return !d->options->only || d->options->only & 1u << what;
}

/** What concerns a process as a whole may be why other things were not compared. */
static bool is_told(const struct diff *d, enum crit_diff_what what)
{
	return what == CRIT_DIFF_PROCESS || what == CRIT_DIFF_STATE || diff_wants(d, what);
}

void diff_tell(struct diff *d, struct crit_difference *difference)
{
	const struct crit_diff_options *o = d->options;

	if (d->ended || !is_told(d, difference->what))
		return;
	difference->pid = d->pid;
	difference->comm = d->comm;
	if (difference->what != CRIT_DIFF_RANGE) {
		d->totals.nr_differences += difference->how != CRIT_DIFF_UNKNOWN;
		d->totals.nr_unknown += difference->how == CRIT_DIFF_UNKNOWN ||
					difference->memory.unknown;
	}
	d->differs |= difference->how != CRIT_DIFF_UNKNOWN;
	d->unsure |= difference->how == CRIT_DIFF_UNKNOWN || difference->memory.unknown;
	if (d->found && !d->found(o->ctx, difference))
		d->ended = true;
}

void diff_text(struct diff *d, const struct crit_difference *of, const char *field,
	       const char *before, const char *after)
{
	struct crit_difference out = *of;

	if (before == after || (before && after && !strcmp(before, after)))
		return;
	out.how = CRIT_DIFF_CHANGED;
	out.field = field;
	out.before = before;
	out.after = after;
	if (!before || !after) {
		out.how = CRIT_DIFF_UNKNOWN;
		out.why = before ? "not recorded in the new one" : "not recorded in the old one";
	}
	diff_tell(d, &out);
}

void diff_maybe(struct diff *d, const struct crit_difference *of, const char *field,
		const char *format, bool has_before, uint64_t before, bool has_after,
		uint64_t after)
{
	char text[2][32];

	if (has_before == has_after && (!has_before || before == after))
		return;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(text[OLD], sizeof(text[OLD]), format, (unsigned long long)before);
	snprintf(text[NEW], sizeof(text[NEW]), format, (unsigned long long)after);
#pragma GCC diagnostic pop
	diff_text(d, of, field, has_before ? text[OLD] : NULL, has_after ? text[NEW] : NULL);
}

void diff_number(struct diff *d, const struct crit_difference *of, const char *field,
		 const char *format, uint64_t before, uint64_t after)
{
	diff_maybe(d, of, field, format, true, before, true, after);
}

void diff_only(struct diff *d, const struct crit_difference *of, enum crit_diff_how how,
	       const char *text)
{
	struct crit_difference out = *of;

	out.how = how;
	if (how == CRIT_DIFF_GONE)
		out.before = text;
	else
		out.after = text;
	diff_tell(d, &out);
}

void diff_unknown(struct diff *d, const struct crit_difference *of, const char *why)
{
	struct crit_difference out = *of;

	out.how = CRIT_DIFF_UNKNOWN;
	out.why = why;
	diff_tell(d, &out);
}
