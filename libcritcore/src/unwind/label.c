// SPDX-License-Identifier: LGPL-2.1-or-later
/* label.c - threads by number, as ranges, and by what their names have in common. See label.h. */
#include "unwind/label.h"

#include <inttypes.h>
#include <string.h>

#include "checkpoint/checkpoint.h"
#include "util/buf.h"
#include "util/text.h"

enum { MAX_RANGES = 8 };

static void add_ranges(struct buf *out, struct crit_thread *const *threads, size_t nr)
{
	size_t ranges = 0, i = 0;

	while (i < nr) {
		size_t last = i;

		while (last + 1 < nr && threads[last + 1]->tid == threads[last]->tid + 1)
			last++;
		if (ranges++ == MAX_RANGES) {
			buf_add_str(out, ", ...");
			return;
		}
		buf_printf(out, "%s%" PRIu32, i ? ", " : "", threads[i]->tid);
		if (last > i)
			buf_printf(out, "%s%" PRIu32, last > i + 1 ? "-" : ", ",
				   threads[last]->tid);
		i = last + 1;
	}
}

/** "worker-*", or the name that all have. */
static void add_names(struct buf *out, struct crit_thread *const *threads, size_t nr)
{
	const char *first = crit_thread_name(threads[0]);
	size_t common = strlen(first), start;
	bool same = true;

	for (size_t i = 1; i < nr; i++) {
		const char *name = crit_thread_name(threads[i]);
		size_t k = 0;

		while (k < common && name[k] == first[k])
			k++;
		same = same && k == common && !name[k] && !first[k];
		common = k;
	}
	if (!common)
		return;
	buf_add_str(out, " (");
	start = out->len;
	buf_printf(out, "%.*s%s)", (int)common, first, same ? "" : "*");
	buf_add_byte(out, '\0');
	if (!out->failed)
		text_make_printable((char *)out->data + start);
}

static void add_processes(struct buf *out, struct crit_thread *const *threads, size_t nr)
{
	size_t processes = 1;

	for (size_t i = 1; i < nr; i++) // those of one process stand in a row
		processes += threads[i]->task != threads[i - 1]->task;
	if (processes == 1)
		buf_printf(out, " of process %" PRIu32, threads[0]->task->pid);
	else
		buf_printf(out, " of %zu processes", processes);
}

char *label_threads(struct crit_thread *const *threads, size_t nr, bool with_process)
{
	struct buf out = { 0 };

	buf_printf(&out, "%zu thread%s", nr, nr == 1 ? "" : "s");
	if (with_process)
		add_processes(&out, threads, nr);
	buf_add_str(&out, ": ");
	add_ranges(&out, threads, nr);
	add_names(&out, threads, nr);
	buf_add_byte(&out, '\0');
	if (!out.failed)
		return (char *)out.data;
	buf_deinit(&out);
	return NULL;
}
