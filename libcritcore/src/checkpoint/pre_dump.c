// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pre_dump.c - the folder of `criu pre-dump`: pagemap and pages images of private memory, and no
 * pstree.img. Which processes there are is in the images' names.
 */
#include <stdlib.h>
#include <string.h>

#include "checkpoint/checkpoint.h"
#include "util/array.h"

enum { MAX_PIDS = 1 << 22 };

struct listing {
	uint32_t *pids;
	size_t nr, cap;
	bool failed;
};

/** The number in "pagemap-N.img"; 0: it is not such a name. */
static uint32_t pid_of(const char *name)
{
	unsigned long pid;
	char *end;

	if (strncmp(name, "pagemap-", 8) || name[8] < '1' || name[8] > '9')
		return 0;
	pid = strtoul(name + 8, &end, 10);
	return strcmp(end, ".img") || pid > MAX_PIDS ? 0 : (uint32_t)pid;
}

static bool note(void *ctx, const char *name)
{
	struct listing *list = ctx;
	uint32_t pid = pid_of(name);

	if (!pid)
		return true;
	if (!array_grow(&list->pids, list->nr, &list->cap, sizeof(pid))) {
		list->failed = true;
		return false;
	}
	list->pids[list->nr++] = pid;
	return true;
}

static int compare(const void *a, const void *b)
{
	uint32_t pa = *(const uint32_t *)a, pb = *(const uint32_t *)b;

	return (pa > pb) - (pa < pb);
}

static bool make_tasks(struct crit_checkpoint *ckpt, const struct listing *list)
{
	ckpt->tasks = calloc(list->nr, sizeof(*ckpt->tasks));
	ckpt->by_pid = calloc(list->nr, sizeof(struct crit_task *));
	if (!ckpt->tasks || !ckpt->by_pid)
		return false;
	for (; ckpt->nr_tasks < list->nr; ckpt->nr_tasks++) {
		struct crit_task *task = &ckpt->tasks[ckpt->nr_tasks];

		task->ckpt = ckpt;
		task->pid = list->pids[ckpt->nr_tasks];
		task->threads = calloc(1, sizeof(*task->threads));
		if (!task->threads)
			return false;
		task->nr_threads = 1;
		task->threads[0].task = task;
		task->threads[0].tid = task->pid;
		ckpt->by_pid[ckpt->nr_tasks] = task;
	}
	return true;
}

static enum crit_status read_folder(struct crit_checkpoint *ckpt, const char *path,
				    struct crit_error *err)
{
	struct listing list = { 0 };
	enum crit_status status = source_each(ckpt->src, note, &list, err);

	if (!status && list.failed)
		status = error_no_memory(err);
	if (!status && !list.nr)
		status = error_set(err, CRIT_NOT_FOUND,
				   "%s: neither a checkpoint nor a pre-dump is here", path);
	if (!status) {
		qsort(list.pids, list.nr, sizeof(*list.pids), compare);
		if (!make_tasks(ckpt, &list))
			status = error_no_memory(err);
	}
	free(list.pids);
	return status;
}

enum crit_status crit_pre_dump_open(const char *path, struct crit_checkpoint **out,
				    struct crit_error *err)
{
	return crit_pre_dump_open_with(path, NULL, out, err);
}

enum crit_status crit_pre_dump_open_with(const char *path,
					 const struct crit_open_options *options,
					 struct crit_checkpoint **out, struct crit_error *err)
{
	struct crit_checkpoint *ckpt;
	enum crit_status status = checkpoint_create(path, options, &ckpt, err);

	if (status)
		return status;
	if (source_has(ckpt->src, "pstree.img"))
		status = error_set(err, CRIT_INVALID, "%s: no pre-dump, but a whole checkpoint",
				   path);
	if (!status)
		status = read_folder(ckpt, path, err);
	if (status) {
		crit_checkpoint_close(ckpt);
		return status;
	}
	ckpt->pre_dump = true;
	ckpt->info.path = source_path(ckpt->src);
	ckpt->info.has_parent = source_has(ckpt->src, "parent");
	ckpt->info.nr_tasks = ckpt->nr_tasks;
	*out = ckpt;
	return CRIT_OK;
}
