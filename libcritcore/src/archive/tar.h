/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tar.h - the headers of a tar archive, read in one pass that steps over the contents.
 *
 *	archive = { member } end
 *	member  = { 'x' or 'L' or 'K' header, its contents } header, contents
 *	header  = 512 bytes; contents are filled up to a multiple of 512
 *	end     = two blocks of zeros, or the end of the file
 *
 * Understood are v7, ustar, pax (POSIX.1-2001) and GNU headers, with long names, large sizes and
 * all four ways to write a sparse file. The reader is strict: where two programs could read an
 * archive differently it is refused, because one of the two was what somebody was shown and the
 * other what is debugged. It reads nothing of what files hold but the maps of sparse ones.
 */
#ifndef CRIT_ARCHIVE_TAR_H
#define CRIT_ARCHIVE_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

/* Beyond what any checkpoint needs: a thousand processes have ten thousand images. */
enum {
	TAR_MEMBERS = 1 << 20,
	TAR_NAME = 4096,	/* bytes of a name, its end included */
	TAR_NAMES = 64 << 20,	/* bytes of all names */
	TAR_PIECES = 4 << 20,	/* of all sparse files */
	TAR_PAX = 16 << 20,	/* bytes of one extended header */
};

enum {
	TAR_BLOCK = 512,
	TAR_EMPTY = 20 * TAR_BLOCK, /* what an archive without members is filled up to */
};

/** A range of a file: where an archive is. */
struct tar_span {
	int fd;
	uint64_t start, len; /* in bytes */
	const char *name;    /* for messages */
};

enum tar_kind {
	TAR_FILE,
	TAR_FOLDER,
	TAR_SYMLINK,
	TAR_HARDLINK,
	TAR_SPECIAL, /* a device, a fifo, what is not understood */
};

/** Bytes of a sparse member that stand in a row. */
struct tar_piece {
	uint64_t start, end; /* in the member */
	uint64_t off;	     /* of start, in the file that the archive is */
};

struct tar_member {
	const char *name;   /* as written */
	const char *target; /* of a link; NULL otherwise */
	enum tar_kind kind;
	uint64_t header;    /* offset of its header in the archive, for messages */
	uint64_t size;	    /* of the file, holes included */
	uint64_t off;	    /* of its contents in the file that the archive is; of a dense one */
	bool sparse;	    /* it has holes, and pieces */
	const struct tar_piece *pieces; /* by start, neither touching nor empty */
	size_t nr_pieces;
	int64_t mtime;	    /* seconds since 1970 */
	long mtime_ns;
};

/** False ends the walk, with CRIT_NO_MEMORY. What it is given is gone afterwards. */
typedef bool (*tar_each_fn)(void *ctx, const struct tar_member *member);

/** Could a file that begins with these @p len bytes be a tar archive? */
bool tar_is_header(const uint8_t *block, size_t len);
/** Is that the end of an archive? One that begins so has no members. */
bool tar_is_end(const uint8_t *block, size_t len);

/**
 * Call @p each for all members, in the order of the archive.
 *
 * @return CRIT_OK; CRIT_CORRUPT: damaged or contradictory, with the archive's name, the member's,
 *         and the offset of its header; CRIT_UNSUPPORTED: a part of a set of volumes;
 *         CRIT_NO_MEMORY: out of memory, or more members or names than there are limits for;
 *         CRIT_OS.
 */
enum crit_status tar_walk(const struct tar_span *span, tar_each_fn each, void *ctx,
			  struct crit_error *err);

#endif
