// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mems.c - what processes map.
 *
 *	PID
 *		exe                                     /the/program
 *		START-END                           PROT WHAT[ *]
 *
 * WHAT is a path with offset and " (s)" when it is shared, memory that others may share by a small
 * number, or a name. The star: not an ordinary mapping, which CRIU does not dump. In JSON the
 * numbers are go-criu's: from 0 on, and decimal.
 */
#include <stdio.h>

#include "explore/explore.h"
#include "image/vma_status.h"

enum { GROWSDOWN = 0x0100 /* MAP_GROWSDOWN of Linux */ };

/* The word in front of the small number; NULL: it has none. */
static const char *shared_word(const struct crit_mapping *m)
{
	if (m->status & VMA_SYSVIPC)
		return "ips";
	if (m->status & VMA_ANON_SHARED)
		return "shmem";
	return m->status & VMA_SOCKET ? "packet" : NULL;
}

static void add_shared(struct explore *x, const char *word, const struct crit_mapping *m,
		       struct buf *out)
{
	uint32_t number = small_id(&x->shared, m->shmid);

	out->failed |= !number;
	if (x->is_json)
		buf_printf(out, "%s[%u]", word, number - 1);
	else
		buf_printf(out, "%s[%x]", word, number);
}

static void add_file(struct explore *x, struct crit_task *task, const struct crit_mapping *m,
		     struct buf *out)
{
	buf_add_str(out, m->path ? m->path : explore_file(x, task, (uint32_t)m->shmid));
	if (m->pgoff)
		buf_printf(out, " + 0x%llx", (unsigned long long)m->pgoff);
	if (m->status & VMA_FILE_SHARED)
		buf_add_str(out, " (s)");
}

static const char *special_name(const struct crit_mapping *m)
{
	if (m->status & VMA_STACK)
		return "[stack]";
	if (m->status & VMA_VSYSCALL)
		return "[vsyscall]";
	if (m->status & VMA_VDSO)
		return "[vdso]";
	return m->flags & GROWSDOWN ? "[stack?]" : "";
}

/** What a mapping is of, as CRIT calls it, terminated. */
static const char *describe(struct explore *x, struct crit_task *task,
			    const struct crit_mapping *m, struct buf *out)
{
	const char *word = shared_word(m);

	buf_clear(out);
	if (word)
		add_shared(x, word, m, out);
	else if (m->status & (VMA_FILE_PRIVATE | VMA_FILE_SHARED))
		add_file(x, task, m, out);
	else
		buf_add_str(out, special_name(m));
	if (!(m->status & VMA_REGULAR))
		buf_add_str(out, out->len || x->is_json ? " *" : "*");
	buf_add_byte(out, '\0');
	return out->failed ? "" : (const char *)out->data;
}

static void prot_text(uint32_t prot, char out[4])
{
	out[0] = prot & 1 ? 'r' : '-';
	out[1] = prot & 2 ? 'w' : '-';
	out[2] = prot & 4 ? 'x' : '-';
	out[3] = '\0';
}

/* ---- text ------------------------------------------------------------------------------------ */

static void put_line(struct explore *x, uint64_t start, uint64_t end, const char *prot,
		     const char *what)
{
	char range[48];

	snprintf(range, sizeof(range), "%08llx-%08llx", (unsigned long long)start,
		 (unsigned long long)end);
	lines_printf(x->text, "\t%-36s%s%s", range, prot, *what ? " " : "");
	lines_safe(x->text, what);
	lines_add(x->text, "\n", 1);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void begin_json(struct explore *x, uint64_t start, uint64_t end, const char *prot,
		       const char *what)
{
	char number[20];

	json_writer_object(&x->json, NULL);
	snprintf(number, sizeof(number), "%llx", (unsigned long long)start);
	json_writer_text(&x->json, "start", number);
	snprintf(number, sizeof(number), "%llx", (unsigned long long)end);
	json_writer_text(&x->json, "end", number);
	json_writer_text(&x->json, "protection", prot);
	if (*what)
		json_writer_text(&x->json, "resource", what);
}

static void put_json(struct explore *x, const struct crit_mapping *m, const char *prot,
		     const char *what)
{
	struct json_writer *w = &x->json;

	begin_json(x, m->start, m->end, prot, what);
	json_writer_text(w, "kind", crit_mapping_kind_name(m->kind));
	if (*m->name)
		json_writer_text(w, "name", m->name);
	if (m->deleted)
		json_writer_bool(w, "deleted", true);
	json_writer_uint(w, "flags", m->flags);
	json_writer_uint(w, "pgoff", m->pgoff);
	if (shared_word(m))
		json_writer_uint(w, "shmid", m->shmid);
	json_writer_end(w);
}

/* ---- one process ----------------------------------------------------------------------------- */

static void list_mappings(struct explore *x, struct crit_task *task)
{
	struct buf work;

	buf_init(&work);
	for (size_t i = 0; i < task->nr_mappings && !lines_failed(x->text); i++) {
		const struct crit_mapping *m = &task->mappings[i].pub;
		const char *what = describe(x, task, m, &work);
		char prot[4];

		prot_text(m->prot, prot);
		if (x->is_json)
			put_json(x, m, prot, what);
		else
			put_line(x, m->start, m->end, prot, what);
	}
	buf_deinit(&work);
}

/** CRIU keeps guard pages behind all mappings, of which they are parts. */
static void list_guards(struct explore *x, struct crit_task *task)
{
	for (size_t i = 0; i < task->nr_guards; i++) {
		const struct guard *guard = &task->guards[i];

		if (x->is_json) {
			begin_json(x, guard->start, guard->end, "---", "[guard] *");
			json_writer_text(&x->json, "kind", "guard");
			json_writer_end(&x->json);
		} else {
			put_line(x, guard->start, guard->end, "---", "[guard] *");
		}
	}
}

static void put_exe(struct explore *x, struct crit_task *task)
{
	const char *exe = explore_file(x, task, task->exe_file_id);

	if (x->is_json) {
		json_writer_text(&x->json, "exe", exe);
		return;
	}
	lines_printf(x->text, "\t%-36s    ", "exe");
	lines_safe(x->text, exe);
	lines_add(x->text, "\n", 1);
}

static void list_json(struct explore *x, struct crit_task *task, enum crit_status status,
		      const struct explore_errors *errors)
{
	json_writer_object(&x->json, NULL);
	json_writer_uint(&x->json, "pid", task->pid);
	if (!status)
		put_exe(x, task);
	json_writer_list_of_some(&x->json, "mems");
	if (!status) {
		list_mappings(x, task);
		list_guards(x, task);
	}
	json_writer_end(&x->json);
	explore_json_errors(x, errors);
	json_writer_end(&x->json);
}

void explore_mems(struct explore *x, struct crit_task *task)
{
	struct explore_errors errors = { 0 };
	struct crit_error err;
	enum crit_status status = task_load_mappings(task, &err);

	if (status)
		explore_problem(x, &err, &errors);
	if (x->is_json) {
		list_json(x, task, status, &errors);
		return;
	}
	lines_printf(x->text, "%u\n", task->pid);
	if (status)
		return;
	put_exe(x, task);
	list_mappings(x, task);
	list_guards(x, task);
}

void explore_mems_note(struct explore *x, struct crit_task *task)
{
	if (task_load_mappings(task, NULL))
		return;
	for (size_t i = 0; i < task->nr_mappings; i++)
		if (shared_word(&task->mappings[i].pub))
			small_id(&x->shared, task->mappings[i].pub.shmid);
}
