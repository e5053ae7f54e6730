/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stacks.h - what is asked of struct crit_stacks beyond critcore.h. */
#ifndef CRIT_UNWIND_STACKS_H
#define CRIT_UNWIND_STACKS_H

#include "critcore.h"

/** The checkpoint that the stacks are of. */
struct crit_checkpoint *stacks_checkpoint(struct crit_stacks *stacks);

#endif
