// SPDX-License-Identifier: LGPL-2.1-or-later
/* stack_memory.c - a few pages of a process; the one that was not used for longest makes room. */
#include "unwind/stack_memory.h"

#include <string.h>

void stack_memory_use(struct stack_memory *memory, struct crit_task *task)
{
	if (memory->task == task)
		return;
	memory->task = task;
	for (size_t i = 0; i < STACK_PAGES; i++)
		memory->pages[i].len = 0;
}

static struct stack_page *find_page(struct stack_memory *memory, uint64_t vaddr)
{
	struct stack_page *oldest = &memory->pages[0];

	for (size_t i = 0; i < STACK_PAGES; i++) {
		struct stack_page *page = &memory->pages[i];

		if (page->len && page->vaddr == vaddr)
			return page;
		if (!page->len || (oldest->len && page->used_at < oldest->used_at))
			oldest = page;
	}
	oldest->vaddr = vaddr;
	if (crit_mem_read(memory->task, vaddr, STACK_PAGE, oldest->bytes, &oldest->len, NULL) &&
	    !oldest->len)
		return NULL;
	return oldest;
}

enum crit_status stack_memory_read(struct stack_memory *memory, uint64_t vaddr, void *buf,
				   size_t len, struct crit_error *err)
{
	struct stack_page *page = find_page(memory, vaddr - vaddr % STACK_PAGE);
	size_t at = vaddr % STACK_PAGE, nread;

	// Across a page's end, or beyond what is there: that is for the one who knows why.
	if (!page || at + len > page->len)
		return crit_mem_read(memory->task, vaddr, len, buf, &nread, err);
	page->used_at = ++memory->clock;
	memcpy(buf, page->bytes + at, len);
	return CRIT_OK;
}
