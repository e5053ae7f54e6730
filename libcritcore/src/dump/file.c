// SPDX-License-Identifier: LGPL-2.1-or-later
/* file.c - a range of memory to a file, with a list of what is not there beside it. */
#include "checkpoint/checkpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json/text.h"
#include "util/output.h"

struct list {
	char *path;
	bool json;
	struct crit_output *out; /* NULL: nothing is missing yet */
	enum crit_status failed; /* to write it */
	struct crit_error err;
	const struct crit_dump_options *theirs;
};

static void format(struct text *line, const struct crit_dump_gap *gap, bool json)
{
	if (!json) {
		buf_printf(&line->b, "0x%llx 0x%llx %s\n", (unsigned long long)gap->start,
			   (unsigned long long)gap->end, gap->why);
		return;
	}
	buf_printf(&line->b, "{\"start\": %llu, \"end\": %llu, \"why\": ",
		   (unsigned long long)gap->start, (unsigned long long)gap->end);
	text_string(line, (const uint8_t *)gap->why, strlen(gap->why));
	buf_add_str(&line->b, "}\n");
}

static void add_line(struct list *list, const struct crit_dump_gap *gap)
{
	struct text line = { 0 };

	if (!list->out)
		list->failed = crit_output_create(list->path, &list->out, &list->err);
	if (list->failed)
		return;
	format(&line, gap, list->json);
	list->failed = line.b.failed
			       ? error_no_memory(&list->err)
			       : output_write(list->out, line.b.data, line.b.len, &list->err);
	buf_deinit(&line.b);
}

static void note_gap(void *ctx, const struct crit_dump_gap *gap)
{
	struct list *list = ctx;

	if (!list->failed)
		add_line(list, gap);
	if (list->theirs->gap)
		list->theirs->gap(list->theirs->ctx, gap);
}

static bool keep_going(void *ctx, uint64_t done, uint64_t total)
{
	struct list *list = ctx;

	return !list->failed && (!list->theirs->keep_going ||
				 list->theirs->keep_going(list->theirs->ctx, done, total));
}

/** The list first: a new file never stands beside no list. */
static enum crit_status commit(struct list *list, struct crit_output *out, struct crit_error *err)
{
	enum crit_status status = list->out ? crit_output_commit(list->out, err) : CRIT_OK;

	if (!status)
		status = crit_output_commit(out, err);
	if (!status && !list->out && unlink(list->path) && errno != ENOENT && errno != ENOTDIR)
		status = error_os(err, errno, "%s: removing the old list", list->path);
	return status;
}

static enum crit_status dump(struct crit_task *task, uint64_t start, uint64_t end,
			     struct crit_output *out, struct list *list, uint64_t *missing,
			     struct crit_error *err)
{
	struct crit_dump_options options = *list->theirs;
	enum crit_status status;

	options.gap = note_gap;
	options.keep_going = keep_going;
	options.ctx = list;
	status = crit_mem_dump(task, start, end, out, &options, missing, err);
	if (list->failed) {
		if (err)
			*err = list->err;
		return list->failed;
	}
	return status ? status : commit(list, out, err);
}

enum crit_status crit_mem_dump_file(struct crit_task *task, uint64_t start, uint64_t end,
				    const char *path, const struct crit_dump_options *options,
				    bool json, uint64_t *missing, struct crit_error *err)
{
	const struct crit_dump_options none = { 0 };
	struct list list = { .json = json, .theirs = options ? options : &none };
	struct crit_output *out;
	enum crit_status status;

	status = crit_task_load(task, err);
	if (status)
		return status;
	if (levels_have_image(task, path))
		return error_set(err, CRIT_INVALID, "%s: an image of the checkpoint itself", path);
	if (asprintf(&list.path, "%s.missing", path) < 0)
		return error_no_memory(err);
	status = crit_output_create(path, &out, err);
	if (!status) {
		status = dump(task, start, end, out, &list, missing, err);
		crit_output_close(out);
		crit_output_close(list.out);
	}
	free(list.path);
	return status;
}
