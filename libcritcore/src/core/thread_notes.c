// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * thread_notes.c - the notes of a thread: NT_PRSTATUS, which begins as below in the task's own
 * words and holds its general registers, then what arch/notes.h has for its CPU.
 *
 *	0	int signo, code, errno	of the signal that ended it: none
 *	12	short			the same signal
 *	16	word pending, blocked	signals 1 to 32, or 64
 *		int tid, ppid, pgid, sid
 *		timeval[4]		times: in no image
 *		registers
 *		int			are there floating point registers?
 */
#include <elf.h>
#include <string.h>

#include "arch/notes.h"
#include "core/core.h"
#include "util/endian.h"

enum { SETS_AT = 16, FIXED_MAX = 256 };

static uint64_t pending_set(const struct crit_pending *pending, size_t nr)
{
	uint64_t set = 0;

	for (size_t i = 0; i < nr; i++)
		if (pending[i].signo && pending[i].signo <= 64)
			set |= 1ull << (pending[i].signo - 1);
	return set;
}

/** Those of the process are shown with its first thread's, as a debugger's siginfo is. */
static uint64_t all_pending(struct core *core, const struct crit_thread *thread,
			    const struct crit_thread_details *details)
{
	uint64_t set = pending_set(details->pending, details->nr_pending);
	struct crit_task_details *shared;

	if (thread != &core->task->threads[0] ||
	    crit_task_details_read(core->task, &shared, NULL))
		return set;
	set |= pending_set(shared->pending, shared->nr_pending);
	crit_task_details_free(shared);
	return set;
}

static void put_signals(struct core *core, struct crit_thread *thread, uint8_t *desc)
{
	size_t word = core->arch->word_size;
	bool big = core->arch->big_endian;
	struct crit_thread_details *details;

	if (crit_thread_details_read(thread, &details, NULL))
		return;
	endian_put(desc + SETS_AT, word, big, all_pending(core, thread, details));
	endian_put(desc + SETS_AT + word, word, big, details->blocked.low);
	crit_thread_details_free(details);
}

static void add_status(struct core *core, struct crit_thread *thread,
		       const struct arch_regs *regs, const Criu__CoreEntry *image)
{
	const struct crit_task *task = core->task;
	const uint32_t ids[] = { thread->tid, task->ppid, task->pgid, task->sid };
	size_t word = core->arch->word_size, at = SETS_AT + 2 * word;
	bool big = core->arch->big_endian;
	uint8_t desc[FIXED_MAX + ARCH_NOTE_MAX] = { 0 };

	put_signals(core, thread, desc);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++, at += 4)
		endian_put(desc + at, 4, big, ids[i]);
	at += 8 * word;
	arch_note_make(core->arch->notes, task_layout(task), regs, image, desc + at);
	at += core->arch->notes->len;
	endian_put(desc + at, 4, big, 1);
	note_add(core, "CORE", NT_PRSTATUS, desc, (at + 4 + word - 1) / word * word);
}

static void add_siginfo(struct core *core, struct crit_thread *thread)
{
	uint8_t info[CRIT_SIGINFO_MAX];
	size_t len;

	if (!crit_thread_siginfo(thread, info, &len, NULL))
		note_add(core, "CORE", NT_SIGINFO, info, len);
}

/** Those behind NT_PRSTATUS. */
static void add_notes(struct core *core, struct crit_thread *thread, const struct arch_regs *regs,
		      const Criu__CoreEntry *image)
{
	const struct arch_layout *layout = task_layout(core->task);
	const struct arch_note *note = core->arch->notes;
	uint8_t desc[ARCH_NOTE_MAX];

	add_siginfo(core, thread);
	while ((++note)->owner) {
		size_t len = arch_note_make(note, layout, regs, image, desc);

		if (len)
			note_add(core, note->owner, note->type, desc, len);
	}
}

enum crit_status thread_notes_add(struct core *core, struct crit_thread *thread,
				  enum crit_status (*between)(struct core *, struct crit_error *),
				  bool *lacking, struct crit_error *err)
{
	const struct arch_regs *regs;
	Criu__CoreEntry *image;
	struct arena arena;
	enum crit_status status;

	*lacking = thread_regs(thread, &regs, NULL) || thread->lacking;
	if (*lacking)
		return CRIT_OK;
	arena_init(&arena, 0);
	status = core_read(thread, &arena, &image, err);
	if (!status)
		add_status(core, thread, regs, image);
	if (!status && between)
		status = between(core, err);
	if (!status)
		add_notes(core, thread, regs, image);
	arena_deinit(&arena);
	return status;
}
