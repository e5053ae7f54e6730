/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* words.h - names for Linux's numbers. NULL where a number has none. */
#ifndef CRIT_PROCESS_WORDS_H
#define CRIT_PROCESS_WORDS_H

#include <stdbool.h>
#include <stdint.h>

/** Name and unit of a resource limit; numbers differ on MIPS. @return false: not known. */
bool words_rlimit(bool mips, uint32_t resource, const char **name, const char **unit);
const char *words_clock(int32_t clock);
/** SIGEV_* */
const char *words_notify(uint32_t notify);
/** SCHED_* */
const char *words_policy(uint32_t policy);

#endif
