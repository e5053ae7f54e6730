// SPDX-License-Identifier: LGPL-2.1-or-later
/* cache.c - the cache of unpacked archives, for people; see archive/cache.h. */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "archive/cache_list.h"
#include "report/json_writer.h"
#include "report/table.h"

/** All entries. @param folder  [out] The caller closes it. */
static enum crit_status open_list(int *folder, struct cache_list *list, struct crit_error *err)
{
	char path[PATH_MAX];
	int why;

	if (!cache_path(path))
		return error_set(err, CRIT_OS,
				 "there is no cache: neither HOME nor CRITCORE_CACHE");
	*folder = cache_open();
	if (*folder == -EPERM)
		return error_set(err, CRIT_OS,
				 "%s: not used as a cache: it is not yours, or others may enter it",
				 path);
	if (*folder < 0)
		return error_os(err, -*folder, "%s", path);
	why = cache_list(*folder, list);
	if (!why)
		return CRIT_OK;
	close(*folder);
	return error_os(err, -why, "%s", path);
}

static void add_date(struct table *t, int64_t seconds)
{
	time_t at = (time_t)seconds;
	struct tm tm;
	char text[32] = "-";

	if (localtime_r(&at, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm);
	table_printf(t, "%s", text);
}

static enum crit_status write_text(const struct cache_list *list, struct crit_output *out,
				   struct crit_error *err)
{
	struct lines lines;
	struct table t;

	lines_init(&lines, out);
	table_init(&t);
	table_column(&t, "Size", TABLE_RIGHT);
	table_column(&t, "On disk", TABLE_RIGHT);
	table_column(&t, "Last used", TABLE_LEFT);
	table_column(&t, "Archive", TABLE_LEFT);
	for (size_t i = 0; i < list->nr; i++) {
		const struct cache_entry *entry = &list->entries[i];

		table_size(&t, entry->size);
		table_size(&t, entry->stored);
		add_date(&t, entry->used);
		table_safe(&t, entry->unfinished ? "(unfinished)" : entry->archive);
	}
	table_write(&t, &lines);
	return lines_finish(&lines, err);
}

static enum crit_status write_json(const struct cache_list *list, struct crit_output *out,
				   struct crit_error *err)
{
	struct json_writer w;

	json_writer_init(&w, out, true);
	json_writer_list(&w, NULL);
	for (size_t i = 0; i < list->nr; i++) {
		const struct cache_entry *entry = &list->entries[i];

		json_writer_object(&w, NULL);
		json_writer_text(&w, "archive", entry->archive);
		json_writer_text(&w, "file", entry->name);
		json_writer_uint(&w, "size", entry->size);
		json_writer_uint(&w, "stored", entry->stored);
		json_writer_int(&w, "used", entry->used);
		json_writer_bool(&w, "unfinished", entry->unfinished);
		json_writer_end(&w);
	}
	json_writer_end(&w);
	return json_writer_finish(&w, err);
}

enum crit_status crit_cache_write(const struct crit_report_options *options,
				  struct crit_output *out, struct crit_error *err)
{
	struct cache_list list;
	enum crit_status status;
	int folder;

	status = open_list(&folder, &list, err);
	if (status)
		return status;
	status = options && options->form == CRIT_REPORT_JSON ? write_json(&list, out, err)
							      : write_text(&list, out, err);
	cache_list_free(&list);
	close(folder);
	return status;
}

enum crit_status crit_cache_clear(size_t *nr, uint64_t *bytes, struct crit_error *err)
{
	struct cache_list list;
	enum crit_status status;
	uint64_t freed = 0;
	size_t removed = 0;
	int folder;

	status = open_list(&folder, &list, err);
	if (status)
		return status;
	for (size_t i = 0; !status && i < list.nr; i++) {
		if (unlinkat(folder, list.entries[i].name, 0) == 0) {
			removed++;
			freed += list.entries[i].stored;
		} else if (errno != ENOENT) { // else another process was faster
			status = error_os(err, errno, "%s", list.entries[i].name);
		}
	}
	cache_list_free(&list);
	close(folder);
	if (nr)
		*nr = removed;
	if (bytes)
		*bytes = freed;
	return status;
}
