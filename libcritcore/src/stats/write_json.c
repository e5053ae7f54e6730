// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * write_json.c - statistics as one JSON object. "criu_statistics" has the names that podman's
 * --print-stats has, and all the fields; what is not recorded is null.
 */
#include "stats/write.h"

static void put_counters(struct json_writer *w, const struct crit_counters *counters)
{
	for (size_t i = 0; i < counters->nr; i++) {
		const struct crit_counter *value = &counters->values[i];

		if (value->recorded)
			json_writer_uint(w, value->name, value->value);
		else
			json_writer_null(w, value->name);
	}
}

static void put_tasks(struct json_writer *w, const struct crit_stats *s)
{
	json_writer_object(w, "processes");
	json_writer_uint(w, "total", s->nr_tasks);
	for (unsigned int i = 0; i <= CRIT_TASK_ZOMBIE; i++)
		json_writer_uint(w, crit_task_state_name(i), s->nr_by_state[i]);
	json_writer_end(w);
	json_writer_uint(w, "threads", s->nr_threads);
}

static void put_fds(struct json_writer *w, const struct crit_stats *s)
{
	json_writer_object(w, "open_files");
	json_writer_uint(w, "files", s->nr_files);
	json_writer_uint(w, "descriptors", s->nr_fds);
	json_writer_list(w, "types");
	for (size_t i = 0; i < s->nr_fd_kinds; i++) {
		json_writer_object(w, NULL);
		json_writer_text(w, "type", crit_fd_kind_name(s->fds[i].kind));
		json_writer_uint(w, "files", s->fds[i].nr_files);
		json_writer_uint(w, "descriptors", s->fds[i].nr_fds);
		json_writer_end(w);
	}
	json_writer_end(w);
	json_writer_end(w);
}

static void put_sockets(struct json_writer *w, const struct crit_stats *s)
{
	char buf[NAME_LEN];

	json_writer_list(w, "sockets");
	for (size_t i = 0; i < s->nr_socket_kinds; i++) {
		const struct crit_socket_count *sk = &s->sockets[i];

		json_writer_object(w, NULL);
		json_writer_text(w, "family", family_name(sk->family, buf));
		json_writer_text(w, "type", socket_type_name(sk->type, buf));
		json_writer_text(w, "state",
				 sk->has_state ? crit_socket_state_name(sk->state) : NULL);
		json_writer_uint(w, "number", sk->nr);
		json_writer_end(w);
	}
	json_writer_end(w);
}

static void put_memory(struct json_writer *w, const char *key, const struct crit_mem_kinds *m)
{
	json_writer_object(w, key);
	json_writer_uint(w, "mapped", m->image + m->zero + m->file + m->unavailable);
	json_writer_uint(w, "in_images", m->image);
	json_writer_uint(w, "in_parents", m->parent);
	json_writer_uint(w, "in_shared_memory", m->shared);
	json_writer_uint(w, "in_lz4_blocks", m->compressed);
	json_writer_uint(w, "zero", m->zero);
	json_writer_uint(w, "in_files", m->file);
	json_writer_uint(w, "unavailable", m->unavailable);
	json_writer_uint(w, "lazy", m->why[CRIT_WHY_LAZY]);
	json_writer_object(w, "unavailable_because");
	for (unsigned int why = 0; why <= CRIT_WHY_UNKNOWN; why++)
		if (m->why[why])
			json_writer_uint(w, crit_why_text(why), m->why[why]);
	json_writer_end(w);
	json_writer_end(w);
}

static void put_biggest(struct json_writer *w, const struct crit_stats *s)
{
	json_writer_list(w, "biggest_mappings");
	for (size_t i = 0; i < s->nr_biggest; i++) {
		const struct crit_big_mapping *b = &s->biggest[i];

		json_writer_object(w, NULL);
		json_writer_uint(w, "pid", b->pid);
		json_writer_text(w, "comm", b->comm);
		json_writer_hex(w, "start", b->mapping.start);
		json_writer_hex(w, "end", b->mapping.end);
		json_writer_text(w, "kind", crit_mapping_kind_name(b->mapping.kind));
		json_writer_text(w, "name", b->mapping.name);
		json_writer_uint(w, "in_images", b->image);
		json_writer_uint(w, "processes", b->nr_tasks);
		json_writer_end(w);
	}
	json_writer_end(w);
}

