// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * contents.c - the bytes of a mapped file: where each is, and reading it.
 *
 *	0 ........... size ........... end of its last page ...........
 *	  its bytes          zeros                          nothing: touching it is SIGBUS
 */
#include "files/files.h"

#include <errno.h>
#include <unistd.h>

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
	case CRIT_FILE_OTHER_CPU:
		return CRIT_WHY_DEVICE;
	case CRIT_FILE_MISSING:
		break;
	}
	return CRIT_WHY_FILE_MISSING;
}

/** The end of the last page of a file. */
static uint64_t page_end(uint64_t size, uint32_t page_size)
{
	uint64_t in_page = size % page_size;

	return in_page ? size - in_page + page_size : size;
}

void file_locate(struct files *files, struct mapped_file *file, uint64_t off,
		 uint32_t page_size, struct crit_origin *out)
{
	enum crit_why why;
	uint64_t size, end;

	file_look_up(files, file);
	why = why_not_file(file->pub.verdict);
	if (why) {
		origin_unavailable(out, why);
		return;
	}
	size = file->ghost ? file->ghost->size : file->pub.local_size;
	end = page_end(size, page_size);
	out->in_image = file->ghost != NULL;
	if (off >= end) {
		origin_unavailable(out, CRIT_WHY_PAST_EOF);
	} else if (file->ghost) {
		ghost_locate(file->ghost, off, end, out);
	} else if (off >= size) {
		out->kind = CRIT_ORIGIN_ZERO;
		origin_limit(out, end - off);
	} else {
		out->kind = CRIT_ORIGIN_FILE;
		out->source = file->local_path;
		out->off = off;
		origin_limit(out, size - off);
	}
}

bool file_place(struct files *files, struct mapped_file *file, const struct crit_origin *at,
		int *fd, uint64_t *file_off)
{
	const struct member *image;

	if (file->ghost)
		return !file_open_ghost(files, file, &image) &&
		       member_in_file(image, at->off, at->len, fd, file_off);
	*fd = file_open(files, file);
	*file_off = at->off;
	return *fd >= 0;
}

static enum crit_status cannot_read(const struct crit_origin *at, int why, struct crit_error *err)
{
	if (why == ESTALE)
		return error_set(err, CRIT_CORRUPT, "%s: it was written to or replaced meanwhile",
				 at->source);
	return error_os(err, why, "%s", at->source);
}

static enum crit_status read_ghost(struct files *files, struct mapped_file *file,
				   const struct crit_origin *at, void *buf, size_t len,
				   struct crit_error *err)
{
	const struct member *image;
	int failed = file_open_ghost(files, file, &image);
	uint64_t off;
	int fd;

	if (failed)
		return cannot_read(at, -failed, err);
	if (len >= WINDOW_FROM && member_in_file(image, 0, image->size, &fd, &off) &&
	    window_read(&files->window, file, fd, off + image->size, off + at->off, buf, len))
		return CRIT_OK;
	return member_read(image, at->off, buf, len, err);
}

enum crit_status file_read(struct files *files, struct mapped_file *file,
			   const struct crit_origin *at, void *buf, size_t len,
			   struct crit_error *err)
{
	uint64_t off = at->off;
	uint8_t *to = buf;
	int fd;

	if (file->ghost)
		return read_ghost(files, file, at, buf, len, err);
	fd = file_open(files, file);
	if (fd < 0)
		return cannot_read(at, -fd, err);
	if (len >= WINDOW_FROM && window_read(&files->window, file, fd,
					      (uint64_t)file->local.st_size, off, buf, len))
		return CRIT_OK;
	while (len) {
		ssize_t n = pread(fd, to, len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cannot_read(at, errno, err);
		if (n == 0)
			return error_set(err, CRIT_CORRUPT, "%s: it was cut short while open",
					 at->source);
		to += n;
		off += (uint64_t)n;
		len -= (size_t)n;
	}
	return CRIT_OK;
}
