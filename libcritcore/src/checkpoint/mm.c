// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm.c - mm-PID.img: one record with the mappings, the auxiliary vector and the layout of the
 * address space.
 */
#include "checkpoint/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/vma_status.h"
#include "util/endian.h"
#include "util/range.h"

enum { MAP_HUGETLB_BIT = 0x40000 };
enum { AT_NULL_ENTRY = 0, AT_PAGESZ_ENTRY = 6, AT_HWCAP_ENTRY = 16, MAX_AUXV = 1024 };

/* The first row whose bit is set decides. */
static const struct {
	uint32_t bit;
	enum crit_mapping_kind kind;
} kind_rows[] = {
	{ VMA_EXT_PLUGIN, CRIT_MAP_PLUGIN },
	{ VMA_VSYSCALL, CRIT_MAP_VSYSCALL },
	{ VMA_VVAR, CRIT_MAP_VVAR },
	{ VMA_VDSO, CRIT_MAP_VDSO },
	{ VMA_AIORING, CRIT_MAP_AIO },
	{ VMA_SHSTK, CRIT_MAP_SHADOW_STACK },
	{ VMA_SOCKET, CRIT_MAP_SOCKET },
	{ VMA_SYSVIPC, CRIT_MAP_SYSV },
	{ VMA_MEMFD, CRIT_MAP_MEMFD },
	{ VMA_FILE_SHARED, CRIT_MAP_FILE_SHARED },
	{ VMA_FILE_PRIVATE, CRIT_MAP_FILE },
	{ VMA_ANON_SHARED, CRIT_MAP_ANON_SHARED },
	{ VMA_ANON_PRIVATE, CRIT_MAP_ANON },
};

static enum crit_mapping_kind kind_of(uint32_t status)
{
	for (size_t i = 0; i < sizeof(kind_rows) / sizeof(kind_rows[0]); i++)
		if (status & kind_rows[i].bit)
			return kind_rows[i].kind;
	return CRIT_MAP_OTHER;
}

const char *crit_mapping_kind_name(enum crit_mapping_kind kind)
{
	static const char *const names[] = {
		[CRIT_MAP_ANON] = "anon",
		[CRIT_MAP_FILE] = "file",
		[CRIT_MAP_FILE_SHARED] = "file shared",
		[CRIT_MAP_ANON_SHARED] = "anon shared",
		[CRIT_MAP_SYSV] = "sysv",
		[CRIT_MAP_MEMFD] = "memfd",
		[CRIT_MAP_SOCKET] = "socket",
		[CRIT_MAP_VDSO] = "vdso",
		[CRIT_MAP_VVAR] = "vvar",
		[CRIT_MAP_VSYSCALL] = "vsyscall",
		[CRIT_MAP_AIO] = "aio ring",
		[CRIT_MAP_SHADOW_STACK] = "shadow stack",
		[CRIT_MAP_PLUGIN] = "plugin",
		[CRIT_MAP_OTHER] = "other",
	};

	if ((size_t)kind >= sizeof(names) / sizeof(names[0]))
		return "other";
	return names[kind];
}

static bool is_of_file(enum crit_mapping_kind kind)
{
	return kind == CRIT_MAP_FILE || kind == CRIT_MAP_FILE_SHARED || kind == CRIT_MAP_MEMFD;
}

static const char *name_of(const struct crit_task *task, const struct crit_mapping *m)
{
	if (m->path)
		return m->path;
	if (m->heap)
		return "[heap]";
	if (m->stack)
		return "[stack]";
	if (m->kind == CRIT_MAP_ANON && (m->flags & MAP_HUGETLB_BIT))
		return "/anon_hugepage (deleted)";
	switch (m->kind) {
	case CRIT_MAP_VDSO:
		return "[vdso]";
	case CRIT_MAP_VVAR:
		return "[vvar]";
	case CRIT_MAP_VSYSCALL:
		return task->arm ? "[vectors]" : "[vsyscall]";
	case CRIT_MAP_AIO:
		return "/[aio] (deleted)";
	default:
		return "";
	}
}

static enum crit_status find_file(struct crit_task *task, struct mapping *m,
				  struct crit_error *err)
{
	enum crit_status status;

	if (!is_of_file(m->pub.kind))
		return CRIT_OK;
	status = files_find(&task->ckpt->files, (uint32_t)m->pub.shmid, &m->file, err);
	m->pub.path = m->file ? m->file->path : NULL;
	m->pub.deleted = m->file && m->file->pub.deleted;
	return status;
}

