// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The texts of /proc/PID/maps and smaps (proc(5)). gdb parses the first for the extent of the vdso
 * and for `info proc mappings`, the second for `generate-core-file`:
 *
 *	start-end perms offset major:minor inode   name
 *	Size:               132 kB
 *	...
 *	VmFlags: rd wr mr mw me ac
 *
 * A checkpoint has no device and inode numbers of mapped files. gdb takes inode 0 for "no file"
 * and leaves such a mapping out of the core files it writes, so the inode column has CRIU's
 * number of the file, and at least 1.
 *
 * Bytes that cannot be had here have no rows in smaps: gdb would write zeros for them, without a
 * word in the core file, or (NT_FILE) lead its reader to a file that was found not to be the
 * process's. A mapping of which a part is missing has a row for each part that is there.
 */
#include "target/proc.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include "checkpoint/checkpoint.h"
#include "target/xml.h"

enum {
	PROT_READ_BIT = 1,
	PROT_WRITE_BIT = 2,
	PROT_EXEC_BIT = 4,
	MAP_SHARED_BIT = 1,
	MAP_GROWSDOWN_BIT = 0x100,
	MAP_HUGETLB_BIT = 0x40000,
	NAME_COLUMN = 73,
	MAX_NAME = 4096,	      /* in bytes; the kernel shows no longer ones */
	MAX_TEXT = 256 * 1024 * 1024, /* of all rows: a million mappings of files */
};

/* Of a mapping, all or a part. */
struct row {
	uint64_t start, end;
	uint64_t anonymous; /* bytes of private pages that were written to */
};

static uint64_t inode(const struct crit_mapping *m)
{
	if (!m->path)
		return 0;
	return m->shmid ? m->shmid : 1;
}

/* What the kernel calls a System V segment has its key, which another image knows. */
static void add_whole_name(struct buf *out, struct crit_task *task, const struct crit_mapping *m)
{
	struct crit_ipc segment;

	if (m->kind == CRIT_MAP_SYSV && crit_ipc_find(task->ckpt, CRIT_IPC_SHM, task->ipc_ns,
						      (uint32_t)m->shmid, &segment))
		buf_printf(out, "/SYSV%08" PRIx32 " (deleted)", segment.key);
	text_add_proc(out, m->name, MAX_NAME, "");
	if (m->deleted)
		buf_add_str(out, " (deleted)");
}

static void add_row(struct buf *out, struct crit_task *task, const struct crit_mapping *m,
		    const struct row *row)
{
	uint64_t off = m->path ? m->pgoff + (row->start - m->start) : 0;
	size_t start = out->len;

	buf_printf(out, "%08" PRIx64 "-%08" PRIx64 " %c%c%c%c ", row->start, row->end,
		   m->prot & PROT_READ_BIT ? 'r' : '-', m->prot & PROT_WRITE_BIT ? 'w' : '-',
		   m->prot & PROT_EXEC_BIT ? 'x' : '-', m->flags & MAP_SHARED_BIT ? 's' : 'p');
	buf_printf(out, "%08" PRIx64 " 00:00 %" PRIu64 " ", off, inode(m));
	if (*m->name || m->kind == CRIT_MAP_SYSV) {
		while (out->len - start < NAME_COLUMN && !out->failed)
			buf_add_byte(out, ' ');
		add_whole_name(out, task, m);
	}
	buf_add_byte(out, '\n');
}

int proc_maps(struct crit_task *task, struct crit_thread *thread, struct buf *out)
{
	struct crit_mapping m;

	(void)thread;
	for (size_t i = 0; out->len <= MAX_TEXT && crit_mapping_at(task, i, &m); i++)
		add_row(out, task, &m, &(struct row){ .start = m.start, .end = m.end });
	return out->len <= MAX_TEXT ? 0 : -EFBIG;
}

static void add_flags(struct buf *out, const struct crit_mapping *m)
{
	const struct {
		bool set;
		const char *word;
	} flags[] = {
		{ m->prot & PROT_READ_BIT, "rd" },
		{ m->prot & PROT_WRITE_BIT, "wr" },
		{ m->prot & PROT_EXEC_BIT, "ex" },
		{ m->flags & MAP_SHARED_BIT, "sh" },
		{ m->flags & MAP_GROWSDOWN_BIT, "gd" },
		{ m->flags & MAP_HUGETLB_BIT, "ht" },
	};

	buf_add_str(out, "VmFlags:");
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (flags[i].set)
			buf_printf(out, " %s", flags[i].word);
	buf_add_str(out, " \n"); // gdb wants the blank behind the last word
}

static void add_details(struct buf *out, struct crit_task *task, const struct crit_mapping *m,
			const struct row *row)
{
	add_row(out, task, m, row);
	buf_printf(out, "Size:           %8" PRIu64 " kB\n", (row->end - row->start) / 1024);
	buf_printf(out, "Anonymous:      %8" PRIu64 " kB\n", row->anonymous / 1024);
	add_flags(out, m);
}

/* The end of what @p at speaks of, inside the mapping. */
static uint64_t end_of(const struct crit_origin *at, const struct crit_mapping *m)
{
	return at->len && at->len < m->end - at->vaddr ? at->vaddr + at->len : m->end;
}

static bool is_anonymous(const struct crit_origin *at)
{
	return at->kind == CRIT_ORIGIN_IMAGE && !at->shared;
}

static bool is_there(const struct crit_mapping *m, const struct crit_origin *at)
{
	return at->kind != CRIT_ORIGIN_UNAVAILABLE && m->kind != CRIT_MAP_VSYSCALL;
}

static int add_parts(struct crit_task *task, const struct crit_mapping *m, struct buf *out)
{
	struct row row = { .start = m->start, .end = m->start };
	struct crit_origin at;

	while (row.end < m->end && !out->failed && out->len <= MAX_TEXT) {
		if (crit_mem_locate(task, row.end, &at, NULL) != CRIT_OK)
			return -EIO;
		if (is_there(m, &at)) {
			row.anonymous += is_anonymous(&at) ? end_of(&at, m) - row.end : 0;
			row.end = end_of(&at, m);
			continue;
		}
		if (row.end > row.start)
			add_details(out, task, m, &row);
		row = (struct row){ .start = end_of(&at, m), .end = end_of(&at, m) };
	}
	if (row.end > row.start)
		add_details(out, task, m, &row);
	return out->len <= MAX_TEXT ? 0 : -EFBIG;
}

int proc_smaps(struct crit_task *task, struct crit_thread *thread, struct buf *out)
{
	struct crit_mapping m;

	(void)thread;
	for (size_t i = 0; crit_mapping_at(task, i, &m); i++) {
		int status = add_parts(task, &m, out);

		if (status)
			return status;
	}
	return 0;
}
