// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tree.c - pstree.img: one record for each process, parents before children, each with the ids of
 * its threads (its own first). Ids are those inside the checkpointed pid namespace.
 */
#include "checkpoint/checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "pstree.pb-c.h"
#include "util/array.h"

enum { MAX_PIDS = 1 << 22 }; // Linux's own bound on 64-bit machines

static enum crit_status add_threads(struct crit_task *task, const Criu__PstreeEntry *e,
				    struct crit_error *err)
{
	size_t nr = e->n_threads ? e->n_threads : 1;

	if (nr > MAX_PIDS)
		return error_set(err, CRIT_CORRUPT, "pstree.img: process %u with %zu threads",
				 e->pid, nr);
	task->threads = calloc(nr, sizeof(*task->threads));
	if (!task->threads)
		return error_no_memory(err);
	task->nr_threads = nr;
	for (size_t i = 0; i < nr; i++) {
		task->threads[i].task = task;
		task->threads[i].tid = e->n_threads ? e->threads[i] : e->pid;
	}
	task->threads[0].tid = e->pid; // zombies have a 0 there
	return CRIT_OK;
}

static enum crit_status add_task(struct crit_checkpoint *ckpt, size_t *cap,
				 const Criu__PstreeEntry *e, struct crit_error *err)
{
	struct crit_task *task;

	if (ckpt->nr_tasks == MAX_PIDS)
		return error_set(err, CRIT_CORRUPT, "pstree.img: more than %d processes", MAX_PIDS);
	if (!array_grow(&ckpt->tasks, ckpt->nr_tasks, cap, sizeof(*ckpt->tasks)))
		return error_no_memory(err);
	task = &ckpt->tasks[ckpt->nr_tasks];
	memset(task, 0, sizeof(*task));
	task->ckpt = ckpt;
	task->pid = e->pid;
	task->ppid = e->ppid;
	task->pgid = e->pgid;
	task->sid = e->sid;
	ckpt->nr_tasks++;
	return add_threads(task, e, err);
}

static enum crit_status read_tasks(struct crit_checkpoint *ckpt, struct image *img,
				   struct crit_error *err)
{
	enum crit_status status;
	struct arena arena;
	struct record rec;
	size_t cap = 0;

	arena_init(&arena, 0);
	while (!(status = image_next(img, &rec, err))) {
		Criu__PstreeEntry *e;

		arena_reset(&arena, image_decode_limit(rec.len));
		status = record_decode(&rec, image_name(img), &criu__pstree_entry__descriptor,
				       &arena, &e, err);
		if (!status)
			status = add_task(ckpt, &cap, e, err);
		if (status)
			break;
	}
	arena_deinit(&arena);
	if (status == CRIT_NOT_FOUND && !ckpt->nr_tasks)
		return error_set(err, CRIT_CORRUPT, "pstree.img: no processes in it");
	return status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

static int compare_pids(const void *a, const void *b)
{
	uint32_t pa = (*(struct crit_task *const *)a)->pid;
	uint32_t pb = (*(struct crit_task *const *)b)->pid;

	return (pa > pb) - (pa < pb);
}

static enum crit_status index_by_pid(struct crit_checkpoint *ckpt, struct crit_error *err)
{
	ckpt->by_pid = calloc(ckpt->nr_tasks, sizeof(struct crit_task *));
	if (!ckpt->by_pid)
		return error_no_memory(err);
	for (size_t i = 0; i < ckpt->nr_tasks; i++) {
		struct crit_task *task = &ckpt->tasks[i];

		// The array has stopped moving: threads may point into it now.
		for (size_t t = 0; t < task->nr_threads; t++)
			task->threads[t].task = task;
		ckpt->by_pid[i] = task;
	}
	qsort(ckpt->by_pid, ckpt->nr_tasks, sizeof(struct crit_task *), compare_pids);
	for (size_t i = 1; i < ckpt->nr_tasks; i++)
		if (ckpt->by_pid[i]->pid == ckpt->by_pid[i - 1]->pid)
			return error_set(err, CRIT_CORRUPT, "pstree.img: process %u twice",
					 ckpt->by_pid[i]->pid);
	return CRIT_OK;
}

static void find_depths(struct crit_checkpoint *ckpt)
{
	for (size_t i = 0; i < ckpt->nr_tasks; i++) {
		struct crit_task *task = &ckpt->tasks[i];
		struct crit_task *parent = crit_task_find(ckpt, task->ppid);

		// Only a parent that came before counts, so a cycle cannot be followed.
		if (parent && parent < task)
			task->depth = parent->depth + 1;
	}
}

enum crit_status tree_load(struct crit_checkpoint *ckpt, struct crit_error *err)
{
	struct image *img = NULL;
	enum crit_status status;

