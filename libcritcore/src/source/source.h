/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * source.h - where the files of a checkpoint are: a directory, or a folder inside an archive, which
 * may be a layer of a container image (oci.h).
 *
 * A source has named members; nothing above this layer knows what a source is made of. Members are
 * read with positioned reads, not mapped: a file that is cut short while it is open then gives an
 * error instead of a SIGBUS inside the debugger, and reading gigabytes does not grow the process.
 */
#ifndef CRIT_SOURCE_H
#define CRIT_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "archive/options.h"
#include "util/digest.h"

struct source;
struct archive;
struct tar_piece;

/** How a source is opened. All zero is good. */
struct source_options {
	struct archive_options archive;
	/** Directories or archives, with a NULL behind: the checkpoint that this one builds on,
	 *  that which that one builds on, ... NULL, and behind the last one: where `parent`
	 *  leads. */
	const char *const *parents;
};

/** One open member. Where its bytes are in which file is for member_*() to know: in an archive they
 *  begin somewhere in the middle of a file, and may have holes between them. */
struct member {
	char *name; /* without directory; for messages */
	uint64_t size;	 /* in bytes, when it was opened */
	int64_t mtime;	 /* seconds since 1970, when it was opened */
	bool has_holes;	 /* member_next_hole() is worth asking */
	struct {
		int fd; /* an archive's stays the archive's */
		uint64_t off; /* of the first byte, unless there are pieces */
		const struct tar_piece *pieces; /* NULL: it is in one piece */
		size_t nr_pieces;
		struct archive *archive; /* NULL: a file of its own */
		struct timespec mtime; /* of the file, when it was opened */
		dev_t dev;
		ino_t ino;
		uint64_t part; /* which archive in that file or folder */
	} in;
};

/**
 * Open a checkpoint.
 *
 * @param path  A directory, or an archive with a checkpoint in it: in the folder that has
 *              inventory.img, wherever that is. ARCHIVE/FOLDER names one of several. "-" is an
 *              archive on standard input. Of a container image, as a directory or an archive, it
 *              is the layer that has a checkpoint; ARCHIVE/blobs/sha256/HEX names one of several.
 * @param options  May be NULL. Not used after the call.
 * @return CRIT_OK; CRIT_NOT_FOUND; CRIT_INVALID: neither a directory nor an archive, or several
 *         checkpoints; CRIT_CORRUPT: a damaged archive; CRIT_INTERRUPTED; CRIT_OS;
 *         CRIT_NO_MEMORY.
 */
enum crit_status source_open_with(const char *path, const struct source_options *options,
				  struct source **out, struct crit_error *err);
/** source_open_with() without options. */
enum crit_status source_open(const char *path, struct source **out, struct crit_error *err);
/**
 * Open what a container engine made around a checkpoint, seen from outside: members "config.dump",
 * "checkpoint/inventory.img".
 *
 * @param path  An archive, or a directory that has a folder `checkpoint`.
 * @return as source_open(); CRIT_NOT_FOUND: no checkpoint of a container.
 */
enum crit_status source_open_container_with(const char *path, const struct source_options *options,
					    struct source **out, struct crit_error *err);
enum crit_status source_open_container(const char *path, struct source **out,
				       struct crit_error *err);
/**
 * Open what the member `parent` leads to: the checkpoint that an incremental one builds on.
 *
 * A chain can have more levels than a process may have descriptors, so a parent's directory is not
 * kept open: it is opened by name for each member and must then still be the same one.
 *
 * @param out  [out] Its source_path() is absolute and without links; NULL when there is no parent.
 * @return CRIT_OK; CRIT_NOT_FOUND: it leads nowhere; CRIT_INVALID: not to a directory; CRIT_OS;
 *         CRIT_NO_MEMORY.
 */
enum crit_status source_open_parent(const struct source *src, struct source **out,
				    struct crit_error *err);
/** Of an archive: the folder around this one, where a container engine has put what is not an
 *  image; the archive's top itself has nothing around it. @return NULL: a directory, or out of
 *  memory. */