static void list_file(struct crit_task *task, struct mapped_file *file)
{
	if (file->listed_by == task->ckpt->files.nr_listings)
		return;
	file->listed_by = task->ckpt->files.nr_listings;
	task->files[task->nr_files++] = file;
}

/** A range's addresses in the task's own word size: see pagemap_read() on sign extension. */
static void take_range(const struct crit_task *task, const Criu__VmaEntry *vma, uint64_t *start,
		       uint64_t *end)
{
	uint64_t mask = task->layout->arch->word_size == 4 ? UINT32_MAX : UINT64_MAX;

	*start = vma->start & mask;
	// 4 GiB as an end must not become 0.
	*end = vma->end > mask && !(vma->end & mask) ? mask + 1 : vma->end & mask;
}

static void fill_mapping(const struct crit_task *task, const Criu__MmEntry *mm,
			 const Criu__VmaEntry *vma, struct mapping *m)
{
	take_range(task, vma, &m->pub.start, &m->pub.end);
	m->pub.prot = vma->prot;
	m->pub.flags = vma->flags;
	m->pub.status = vma->status;
	m->pub.pgoff = vma->pgoff;
	m->pub.shmid = vma->shmid;
	m->pub.kind = kind_of(vma->status);
	m->own_pages = vma_has_own_pages(vma->status);
	m->pub.heap = m->pub.start < mm->mm_brk && mm->mm_start_brk < m->pub.end &&
		      m->pub.kind == CRIT_MAP_ANON;
	m->pub.stack = m->pub.start <= mm->mm_start_stack && mm->mm_start_stack < m->pub.end;
}

static enum crit_status add_mapping(struct crit_task *task, const Criu__MmEntry *mm, size_t index,
				    struct crit_error *err)
{
	struct mapping *m = &task->mappings[task->nr_mappings];
	enum crit_status status;

	fill_mapping(task, mm, mm->vmas[index], m);
	if (m->pub.start >= m->pub.end || m->pub.start % task->page_size ||
	    (task->nr_mappings && m->pub.start < m[-1].pub.end))
		return error_set(err, CRIT_CORRUPT,
				 "mm-%u.img: mapping %zu, 0x%llx-0x%llx, is empty or not in order",
				 task->pid, index, (unsigned long long)mm->vmas[index]->start,
				 (unsigned long long)mm->vmas[index]->end);
	status = find_file(task, m, err);
	m->pub.name = name_of(task, &m->pub);
	task->nr_mappings++;
	if (!status && m->file)
		list_file(task, m->file);
	return status;
}

static int compare_guards(const void *a, const void *b)
{
	const struct guard *ga = a, *gb = b;

	return (ga->start > gb->start) - (ga->start < gb->start);
}

/**
 * Since 4.3 CRIU notes MADV_GUARD pages as entries behind all mappings, in any order. They are
 * parts of a mapping that has an entry of its own.
 */
static enum crit_status check_guards(struct crit_task *task, struct crit_error *err)
{
	for (size_t i = 0; i < task->nr_guards; i++) {
		const struct guard *guard = &task->guards[i];

		if (guard->start >= guard->end || (i && guard->start < guard[-1].end))
			return error_set(err, CRIT_CORRUPT,
					 "mm-%u.img: guard pages 0x%llx-0x%llx, empty or twice",
					 task->pid, (unsigned long long)guard->start,
					 (unsigned long long)guard->end);
	}
	return CRIT_OK;
}

static enum crit_status add_mappings(struct crit_task *task, const Criu__MmEntry *mm,
				     struct crit_error *err)
{
	// One more than needed, so that an address space without mappings is not a special case.
	task->mappings = calloc(mm->n_vmas + 1, sizeof(*task->mappings));
	task->files = calloc(mm->n_vmas + 1, sizeof(struct mapped_file *));
	task->guards = calloc(mm->n_vmas + 1, sizeof(*task->guards));
	if (!task->mappings || !task->files || !task->guards)
		return error_no_memory(err);
	task->ckpt->files.nr_listings++;
	for (size_t i = 0; i < mm->n_vmas; i++) {
		enum crit_status status;

		if (mm->vmas[i]->status & VMA_GUARD) {
			struct guard *guard = &task->guards[task->nr_guards++];

			take_range(task, mm->vmas[i], &guard->start, &guard->end);
			continue;
		}
		status = add_mapping(task, mm, i, err);
		if (status)
			return status;
	}
	qsort(task->guards, task->nr_guards, sizeof(*task->guards), compare_guards);
	return check_guards(task, err);
}

