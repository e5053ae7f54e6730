// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * notes.c - the notes of a core file, and those of the whole process: NT_PRPSINFO (who it is),
 * NT_AUXV, NT_FILE (which files are mapped where). In the order of the kernel's core files, but
 * that each thread may have an NT_SIGINFO, as in gdb's, which belongs to the NT_PRSTATUS before it:
 *
 *	thread	NT_PRSTATUS
 *		  NT_PRPSINFO, NT_AUXV, NT_FILE		behind the first one only
 *		NT_SIGINFO, other registers
 *	thread	...
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "util/array.h"
#include "util/endian.h"

enum {
	NAME_LEN = 16,	  /* of a command in NT_PRPSINFO */
	ARGS_LEN = 80,	  /* of its arguments, with a NUL */
	PSINFO_MAX = 256, /* more than it has */
	MAX_FILES = 64 * 1024 * 1024, /* bytes of NT_FILE: a million mappings may have one long
					 name */
};

void note_add(struct core *core, const char *owner, uint32_t type, const void *desc, size_t len)
{
	static const uint8_t zeros[4];
	size_t name_len = strlen(owner) + 1;
	uint8_t head[12];

	endian_put(head, 4, core->arch->big_endian, name_len);
	endian_put(head + 4, 4, core->arch->big_endian, len);
	endian_put(head + 8, 4, core->arch->big_endian, type);
	buf_add(&core->notes, head, sizeof(head));
	buf_add(&core->notes, owner, name_len);
	buf_add(&core->notes, zeros, -name_len % 4);
	buf_add(&core->notes, desc, len);
	buf_add(&core->notes, zeros, -len % 4);
}

/* ---- Who it is ------------------------------------------------------------------------------- */

/** A letter of ps(1), by what is known of the first thread; as a number, its place in "RSDTZW". */
static char state_letter(struct core *core, uint8_t *number)
{
	struct crit_thread_state state;

	if (crit_thread_state(&core->task->threads[0], &state, NULL)) {
		*number = 0;
		return '.';
	}
	*number = state.stopped ? 3 : state.activity == CRIT_THREAD_SLEEPING;
	return "RS.T"[*number];
}

/** The arguments in one line, a blank for each end of a string, as the kernel has it. */
static void put_args(struct core *core, uint8_t *to)
{
	char *args;
	size_t len;

	if (crit_task_args(core->task, &args, &len, NULL))
		return;
	if (len > ARGS_LEN - 1)
		len = ARGS_LEN - 1;
	for (size_t i = 0; i < len; i++)
		to[i] = (uint8_t)(args[i] ? args[i] : ' ');
	free(args);
}

static void put_ids(struct core *core, uint8_t *to, const uint32_t *ids, size_t nr, size_t size)
{
	for (size_t i = 0; i < nr; i++)
		endian_put(to + i * size, size, core->arch->big_endian, ids[i]);
}

/** Its owner, by the first thread's credentials, and how nice that is. */
static void put_owner(struct core *core, uint8_t *desc, size_t at, size_t id_size)
{
	struct crit_thread_details *details;

	if (crit_thread_details_read(&core->task->threads[0], &details, NULL))
		return;
	desc[3] = (uint8_t)details->nice;
	put_ids(core, desc + at, (uint32_t[]){ details->creds.uid, details->creds.gid }, 2,
		id_size);
	crit_thread_details_free(details);
}

static void put_flags(struct core *core, uint8_t *to)
{
	struct crit_task_details *details;

	if (crit_task_details_read(core->task, &details, NULL))
		return;
	endian_put(to, core->arch->word_size, core->arch->big_endian, details->flags);
	crit_task_details_free(details);
}

/** State, letter, is it a zombie, nice, flags, uid, gid, pid, ppid, pgid, sid, command,
 *  arguments. */
static void add_psinfo(struct core *core)
{
	const struct crit_task *task = core->task;
	const uint32_t ids[] = { task->pid, task->ppid, task->pgid, task->sid };
	size_t word = core->arch->word_size, id_size = core->arch->short_ids ? 2 : 4;
	size_t at = 2 * word + 2 * id_size;
	uint8_t desc[PSINFO_MAX] = { 0 };
	const char *name = crit_thread_name(&core->task->threads[0]);

	desc[1] = (uint8_t)state_letter(core, &desc[0]);
	put_flags(core, desc + word);
	put_owner(core, desc, 2 * word, id_size);
	put_ids(core, desc + at, ids, 4, 4);
	at += 16;
	memcpy(desc + at, name, strnlen(name, NAME_LEN - 1));
	at += NAME_LEN;
	put_args(core, desc + at);
	note_add(core, "CORE", NT_PRPSINFO, desc, at + ARGS_LEN);
}

/* ---- Mapped files ---------------------------------------------------------------------------- */

