// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * parts.c - what is to be done with each range of memory.
 *
 *	in an image			copied
 *	never written to		zeros
 *	in a mapped file		left there, if the process's name of the file leads to it on
 *					this machine; its first page is copied, since debuggers know
 *					a file by the ELF header and the build-id there
 *	  found elsewhere (a sysroot)	copied: no debugger would find it
 *	  asked for			copied
 *	of the kernel, guard pages	in no segment
 *	not there, or turned out bad	in no segment
 */
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "util/array.h"
#include "util/range.h"

static bool is_under_its_name(const struct mapped_file *file)
{
	return file && file->pub.verdict == CRIT_FILE_USED && file->pub.local_path &&
	       file->path && !strcmp(file->pub.local_path, file->path);
}

/** A part that is in a mapped file, of any kind of mapping. */
static void choose_file(struct core *core, struct part *part)
{
	const struct mapping *m = &core->task->mappings[part->at.mapping];
	uint64_t page_size = core->task->page_size;
	uint64_t first_page = m->pub.pgoff ? 0 : page_size, from = part->start - m->pub.start;

	part->kind = PART_DATA;
	if (core->options->full || !is_under_its_name(m->file))
		return;
	if (from < first_page) {
		if (part->len > first_page - from)
			part->len = first_page - from;
	} else if (part->len >= page_size) {
		// The last page is the file's in part only: all of it is copied.
		part->len -= part->len % page_size;
		part->kind = PART_IN_FILE;
	}
}

/** End before, or be, a bad range. */
static void mind_bads(struct core *core, struct part *part)
{
	size_t i = RANGE_FIND(core->bads, core->nr_bads, end, part->start);
	const struct bad *bad = i < core->nr_bads ? &core->bads[i] : NULL;
	uint64_t limit;

	if (!bad || bad->start >= part->start + part->len)
		return;
	limit = bad->start > part->start ? bad->start : bad->end;
	if (part->len > limit - part->start)
		part->len = limit - part->start;
	if (bad->start <= part->start) {
		part->kind = PART_GONE;
		part->why = bad->why;
	}
}

/** The kernel's own core files lack these as well. */
static bool is_never(enum crit_why why)
{
	return why == CRIT_WHY_VVAR || why == CRIT_WHY_VSYSCALL || why == CRIT_WHY_GUARD;
}

enum crit_status part_at(struct core *core, uint64_t vaddr, uint64_t end, struct part *out,
			 struct crit_error *err)
{
	enum crit_status status = crit_mem_locate(core->task, vaddr, &out->at, err);

	if (status)
		return status;
	out->start = vaddr;
	out->len = out->at.len && out->at.len < end - vaddr ? out->at.len : end - vaddr;
	out->why = NULL;
	switch (out->at.kind) {
	case CRIT_ORIGIN_IMAGE:
		out->kind = PART_DATA;
		break;
	case CRIT_ORIGIN_ZERO:
		out->kind = PART_ZERO;
		break;
	case CRIT_ORIGIN_FILE:
		choose_file(core, out);
		break;
	default:
		out->kind = is_never(out->at.why) ? PART_NEVER : PART_GONE;
		out->why = crit_why_text(out->at.why);
	}
	if (core->nr_bads && out->at.kind != CRIT_ORIGIN_UNAVAILABLE)
		mind_bads(core, out);
	return CRIT_OK;
}

bool part_may_be_named(const struct part *part)
{
	if (part->kind != PART_GONE)
		return true;
	if (part->at.kind != CRIT_ORIGIN_UNAVAILABLE)
		return false; // it is bad
	switch (part->at.why) {
	case CRIT_WHY_FILE_MISSING:
	case CRIT_WHY_FILE_UNREADABLE:
	case CRIT_WHY_FILE_DELETED:
	case CRIT_WHY_PAST_EOF:
		return true;
	default: // a page that the process had changed: the file has what was there before
		return false;
	}
}

static int by_start(const void *a, const void *b)
{
	const struct bad *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

bool bad_add(struct core *core, uint64_t start, uint64_t end, const char *why)
{
	struct bad *last = core->nr_bads ? &core->bads[core->nr_bads - 1] : NULL;

	if (last && last->end == start && !strcmp(last->why, why)) {
		last->end = end;
		return true;
	}
	if (!array_grow(&core->bads, core->nr_bads, &core->cap_bads, sizeof(*core->bads)))
		return false;
	core->bads[core->nr_bads] = (struct bad){ start, end, strdup(why) };
	if (!core->bads[core->nr_bads].why)
		return false;
	core->nr_bads++;
	// They come in order, but for those of a second try.
	if (last && last->start > start)
		qsort(core->bads, core->nr_bads, sizeof(*core->bads), by_start);
	return true;
}