/** The n-th word of the saved auxiliary vector; see arch.auxv_packed. */
static uint64_t auxv_word(const struct arch *arch, const Criu__MmEntry *mm, size_t n)
{
	if (arch->auxv_packed)
		return (uint32_t)(mm->mm_saved_auxv[n / 2] >> n % 2 * 32);
	return mm->mm_saved_auxv[n];
}

static enum crit_status keep_auxv(struct crit_task *task, const Criu__MmEntry *mm,
				  struct crit_error *err)
{
	const struct arch *arch = task->layout->arch;
	size_t nr = mm->n_mm_saved_auxv * (arch->auxv_packed ? 2 : 1), len = 0;

	if (nr > MAX_AUXV)
		return error_set(err, CRIT_CORRUPT, "mm-%u.img: an auxiliary vector of %zu words",
				 task->pid, nr);
	task->page_size = arch->page_size;
	task->auxv = calloc(nr + 2, arch->word_size);
	if (!task->auxv)
		return error_no_memory(err);
	for (size_t i = 0; i + 1 < nr && auxv_word(arch, mm, i) != AT_NULL_ENTRY; i += 2) {
		uint64_t key = auxv_word(arch, mm, i), value = auxv_word(arch, mm, i + 1);

		endian_put(task->auxv + len, arch->word_size, arch->big_endian, key);
		endian_put(task->auxv + len + arch->word_size, arch->word_size, arch->big_endian,
			   value);
		len += 2u * arch->word_size;
		if (key == AT_PAGESZ_ENTRY && value >= 4096 && value <= 1 << 20 &&
		    !(value & (value - 1)))
			task->page_size = (uint32_t)value;
		if (key == AT_HWCAP_ENTRY) {
			task->space.has_hwcap = true;
			task->space.hwcap = value;
		}
	}
	task->auxv_len = len + 2u * arch->word_size; // calloc left AT_NULL behind them
	return CRIT_OK;
}

static void note_layout(struct crit_task *task, const Criu__MmEntry *mm)
{
	task->exe_file_id = mm->exe_file_id;
	task->args_start = mm->mm_arg_start;
	task->args_end = mm->mm_arg_end;
	task->env_start = mm->mm_env_start;
	task->env_end = mm->mm_env_end;
	task->space.end = task->nr_mappings ? task->mappings[task->nr_mappings - 1].pub.end : 0;
}

static void mm_name(char out[32], const struct crit_task *task)
{
	snprintf(out, 32, "mm-%u.img", task->pid);
}

enum crit_status mm_load(struct crit_task *task, struct crit_error *err)
{
	Criu__MmEntry *mm;
	struct arena arena;
	enum crit_status status;
	char name[32];

	mm_name(name, mm_owner(task));
	arena_init(&arena, 0);
	status = image_read_single(task->ckpt->src, name, IMG_MM, &criu__mm_entry__descriptor,
				   &arena, &mm, err);
	if (!status)
		status = keep_auxv(task, mm, err);
	if (!status)
		status = files_load(&task->ckpt->files, err);
	if (!status)
		status = add_mappings(task, mm, err);
	if (!status) {
		note_layout(task, mm);
		mounts_note(task);
	}
	arena_deinit(&arena);
	return status;
}

void mm_unload(struct crit_task *task)
{
	free(task->mappings);
	free(task->guards);
	free(task->files);
	free(task->auxv);
	task->mappings = NULL;
	task->guards = NULL;
	task->files = NULL;
	task->auxv = NULL;
	task->nr_mappings = task->nr_guards = task->nr_files = task->auxv_len = 0;
}

size_t mapping_find(const struct crit_task *task, uint64_t vaddr)
{
	return RANGE_FIND(task->mappings, task->nr_mappings, pub.end, vaddr);
}

size_t guard_find(const struct crit_task *task, uint64_t vaddr)
{
	return RANGE_FIND(task->guards, task->nr_guards, end, vaddr);
}

size_t crit_mapping_count(struct crit_task *task)
{
	return crit_task_load(task, NULL) ? 0 : task->nr_mappings;
}

bool crit_mapping_at(struct crit_task *task, size_t index, struct crit_mapping *out)
{
	if (index >= crit_mapping_count(task))
		return false;
	*out = task->mappings[index].pub;
	return true;
}
