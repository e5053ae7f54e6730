// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * memory.c - address -> origin -> bytes.
 *
 * Everything that wants bytes asks crit_mem_locate() first, so what `info criu address` says and
 * what a read returns cannot differ. The first row that fits decides:
 *
 *	no mapping				unmapped
 *	guard pages				unavailable: they have no contents
 *	kernel, device, plugin mapping		unavailable, with that reason
 *	a run of the task's pagemap covers it	what the run says (pages.c)
 *	shared memory				unavailable: this version does not read its images
 *	mapping of a file			the file, when it is the one (lookup.c)
 *	private anonymous			zero
 */
#include "checkpoint/checkpoint.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { MAP_TYPE_MASK = 0x0f, MAP_DROPPABLE_TYPE = 0x08 };

/** Mappings whose contents no dump has. */
static enum crit_why never_dumped(const struct crit_mapping *m)
{
	switch (m->kind) {
	case CRIT_MAP_VVAR:
		return CRIT_WHY_VVAR;
	case CRIT_MAP_VSYSCALL:
		return CRIT_WHY_VSYSCALL;
	case CRIT_MAP_PLUGIN:
		return CRIT_WHY_PLUGIN;
	case CRIT_MAP_SOCKET:
		return CRIT_WHY_DEVICE;
	default:
		if ((m->flags & MAP_TYPE_MASK) == MAP_DROPPABLE_TYPE)
			return CRIT_WHY_DROPPABLE;
		return CRIT_WHY_NONE;
	}
}

static enum crit_why why_not_file(enum crit_file_verdict verdict)
{
	switch (verdict) {
	case CRIT_FILE_USED:
	case CRIT_FILE_GHOST:
		return CRIT_WHY_NONE;
	case CRIT_FILE_UNREADABLE:
		return CRIT_WHY_FILE_UNREADABLE;
	case CRIT_FILE_SIZE_DIFFERS:
	case CRIT_FILE_BUILD_ID_DIFFERS:
	case CRIT_FILE_CHECKSUM_DIFFERS:
	case CRIT_FILE_CHANGED:
		return CRIT_WHY_FILE_DIFFERS;
	case CRIT_FILE_NAMESPACE:
		return CRIT_WHY_FILE_NAMESPACE;
	case CRIT_FILE_UNVERIFIED:
		return CRIT_WHY_FILE_UNVERIFIED;
	case CRIT_FILE_DELETED:
		return CRIT_WHY_FILE_DELETED;
	case CRIT_FILE_NOT_REGULAR:
		return CRIT_WHY_DEVICE;
	case CRIT_FILE_MISSING:
		break;
	}
	return CRIT_WHY_FILE_MISSING;
}

/** Inside the file its bytes, zeros up to the end of its last page, nothing behind that. */
static void locate_in_file(const struct crit_task *task, const struct mapping *m,
			   struct crit_origin *out)
{
	uint64_t size = m->file->pub.local_size, page_end, off;

	if (__builtin_add_overflow(m->pub.pgoff, out->vaddr - m->pub.start, &off)) {
		origin_unavailable(out, CRIT_WHY_PAST_EOF);
		return;
	}
	page_end = (size + task->page_size - 1) / task->page_size * task->page_size;
	if (off < size) {
		out->kind = CRIT_ORIGIN_FILE;
		out->source = m->file->local_path;
		out->off = off;
		if (size - off < out->len)
			out->len = size - off;
	} else if (off < page_end) {
		out->kind = CRIT_ORIGIN_ZERO;
		if (page_end - off < out->len)
			out->len = page_end - off;
	} else {
		origin_unavailable(out, CRIT_WHY_PAST_EOF);
	}
}

static void locate_outside_pages(struct crit_task *task, const struct mapping *m,
				 struct crit_origin *out)
{
	switch (m->pub.kind) {
	case CRIT_MAP_ANON:
	case CRIT_MAP_SHADOW_STACK:
	case CRIT_MAP_AIO:
		out->kind = CRIT_ORIGIN_ZERO;
		return;
	case CRIT_MAP_ANON_SHARED:
	case CRIT_MAP_SYSV:
	case CRIT_MAP_MEMFD:
		origin_unavailable(out, CRIT_WHY_UNKNOWN);
		return;
	case CRIT_MAP_FILE:
	case CRIT_MAP_FILE_SHARED:
		break;
	default:
		origin_unavailable(out, CRIT_WHY_UNKNOWN);
		return;
	}
	if (!m->file) {
		origin_unavailable(out, CRIT_WHY_FILE_UNKNOWN);
		return;
	}
	if (m->file->zeros && m->pub.kind == CRIT_MAP_FILE) {
		out->kind = CRIT_ORIGIN_ZERO;
		return;
	}
	file_look_up(task->ckpt, m->file);
	if (m->file->pub.verdict == CRIT_FILE_USED)
		locate_in_file(task, m, out);
	else
		origin_unavailable(out, why_not_file(m->file->pub.verdict));
}

