/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* process.h - fuzz_checkpoint.c: what the kernel knew of a process and its threads is text that
 * fits, numbers in their bounds, and bytes that can be read. */
#ifndef FUZZ_PROCESS_H
#define FUZZ_PROCESS_H

#include "checkpoint_folder.h"
#include "critcore.h"

static void check_text(const char *text, size_t room)
{
	require(strlen(text) < room);
	for (; *text; text++)
		require((unsigned char)*text >= 0x20 && *text != 0x7f);
}

static void check_flags(enum crit_flag_kind kind, uint64_t bits)
{
	char text[2048], little[7];

	crit_flag_text(kind, bits, text, sizeof(text));
	check_text(text, sizeof(text));
	require(!*text == !bits);
	crit_flag_text(kind, bits, little, sizeof(little));
	check_text(little, sizeof(little));
}

static void check_queue(const struct crit_task *task, const struct crit_pending *queue, size_t nr)
{
	static volatile uint8_t sink; // the bytes are read, whatever they are

	for (size_t i = 0; i < nr; i++) {
		require(queue[i].kind <= CRIT_SIGINFO_SYSCALL);
		check_text(crit_signal_name(task, queue[i].signo), 8);
		if (queue[i].raw_len)
			sink = ((const uint8_t *)queue[i].raw)[queue[i].raw_len - 1];
	}
	(void)sink;
}

static void check_task_details(struct crit_task *task)
{
	struct crit_task_details *details;
	struct crit_error err = { 0 };

	if (crit_task_details_read(task, &details, &err)) {
		require(*err.message);
		return;
	}
	check_queue(task, details->pending, details->nr_pending);
	for (size_t i = 0; i < details->nr_actions; i++) {
		require(details->actions[i].signo > i);
		check_flags(details->actions[i].flag_kind, details->actions[i].flags);
	}
	for (size_t i = 0; i < details->nr_rlimits; i++)
		require(*details->rlimits[i].name && details->rlimits[i].unit);
	for (size_t i = 0; details->has_itimers && i < 3; i++)
		require(*details->itimers[i].name);
	check_flags(CRIT_FLAGS_MEMBARRIER, details->membarrier);
	check_flags(CRIT_FLAGS_PERSONALITY, details->personality);
	crit_task_details_free(details);
}

static void check_thread_details(struct crit_task *task, struct crit_thread *thread)
{
	struct crit_thread_details *details;
	uint8_t siginfo[CRIT_SIGINFO_MAX];
	size_t len = 0;
	enum crit_status status = crit_thread_siginfo(thread, siginfo, &len, NULL);

	require(len <= sizeof(siginfo));
	if (crit_thread_details_read(thread, &details, NULL)) {
		require(status);
		return;
	}
	check_queue(task, details->pending, details->nr_pending);
	require(!details->nr_pending || !status);
	check_flags(CRIT_FLAGS_CAPABILITIES, details->creds.bounding);
	check_flags(CRIT_FLAGS_SECUREBITS, details->creds.securebits);
	require(!details->has_seccomp_filters == !details->nr_seccomp_filters);
	crit_thread_details_free(details);
}

static void check_state(struct crit_thread *thread)
{
	struct crit_thread_state state;
	char text[CRIT_STATE_TEXT_MAX];

	if (crit_thread_state(thread, &state, NULL))
		require(state.activity == CRIT_THREAD_UNKNOWN);
	require(!state.call_name || state.call_nr >= 0);
	require(state.call_nr < 0 || state.activity == CRIT_THREAD_IN_CALL ||
		state.activity == CRIT_THREAD_SLEEPING);
	crit_thread_state_text(thread, &state, text, sizeof(text));
	check_text(text, sizeof(text) - 1); // nothing was cut
}

/** Before and after the task is loaded. */
static void check_process(struct crit_task *task)
{
	struct crit_namespace *namespaces;
	size_t nr;

	for (size_t t = 0; t < crit_thread_count(task) && t < 8; t++) {
		check_state(crit_thread_at(task, t));
		check_thread_details(task, crit_thread_at(task, t));
	}
	check_task_details(task);
	if (crit_namespaces_read(task, &namespaces, &nr, NULL))
		return;
	for (size_t i = 0; i < nr; i++)
		check_text(namespaces[i].known, 240);
	crit_namespaces_free(namespaces);
}

#endif
