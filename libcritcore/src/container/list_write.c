// SPDX-License-Identifier: LGPL-2.1-or-later
/* list_write.c - a list of checkpoints as a table or as JSON. */
#include "container/container.h"
#include "report/json_writer.h"
#include "report/table.h"

enum { SHORT_ID = 12 };

struct writer {
	const struct crit_list_callbacks *callbacks;
	struct json_writer json;
	struct table table;
	bool is_json, has_row, met_problem;
};

static void put_row(struct table *t, const struct crit_container *c)
{
	table_safe(t, c->pod_namespace);
	table_safe(t, c->pod);
	table_safe(t, c->name);
	table_safe(t, c->image);
	if (c->id)
		table_printf(t, "%.*s", SHORT_ID, c->id);
	else
		table_safe(t, NULL);
	table_safe(t, c->runtime);
	table_safe(t, c->engine);
	table_safe(t, c->created);
	table_safe(t, c->checkpointed);
	table_safe(t, c->ip);
	table_size(t, c->len);
	if (c->has_rootfs_diff)
		table_size(t, c->rootfs_diff_len);
	else
		table_safe(t, NULL);
	table_safe(t, c->path);
}

static void put_object(struct json_writer *w, const struct crit_container *c)
{
	json_writer_object(w, NULL);
	json_writer_text(w, "path", c->path);
	json_writer_text(w, "container_name", c->name);
	json_writer_text(w, "image", c->image);
	json_writer_text(w, "id", c->id);
	json_writer_text(w, "runtime", c->runtime);
	json_writer_text(w, "created", c->created);
	json_writer_text(w, "checkpointed", c->checkpointed);
	json_writer_text(w, "engine", c->engine);
	json_writer_text(w, "ip", c->ip);
	json_writer_text(w, "mac", c->mac);
	json_writer_text(w, "pod_name", c->pod);
	json_writer_text(w, "kubernetes_namespace", c->pod_namespace);
	json_writer_object(w, "checkpoint_size");
	json_writer_uint(w, "total_size", c->len);
	json_writer_uint(w, "memory_pages_size", c->pages_len);
	json_writer_uint(w, "amd_gpu_memory_pages_size", c->gpu_pages_len);
	if (c->has_rootfs_diff)
		json_writer_uint(w, "root_fs_diff_size", c->rootfs_diff_len);
	else
		json_writer_null(w, "root_fs_diff_size");
	json_writer_end(w);
	json_writer_end(w);
}

static bool found(void *ctx, const struct crit_container *container)
{
	struct writer *w = ctx;

	w->has_row = true;
	if (w->is_json)
		put_object(&w->json, container);
	else
		put_row(&w->table, container);
	return !lines_failed(&w->json.lines);
}

static void problem(void *ctx, const struct crit_error *why)
{
	struct writer *w = ctx;

	w->met_problem = true;
	if (w->callbacks->problem)
		w->callbacks->problem(w->callbacks->ctx, why);
}

static void begin_table(struct table *t)
{
	static const char *const heads[] = { "NAMESPACE", "POD", "CONTAINER", "IMAGE", "ID",
					     "RUNTIME", "ENGINE", "CREATED", "CHECKPOINTED",
					     "IP" };

	table_init(t);
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		table_column(t, heads[i], TABLE_LEFT);
	table_column(t, "CHKPT SIZE", TABLE_RIGHT);
	table_column(t, "ROOT FS DIFF", TABLE_RIGHT);
	table_column(t, "PATH", TABLE_LEFT);
}

/** A head without rows says that there are none: not known when something could not be read. */
static void write_table(struct writer *w)
{
	if (w->has_row || !w->met_problem)
		table_write(&w->table, &w->json.lines);
}

enum crit_status crit_list_write(const char *const *paths, size_t nr_paths,
				 const struct crit_list_callbacks *callbacks,
				 const struct crit_report_options *how, struct crit_output *out,
				 struct crit_error *err)
{
	struct writer w = { .callbacks = callbacks, .is_json = how->form == CRIT_REPORT_JSON };
	const struct crit_list_callbacks ours = {
		.found = found, .problem = problem, .ctx = &w, .open = callbacks->open,
	};
	enum crit_status status, written;

	json_writer_init(&w.json, out, true);
	if (w.is_json)
		json_writer_list(&w.json, NULL);
	else
		begin_table(&w.table);
	status = crit_list(paths, nr_paths, &ours, err);
	if (w.is_json)
		json_writer_end(&w.json);
	else
		write_table(&w);
	written = json_writer_finish(&w.json, status ? NULL : err);
	return status ? status : written;
}
