// SPDX-License-Identifier: LGPL-2.1-or-later
/* write_text.c - statistics as lines: a heading and a small table for each subject. */
#include <inttypes.h>
#include <string.h>

#include "report/table.h"
#include "stats/write.h"

struct text_writer {
	const struct report_of *r;
	const struct crit_stats *s;
	struct lines *l;
	bool colour;
};

static void begin_heading(struct text_writer *t)
{
	lines_str(t->l, t->colour ? "\n\033[1m" : "\n");
}

static void end_heading(struct text_writer *t)
{
	lines_str(t->l, t->colour ? "\033[0m\n" : "\n");
}

static void heading(struct text_writer *t, const char *text)
{
	begin_heading(t);
	lines_str(t->l, text);
	end_heading(t);
}

static void put_number(struct table *t, uint64_t number)
{
	table_printf(t, "%" PRIu64, number);
}

/* ---- What CRIU counted ---------------------------------------------------------------------- */

static void put_time(struct table *table, uint64_t us)
{
	if (us < 1000)
		table_printf(table, "%" PRIu64 " us", us);
	else if (us < 1000000)
		table_printf(table, "%.1f ms", (double)us / 1e3);
	else
		table_printf(table, "%.2f s", (double)us / 1e6);
}

/** The value in units that one can imagine. */
static void put_meaning(struct table *table, const struct crit_counter *value, uint32_t page_size)
{
	if (!value->recorded)
		table_safe(table, "not recorded");
	else if (value->is_time)
		put_time(table, value->value);
	else if (value->is_pages && page_size && value->value <= UINT64_MAX / page_size)
		table_size(table, value->value * page_size);
	else
		table_safe(table, value->is_pages ? "pages" : "a count");
}

static void put_counters(struct text_writer *t, const char *head,
			 const struct crit_counters *counters)
{
	struct table table;

	if (!counters->nr)
		return;
	begin_heading(t);
	lines_printf(t->l, "%s (%s; times in microseconds, memory in pages)", head,
		     counters->source);
	end_heading(t);
	table_init(&table);
	table_column(&table, "FIELD", TABLE_LEFT);
	table_column(&table, "VALUE", TABLE_RIGHT);
	table_column(&table, "", TABLE_RIGHT);
	for (size_t i = 0; i < counters->nr; i++) {
		const struct crit_counter *value = &counters->values[i];

		table_safe(&table, value->name);
		if (value->recorded)
			put_number(&table, value->value);
		else
			table_safe(&table, NULL);
		put_meaning(&table, value, t->s->page_size);
	}
	table_write(&table, t->l);
}

/* ---- Processes, files, sockets -------------------------------------------------------------- */

static void put_plural(struct lines *l, uint64_t nr, const char *one, const char *more)
{
	lines_printf(l, "%" PRIu64 " %s", nr, nr == 1 ? one : more);
}

static void put_tasks(struct text_writer *t)
{
	const struct crit_stats *s = t->s;
	const char *gap = " (";

	lines_safe(t->l, t->r->info.path);
	lines_str(t->l, ": ");
	put_plural(t->l, s->nr_tasks, "process", "processes");
	for (unsigned int i = 0; i <= CRIT_TASK_ZOMBIE; i++) {
		unsigned int state = (i + 1) % (CRIT_TASK_ZOMBIE + 1); // the unknown ones last

		if (!s->nr_by_state[state])
			continue;
		lines_printf(t->l, "%s%" PRIu64 " %s", gap, s->nr_by_state[state],
			     crit_task_state_name(state));
		gap = ", ";
	}
	lines_str(t->l, s->nr_tasks ? "), " : ", ");
	put_plural(t->l, s->nr_threads, "thread", "threads");
	lines_str(t->l, "\n");
}

static void put_fds(struct text_writer *t)
{
	struct table table;

	if (!t->s->nr_fds)
		return;
	heading(t, "Open files");
	table_init(&table);
	table_column(&table, "TYPE", TABLE_LEFT);
	table_column(&table, "FILES", TABLE_RIGHT);
	table_column(&table, "DESCRIPTORS", TABLE_RIGHT);
	for (size_t i = 0; i < t->s->nr_fd_kinds; i++) {
		table_safe(&table, crit_fd_kind_name(t->s->fds[i].kind));
		put_number(&table, t->s->fds[i].nr_files);
		put_number(&table, t->s->fds[i].nr_fds);
	}
	table_safe(&table, "all");
	put_number(&table, t->s->nr_files);
	put_number(&table, t->s->nr_fds);
	table_write(&table, t->l);
}

