// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * criu.c - what CRIU itself counted: stats-dump and stats-restore, single records.
 *
 * CRIU writes them to its work folder: that of the images unless it was told another one. Container
 * engines name one of their own and put stats-dump beside the folder with the images.
 */
#include <string.h>

#include "container/container.h"
#include "stats.pb-c.h"
#include "stats/stats.h"

/** A field of the message that a counter comes from. */
struct field {
	const char *name;
	bool is_time, is_pages, is_narrow; /* narrow: 32 bits, not 64 */
	int has; /* offset of its has_ field; -1: always recorded */
	int at;	 /* offset of the field */
};

enum unit { TIME, PAGES, COUNT };

#define ROW(message, field, what, narrow, has)                        \
	{ #field, (what) == TIME, (what) == PAGES, narrow, has,        \
	  (int)offsetof(Criu__##message, field) }
#define DUMP(field, what) ROW(DumpStatsEntry, field, what, (what) == TIME, -1)
#define DUMP_MAYBE(field, what)                           \
	ROW(DumpStatsEntry, field, what, (what) == TIME,   \
	    (int)offsetof(Criu__DumpStatsEntry, has_##field))
#define RESTORE(field, what) ROW(RestoreStatsEntry, field, what, (what) == TIME, -1)
#define RESTORE_MAYBE(field, what)                           \
	ROW(RestoreStatsEntry, field, what, (what) == TIME,   \
	    (int)offsetof(Criu__RestoreStatsEntry, has_##field))

static const struct field dump_fields[] = {
	DUMP(freezing_time, TIME),
	DUMP(frozen_time, TIME),
	DUMP(memdump_time, TIME),
	DUMP(memwrite_time, TIME),
	DUMP(pages_scanned, PAGES),
	DUMP(pages_skipped_parent, PAGES),
	DUMP(pages_written, PAGES),
	DUMP_MAYBE(irmap_resolve, TIME),
	DUMP(pages_lazy, PAGES),
	DUMP_MAYBE(page_pipes, COUNT),
	DUMP_MAYBE(page_pipe_bufs, COUNT),
	DUMP_MAYBE(shpages_scanned, PAGES),
	DUMP_MAYBE(shpages_skipped_parent, PAGES),
	DUMP_MAYBE(shpages_written, PAGES),
};

static const struct field restore_fields[] = {
	RESTORE(pages_compared, PAGES),
	RESTORE(pages_skipped_cow, PAGES),
	RESTORE(forking_time, TIME),
	RESTORE(restore_time, TIME),
	RESTORE_MAYBE(pages_restored, PAGES),
};

enum { NR_DUMP = 14, NR_RESTORE = 5 };
_Static_assert(sizeof(dump_fields) / sizeof(dump_fields[0]) == NR_DUMP, "all of the message");
_Static_assert(sizeof(restore_fields) / sizeof(restore_fields[0]) == NR_RESTORE, "likewise");

static void take(const void *message, const struct field *fields, size_t nr,
		 struct crit_counters *out)
{
	for (size_t i = 0; i < nr; i++) {
		const struct field *f = &fields[i];
		const char *at = (const char *)message + f->at;
		protobuf_c_boolean has = true;
		uint32_t narrow;
		uint64_t value;

		if (f->is_narrow) {
			memcpy(&narrow, at, sizeof(narrow));
			value = narrow;
		} else {
			memcpy(&value, at, sizeof(value));
		}
		if (f->has >= 0)
			memcpy(&has, (const char *)message + f->has, sizeof(has));
		out->values[i] = (struct crit_counter){
			.name = f->name, .is_time = f->is_time, .is_pages = f->is_pages,
			.recorded = has, .value = has ? value : 0,
		};
	}
	out->nr = nr;
}

/** @return also CRIT_NOT_FOUND: there is no such image. */
static enum crit_status read_image(struct source *src, const char *name, struct crit_counters *out,
				   struct crit_error *err)
{
	bool is_dump = !strcmp(name, "stats-dump");
	Criu__StatsEntry *entry;
	struct arena arena;
	enum crit_status status;

	arena_init(&arena, 0);
	status = image_read_single(src, name, IMG_STATS, &criu__stats_entry__descriptor, &arena,
				   &entry, err);
	if (!status && is_dump && entry->dump)
		take(entry->dump, dump_fields, NR_DUMP, out);
	else if (!status && !is_dump && entry->restore)
		take(entry->restore, restore_fields, NR_RESTORE, out);
	else if (!status)
		status = error_set(err, CRIT_CORRUPT, "%s: nothing about a %s in it", name,
				   name + strlen("stats-"));
	arena_deinit(&arena);
	return status;
}

/** One place where it may be; the first one that has it counts. */
static enum crit_status look(struct collect *c, struct source *src, const char *name,
			     const char *shown, struct crit_counters *out, struct crit_error *err)
{
	struct crit_error why;

	if (!src || out->source || !source_has(src, name))
		return CRIT_OK;
	out->source = shown;
	return read_image(src, name, out, &why) ? collect_problem(c, &why, err) : CRIT_OK;
}

enum crit_status counters_of_level(struct collect *c, struct source *src, struct crit_counters *out,
				   struct crit_error *err)
{
	return look(c, src, "stats-dump", "stats-dump", out, err);
}

enum crit_status collect_criu(struct collect *c, struct crit_error *err)
{
	struct source *outside = container_outside(c->ckpt->src), *work = NULL;
	const char *work_dir = c->options->work_dir;
	enum crit_status status = CRIT_OK;
	struct crit_error why;

	if (work_dir && source_open(work_dir, &work, &why))
		status = collect_problem(c, &why, err);
	for (int i = 0; !status && i < 2; i++) {
		const char *name = i ? "stats-restore" : "stats-dump";
		struct crit_counters *out = i ? &c->out->restore : &c->out->dump;

		status = look(c, work, name, name, out, err);
		if (!status)
			status = look(c, c->ckpt->src, name, name, out, err);
		if (!status)
			status = look(c, outside, name, i ? "../stats-restore" : "../stats-dump",
				      out, err);
	}
	source_close(work);
	source_close(outside);
	return status;
}

enum crit_status stats_read_dump(struct crit_checkpoint *ckpt, struct crit_counters *out,
				 struct crit_error *err)
{
	static const char name[] = "stats-dump";
	bool inside = source_has(ckpt->src, name);
	struct source *outside = inside ? NULL : container_outside(ckpt->src);
	struct source *src = inside ? ckpt->src : outside;
	enum crit_status status = CRIT_NOT_FOUND;

	*out = (struct crit_counters){ 0 };
	if (src && source_has(src, name))
		status = read_image(src, name, out, err);
	else
		error_set(err, CRIT_NOT_FOUND, "no stats-dump, with the images or beside them");
	source_close(outside);
	return status;
}
