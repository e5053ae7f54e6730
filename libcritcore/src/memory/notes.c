// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * notes.c - what somebody who opens a task must know before trusting what they see: one line for
 * each reason why bytes are unavailable, for each damaged image that is the cause of it, and for
 * each file that is there but is a different one. A screenful at most.
 */
#include "checkpoint/checkpoint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"
#include "util/text.h"

enum { NR_WHY = CRIT_WHY_UNKNOWN + 1, MAX_NAMES = 3, MAX_NOTES = 32 };

/* Reasons worth a line at connect, most serious first. The others are how processes are made. */
static const enum crit_why told[] = {
	CRIT_WHY_NO_PAGEMAP,  CRIT_WHY_BAD_PAGEMAP,  CRIT_WHY_NO_PAGES, CRIT_WHY_PAGES_UNREADABLE,
	CRIT_WHY_PAGES_SHORT, CRIT_WHY_PARENT,	     CRIT_WHY_PARENT_PAGE, CRIT_WHY_PUNCHED,
	CRIT_WHY_LAZY,	      CRIT_WHY_PLUGIN,	     CRIT_WHY_FILE_UNKNOWN,
	CRIT_WHY_CONTRADICTION, CRIT_WHY_UNKNOWN,
};

/* Verdicts on files worth a line. */
static const struct {
	enum crit_file_verdict verdict;
	const char *text;
} told_files[] = {
	{ CRIT_FILE_MISSING, "not on this machine" },
	{ CRIT_FILE_UNREADABLE, "cannot be read" },
	{ CRIT_FILE_UNVERIFIED, "of unknown size and build-id" },
	{ CRIT_FILE_CHANGED, "newer than the images, and without a build-id" },
	{ CRIT_FILE_NAMESPACE, "of a container, whose root a sysroot has to name" },
	{ CRIT_FILE_DELETED, "deleted before the checkpoint was taken" },
};

static void add(struct crit_task *task, const char *fmt, ...) PRINTF(2, 3);

static void add(struct crit_task *task, const char *fmt, ...)
{
	struct buf text = { 0 };
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	text_make_printable(line);
	buf_add(&text, line, strlen(line) + 1);
	if (text.failed || task->nr_notes == MAX_NOTES) {
		buf_deinit(&text);
		return;
	}
	task->notes[task->nr_notes++] = (char *)text.data;
}

static void format_size(char out[32], uint64_t bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	double value = (double)bytes;
	size_t unit = 0;

	while (value >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		value /= 1024;
		unit++;
	}
	snprintf(out, 32, value < 10 && unit && value != (double)(int)value ? "%.1f %s" : "%.0f %s",
		 value, units[unit]);
}

static void add_up(struct crit_task *task, uint64_t bytes[NR_WHY])
{
	for (size_t i = 0; i < task->nr_mappings; i++) {
		uint64_t at = task->mappings[i].pub.start, end = task->mappings[i].pub.end;

		while (at < end) {
			struct crit_origin origin;

			if (crit_mem_locate(task, at, &origin, NULL))
				return;
			if (origin.kind == CRIT_ORIGIN_UNAVAILABLE)
				bytes[origin.why] += origin.len;
			at += origin.len;
		}
	}
}

static void add_memory_notes(struct crit_task *task)
{
	uint64_t bytes[NR_WHY] = { 0 };
	char size[32];

	add_up(task, bytes);
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		if (!bytes[told[i]])
			continue;
		format_size(size, bytes[told[i]]);
		add(task, "%s of memory unavailable: %s", size, crit_why_text(told[i]));
	}
}

/** Damaged images, the first few: what they would say is missing above without a cause. */
static void add_problems(struct crit_task *task)
{
	const char *problem, *last = NULL;
	struct crit_level level;
	size_t nr = 0;

	for (size_t i = 0; crit_level_at(task->ckpt, i, &level); i++)
		if (level.problem)
			add(task, "%s: %s",
			    level.in_pages_dir ? "Second folder" : "Parent checkpoint",
			    level.problem);
	problem = page_store_problem(task->pages);
	if (problem)
		add(task, "%s", problem);
	for (size_t i = 0; i < task->nr_mappings && nr < MAX_NAMES; i++) {
		const struct shm_object *object = task->mappings[i].object;

		problem = object ? shm_problem(object) : NULL;
		if (!problem || problem == last)
			continue;
		add(task, "%s", problem);
		last = problem;
		nr++;
	}
}

static void add_thread_notes(struct crit_task *task)
{
	struct crit_error err;
	size_t nr = 0;

	for (size_t i = 0; i < task->nr_threads; i++) {
		struct crit_thread *thread = &task->threads[i];
		bool failed = thread_load(thread, &err);

		if ((!failed && !thread->lacking) || nr++ >= MAX_NAMES)
			continue;
		if (failed)
			add(task, "Thread %u has no registers: %s", thread->tid, err.message);
		else
			add(task, "Thread %u has no registers: core-%u.img: %s", thread->tid,
			    thread->tid, thread->lacking);
	}
	if (nr > MAX_NAMES)
		add(task, "%zu more threads have no registers", nr - MAX_NAMES);
}

