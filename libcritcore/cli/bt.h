/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* bt.h - what critcore bt looks for, and how it is printed. */
#ifndef CRIT_CLI_BT_H
#define CRIT_CLI_BT_H

#include "cli.h"

/** A line "Process 42 (name):". */
void bt_print_process(const struct crit_task_info *info);
/** A stack as gdb has it, with a line for its thread before and an empty line behind. */
void bt_print_stack(const struct crit_stack *stack);
/** The same as one line of JSON. */
void bt_print_json(const struct crit_stack *stack, uint32_t pid);
/** Likewise for threads that have the same one. */
void bt_print_group(const struct crit_stack_group *group);
void bt_print_group_json(const struct crit_stack_group *group);

#endif