/** A debugger reads what the core file does not hold in the file of that name: no name, then, of a
 *  file that is here and was found not to be the process's, or not known to be. */
static bool is_misleading(struct core *core, struct mapped_file *file)
{
	if (!file)
		return false;
	file_look_up(&core->task->ckpt->files, file);
	switch (file->pub.verdict) {
	case CRIT_FILE_SIZE_DIFFERS:
	case CRIT_FILE_BUILD_ID_DIFFERS:
	case CRIT_FILE_CHECKSUM_DIFFERS:
	case CRIT_FILE_CHANGED:
	case CRIT_FILE_UNVERIFIED:
	case CRIT_FILE_NAMESPACE:
		return true;
	default:
		return false;
	}
}

static bool has_row(struct core *core, const struct mapping *m)
{
	return m->pub.name[0] == '/' && !is_misleading(core, m->file) &&
	       (m->pub.kind == CRIT_MAP_FILE || m->pub.kind == CRIT_MAP_FILE_SHARED ||
		m->pub.kind == CRIT_MAP_MEMFD);
}

/** NT_FILE in the making. */
struct files_note {
	struct buf rows, names;
	size_t nr;
};

/** Offsets are in pages. */
static void add_row(struct core *core, struct files_note *note, const struct crit_mapping *m,
		    uint64_t start, uint64_t end)
{
	const uint64_t row[] = { start, end,
				 (m->pgoff + (start - m->start)) / core->task->page_size };
	size_t word = core->arch->word_size;
	uint8_t bytes[8];

	if (start == end || note->rows.len + note->names.len > MAX_FILES)
		return;
	for (size_t i = 0; i < 3; i++) {
		endian_put(bytes, word, core->arch->big_endian, row[i]);
		buf_add(&note->rows, bytes, word);
	}
	buf_add_str(&note->names, m->name);
	buf_add_str(&note->names, m->deleted ? " (deleted)" : "");
	buf_add_byte(&note->names, 0);
	note->nr++;
}

/** A row, or one for each part that may have one. */
static enum crit_status add_rows(struct core *core, struct files_note *note,
				 const struct crit_mapping *m, struct crit_error *err)
{
	uint64_t start = m->start, at = m->start;
	struct part part;

	for (; at < m->end; at += part.len) {
		enum crit_status status = part_at(core, at, m->end, &part, err);

		if (status)
			return status;
		if (part_may_be_named(&part))
			continue;
		add_row(core, note, m, start, at);
		start = at + part.len;
	}
	add_row(core, note, m, start, at);
	return CRIT_OK;
}

static void end_files(struct core *core, struct files_note *note)
{
	size_t word = core->arch->word_size;

	buf_add(&note->rows, note->names.data, note->names.len);
	core->notes.failed |= note->rows.failed || note->names.failed;
	if (core->notes.failed || !note->nr)
		return;
	endian_put(note->rows.data, word, core->arch->big_endian, note->nr);
	endian_put(note->rows.data + word, word, core->arch->big_endian, core->task->page_size);
	note_add(core, "CORE", NT_FILE, note->rows.data, note->rows.len);
}

static enum crit_status add_files(struct core *core, struct crit_error *err)
{
	const uint8_t head[16] = { 0 };
	struct files_note note = { 0 };
	enum crit_status status = CRIT_OK;

	buf_add(&note.rows, head, 2 * (size_t)core->arch->word_size);
	for (size_t i = 0; !status && i < core->task->nr_mappings; i++)
		if (has_row(core, &core->task->mappings[i]))
			status = add_rows(core, &note, &core->task->mappings[i].pub, err);
	if (!status)
		end_files(core, &note);
	buf_deinit(&note.rows);
	buf_deinit(&note.names);
	return status;
}

/* ---- All of them ----------------------------------------------------------------------------- */

static enum crit_status add_process(struct core *core, struct crit_error *err)
{
	add_psinfo(core);
	note_add(core, "CORE", NT_AUXV, core->task->auxv, core->task->auxv_len);
	return add_files(core, err);
}

enum crit_status notes_make(struct core *core, struct crit_error *err)
{
	struct crit_core_result *r = &core->result;
	struct crit_task *task = core->task;
	enum crit_status status = CRIT_OK;

	buf_clear(&core->notes);
	r->nr_lacking = r->nr_threads = 0;
	for (size_t i = 0; !status && i < task->nr_threads; i++) {
		bool lacking;

		status = thread_notes_add(core, &task->threads[i],
					  r->nr_threads ? NULL : add_process, &lacking, err);
		r->nr_lacking += lacking;
		r->nr_threads += !lacking;
	}
	if (!status && !r->nr_threads)
		return error_set(err, CRIT_NOT_DUMPED, "process %u: no thread has registers",
				 task->pid);
	if (!status && core->notes.failed)
		return error_no_memory(err);
	return status;
}