/** In a guarded part of its mapping? @p out then says so; else it ends before the next one. */
static bool locate_guard(const struct crit_task *task, struct crit_origin *out)
{
	size_t i = guard_find(task, out->vaddr);
	const struct guard *guard = i < task->nr_guards ? &task->guards[i] : NULL;

	if (!guard)
		return false;
	origin_narrow(out, guard->start <= out->vaddr ? guard->end : guard->start);
	if (guard->start > out->vaddr)
		return false;
	origin_unavailable(out, CRIT_WHY_GUARD);
	return true;
}

static void locate(struct crit_task *task, uint64_t vaddr, struct crit_origin *out)
{
	size_t i = mapping_find(task, vaddr);
	const struct mapping *m = i < task->nr_mappings ? &task->mappings[i] : NULL;
	enum crit_why why;

	memset(out, 0, sizeof(*out));
	out->vaddr = vaddr;
	out->mapping = SIZE_MAX;
	if (!m || m->pub.start > vaddr) {
		out->kind = CRIT_ORIGIN_UNMAPPED;
		out->len = m ? m->pub.start - vaddr : 0 - vaddr; // 0 from address 0: all of it
		return;
	}
	out->mapping = i;
	out->len = m->pub.end - vaddr;
	if (locate_guard(task, out))
		return;
	why = never_dumped(&m->pub);
	if (why)
		origin_unavailable(out, why);
	else if (!m->own_pages || !pages_locate(&task->pages, vaddr, out))
		locate_outside_pages(task, m, out);
}

enum crit_status crit_mem_locate(struct crit_task *task, uint64_t vaddr, struct crit_origin *out,
				 struct crit_error *err)
{
	enum crit_status status = crit_task_load(task, err);

	if (!status)
		locate(task, vaddr, out);
	return status;
}

static enum crit_status read_file(struct crit_checkpoint *ckpt, struct mapped_file *file,
				  uint64_t off, uint8_t *buf, size_t len, struct crit_error *err)
{
	int fd = file_open(ckpt, file);

	if (fd < 0)
		return error_os(err, -fd, "%s", file->local_path);
	while (len) {
		ssize_t n = pread(fd, buf, len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_os(err, errno, "%s", file->local_path);
		if (n == 0)
			return error_set(err, CRIT_CORRUPT, "%s: it was cut short while open",
					 file->local_path);
		buf += n;
		off += (uint64_t)n;
		len -= (size_t)n;
	}
	return CRIT_OK;
}

static enum crit_status read_origin(struct crit_task *task, const struct crit_origin *at,
				    uint8_t *buf, size_t len, struct crit_error *err)
{
	switch (at->kind) {
	case CRIT_ORIGIN_ZERO:
		memset(buf, 0, len);
		return CRIT_OK;
	case CRIT_ORIGIN_IMAGE:
		return member_read(task->pages.member, at->off, buf, len, err);
	case CRIT_ORIGIN_FILE:
		return read_file(task->ckpt, task->mappings[at->mapping].file, at->off, buf, len,
				 err);
	case CRIT_ORIGIN_UNMAPPED:
		return error_set(err, CRIT_UNMAPPED, "0x%llx: not mapped",
				 (unsigned long long)at->vaddr);
	case CRIT_ORIGIN_UNAVAILABLE:
		break;
	}
	return error_set(err, CRIT_NOT_DUMPED, "0x%llx: %s", (unsigned long long)at->vaddr,
			 crit_why_text(at->why));
}

enum crit_status crit_mem_read(struct crit_task *task, uint64_t vaddr, size_t len, void *buf,
			       size_t *nread, struct crit_error *err)
{
	enum crit_status status = crit_task_load(task, err);
	size_t done = 0;

	while (!status && done < len) {
		struct crit_origin at;
		size_t part = len - done;

		if (vaddr + done < vaddr) {
			status = error_set(err, CRIT_UNMAPPED, "the address space ends");
			break;
		}
		locate(task, vaddr + done, &at);
		if (at.len && at.len < part)
			part = (size_t)at.len;
		status = read_origin(task, &at, (uint8_t *)buf + done, part, err);
		if (!status)
			done += part;
	}
	if (nread)
		*nread = done;
	return status;
}

static void add_total(struct crit_mem_totals *out, const struct crit_origin *at, uint64_t len)
{
	switch (at->kind) {
	case CRIT_ORIGIN_IMAGE:
		out->image += len;
		break;
	case CRIT_ORIGIN_ZERO:
		out->zero += len;
		break;
	case CRIT_ORIGIN_FILE:
		out->file += len;
		break;
	case CRIT_ORIGIN_UNAVAILABLE:
		out->unavailable += len;
		break;
	case CRIT_ORIGIN_UNMAPPED:
		break;
	}
}

enum crit_status crit_mem_totals(struct crit_task *task, uint64_t start, uint64_t end,
				 struct crit_mem_totals *out, struct crit_error *err)
{
	enum crit_status status = crit_task_load(task, err);

	if (status)
		return status;
	memset(out, 0, sizeof(*out));
	while (start < end) {
		struct crit_origin at;

		locate(task, start, &at);
		if (!at.len || at.len > end - start)
			at.len = end - start;
		add_total(out, &at, at.len);
		start += at.len;
	}
	return CRIT_OK;
}
