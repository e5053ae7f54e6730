/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* stack_memory.h - reading stacks, word by word, a page at a time. */
#ifndef CRIT_UNWIND_STACK_MEMORY_H
#define CRIT_UNWIND_STACK_MEMORY_H

#include "critcore.h"

enum { STACK_PAGE = 4096, STACK_PAGES = 16 };

struct stack_page {
	uint64_t vaddr;
	size_t len; /* bytes that are there, from vaddr on; 0: not used */
	uint64_t used_at;
	uint8_t bytes[STACK_PAGE];
};

/** What was read of one process. */
struct stack_memory {
	struct crit_task *task;
	struct stack_page pages[STACK_PAGES];
	uint64_t clock;
};

/** Read from a process from now on; what was read of another one is forgotten. */
void stack_memory_use(struct stack_memory *memory, struct crit_task *task);
/** As crit_mem_read(), all or nothing. @p len up to STACK_PAGE. */
enum crit_status stack_memory_read(struct stack_memory *memory, uint64_t vaddr, void *buf,
				   size_t len, struct crit_error *err);

#endif
