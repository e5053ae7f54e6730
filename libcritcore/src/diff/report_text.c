// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * report_text.c - differences as lines: a heading for each process and each kind of thing, "+" for
 * what was added, "-" for what is gone, "~" for what changed, "?" for what cannot be compared.
 */
#include <inttypes.h>

#include "diff/report.h"
#include "util/output.h"

static bool to_held(void *ctx, const void *data, size_t len)
{
	return !spool_add(ctx, data, len, NULL);
}

enum crit_status diff_text_init(struct diff_text *t, struct crit_output *out,
				struct crit_error *err)
{
	*t = (struct diff_text){ 0 };
	spool_init(&t->held);
	lines_init(&t->lines, out);
	enum crit_status status = crit_output_from_function(to_held, &t->held, &t->held_out, err);
	lines_init(&t->held_lines, t->held_out);
	return status;
}

enum crit_status diff_text_finish(struct diff_text *t, struct crit_error *err)
{
	lines_finish(&t->held_lines, NULL);
	crit_output_close(t->held_out);
	spool_deinit(&t->held);
	return lines_finish(&t->lines, err);
}

/** The line that ranges waited for is written. */
static void release_held(struct diff_text *t)
{
	struct crit_output *out = t->lines.out;
	enum crit_status status = lines_finish(&t->held_lines, &t->lines.err);

	if (!status && t->held.len && !(status = lines_finish(&t->lines, &t->lines.err))) {
		lines_init(&t->lines, out);
		status = spool_write(&t->held, out, &t->lines.err);
	}
	if (status && !t->lines.status)
		t->lines.status = status;
	spool_clear(&t->held);
	lines_init(&t->held_lines, t->held_out);
}

static char sign_of(enum crit_diff_how how)
{
	switch (how) {
	case CRIT_DIFF_ADDED:
		return '+';
	case CRIT_DIFF_GONE:
		return '-';
	case CRIT_DIFF_UNKNOWN:
		return '?';
	default:
		return '~';
	}
}

/* ---- Headings ------------------------------------------------------------------------------- */

static const char *section_title(enum crit_diff_what what)
{
	switch (what) {
	case CRIT_DIFF_PROCESS:
	case CRIT_DIFF_STATE:
		return NULL;
	case CRIT_DIFF_THREAD:
	case CRIT_DIFF_REGISTER:
		return "Threads";
	case CRIT_DIFF_FD:
	case CRIT_DIFF_SOCKET:
		return "Files";
	case CRIT_DIFF_MAPPING:
		return "Mappings";
	default:
		return "Memory";
	}
}

static void put_headings(struct diff_text *t, const struct crit_difference *d)
{
	const char *before = t->any ? section_title(t->section) : NULL;
	const char *title = section_title(d->what);

	if (!t->any || d->pid != t->pid) {
		lines_printf(&t->lines, "\nProcess %u", d->pid);
		if (*d->comm) {
			lines_str(&t->lines, " (");
			lines_safe(&t->lines, d->comm);
			lines_str(&t->lines, ")");
		}
		lines_str(&t->lines, "\n");
		before = NULL;
	}
	if (title && title != before)
		lines_printf(&t->lines, "  %s\n", title);
	t->any = true;
	t->pid = d->pid;
	t->section = d->what;
}

/* ---- Pieces of lines ------------------------------------------------------------------------ */

static void put_value(struct lines *l, const char *text, const char *symbol)
{
	lines_safe(l, text && *text ? text : "(nothing)");
	if (symbol) {
		lines_str(l, " <");
		lines_safe(l, symbol);
		lines_str(l, ">");
	}
}

/** "state: running -> sleeping in futex", or what else there is to say. */
static void put_rest(struct lines *l, const struct crit_difference *d)
{
	if (d->field)
		lines_printf(l, "%s", d->field);
	if (d->how == CRIT_DIFF_CHANGED && d->before && d->after) {
		lines_str(l, d->field ? ": " : "");
		put_value(l, d->before, d->before_symbol);
		lines_str(l, " -> ");
		put_value(l, d->after, d->after_symbol);
	}
	if (d->how == CRIT_DIFF_UNKNOWN) {
		lines_str(l, d->field ? ": cannot be compared: " : "cannot be compared: ");
		lines_safe(l, d->why);
	}
	lines_str(l, "\n");
}

static void put_range(struct lines *l, uint64_t start, uint64_t end)
{
	lines_printf(l, "0x%" PRIx64 "-0x%" PRIx64, start, end);
}

/** The address in the new one, or the old one's. */
static void put_place(struct lines *l, const struct crit_difference *d)
{
	if (d->new_end)
		put_range(l, d->new_start, d->new_end);
	else
		put_range(l, d->old_start, d->old_end);
}

static void put_name(struct lines *l, const char *name)
{
	if (name && *name) {
		lines_str(l, " ");
		lines_safe(l, name);
	}
}

/* ---- Lines of each kind --------------------------------------------------------------------- */

static void put_process(struct lines *l, const struct crit_difference *d)
{
	lines_printf(l, "  %c ", sign_of(d->how));
	if (d->how == CRIT_DIFF_ADDED)
		lines_str(l, "only in the new one");
	else if (d->how == CRIT_DIFF_GONE)
		lines_str(l, "only in the old one");
	put_rest(l, d);
}

static void put_thread(struct diff_text *t, const struct crit_difference *d)
{
	struct lines *l = &t->lines;

	lines_printf(l, "    %c %u", sign_of(d->how), d->tid);
	if (d->what == CRIT_DIFF_THREAD && d->name && *d->name) {
		lines_str(l, " (");
		lines_safe(l, d->name);
		lines_str(l, ")");
	}
	if (d->what == CRIT_DIFF_REGISTER) {
		put_name(l, d->name);
		lines_str(l, ":");
	}
	lines_str(l, d->how == CRIT_DIFF_CHANGED || d->how == CRIT_DIFF_UNKNOWN ? " " : "");
	put_rest(l, d);
}