static void put_level(struct json_writer *w, const struct crit_level_stats *l, uint32_t page_size)
{
	double ratio = crit_level_ratio(l, page_size);

	json_writer_object(w, NULL);
	json_writer_text(w, "path", l->level.path);
	json_writer_text(w, "problem", l->level.problem);
	json_writer_bool(w, "page_server", l->level.in_pages_dir);
	json_writer_uint(w, "new", l->nr_new);
	json_writer_uint(w, "inherited", l->nr_inherited);
	json_writer_uint(w, "punched", l->nr_punched);
	if (l->compressed)
		json_writer_uint(w, "zero", l->nr_zero);
	else
		json_writer_null(w, "zero");
	json_writer_uint(w, "lazy", l->nr_lazy);
	json_writer_uint(w, "stored", l->pages_len);
	if (ratio > 0)
		json_writer_fixed(w, "compression_ratio", ratio, 2);
	else
		json_writer_null(w, "compression_ratio");
	json_writer_object(w, "criu_statistics");
	put_counters(w, &l->dump);
	json_writer_end(w);
	json_writer_end(w);
}

static void put_duplicates(struct json_writer *w, const struct crit_stats *s)
{
	const struct crit_duplicates *d = &s->duplicates;

	if (!s->has_duplicates)
		return;
	json_writer_object(w, "duplicates");
	json_writer_uint(w, "pages", d->nr_pages);
	json_writer_uint(w, "zero", d->nr_zero);
	json_writer_uint(w, "distinct", d->nr_distinct);
	json_writer_uint(w, "again_in_same_process", d->nr_same);
	json_writer_uint(w, "again_in_other_process", d->nr_across);
	json_writer_uint(w, "unread", d->nr_unread);
	json_writer_bool(w, "estimated", d->estimated);
	json_writer_end(w);
}

static void put_images(struct json_writer *w, const struct crit_stats *s)
{
	json_writer_object(w, "images");
	json_writer_uint(w, "number", s->nr_images);
	json_writer_uint(w, "size", s->images_len);
	json_writer_list(w, "kinds");
	for (size_t i = 0; i < s->nr_image_kinds; i++) {
		json_writer_object(w, NULL);
		json_writer_text(w, "kind", s->images[i].kind);
		json_writer_uint(w, "number", s->images[i].nr);
		json_writer_uint(w, "size", s->images[i].len);
		json_writer_end(w);
	}
	json_writer_end(w);
	json_writer_end(w);
}

static void put_problems(struct json_writer *w, const struct crit_stats *s)
{
	json_writer_list(w, "problems");
	for (size_t i = 0; i < s->nr_problems; i++)
		json_writer_text(w, NULL, s->problems[i]);
	json_writer_end(w);
	json_writer_uint(w, "further_problems", s->nr_more_problems);
}

void stats_write_json(const struct report_of *r, struct json_writer *w)
{
	const struct crit_stats *s = r->stats;

	json_writer_object(w, NULL);
	json_writer_text(w, "path", r->info.path);
	json_writer_text(w, "stats_dump", s->dump.source);
	json_writer_text(w, "stats_restore", s->restore.source);
	json_writer_object(w, "criu_statistics");
	put_counters(w, &s->dump);
	put_counters(w, &s->restore);
	json_writer_end(w);
	put_tasks(w, s);
	put_fds(w, s);
	put_sockets(w, s);
	json_writer_uint(w, "page_size", s->page_size);
	put_memory(w, "memory", &s->memory_each);
	put_memory(w, "memory_shared_once", &s->memory_once);
	put_duplicates(w, s);
	put_biggest(w, s);
	json_writer_list(w, "levels");
	for (size_t i = 0; i < s->nr_levels; i++)
		put_level(w, &s->levels[i], s->page_size);
	json_writer_end(w);
	put_images(w, s);
	put_problems(w, s);
	json_writer_end(w);
}
