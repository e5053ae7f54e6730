// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * view.c - memory that is looked at where it lies: a piece of an image or of a mapped file, mapped
 * and guarded. The bytes have to lie in a row in one file; whether they cross the borders of runs
 * or mappings does not matter.
 */
#include "memory/memory.h"

#include <stdlib.h>
#include <string.h>

#include "util/guard.h"

struct crit_view {
	struct guarded *region;
	size_t len;
};

/** Bytes as they are in a file, or why not. */
static enum crit_status check_kind(const struct crit_origin *at, struct crit_error *err)
{
	switch (at->kind) {
	case CRIT_ORIGIN_IMAGE:
	case CRIT_ORIGIN_FILE:
		if (!at->block_len)
			return CRIT_OK;
		return error_set(err, CRIT_UNSUPPORTED, "0x%llx: compressed",
				 (unsigned long long)at->vaddr);
	case CRIT_ORIGIN_ZERO:
		return error_set(err, CRIT_UNSUPPORTED, "0x%llx: zeros that no file holds",
				 (unsigned long long)at->vaddr);
	default:
		return mem_no_bytes(at, err);
	}
}

static bool continues(const struct crit_origin *first, const struct crit_origin *at)
{
	return at->kind == first->kind && at->level == first->level &&
	       at->off == first->off + (at->vaddr - first->vaddr) &&
	       (at->source == first->source || !strcmp(at->source, first->source));
}

/** Do the bytes lie in a row? *first is where the first one is. */
static enum crit_status find_row(struct crit_task *task, uint64_t vaddr, size_t len,
				 struct crit_origin *first, struct crit_error *err)
{
	struct crit_origin at;
	enum crit_status status;

	for (size_t done = 0; done < len; done += (size_t)at.len) {
		if (vaddr + done < vaddr)
			return error_set(err, CRIT_UNMAPPED, "the address space ends");
		status = crit_mem_locate(task, vaddr + done, &at, err);
		if (!status)
			status = check_kind(&at, err);
		if (status)
			return status;
		if (!done)
			*first = at;
		else if (!continues(first, &at))
			return error_set(err, CRIT_UNSUPPORTED,
					 "0x%llx: not next to the bytes before",
					 (unsigned long long)at.vaddr);
		if (!at.len || at.len >= len - done)
			break;
	}
	return CRIT_OK;
}

enum crit_status crit_mem_view(struct crit_task *task, uint64_t vaddr, size_t len,
			       struct crit_view **out, struct crit_error *err)
{
	struct crit_origin first;
	enum crit_status status;
	struct crit_view *view;
	uint64_t off;
	int fd;

	if (!len)
		return error_set(err, CRIT_INVALID, "a view of 0 bytes");
	status = find_row(task, vaddr, len, &first, err);
	if (status)
		return status;
	if (!mem_origin_file(task, &first, &fd, &off))
		return error_set(err, CRIT_UNSUPPORTED, "%s: cannot be mapped", first.source);
	view = calloc(1, sizeof(*view));
	if (!view)
		return error_no_memory(err);
	view->len = len;
	status = guard_map(fd, off, len, &view->region, err);
	if (status) {
		free(view);
		return error_prefix(err, status, "%s: ", first.source);
	}
	*out = view;
	return CRIT_OK;
}

void crit_view_close(struct crit_view *view)
{
	if (!view)
		return;
	guard_unmap(view->region);
	free(view);
}

const void *crit_view_data(const struct crit_view *view)
{
	return guard_data(view->region);
}

size_t crit_view_len(const struct crit_view *view)
{
	return view->len;
}

void crit_view_on_loss(struct crit_view *view, void (*on_loss)(void *ctx), void *ctx)
{
	guard_on_loss(view->region, on_loss, ctx);
}

bool crit_view_intact(const struct crit_view *view)
{
	return guard_intact(view->region);
}
