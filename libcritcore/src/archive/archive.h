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

/** What the image says that an archive is a layer of. The value may be NULL. */
struct archive_annotation {
	const char *name, *value;
};

/** Readable from any thread once it is open. */
struct archive {
	unsigned int nr_users; /* atomic */
	char *path;	       /* as given */
	char *label;	       /* for messages: path, or a name inside of it */
	int fd;		       /* of the tar: in the cache, of a compressed one */
	uint64_t start, len;   /* where the tar is in that file */
	struct stat st;	       /* of the file that was given, when it was opened */
	dev_t dev;	       /* of that file, or of the image's folder that it is in */
	ino_t ino;
	uint64_t part;	       /* which of several in there: where it began, or its inode */
	bool private;	       /* the file that was given is nowhere by a name: nothing to keep */
	struct timespec mtime; /* of the file behind fd */
	struct archive_member *members; /* by name */
	size_t nr_members, cap_members;
	struct tar_piece *pieces; /* of all sparse ones */
	size_t nr_pieces, cap_pieces;
	struct arena names;
	struct archive_annotation *annotations;
	size_t nr_annotations;
	bool is_layer;	     /* of a container image; set with archive_annotate() */
	struct digest claim; /* that its name claims: of what was given, compressed or not */
	bool verified;	     /* it is so; atomic */
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
/** An archive that is a file inside another one, or of an image's folder. */
struct archive_part {
	const char *path;  /* the whole one, as given. Copied. */
	const char *label; /* for messages. Copied. */
	int fd;		   /* stays the caller's */
	uint64_t start, len;
	const struct archive *outer; /* what it is in; NULL: a file of its own, in a folder */
	dev_t dev; /* of that folder */
	ino_t ino;
};
/** As archive_open(). */
enum crit_status archive_open_part(const struct archive_part *part,
				   const struct archive_options *options, struct archive **out,
				   struct crit_error *err);
/** Say what it is; copied. For who opened it, before anybody else knows of it.
 *  @return false: out of memory. */
bool archive_annotate(struct archive *a, const struct archive_annotation *annotations, size_t nr);
/**
 * Make sure that it has the digest that its name claims, if it claims one. A compressed one was
 * verified when it was opened; one that is read in place is read for that, once.
 * @return as verify_span().
 */
enum crit_status archive_verify(struct archive *a, const struct archive_options *options,
				struct crit_error *err);
/** Is it known to have it? False: it claims none, or nobody looked. */
bool archive_is_verified(const struct archive *a);
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
