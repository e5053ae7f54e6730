// SPDX-License-Identifier: LGPL-2.1-or-later
/* member.c - members that are open; see source.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/source_impl.h"
#include "util/range.h"

void member_close(struct member *m)
{
	if (!m)
		return;
	if (m->in.archive)
		archive_put(m->in.archive);
	else if (m->in.fd >= 0)
		close(m->in.fd);
	free(m->name);
	free(m);
}

struct member member_note(const struct member *m)
{
	struct member note = *m;

	note.name = NULL;
	note.in.fd = -1;
	note.in.archive = NULL;
	note.in.pieces = NULL;
	note.in.nr_pieces = 0;
	return note;
}

bool member_same(const struct member *a, const struct member *b)
{
	return a->in.dev == b->in.dev && a->in.ino == b->in.ino && a->in.part == b->in.part &&
	       a->in.off == b->in.off;
}

bool member_modified(const struct member *m, const struct member *first)
{
	struct stat st;

	return fstat(m->in.fd, &st) != 0 || st.st_mtime != first->in.mtime.tv_sec ||
	       st.st_mtim.tv_nsec != first->in.mtime.tv_nsec;
}

int member_own_fd(const struct member *m)
{
	return m->in.archive ? -1 : m->in.fd;
}

/** The piece that @p off is in, or the next one; NULL: there is none. */
static const struct tar_piece *find_piece(const struct member *m, uint64_t off)
{
	size_t i = m->in.nr_pieces ? RANGE_FIND(m->in.pieces, m->in.nr_pieces, end, off) : 0;

	return i < m->in.nr_pieces ? &m->in.pieces[i] : NULL;
}

bool member_in_file(const struct member *m, uint64_t off, uint64_t len, int *fd,
		    uint64_t *file_off)
{
	const struct tar_piece *piece;

	if (off > m->size || len > m->size - off)
		return false;
	*fd = m->in.fd;
	*file_off = m->in.off + off;
	if (!m->in.pieces)
		return true;
	piece = find_piece(m, off);
	if (!piece || off < piece->start || len > piece->end - off)
		return false;
	*file_off = piece->off + (off - piece->start);
	return true;
}

static enum crit_status read_file(const struct member *m, uint64_t off, uint64_t file_off,
				  uint8_t *to, uint64_t len, struct crit_error *err)
{
	while (len) {
		ssize_t n = pread(m->in.fd, to, len, (off_t)file_off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_os(err, errno, "%s: reading at byte %llu", m->name,
					(unsigned long long)off);
		if (n == 0)
			return error_at(err, CRIT_CORRUPT, m->name, off, "the file ends");
		to += n;
		off += (uint64_t)n;
		file_off += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return CRIT_OK;
}

/** Bytes of a sparse member of an archive. */
static enum crit_status read_pieces(const struct member *m, uint64_t off, uint8_t *to,
				    uint64_t len, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;
	uint64_t part;

	for (; !status && len; to += part, off += part, len -= part) {
		const struct tar_piece *piece = find_piece(m, off);
		bool in_piece = piece && off >= piece->start;

		part = !piece ? len : (in_piece ? piece->end : piece->start) - off;
		part = part < len ? part : len;
		if (in_piece)
			status = read_file(m, off, piece->off + (off - piece->start), to, part,
					   err);
		else
			memset(to, 0, (size_t)part);
	}
	return status;
}

enum crit_status member_read(const struct member *m, uint64_t off, void *buf, uint64_t len,
			     struct crit_error *err)
{
	if (!m->in.archive)
		return read_file(m, off, off, buf, len, err);
	if (off > m->size || len > m->size - off)
		return error_at(err, CRIT_CORRUPT, m->name, m->size, "the file ends");
	if (m->in.pieces)
		return read_pieces(m, off, buf, len, err);
	return read_file(m, off, m->in.off + off, buf, len, err);
}

static uint64_t next_hole_of_file(const struct member *m, uint64_t off, uint64_t *end)
{
	off_t hole = lseek(m->in.fd, (off_t)off, SEEK_HOLE), data;

	if (hole < 0 || (uint64_t)hole >= m->size)
		return m->size;
	data = lseek(m->in.fd, hole, SEEK_DATA);
	if (data >= 0)
		*end = (uint64_t)data;
	return (uint64_t)hole;
}

uint64_t member_next_hole(const struct member *m, uint64_t off, uint64_t *end)
{
	const struct tar_piece *piece;

	*end = m->size;
	if (!m->has_holes || off >= m->size)
		return m->size;
	if (!m->in.archive)
		return next_hole_of_file(m, off, end);
	piece = find_piece(m, off);
	if (piece && off >= piece->start) {
		off = piece->end;
		piece = find_piece(m, off);
	}
	if (off >= m->size)
		return m->size;
	if (piece)
		*end = piece->start;
	return off;
}
