// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The text of /proc/PID/maps (proc(5)), which gdb parses for the extent of the vdso, for
 * `info proc mappings` and for `generate-core-file`:
 *
 *	start-end perms offset major:minor inode   name
 *
 * A checkpoint has no device and inode numbers of mapped files. gdb takes inode 0 for "no file"
 * and leaves such a mapping out of the core files it writes, so the inode column has CRIU's
 * number of the file, and at least 1.
 */
#include "target/proc_maps.h"

#include <inttypes.h>
#include <stddef.h>

enum {
	PROT_READ_BIT = 1,
	PROT_WRITE_BIT = 2,
	PROT_EXEC_BIT = 4,
	MAP_SHARED_BIT = 1,
	NAME_COLUMN = 73,
};

/* As the kernel does it: a line end in a name would begin a new line. */
static void add_name(struct buf *out, const char *name)
{
	for (; *name; name++) {
		if (*name == '\n')
			buf_add_str(out, "\\012");
		else
			buf_add_byte(out, (uint8_t)*name);
	}
}

static uint64_t inode(const struct crit_mapping *m)
{
	if (!m->path)
		return 0;
	return m->shmid ? m->shmid : 1;
}

static void add_mapping(struct buf *out, const struct crit_mapping *m)
{
	size_t start = out->len;

	buf_printf(out, "%08" PRIx64 "-%08" PRIx64 " %c%c%c%c ", m->start, m->end,
		   m->prot & PROT_READ_BIT ? 'r' : '-', m->prot & PROT_WRITE_BIT ? 'w' : '-',
		   m->prot & PROT_EXEC_BIT ? 'x' : '-', m->flags & MAP_SHARED_BIT ? 's' : 'p');
	buf_printf(out, "%08" PRIx64 " 00:00 %" PRIu64 " ", m->path ? m->pgoff : 0, inode(m));
	if (*m->name) {
		while (out->len - start < NAME_COLUMN && !out->failed)
			buf_add_byte(out, ' ');
		add_name(out, m->name);
	}
	buf_add_byte(out, '\n');
}

void proc_maps_build(struct crit_task *task, struct buf *out)
{
	struct crit_mapping mapping;

	for (size_t i = 0; crit_mapping_at(task, i, &mapping); i++)
		add_mapping(out, &mapping);
}
