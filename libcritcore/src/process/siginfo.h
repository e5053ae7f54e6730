/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* siginfo.h - siginfo_t of the dumping machine: understood, and turned into the task's own
 * layout. */
#ifndef CRIT_PROCESS_SIGINFO_H
#define CRIT_PROCESS_SIGINFO_H

#include "process/records.h"

/** Understand one; too short ones have number 0. @p raw lives as long as @p out. */
void siginfo_decode(const struct crit_task *task, const void *raw, size_t len,
		    struct crit_pending *out);

/**
 * Understand a queue.
 * @param out  [out] An array in @p arena.
 * @return CRIT_OK, CRIT_NO_MEMORY.
 */
enum crit_status siginfo_queue(const struct crit_task *task, Criu__SiginfoEntry **entries,
			       size_t nr, struct arena *arena, const struct crit_pending **out,
			       struct crit_error *err);

#endif
