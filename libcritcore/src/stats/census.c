// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * census.c - processes, descriptors, open files and sockets, counted.
 *
 * Processes may share a table of descriptors (CLONE_FILES), and tables an open file (fork(),
 * dup()): tables are told by their number in ids-PID.img, files by kind and id.
 */
#include <stdlib.h>

#include "stats/stats.h"
#include "util/array.h"

enum crit_status collect_tasks(struct collect *c, struct crit_error *err)
{
	struct crit_stats *out = c->out;
	struct crit_task_info info;
	struct crit_error why;
	struct crit_task *task;

	for (size_t i = 0; (task = crit_task_at(c->ckpt, i)); i++) {
		if (crit_task_info(task, &info, &why) && collect_problem(c, &why, err))
			return CRIT_NO_MEMORY;
		out->nr_tasks++;
		out->nr_by_state[info.state]++;
		out->nr_threads += info.state == CRIT_TASK_ZOMBIE ? 0 : info.nr_threads;
	}
	return CRIT_OK;
}

/** A descriptor. */
struct row {
	enum crit_fd_kind kind;
	uint32_t file_id;
	uint32_t task, index; /* crit_task_at(), crit_fd_at() */
};

struct rows {
	struct row *rows;
	size_t nr, cap;
};

static int by_file(const void *a, const void *b)
{
	const struct row *left = a, *right = b;

	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	return (left->file_id > right->file_id) - (left->file_id < right->file_id);
}

/** A task, and the number of its table. */
struct table {
	uint32_t files_id, task;
};

static int by_table(const void *a, const void *b)
{
	const struct table *left = a, *right = b;

	if (left->files_id != right->files_id)
		return left->files_id < right->files_id ? -1 : 1;
	return (left->task > right->task) - (left->task < right->task);
}

/** All tasks, by table. NULL: out of memory. */
static struct table *list_tables(struct crit_checkpoint *ckpt)
{
	struct table *tables = calloc(ckpt->nr_tasks + 1, sizeof(*tables));
	struct crit_task *task;

	for (size_t i = 0; tables && (task = crit_task_at(ckpt, i)); i++) {
		core_load(task, NULL);
		ids_note(task, NULL); // without a core image, too
		tables[i] = (struct table){ task->files_id, (uint32_t)i };
	}
	if (tables && ckpt->nr_tasks)
		qsort(tables, ckpt->nr_tasks, sizeof(*tables), by_table);
	return tables;
}

static enum crit_status add_table(struct collect *c, uint32_t index, struct rows *rows,
				  struct crit_error *err)
{
	struct crit_task *task = crit_task_at(c->ckpt, index);
	struct crit_error why;
	struct crit_fd fd;
	enum crit_status status = crit_fd_load(task, &why);

	if (status && (status != CRIT_NOT_FOUND || task->state != CRIT_TASK_ZOMBIE))
		return collect_problem(c, &why, err);
	for (size_t i = 0; !status && crit_fd_at(task, i, &fd); i++) {
		if (!array_grow(&rows->rows, rows->nr, &rows->cap, sizeof(*rows->rows)))
			return error_no_memory(err);
		rows->rows[rows->nr++] =
			(struct row){ fd.kind, fd.file_id, index, (uint32_t)i };
	}
	return CRIT_OK;
}

static enum crit_status list_rows(struct collect *c, struct rows *rows, struct crit_error *err)
{
	struct table *tables = list_tables(c->ckpt);
	enum crit_status status = tables ? CRIT_OK : error_no_memory(err);

	for (size_t i = 0; !status && i < c->ckpt->nr_tasks; i++)
		if (!i || !tables[i].files_id || tables[i].files_id != tables[i - 1].files_id)
			status = add_table(c, tables[i].task, rows, err);
	free(tables);
	if (rows->nr)
		qsort(rows->rows, rows->nr, sizeof(*rows->rows), by_file);
	return status;
}

/* ---- What they are of ----------------------------------------------------------------------- */

static bool is_socket(enum crit_fd_kind kind)
{
	return kind == CRIT_FD_INETSK || kind == CRIT_FD_UNIXSK || kind == CRIT_FD_PACKETSK ||
	       kind == CRIT_FD_NETLINKSK;
}

static int by_socket(const void *a, const void *b)
{
	const struct crit_socket_count *left = a, *right = b;
	const uint32_t l[] = { left->family, left->type, left->has_state, left->state };
	const uint32_t r[] = { right->family, right->type, right->has_state, right->state };

	for (size_t i = 0; i < sizeof(l) / sizeof(l[0]); i++)
		if (l[i] != r[i])
			return l[i] < r[i] ? -1 : 1;
	return 0;
}

static enum crit_status add_socket(struct collect *c, const struct row *row, size_t *cap,
				   struct crit_error *err)
{
	struct crit_stats *out = c->out;
	struct crit_socket socket;
	struct crit_error why;

	if (crit_fd_socket(crit_task_at(c->ckpt, row->task), row->index, &socket, &why))
		return collect_problem(c, &why, err);
	if (!array_grow(&out->sockets, out->nr_socket_kinds, cap, sizeof(*out->sockets)))
		return error_no_memory(err);
	out->sockets[out->nr_socket_kinds++] = (struct crit_socket_count){
		.family = socket.family, .type = socket.type, .has_state = socket.has_state,
		.state = socket.has_state ? socket.state : 0, .nr = 1,
	};
	return CRIT_OK;
}

/** Those that are alike become one. */
static void join_sockets(struct crit_stats *out)
{
	size_t nr = 0;

	if (out->nr_socket_kinds)
		qsort(out->sockets, out->nr_socket_kinds, sizeof(*out->sockets), by_socket);
	for (size_t i = 0; i < out->nr_socket_kinds; i++) {
		if (nr && !by_socket(&out->sockets[nr - 1], &out->sockets[i]))
			out->sockets[nr - 1].nr++;
		else
			out->sockets[nr++] = out->sockets[i];
	}
	out->nr_socket_kinds = nr;
}

static enum crit_status count_rows(struct collect *c, const struct rows *rows,
				   struct crit_error *err)
{
	struct crit_stats *out = c->out;
	size_t cap = 0, socket_cap = 0;
	enum crit_status status = CRIT_OK;

	for (size_t i = 0; !status && i < rows->nr; i++) {
		const struct row *row = &rows->rows[i];
		bool new_kind = !i || row[-1].kind != row->kind;
		bool new_file = !i || by_file(&row[-1], row);

		if (new_kind) {
			if (!array_grow(&out->fds, out->nr_fd_kinds, &cap, sizeof(*out->fds)))
				return error_no_memory(err);
			out->fds[out->nr_fd_kinds++] = (struct crit_fd_count){ .kind = row->kind };
		}
		out->fds[out->nr_fd_kinds - 1].nr_fds++;
		out->fds[out->nr_fd_kinds - 1].nr_files += new_file;
		out->nr_fds++;
		out->nr_files += new_file;
		if (new_file && is_socket(row->kind))
			status = add_socket(c, row, &socket_cap, err);
	}
	join_sockets(out);
	return status;
}

enum crit_status collect_fds(struct collect *c, struct crit_error *err)
{
	struct rows rows = { 0 };
	enum crit_status status = list_rows(c, &rows, err);

	if (!status)
		status = count_rows(c, &rows, err);
	free(rows.rows);
	return status;
}