static void put_sockets(struct text_writer *t)
{
	struct table table;
	char buf[NAME_LEN];

	if (!t->s->nr_socket_kinds)
		return;
	heading(t, "Sockets");
	table_init(&table);
	table_column(&table, "FAMILY", TABLE_LEFT);
	table_column(&table, "TYPE", TABLE_LEFT);
	table_column(&table, "STATE", TABLE_LEFT);
	table_column(&table, "NUMBER", TABLE_RIGHT);
	for (size_t i = 0; i < t->s->nr_socket_kinds; i++) {
		const struct crit_socket_count *sk = &t->s->sockets[i];

		table_safe(&table, family_name(sk->family, buf));
		table_safe(&table, socket_type_name(sk->type, buf));
		table_safe(&table, sk->has_state ? crit_socket_state_name(sk->state) : NULL);
		put_number(&table, sk->nr);
	}
	table_write(&table, t->l);
}

/* ---- Memory --------------------------------------------------------------------------------- */

static void put_memory_row(struct table *table, const char *name, uint64_t each, uint64_t once)
{
	table_safe(table, name);
	table_size(table, each);
	table_size(table, once);
}

static void put_part_row(struct table *table, const char *name, uint64_t each, uint64_t once)
{
	if (each)
		put_memory_row(table, name, each, once);
}

static uint64_t sum(const struct crit_mem_kinds *m)
{
	return m->image + m->zero + m->file + m->unavailable;
}

static void put_reasons(struct text_writer *t, struct table *table)
{
	const struct crit_mem_kinds *each = &t->s->memory_each, *once = &t->s->memory_once;

	for (unsigned int why = 0; why <= CRIT_WHY_UNKNOWN; why++)
		if (each->why[why]) {
			table_printf(table, "  %s", crit_why_text(why));
			table_size(table, each->why[why]);
			table_size(table, once->why[why]);
		}
}

static void put_memory(struct text_writer *t)
{
	const struct crit_mem_kinds *each = &t->s->memory_each, *once = &t->s->memory_once;
	struct table table;

	if (!t->s->page_size)
		return;
	begin_heading(t);
	lines_printf(t->l, "Memory (pages of %u bytes)", t->s->page_size);
	end_heading(t);
	table_init(&table);
	table_column(&table, "KIND", TABLE_LEFT);
	table_column(&table, "PROCESS BY PROCESS", TABLE_RIGHT);
	table_column(&table, "SHARED ONCE", TABLE_RIGHT);
	put_memory_row(&table, "in images", each->image, once->image);
	put_part_row(&table, "  of parent checkpoints", each->parent, once->parent);
	put_part_row(&table, "  shared memory", each->shared, once->shared);
	put_part_row(&table, "  in LZ4 blocks", each->compressed, once->compressed);
	put_memory_row(&table, "never written, or zeros", each->zero, once->zero);
	put_memory_row(&table, "in files of this machine", each->file, once->file);
	put_memory_row(&table, "unavailable", each->unavailable, once->unavailable);
	put_reasons(t, &table);
	put_memory_row(&table, "mapped, in all", sum(each), sum(once));
	table_write(&table, t->l);
}

static void put_pages_row(struct text_writer *t, struct table *table, const char *name,
			  uint64_t nr_pages)
{
	table_safe(table, name);
	put_number(table, nr_pages);
	if (nr_pages <= UINT64_MAX / t->s->page_size)
		table_size(table, nr_pages * t->s->page_size);
	else
		table_safe(table, NULL);
}

static void put_duplicates(struct text_writer *t)
{
	const struct crit_duplicates *d = &t->s->duplicates;
	struct table table;

	if (!t->s->has_duplicates)
		return;
	heading(t, d->estimated ? "Contents of pages in images (estimated from a sample)"
				: "Contents of pages in images");
	table_init(&table);
	table_column(&table, "CONTENTS", TABLE_LEFT);
	table_column(&table, "PAGES", TABLE_RIGHT);
	table_column(&table, "SIZE", TABLE_RIGHT);
	put_pages_row(t, &table, "different ones", d->nr_distinct);
	put_pages_row(t, &table, "again in the same process", d->nr_same);
	put_pages_row(t, &table, "again in another process", d->nr_across);
	put_pages_row(t, &table, "nothing but zeros", d->nr_zero);
	if (d->nr_unread)
		put_pages_row(t, &table, "could not be read", d->nr_unread);
	put_pages_row(t, &table, "all that was read", d->nr_pages);
	table_write(&table, t->l);
}

