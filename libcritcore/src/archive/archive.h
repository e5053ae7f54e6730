/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * archive.h - the members of an archive, by name.
 *
 * The names are those that a folder would have after unpacking: "checkpoint/core-1.img", without
 * "./" in front. A member whose name leads out of such a folder (absolute, or with ".."), and one
 * whose name another one has as well, is refused: nothing of it is ever read.
 *
 * An archive is shared by all that read from it: sources, and members that are open.
 */
#ifndef CRIT_ARCHIVE_ARCHIVE_H
#define CRIT_ARCHIVE_ARCHIVE_H

#include <sys/stat.h>

#include "archive/unpack.h"
#include "util/arena.h"

struct archive_member {
	const char *name;   /* without "./" in front and "/" behind */
	const char *target; /* of a symbolic link; NULL otherwise */
	const char *refused; /* why it may not be opened; NULL: it may */
	enum tar_kind kind;
	uint64_t size; /* in bytes, holes included */
	uint64_t off;  /* of the contents in the archive's file, if it is not sparse */
	bool sparse;
	size_t first_piece, nr_pieces;
	int64_t mtime;
	long mtime_ns;
};

/** Readable from any thread once it is open. */
struct archive {
	unsigned int nr_users; /* atomic */
	char *path;	       /* as given */
	int fd;		       /* of the tar: in the cache, of a compressed one */
	struct stat st;	       /* of the file that was given, when it was opened */
	struct timespec mtime; /* of the file behind fd */
	struct archive_member *members; /* by name */
	size_t nr_members, cap_members;
	struct tar_piece *pieces; /* of all sparse ones */
	size_t nr_pieces, cap_pieces;
	struct arena names;
	char *problem; /* the first member that was refused, and why, as one line; NULL: none */
};

/**
 * Open an archive.
 *
 * @param path  For messages. Copied.
 * @param fd    Of a regular file, or of a pipe; taken over, also on failure.
 * @param out   [out] Released with archive_put().
 * @return CRIT_OK; CRIT_INVALID: not an archive; or as unpacked_open() and tar_walk().
 */
enum crit_status archive_open(const char *path, int fd, const struct archive_options *options,
			      struct archive **out, struct crit_error *err);
struct archive *archive_get(struct archive *a);
/** NULL is fine. */
void archive_put(struct archive *a);

/** NULL: there is none of this name. */
const struct archive_member *archive_find(const struct archive *a, const char *name);
/** Is there a folder of this name, or a member below it? "" is the archive itself. */
bool archive_has_folder(const struct archive *a, const char *folder);
/** The index of the first member whose name is not before @p name. */
size_t archive_lower_bound(const struct archive *a, const char *name);

#endif
