// SPDX-License-Identifier: LGPL-2.1-or-later
/* mappings.c - mm-PID.img: mappings that can be made again, of files and memory that there are. */
#include <stdarg.h>
#include <stdio.h>

#include "check/check.h"
#include "check/memory.h"
#include "fdtable.pb-c.h"
#include "image/vma_status.h"

enum { AT_PAGESZ_ENTRY = 6 };

static const uint32_t KINDS = VMA_VSYSCALL | VMA_VDSO | VMA_FILE_PRIVATE | VMA_FILE_SHARED |
			      VMA_ANON_SHARED | VMA_ANON_PRIVATE | VMA_SYSVIPC | VMA_SOCKET |
			      VMA_VVAR | VMA_AIORING | VMA_SHSTK | VMA_GUARD | VMA_EXT_PLUGIN;

static bool is_page_size(uint64_t value)
{
	return value >= MIN_PAGE_SIZE && value <= MAX_PAGE_SIZE && !(value & (value - 1));
}

/* A word each for type and value; of i386 tasks both in one. */
uint32_t mm_page_size(const Criu__MmEntry *mm)
{
	for (size_t i = 0; i + 1 < mm->n_mm_saved_auxv; i += 2)
		if (mm->mm_saved_auxv[i] == AT_PAGESZ_ENTRY &&
		    is_page_size(mm->mm_saved_auxv[i + 1]))
			return (uint32_t)mm->mm_saved_auxv[i + 1];
	for (size_t i = 0; i < mm->n_mm_saved_auxv; i++)
		if ((uint32_t)mm->mm_saved_auxv[i] == AT_PAGESZ_ENTRY &&
		    is_page_size(mm->mm_saved_auxv[i] >> 32))
			return (uint32_t)(mm->mm_saved_auxv[i] >> 32);
	return 0;
}

static PRINTF(5, 6) void bad(struct check *c, enum rule rule, const struct item *at,
			     const Criu__VmaEntry *vma, const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	found(c, rule, at, "vmas", "mapping 0x%llx-0x%llx: %s", (unsigned long long)vma->start,
	      (unsigned long long)vma->end, text);
}

static void check_range(struct check *c, const struct item *at, const Criu__VmaEntry *vma,
			uint32_t page_size)
{
	uint64_t mask = (page_size ? page_size : MIN_PAGE_SIZE) - 1;

	if (vma->start >= vma->end)
		bad(c, RULE_VMA_RANGE, at, vma, "it has no pages");
	else if ((vma->start | vma->end) & mask)
		bad(c, RULE_VMA_RANGE, at, vma, "it does not begin and end at a page");
	if (vma->status & (VMA_FILE_PRIVATE | VMA_FILE_SHARED) && vma->pgoff & mask)
		bad(c, RULE_VMA_RANGE, at, vma, "its offset in the file, 0x%llx, is not a page's",
		    (unsigned long long)vma->pgoff);
}

static void check_file(struct check *c, const struct item *at, const Criu__VmaEntry *vma)
{
	bool memfd = vma->status & VMA_MEMFD;
	int type = memfd ? CRIU__FD_TYPES__MEMFD : CRIU__FD_TYPES__REG;

	if (vma->status & VMA_EXT_PLUGIN)
		return;
	if (vma->shmid > UINT32_MAX || !file_find(c, type, (uint32_t)vma->shmid))
		bad(c, RULE_VMA_FILE, at, vma, "no %s with id %llu is in files.img",
		    memfd ? "memfd" : "regular file", (unsigned long long)vma->shmid);
}

bool shared_memory_there(const struct check *c, uint64_t id)
{
	char name[64];

	snprintf(name, sizeof(name), "pagemap-shmem-%llu.img", (unsigned long long)id);
	for (size_t i = 0; i < c->chain.nr_levels; i++)
		if ((!i || i == c->chain.pages_dir) && source_has(c->chain.levels[i].src, name))
			return true;
	return false;
}

static void check_object(struct check *c, const struct item *at, const Criu__VmaEntry *vma)
{
	unsigned long long id = (unsigned long long)vma->shmid;

	if (vma->status & VMA_SYSVIPC) {
		if (!keys_find(&c->segments, 0, vma->shmid))
			bad(c, RULE_VMA_SHARED, at, vma, "no segment %llu is in ipcns-shm-N.img",
			    id);
	} else if (vma->status & VMA_ANON_SHARED && !(vma->status & VMA_MEMFD)) {
		if (!shared_memory_there(c, vma->shmid))
			bad(c, RULE_VMA_SHARED, at, vma, "there is no pagemap-shmem-%llu.img", id);
	} else if (vma->status & VMA_SOCKET) {
		if (!keys_find(&c->file_ids, 0, vma->shmid))
			bad(c, RULE_VMA_FILE, at, vma, "no socket with id %llu is in files.img",
			    id);
	}
}

static void check_kind(struct check *c, const struct item *at, const Criu__VmaEntry *vma)
{
	if (!(vma->status & KINDS))
		bad(c, RULE_VMA_KIND, at, vma, "status 0x%x is of no kind of mapping", vma->status);
	else if (vma->status & (VMA_FILE_PRIVATE | VMA_FILE_SHARED))
		check_file(c, at, vma);
	else
		check_object(c, at, vma);
}

static void check_vmas(struct check *c, const struct item *at, const Criu__MmEntry *mm)
{
	uint32_t page_size = mm_page_size(mm);
	const Criu__VmaEntry *last = NULL;

	for (size_t i = 0; i < mm->n_vmas && goes_on(c); i++) {
		const Criu__VmaEntry *vma = mm->vmas[i];

		check_range(c, at, vma, page_size);
		check_kind(c, at, vma);
		if (vma->status & VMA_GUARD)
			continue; // inside another
		if (last && vma->start < last->end)
			bad(c, RULE_VMA_ORDER, at, vma, "%s mapping 0x%llx-0x%llx before it",
			    vma->start < last->start ? "it belongs in front of the" :
						       "it overlaps the",
			    (unsigned long long)last->start, (unsigned long long)last->end);
		last = vma;
	}
}

static void check_layout(struct check *c, const struct item *at, const Criu__MmEntry *mm)
{
	if (!file_find(c, CRIU__FD_TYPES__REG, mm->exe_file_id))
		found(c, RULE_EXE, at, "exe_file_id", "no regular file with id %u is in files.img",
		      mm->exe_file_id);
	if (!mm->n_vmas)
		found(c, RULE_VMA_RANGE, at, "vmas", "a process without mappings");
}

void check_mappings(struct check *c)
{
	const struct items *set = &c->sets[SET_MM];

	for (size_t i = 0; i < set->nr && goes_on(c); i++) {
		check_layout(c, &set->items[i], set->items[i].msg);
		check_vmas(c, &set->items[i], set->items[i].msg);
	}
}