static void put_fd(struct lines *l, const struct crit_difference *d)
{
	lines_printf(l, "    %c %u", sign_of(d->how), d->fd);
	if (d->how == CRIT_DIFF_ADDED || d->how == CRIT_DIFF_GONE)
		put_name(l, d->how == CRIT_DIFF_ADDED ? d->after : d->before);
	else
		put_name(l, d->name);
	lines_str(l, d->field || d->why ? " " : "");
	put_rest(l, d);
}

static void put_mapping(struct lines *l, const struct crit_difference *d)
{
	lines_printf(l, "    %c ", sign_of(d->how));
	if (d->how == CRIT_DIFF_MOVED) {
		put_range(l, d->old_start, d->old_end);
		lines_str(l, " -> ");
	}
	put_place(l, d);
	if (d->how != CRIT_DIFF_CHANGED)
		lines_printf(l, " %s", d->how == CRIT_DIFF_GONE ? d->before : d->after);
	put_name(l, d->name);
	if (d->how == CRIT_DIFF_CHANGED) {
		lines_str(l, " ");
		put_rest(l, d);
		return;
	}
	if (d->field) {
		lines_str(l, d->how == CRIT_DIFF_ADDED ? ": grown by " : ": shrunk by ");
		lines_size(l, d->new_end ? d->new_end - d->new_start : d->old_end - d->old_start);
	}
	lines_str(l, "\n");
}

static void put_amount(struct lines *l, const char **between, uint64_t bytes, const char *what)
{
	if (!bytes)
		return;
	lines_str(l, *between);
	lines_size(l, bytes);
	lines_str(l, what);
	*between = ", ";
}

static void put_amounts(struct lines *l, const struct crit_diff_memory *m)
{
	const char *between = "";

	put_amount(l, &between, m->changed, " changed");
	put_amount(l, &between, m->added, " added");
	put_amount(l, &between, m->gone, " gone");
	put_amount(l, &between, m->unknown, " cannot be compared");
	if (!*between)
		lines_str(l, "the same");
}

static void put_memory(struct lines *l, const struct crit_difference *d)
{
	lines_printf(l, "    %c ", sign_of(d->how));
	if (d->new_end || d->old_end)
		put_place(l, d);
	else if (d->field)
		lines_str(l, d->field);
	else
		lines_str(l, d->how == CRIT_DIFF_GONE ? "not mapped in the new one"
						      : "not mapped in the old one");
	put_name(l, d->name);
	lines_str(l, ": ");
	put_amounts(l, &d->memory);
	if (d->why) {
		lines_str(l, ": ");
		lines_safe(l, d->why);
	}
	if (d->same_as)
		lines_printf(l, " (shared with process %u)", d->same_as);
	lines_str(l, "\n");
}

static void put_hex(struct lines *l, const uint8_t *bytes, uint64_t nr)
{
	for (size_t i = 0; i < nr && i < CRIT_DIFF_BYTES; i++)
		lines_printf(l, "%s%02x", i ? " " : "", bytes[i]);
	if (nr > CRIT_DIFF_BYTES)
		lines_str(l, " ...");
}

static void put_piece(struct lines *l, const struct crit_difference *d)
{
	lines_printf(l, "      %c ", sign_of(d->how));
	put_place(l, d);
	if (d->why) {
		lines_str(l, " cannot be compared: ");
		lines_safe(l, d->why);
	}
	if (d->nr_bytes) {
		lines_str(l, " ");
		put_hex(l, d->old_bytes, d->nr_bytes);
		lines_str(l, " -> ");
		put_hex(l, d->new_bytes, d->nr_bytes);
	}
	lines_str(l, "\n");
}

bool diff_text_add(struct diff_text *t, const struct crit_difference *d)
{
	struct lines *l = &t->lines;

	put_headings(t, d);
	switch (d->what) {
	case CRIT_DIFF_PROCESS:
	case CRIT_DIFF_STATE:
		put_process(l, d);
		break;
	case CRIT_DIFF_THREAD:
	case CRIT_DIFF_REGISTER:
		put_thread(t, d);
		break;
	case CRIT_DIFF_FD:
	case CRIT_DIFF_SOCKET:
		put_fd(l, d);
		break;
	case CRIT_DIFF_MAPPING:
		put_mapping(l, d);
		break;
	case CRIT_DIFF_MEMORY:
		put_memory(l, d);
		release_held(t);
		break;
	case CRIT_DIFF_RANGE:
		put_piece(&t->held_lines, d);
		break;
	}
	return !lines_failed(l) && !lines_failed(&t->held_lines);
}

static void put_count(struct lines *l, const char **between, uint64_t nr, const char *what)
{
	if (!nr)
		return;
	lines_printf(l, "%s%" PRIu64 " %s", *between, nr, what);
	*between = ", ";
}

void diff_text_summary(struct lines *l, const char *before, const char *after,
		       const struct crit_diff_totals *t, bool memory)
{
	const char *between = "";

	lines_safe(l, before);
	lines_str(l, " -> ");
	lines_safe(l, after);
	lines_str(l, "\nProcesses: ");
	put_count(l, &between, t->changed, "changed");
	put_count(l, &between, t->added, "added");
	put_count(l, &between, t->gone, "gone");
	put_count(l, &between, t->unsure, "not wholly comparable");
	put_count(l, &between, t->same, "the same");
	if (memory) {
		lines_str(l, "\nMemory: ");
		put_amounts(l, &t->memory);
	}
	lines_str(l, "\n");
}
