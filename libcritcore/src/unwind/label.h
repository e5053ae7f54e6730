/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* label.h - naming many threads in one line. */
#ifndef CRIT_UNWIND_LABEL_H
#define CRIT_UNWIND_LABEL_H

#include "critcore.h"

/**
 * @param with_process  Also say which process or how many they are of.
 * @return "990 threads: 12-1001 (worker-*)", for free(); NULL when memory is out.
 */
char *label_threads(struct crit_thread *const *threads, size_t nr, bool with_process);

#endif
