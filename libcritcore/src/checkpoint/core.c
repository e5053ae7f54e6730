// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * core.c - core-TID.img: one record for each thread with its registers; the leader's also says what
 * is known of the process. A record decodes into ten times its size, and a checkpoint may have
 * thousands of threads: what is kept is the name and gdb's registers.
 */
#include "checkpoint/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* CRIU's numbers of task_core_entry.task_state. */
enum {
	STATE_ALIVE = 1,
	STATE_DEAD = 2, /* zombies are stored as this */
	STATE_STOPPED = 3,
	STATE_ZOMBIE = 6,
};

enum { LINUX_SS_DISABLE = 2 };

static const char *name_of(const Criu__CoreEntry *core)
{
	if (core->thread_core && core->thread_core->comm)
		return core->thread_core->comm;
	return core->tc ? core->tc->comm : NULL;
}

enum crit_status core_read(struct crit_thread *thread, struct arena *arena, Criu__CoreEntry **out,
			   struct crit_error *err)
{
	enum crit_status status;
	char name[32];

	snprintf(name, sizeof(name), "core-%u.img", thread->tid);
	status = image_read_single(thread->task->ckpt->src, name, IMG_CORE,
				   &criu__core_entry__descriptor, arena, out, err);
	if (!status && !thread->name && name_of(*out))
		thread->name = strdup(name_of(*out));
	return status;
}

static bool is_of_cpu(const struct crit_task *task, const Criu__CoreEntry *core)
{
	return (uint32_t)core->mtype == task->mtype;
}

/** Why a core image has no registers of the process's CPU; NULL: it has some. */
static const char *lacking(const struct crit_task *task, const Criu__CoreEntry *core,
			   const struct arch_regs *regs)
{
	if (!is_of_cpu(task, core))
		return "they are of another CPU than the process's";
	for (size_t i = 0; i < task->layout->nr_regs; i++)
		if (regs->known[i])
			return NULL;
	return "there are none in it";
}

static enum crit_status keep_registers(struct crit_thread *thread, const Criu__CoreEntry *core,
				       struct crit_error *err)
{
	const struct arch_layout *layout = thread->task->layout;
	const Criu__ThreadSasEntry *sas = core->thread_core ? core->thread_core->sas : NULL;
	static const Criu__CoreEntry nothing = CRIU__CORE_ENTRY__INIT;

	thread->sas_start = sas ? sas->ss_sp : 0;
	thread->sas_len = sas && !(sas->ss_flags & LINUX_SS_DISABLE) ? sas->ss_size : 0;
	if (layout && !arch_regs_init(&thread->regs, layout,
				      is_of_cpu(thread->task, core) ? core : &nothing))
		return error_no_memory(err);
	thread->lacking = layout ? lacking(thread->task, core, &thread->regs) : NULL;
	if (layout && thread->task->settled)
		arch_regs_settle(&thread->regs, layout, &thread->task->space);
	thread->loaded = true;
	return CRIT_OK;
}

void registers_settle(struct crit_task *task)
{
	if (!task->layout || task->settled)
		return;
	arch_layout_settle(task->layout, &task->space);
	for (size_t i = 0; i < task->nr_threads; i++)
		arch_regs_settle(&task->threads[i].regs, task->layout, &task->space);
	task->settled = true;
}

enum crit_status thread_load(struct crit_thread *thread, struct crit_error *err)
{
	struct crit_task *task = thread->task;
	Criu__CoreEntry *core;
	struct arena arena;
	enum crit_status status = core_load(task, err);

	if (thread->loaded)
		return CRIT_OK;
	if (thread == &task->threads[0])
		return status;
	arena_init(&arena, 0);
	status = core_read(thread, &arena, &core, err);
	// Without the leader's there is a name, but no layout to keep registers in.
	if (!status && task->core_loaded)
		status = keep_registers(thread, core, err);
	arena_deinit(&arena);
	return status;
}

static enum crit_task_state state_of(const Criu__TaskCoreEntry *tc)
{
	switch (tc->task_state) {
	case STATE_ALIVE:
		return CRIT_TASK_ALIVE;
	case STATE_STOPPED:
		return CRIT_TASK_STOPPED;
	case STATE_DEAD:
	case STATE_ZOMBIE:
		return CRIT_TASK_ZOMBIE;
	default:
		return CRIT_TASK_UNKNOWN;
	}
}

