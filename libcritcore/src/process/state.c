// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * state.c - what a thread was doing: crit_thread_state(). No image says it; arch/calls.h tells what
 * the registers prove. Where they leave it open, the instruction at pc is looked at:
 *
 *	registers say        at pc                behind it is pc     then the thread was
 *	in a call            a system call        -                   sleeping in it
 *	in a call            another instruction  -                   in it
 *	nothing              a system call        -                   in it
 *	nothing              another one          a system call       in it
 *	nothing              another one          another one         running
 *
 * What cannot be read (text that is in no image, and not on this machine) proves nothing.
 */
#include <stdio.h>
#include <string.h>

#include "checkpoint/checkpoint.h"

/* Where pc is, seen from a system call instruction. */
enum place { AT, PAST, ELSEWHERE, NOT_READ };

/* Is one of the instructions at @p vaddr, or with @p past just before it? */
static bool has_insn(struct crit_task *task, const struct arch_call *call, bool past, bool *read)
{
	for (const struct arch_insn *insn = call->insns; insn->len; insn++) {
		uint8_t bytes[ARCH_INSN_MAX];
		uint64_t vaddr = past ? call->pc - insn->len : call->pc;

		if (crit_mem_read(task, vaddr, insn->len, bytes, NULL, NULL))
			*read = false;
		else if (!memcmp(bytes, insn->bytes, insn->same))
			return true;
	}
	return false;
}

static enum place find_place(struct crit_task *task, const struct arch_call *call)
{
	bool read = true;

	if (has_insn(task, call, false, &read))
		return AT;
	if (has_insn(task, call, true, &read))
		return PAST;
	return read ? ELSEWHERE : NOT_READ;
}

static enum crit_thread_activity find_activity(const struct arch_call *call, enum place place)
{
	switch (call->says) {
	case ARCH_CALL_NONE:
		return CRIT_THREAD_RUNNING;
	case ARCH_CALL_WAITED:
		return CRIT_THREAD_SLEEPING;
	case ARCH_CALL_IN:
		return place == AT ? CRIT_THREAD_SLEEPING : CRIT_THREAD_IN_CALL;
	case ARCH_CALL_UNSAID:
		break;
	}
	if (place == AT || place == PAST)
		return CRIT_THREAD_IN_CALL;
	return place == ELSEWHERE ? CRIT_THREAD_RUNNING : CRIT_THREAD_UNKNOWN;
}

static void note_call(const struct arch_call *call, enum place place, struct crit_thread_state *out)
{
	if (call->nr_at == call->nr_past)
		out->call_nr = call->nr_at;
	else if (place == AT || place == PAST)
		out->call_nr = place == AT ? call->nr_at : call->nr_past;
	if (out->call_nr >= 0)
		out->call_name = call->name(out->call_nr);
	memcpy(out->args, call->args, sizeof(out->args));
	out->has_first_arg = !call->first_arg_lost || place == AT;
}

static void note_registers(struct crit_thread *thread, const struct arch_call *call,
			   struct crit_thread_state *out)
{
	enum place place = NOT_READ;

	if (!call->insns)
		return;
	// Of those that say it all, memory is left alone: there may be thousands.
	if (call->says == ARCH_CALL_UNSAID || call->says == ARCH_CALL_IN)
		place = find_place(thread->task, call);
	else if (call->interrupted)
		place = PAST;
	out->activity = find_activity(call, place);
	if (out->activity == CRIT_THREAD_IN_CALL || out->activity == CRIT_THREAD_SLEEPING)
		note_call(call, place, out);
	out->on_altstack = call->sp > thread->sas_start &&
			   call->sp - thread->sas_start <= thread->sas_len;
}

enum crit_status crit_thread_state(struct crit_thread *thread, struct crit_thread_state *out,
				   struct crit_error *err)
{
	struct crit_task *task = thread->task;
	const struct arch_regs *regs;
	struct crit_task_info info;
	enum crit_status status = crit_task_info(task, &info, err);

	*out = (struct crit_thread_state){ .call_nr = -1, .exit_code = info.exit_code };
	out->stopped = info.state == CRIT_TASK_STOPPED;
	out->stop_signo = out->stopped ? info.stop_signo : 0;
	if (info.state == CRIT_TASK_ZOMBIE) {
		out->activity = CRIT_THREAD_DEAD;
		return CRIT_OK;
	}
	if (!status)
		status = thread_regs(thread, &regs, err);
	if (status)
		return status;
	note_registers(thread, &regs->call, out);
	return CRIT_OK;
}

/* "in futex", "in system call 999", "in a system call" */
static void call_text(const struct crit_thread_state *state, char *buf, size_t len)
{
	const char *verb = state->activity == CRIT_THREAD_SLEEPING && !state->stopped ?
				   "sleeping in" : "in";

	if (state->call_name)
		snprintf(buf, len, "%s %s", verb, state->call_name);
	else if (state->call_nr >= 0)
		snprintf(buf, len, "%s system call %d", verb, state->call_nr);
	else
		snprintf(buf, len, "%s a system call", verb);
}

void crit_thread_state_text(const struct crit_thread *thread, const struct crit_thread_state *state,
			    char *buf, size_t len)
{
	char stop[32] = "", doing[64] = "";

	if (state->activity == CRIT_THREAD_DEAD) {
		crit_wait_status_text(thread->task, state->exit_code, buf, len);
		return;
	}
	if (state->stopped && state->stop_signo)
		snprintf(stop, sizeof(stop), "stopped by %s",
			 crit_signal_name(thread->task, state->stop_signo));
	else if (state->stopped)
		snprintf(stop, sizeof(stop), "stopped");
	if (state->activity == CRIT_THREAD_IN_CALL || state->activity == CRIT_THREAD_SLEEPING)
		call_text(state, doing, sizeof(doing));
	else if (state->activity == CRIT_THREAD_RUNNING && !state->stopped)
		snprintf(doing, sizeof(doing), "running");
	snprintf(buf, len, "%s%s%s%s%s", stop, *stop && *doing ? ", " : "", doing,
		 state->on_altstack && (*stop || *doing) ? ", " : "",
		 state->on_altstack ? "in signal handler" : "");
}
