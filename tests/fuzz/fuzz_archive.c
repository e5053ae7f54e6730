// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fuzz_archive.c - a file as an archive: its index, and every member read. What is found must hang
 * together: members inside the file, pieces in order and inside their member.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "archive/archive.h"
#include "source/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool sound)
{
	if (!sound)
		abort();
}

static void check_member(const struct archive *a, const struct archive_member *m, uint64_t size)
{
	uint64_t last = 0;

	require(m->name[0] && m->name[0] != '/' && strncmp(m->name, "../", 3) &&
		!strstr(m->name, "/../") && !strstr(m->name, "//"));
	if (m->kind != TAR_FILE)
		return;
	if (!m->sparse)
		require(m->off <= size && m->size <= size - m->off);
	for (size_t i = 0; i < m->nr_pieces; i++) {
		const struct tar_piece *piece = &a->pieces[m->first_piece + i];

		require((i == 0 || piece->start > last) && piece->end > piece->start);
		require(piece->end <= m->size && piece->off <= size &&
			piece->end - piece->start <= size - piece->off);
		last = piece->end;
	}
}

static void check_index(const struct archive *a)
{
	struct stat st;

	require(fstat(a->fd, &st) == 0);
	for (size_t i = 0; i < a->nr_members; i++) {
		require(i == 0 || strcmp(a->members[i - 1].name, a->members[i].name) < 0);
		require(archive_find(a, a->members[i].name) == &a->members[i]);
		check_member(a, &a->members[i], (uint64_t)st.st_size);
	}
}

static bool read_member(void *ctx, const char *name)
{
	struct source *src = ctx;
	struct member *m;
	uint8_t bytes[700];
	uint64_t end, hole;

	if (source_open_member(src, name, &m, NULL))
		return true;
	for (uint64_t off = 0; off < m->size && off < 1 << 20; off += sizeof(bytes)) {
		uint64_t left = m->size - off;

		require(!member_read(m, off, bytes, left < sizeof(bytes) ? left : sizeof(bytes),
				     NULL));
	}
	hole = member_next_hole(m, 0, &end);
	require(hole <= end && end <= m->size);
	require(member_read(m, m->size, bytes, 1, NULL) == CRIT_CORRUPT);
	member_close(m);
	return true;
}

/** The same by way of a name, as everybody else opens it. */
static void open_by_name(int fd)
{
	struct source *src, *parent;
	char path[32];

	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	if (source_open_container(path, &src, NULL))
		return;
	source_each(src, read_member, src, NULL);
	if (!source_open_parent(src, &parent, NULL))
		source_close(parent);
	source_close(src);
	if (!source_open(path, &src, NULL)) {
		source_each(src, read_member, src, NULL);
		source_close(src);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct archive_options options = { .limit = 1 << 20 };
	int fd = memfd_create("archive", MFD_CLOEXEC);
	struct archive *a;

	setenv("CRITCORE_CACHE", "off", 1);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	if (!archive_open("archive", dup(fd), &options, &a, NULL)) {
		check_index(a);
		archive_put(a);
	}
	open_by_name(fd);
	close(fd);
	return 0;
}