static void hex(char *out, const uint8_t *bytes, size_t len)
{
	*out = '\0';
	for (size_t i = 0; i < len && i < ELFID_MAX; i++)
		sprintf(out + 2 * i, "%02x", bytes[i]);
}

static bool is_mismatch(const struct crit_file *file)
{
	return file->verdict == CRIT_FILE_SIZE_DIFFERS ||
	       file->verdict == CRIT_FILE_BUILD_ID_DIFFERS ||
	       file->verdict == CRIT_FILE_CHECKSUM_DIFFERS;
}

static void add_mismatch(struct crit_task *task, const struct crit_file *file)
{
	char want[2 * ELFID_MAX + 1], have[2 * ELFID_MAX + 1];

	if (file->verdict == CRIT_FILE_SIZE_DIFFERS) {
		add(task, "%s is not the file of the checkpoint: %llu bytes here, %llu there",
		    file->local_path, (unsigned long long)file->local_size,
		    (unsigned long long)file->size);
		return;
	}
	if (file->verdict == CRIT_FILE_CHECKSUM_DIFFERS) {
		add(task, "%s is not the file of the checkpoint: checksum %08x here, %08x there",
		    file->local_path, file->local_checksum, file->checksum);
		return;
	}
	hex(want, file->build_id, file->build_id_len);
	hex(have, file->local_build_id, file->local_build_id_len);
	add(task, "%s is not the file of the checkpoint: build-id %s here, %s there",
	    file->local_path, *have ? have : "none", want);
}

/** The first few in full; an updated machine differs in every library. */
static void add_mismatches(struct crit_task *task)
{
	size_t nr = 0;

	for (size_t i = 0; i < task->nr_files; i++)
		if (is_mismatch(&task->files[i]->pub) && nr++ < MAX_NAMES)
			add_mismatch(task, &task->files[i]->pub);
	if (nr > MAX_NAMES)
		add(task, "%zu more mapped files are not those of the checkpoint", nr - MAX_NAMES);
}

/** Is it a file that the images have, or said they had? */
static bool is_lost_ghost(const struct crit_file *file)
{
	return file->verdict == CRIT_FILE_DELETED && file->ghost;
}

static void add_lost_ghost(struct crit_task *task, const struct mapped_file *file)
{
	const struct ghost *ghost = ghost_find(&task->ckpt->files, file->remap_id);

	if (ghost->problem)
		add(task, "The contents of %s are lost: %s", file->path, ghost->problem);
	else
		add(task, "The contents of %s are lost: %s has %llu bytes of %llu", file->path,
		    ghost->name, (unsigned long long)ghost->size,
		    (unsigned long long)file->pub.size);
}

static void add_lost_ghosts(struct crit_task *task)
{
	size_t nr = 0;

	for (size_t i = 0; i < task->nr_files; i++)
		if (is_lost_ghost(&task->files[i]->pub) && nr++ < MAX_NAMES)
			add_lost_ghost(task, task->files[i]);
	if (nr > MAX_NAMES)
		add(task, "The contents of %zu more deleted files are lost", nr - MAX_NAMES);
}

/** All files with one verdict on one line, the first few by name. */
static void add_file_note(struct crit_task *task, enum crit_file_verdict verdict, const char *text)
{
	struct buf names = { 0 };
	size_t nr = 0;

	for (size_t i = 0; i < task->nr_files; i++) {
		const struct crit_file *file = &task->files[i]->pub;

		if (file->verdict != verdict || is_lost_ghost(file))
			continue;
		if (nr < MAX_NAMES)
			buf_printf(&names, "%s%s", nr ? ", " : "", file->path);
		nr++;
	}
	if (nr > MAX_NAMES)
		buf_printf(&names, " and %zu more", nr - MAX_NAMES);
	if (nr && !names.failed)
		add(task, "Mapped file%s %s: %.*s", nr > 1 ? "s" : "", text, (int)names.len,
		    (const char *)names.data);
	buf_deinit(&names);
}

static void add_file_notes(struct crit_task *task)
{
	for (size_t i = 0; i < task->nr_files; i++)
		file_look_up(&task->ckpt->files, task->files[i]);
	add_mismatches(task);
	add_lost_ghosts(task);
	for (size_t i = 0; i < sizeof(told_files) / sizeof(told_files[0]); i++)
		add_file_note(task, told_files[i].verdict, told_files[i].text);
}

static void notes_make(struct crit_task *task)
{
	task->notes_made = true;
	task->notes = calloc(MAX_NOTES, sizeof(char *));
	if (!task->notes)
		return;
	if (source_problem(task->ckpt->src))
		add(task, "Archive: %s", source_problem(task->ckpt->src));
	add_memory_notes(task);
	add_problems(task);
	add_thread_notes(task);
	add_file_notes(task);
}

const char *crit_task_note_at(struct crit_task *task, size_t index)
{
	if (!task->loaded)
		return NULL;
	if (!task->notes_made)
		notes_make(task);
	return index < task->nr_notes ? task->notes[index] : NULL;
}