	if (!source_has(ckpt->src, "pstree.img"))
		return error_set(err, CRIT_NOT_FOUND,
				 "%s: no pstree.img; a pre-dump holds memory, but no processes",
				 source_path(ckpt->src));
	status = image_open(ckpt->src, "pstree.img", IMG_PSTREE, &img, err);
	if (status)
		return status;
	status = read_tasks(ckpt, img, err);
	image_close(img);
	if (!status)
		status = index_by_pid(ckpt, err);
	if (!status)
		find_depths(ckpt);
	return status;
}

static void task_deinit(struct crit_task *task)
{
	for (size_t i = 0; i < task->nr_threads; i++) {
		free(task->threads[i].name);
		arch_regs_deinit(&task->threads[i].regs);
	}
	free(task->threads);
	free(task->layout);
	free(task->mappings);
	free(task->guards);
	free(task->auxv);
	free(task->files);
	page_store_close(task->pages);
	for (size_t i = 0; i < task->nr_notes; i++)
		free(task->notes[i]);
	free(task->notes);
	free(task->tls);
}

void tree_free(struct crit_checkpoint *ckpt)
{
	for (size_t i = 0; i < ckpt->nr_tasks; i++)
		task_deinit(&ckpt->tasks[i]);
	free(ckpt->tasks);
	free(ckpt->by_pid);
	free(ckpt->mm_holders);
}

size_t crit_task_count(const struct crit_checkpoint *ckpt)
{
	return ckpt->nr_tasks;
}

struct crit_task *crit_task_at(struct crit_checkpoint *ckpt, size_t index)
{
	return index < ckpt->nr_tasks ? &ckpt->tasks[index] : NULL;
}

struct crit_task *crit_task_find(struct crit_checkpoint *ckpt, uint32_t pid)
{
	struct crit_task key = { .pid = pid }, *at = &key, **found;

	found = bsearch(&at, ckpt->by_pid, ckpt->nr_tasks, sizeof(struct crit_task *),
			compare_pids);
	return found ? *found : NULL;
}

struct crit_task *crit_task_find_by_tid(struct crit_checkpoint *ckpt, uint32_t tid)
{
	for (size_t i = 0; i < ckpt->nr_tasks; i++)
		if (ckpt->tasks[i].pid == tid || crit_thread_find(&ckpt->tasks[i], tid))
			return &ckpt->tasks[i];
	return NULL;
}

size_t crit_thread_count(const struct crit_task *task)
{
	return task->nr_threads;
}

struct crit_thread *crit_thread_at(struct crit_task *task, size_t index)
{
	return index < task->nr_threads ? &task->threads[index] : NULL;
}

struct crit_thread *crit_thread_find(struct crit_task *task, uint32_t tid)
{
	for (size_t i = 0; i < task->nr_threads; i++)
		if (task->threads[i].tid == tid)
			return &task->threads[i];
	return NULL;
}

struct crit_task *thread_task(const struct crit_thread *thread)
{
	return thread->task;
}

uint32_t crit_thread_tid(const struct crit_thread *thread)
{
	return thread->tid;
}