struct source *source_open_outside(const struct source *src);
/** Are both the same directory, or the same folder of the same archive? */
bool source_same(const struct source *a, const struct source *b);
/** Members that are open stay open. NULL is fine. */
void source_close(struct source *src);
const char *source_path(const struct source *src);
/** Is there a member of this name, of any type? */
bool source_has(const struct source *src, const char *name);
/** Call @p each with every member's name, in no order; false ends it.
 *  @return CRIT_OK, also when it was ended; CRIT_OS; CRIT_NO_MEMORY. */
enum crit_status source_each(const struct source *src, bool (*each)(void *ctx, const char *name),
			     void *ctx, struct crit_error *err);
/** Can its members be changed? Not in an archive. */
bool source_is_archive(const struct source *src);
/** The directory's descriptor, for who changes it; it stays the source's. -1 for a parent, and for
 *  an archive. */
int source_dir_fd(const struct source *src);
/** The directory, or the archive's file. */
void source_identity(const struct source *src, dev_t *dev, ino_t *ino);
/** The n-th of source_options.parents, from 0; NULL: there are no more. */
const char *source_given_parent(const struct source *src, size_t n);
/** One line on what of an archive was refused; NULL: nothing was. */
const char *source_problem(const struct source *src);
/** An annotation of the container image that it is in. @param value  [out] NULL: it has none.
 *  @return false: there are no more than @p i. */
bool source_annotation(const struct source *src, size_t i, const char **name, const char **value);

/** A layer of a container image. */
struct source_layer {
	char digest[DIGEST_TEXT]; /* that it claims: "sha256:HEX"; "": none */
	bool verified;		  /* it has it; false: nobody looked */
};

/** The one that it is in. False: it is in none. */
bool source_layer(const struct source *src, struct source_layer *out);
/** Make sure that the layer has its digest, by reading all of it if nobody did.
 *  @return CRIT_OK, also when there is no layer, or it claims none; CRIT_CORRUPT: it has another
 *          one; CRIT_INTERRUPTED; CRIT_OS; CRIT_NO_MEMORY. */
enum crit_status source_verify(const struct source *src, const struct archive_options *options,
			       struct crit_error *err);

/**
 * Open a member. Only regular files; symbolic links are refused, so that a checkpoint cannot point
 * at this machine's own files. Reading leaves the time of last access alone where we may.
 *
 * @param name  May have folders in front: "checkpoint/inventory.img".
 * @return CRIT_OK; CRIT_NOT_FOUND; CRIT_CORRUPT: not a regular file; CRIT_OS; CRIT_NO_MEMORY.
 */
enum crit_status source_open_member(struct source *src, const char *name, struct member **out,
				    struct crit_error *err);
/** NULL is fine. */
void member_close(struct member *m);

/** Read exactly @p len bytes at @p off. @return CRIT_OK; CRIT_CORRUPT: it ends before; CRIT_OS. */
enum crit_status member_read(const struct member *m, uint64_t off, void *buf, uint64_t len,
			     struct crit_error *err);

/**
 * Where @p len bytes from @p off on are, for who maps or copies them.
 *
 * @param fd        [out] Stays the member's.
 * @param file_off  [out] Of the first one in that file.
 * @return false: they are not all there, or not in a row: member_read() has them.
 */
bool member_in_file(const struct member *m, uint64_t off, uint64_t len, int *fd,
		    uint64_t *file_off);
/** The member's own file, for who replaces it; -1: it is in an archive. */
int member_own_fd(const struct member *m);

/** What is known of a member, for later: a copy without name and descriptor. */
struct member member_note(const struct member *m);
/** Would opening the name again give this very file? */
bool member_same(const struct member *a, const struct member *b);
/** Was an open member written to, or holes punched into it, since it was opened as @p first? */
bool member_modified(const struct member *m, const struct member *first);

/**
 * Find the first hole (a range the file system never stored) at or after @p off.
 * @return its start, and its end in *end; the member's size in both if there is none.
 */
uint64_t member_next_hole(const struct member *m, uint64_t off, uint64_t *end);

#endif