static enum crit_status lay_out(struct crit_task *task, const Criu__CoreEntry *core,
				struct crit_error *err)
{
	const struct arch *arch = arch_find(core, task->ckpt->info.big_endian);

	if (task->state == CRIT_TASK_ZOMBIE)
		return CRIT_OK;
	if (!arch)
		return error_set(err, CRIT_UNSUPPORTED,
				 "core-%u.img: registers of a CPU this version does not read "
				 "(mtype %d)",
				 task->pid, core->mtype);
	if (!task->layout)
		task->layout = malloc(sizeof(*task->layout));
	if (!task->layout)
		return error_no_memory(err);
	arch_layout_init(task->layout, arch, core);
	return CRIT_OK;
}

static enum crit_status note_core(struct crit_task *task, const Criu__CoreEntry *core,
				  struct crit_error *err)
{
	if (!core->tc)
		return error_set(err, CRIT_CORRUPT,
				 "core-%u.img: it is a thread's, not a process's", task->pid);
	task->state = state_of(core->tc);
	task->exit_code = core->tc->exit_code;
	task->mtype = (uint32_t)core->mtype;
	task->mips = core->mtype == CRIU__CORE_ENTRY__MARCH__MIPS;
	task->arm = core->mtype == CRIU__CORE_ENTRY__MARCH__ARM;
	task->compat = core->thread_info && core->thread_info->gpregs->has_mode &&
		       core->thread_info->gpregs->mode == CRIU__USER_X86_REGS_MODE__COMPAT;
	task->stop_signo = core->tc->has_stop_signo ? core->tc->stop_signo : 0;
	ids_note(task, core->ids);
	return lay_out(task, core, err);
}

enum crit_status core_load(struct crit_task *task, struct crit_error *err)
{
	struct crit_thread *leader = &task->threads[0];
	Criu__CoreEntry *core;
	struct arena arena;
	enum crit_status status;

	if (task->core_loaded)
		return CRIT_OK;
	arena_init(&arena, 0);
	status = core_read(leader, &arena, &core, err);
	if (!status)
		status = note_core(task, core, err);
	if (!status)
		status = keep_registers(leader, core, err);
	arena_deinit(&arena);
	task->core_loaded = status == CRIT_OK;
	return status;
}

const char *crit_thread_name(struct crit_thread *thread)
{
	thread_load(thread, NULL);
	return thread->name ? thread->name : "";
}

const struct arch_layout *task_layout(const struct crit_task *task)
{
	return task->layout;
}

enum crit_status thread_regs(struct crit_thread *thread, const struct arch_regs **out,
			     struct crit_error *err)
{
	struct crit_task *task = thread->task;
	enum crit_status status = core_load(task, err);

	if (!status && !task->layout)
		return error_set(err, CRIT_NOT_DUMPED,
				 "process %u is a zombie: it has no registers", task->pid);
	if (!status)
		status = thread_load(thread, err);
	if (!status)
		*out = &thread->regs;
	return status;
}

size_t crit_register_count(struct crit_task *task)
{
	return task->layout ? task->layout->nr_regs : 0;
}

size_t crit_register_index(struct crit_task *task, const char *name)
{
	return task->layout ? arch_reg_index(task->layout, name) : 0;
}

enum crit_status crit_register_get(struct crit_thread *thread, size_t index,
				   struct crit_register *out, struct crit_error *err)
{
	const struct arch_layout *layout;
	const struct arch_regs *regs;
	enum crit_status status = thread_regs(thread, &regs, err);

	if (status)
		return status;
	layout = thread->task->layout;
	if (index >= layout->nr_regs)
		return error_set(err, CRIT_NOT_FOUND, "no register number %zu", index);
	out->name = layout->reg[index]->name;
	out->size = layout->reg[index]->bits / 8;
	out->available = regs->known[index];
	out->bytes = out->available ? regs->bytes + layout->off[index] : NULL;
	return CRIT_OK;
}
