// SPDX-License-Identifier: LGPL-2.1-or-later
/* report_json.c - a difference as a line of JSON. Members that say nothing are left out. */
#include <stdio.h>

#include "diff/report.h"

static void put_text(struct json_writer *w, const char *key, const char *text)
{
	if (text)
		json_writer_text(w, key, text);
}

static void put_memory(struct json_writer *w, const struct crit_diff_memory *m)
{
	json_writer_uint(w, "changed_bytes", m->changed);
	json_writer_uint(w, "added_bytes", m->added);
	json_writer_uint(w, "gone_bytes", m->gone);
	json_writer_uint(w, "unknown_bytes", m->unknown);
}

static void put_range(struct json_writer *w, const char *key, uint64_t start, uint64_t end)
{
	if (!end)
		return;
	json_writer_object(w, key);
	json_writer_hex(w, "start", start);
	json_writer_hex(w, "end", end);
	json_writer_end(w);
}

static void put_bytes(struct json_writer *w, const char *key, const uint8_t *bytes, uint64_t len)
{
	char text[2 * CRIT_DIFF_BYTES + 1];

	for (size_t i = 0; i < len && i < CRIT_DIFF_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	json_writer_text(w, key, text);
}

static void put_places(struct json_writer *w, const struct crit_difference *d)
{
	put_range(w, "old_range", d->old_start, d->old_end);
	put_range(w, "new_range", d->new_start, d->new_end);
	if (d->what == CRIT_DIFF_MEMORY)
		put_memory(w, &d->memory);
	if (d->same_as)
		json_writer_uint(w, "same_as_process", d->same_as);
	if (d->nr_bytes) {
		put_bytes(w, "old_bytes", d->old_bytes, d->nr_bytes);
		put_bytes(w, "new_bytes", d->new_bytes, d->nr_bytes);
	}
}

bool diff_json_add(struct json_writer *w, const struct crit_difference *d)
{
	json_writer_object(w, NULL);
	json_writer_uint(w, "pid", d->pid);
	json_writer_text(w, "what", crit_diff_what_name(d->what));
	json_writer_text(w, "how", crit_diff_how_name(d->how));
	if (d->tid)
		json_writer_uint(w, "tid", d->tid);
	if (d->what == CRIT_DIFF_FD || d->what == CRIT_DIFF_SOCKET)
		json_writer_uint(w, "fd", d->fd);
	if (d->what == CRIT_DIFF_PROCESS)
		json_writer_text(w, "comm", d->comm);
	put_text(w, "name", d->name);
	put_text(w, "field", d->field);
	put_text(w, "old", d->before);
	put_text(w, "old_symbol", d->before_symbol);
	put_text(w, "new", d->after);
	put_text(w, "new_symbol", d->after_symbol);
	put_places(w, d);
	put_text(w, "why", d->why);
	json_writer_end(w);
	return !lines_failed(&w->lines);
}

void diff_json_totals(struct json_writer *w, const struct crit_diff_totals *t)
{
	json_writer_object(w, NULL);
	json_writer_text(w, "what", "totals");
	json_writer_uint(w, "same", t->same);
	json_writer_uint(w, "changed", t->changed);
	json_writer_uint(w, "added", t->added);
	json_writer_uint(w, "gone", t->gone);
	json_writer_uint(w, "unsure", t->unsure);
	json_writer_uint(w, "differences", t->nr_differences);
	json_writer_uint(w, "unknown", t->nr_unknown);
	put_memory(w, &t->memory);
	json_writer_end(w);
}