static void put_biggest(struct text_writer *t)
{
	struct table table;

	if (!t->s->nr_biggest)
		return;
	heading(t, "Mappings with most in the images");
	table_init(&table);
	table_column(&table, "PID", TABLE_RIGHT);
	table_column(&table, "PROCESS", TABLE_LEFT);
	table_column(&table, "IN IMAGES", TABLE_RIGHT);
	table_column(&table, "MAPPED", TABLE_RIGHT);
	table_column(&table, "SHARED BY", TABLE_RIGHT);
	table_column(&table, "START", TABLE_RIGHT);
	table_column(&table, "NAME", TABLE_LEFT);
	for (size_t i = 0; i < t->s->nr_biggest; i++) {
		const struct crit_big_mapping *b = &t->s->biggest[i];

		table_printf(&table, "%u", b->pid);
		table_safe(&table, b->comm);
		table_size(&table, b->image);
		table_size(&table, b->mapping.end - b->mapping.start);
		if (b->nr_tasks > 1)
			put_number(&table, b->nr_tasks);
		else
			table_safe(&table, NULL);
		table_printf(&table, "0x%" PRIx64, b->mapping.start);
		table_safe(&table, b->mapping.name[0] ? b->mapping.name
						      : crit_mapping_kind_name(b->mapping.kind));
	}
	table_write(&table, t->l);
}

/* ---- Levels, images ------------------------------------------------------------------------- */

static void put_level(struct text_writer *t, struct table *table, size_t i)
{
	const struct crit_level_stats *level = &t->s->levels[i];

	put_number(table, i);
	put_number(table, level->nr_new);
	put_number(table, level->nr_inherited);
	put_number(table, level->nr_punched);
	if (level->compressed)
		put_number(table, level->nr_zero);
	else
		table_safe(table, NULL);
	put_number(table, level->nr_lazy);
	table_size(table, level->pages_len);
	if (level->dump.nr) // frozen_time is the second one
		put_time(table, level->dump.values[1].value);
	else
		table_safe(table, NULL);
	table_safe(table, level->level.path);
}

static void put_levels(struct text_writer *t)
{
	static const char *const heads[] = { "LEVEL", "NEW", "INHERITED", "PUNCHED", "ZERO",
					     "LAZY", "STORED", "FROZEN" };
	const struct crit_stats *s = t->s;
	struct table table;

	if (s->nr_levels < 2 && !(s->nr_levels && s->levels[0].level.problem))
		return;
	heading(t, "The chain of checkpoints, in pages; the newest first");
	table_init(&table);
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		table_column(&table, heads[i], TABLE_RIGHT);
	table_column(&table, "FOLDER", TABLE_LEFT);
	for (size_t i = 0; i < s->nr_levels; i++)
		put_level(t, &table, i);
	table_write(&table, t->l);
	for (size_t i = 0; i < s->nr_levels; i++)
		if (s->levels[i].level.problem) {
			lines_printf(t->l, "The chain ends behind level %zu: ", i);
			lines_safe(t->l, s->levels[i].level.problem);
			lines_str(t->l, "\n");
		}
}

static void put_images(struct text_writer *t)
{
	struct table table;

	heading(t, "Images");
	table_init(&table);
	table_column(&table, "KIND", TABLE_LEFT);
	table_column(&table, "FILES", TABLE_RIGHT);
	table_column(&table, "SIZE", TABLE_RIGHT);
	for (size_t i = 0; i < t->s->nr_image_kinds; i++) {
		table_safe(&table, image_count_name(&t->s->images[i]));
		put_number(&table, t->s->images[i].nr);
		table_size(&table, t->s->images[i].len);
	}
	table_safe(&table, "all");
	put_number(&table, t->s->nr_images);
	table_size(&table, t->s->images_len);
	table_write(&table, t->l);
	for (size_t i = 0; i < t->s->nr_levels; i++) {
		double ratio = crit_level_ratio(&t->s->levels[i], t->s->page_size);

		if (ratio > 0)
			lines_printf(t->l, "Pages of level %zu are compressed %.2f times.\n", i,
				     ratio);
	}
}

static void put_problems(struct text_writer *t)
{
	if (!t->s->nr_problems)
		return;
	heading(t, "Not counted");
	for (size_t i = 0; i < t->s->nr_problems; i++) {
		lines_safe(t->l, t->s->problems[i]);
		lines_str(t->l, "\n");
	}
	if (t->s->nr_more_problems)
		lines_printf(t->l, "and %zu more\n", t->s->nr_more_problems);
}

void stats_write_text(const struct report_of *r, bool colour, struct lines *l)
{
	struct text_writer t = { .r = r, .s = r->stats, .l = l, .colour = colour };

	put_tasks(&t);
	put_counters(&t, "CRIU's dump", &t.s->dump);
	put_counters(&t, "CRIU's restore", &t.s->restore);
	put_fds(&t);
	put_sockets(&t);
	put_memory(&t);
	put_duplicates(&t);
	put_biggest(&t);
	put_levels(&t);
	put_images(&t);
	put_problems(&t);
}
