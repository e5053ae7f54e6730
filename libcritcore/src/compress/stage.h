/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stage.h - images being written beside the old ones, which take their place all at once.
 *
 * A new image has no name while it is written, a hidden one when it is complete and on the disk,
 * and the owner, permissions, extended attributes and times of the old one. commit.c puts it there.
 */
#ifndef CRIT_COMPRESS_STAGE_H
#define CRIT_COMPRESS_STAGE_H

#include <sys/stat.h>

#include "source/source.h"
#include "util/buf.h"

/** A new image that is being written. */
struct stage_file {
	int dir_fd;
	int fd;		 /* -1: not open */
	char *name;	 /* of the image it will be */
	char *temporary; /* hidden name; NULL: none yet */
	uint64_t len;	 /* bytes that stage_write() wrote */
};

/** An old image that is open, and what it was when it was opened. */
struct stage_old {
	struct member *member;
	struct stat st;
};

/** A complete new image and the old one it replaces. */
struct staged {
	char *name;
	char *temporary; /* NULL: it has become the image, or was given up */
	char *backup;	 /* a further name of the old one; NULL: none */
	struct stat old; /* the old one */
	bool started;	 /* from here on the name may be the new one's */
};

/** What changes together: a pagemap with its pages, or one image. */
struct stage_unit {
	struct staged image, pages; /* pages.name is NULL: one image */
	char *interim;		    /* the pagemap again, with pages_id interim_id; see commit.c */
	uint32_t interim_id;
};

struct stage {
	int dir_fd; /* the source's */
	struct stage_unit *units; /* in the order in which they change */
	size_t nr, cap;
};

/** Open an image that will be replaced; stage_old_close() is fine on a zeroed one. */
enum crit_status stage_old_open(struct source *src, const char *name, struct stage_old *out,
				struct crit_error *err);
void stage_old_close(struct stage_old *old);

/** Begin a file that will be image @p name. */
enum crit_status stage_create(struct stage *s, const char *name, struct stage_file *out,
			      struct crit_error *err);
/** Append. */
enum crit_status stage_write(struct stage_file *f, const void *data, size_t len,
			     struct crit_error *err);
/** Append what is gathered, when it is @p enough bytes; clears @p b. */
enum crit_status stage_flush(struct stage_file *f, struct buf *b, size_t enough,
			     struct crit_error *err);
/** Append bytes of another file. */
enum crit_status stage_copy(struct stage_file *f, int from_fd, uint64_t off, uint64_t len,
			    struct crit_error *err);
/** Give it the attributes of the old image, put it on the disk, give it a hidden name, close it.
 *  @param out  [out] Owns the names. NULL: only the hidden name is wanted, f->temporary. */
enum crit_status stage_finish(struct stage_file *f, const struct stage_old *old,
			      struct staged *out, struct crit_error *err);
/** Give up or forget a file; fine after stage_finish() and on a zeroed one with fd -1. */
void stage_abandon(struct stage_file *f);

/** Add a unit; on failure it is still the caller's. */
enum crit_status stage_add(struct stage *s, const struct stage_unit *unit, struct crit_error *err);
/** Remove what was not committed. */
void stage_unit_deinit(const struct stage *s, struct stage_unit *unit);
void stage_deinit(struct stage *s);

/**
 * Put all new images in the place of the old ones, or, when something fails, none.
 * @param in_place  Else the old ones stay, with .bak behind their names.
 * @return CRIT_OK; CRIT_INVALID: there is a backup already; CRIT_OS; what failed is then undone, or
 *         the message says what could not be.
 */
enum crit_status stage_commit(struct stage *s, bool in_place, struct crit_error *err);

/** A new hidden name, "." NAME ".critcore-" WHAT NUMBER, for @p make to use up; tries until it is
 *  none that exists. @return what @p make returned; -1: errno says why. Sets *out. */
int stage_new_name(int dir_fd, const char *name, const char *what,
		   int (*make)(void *ctx, int dir_fd, const char *temporary), void *ctx,
		   char **out);

#endif
