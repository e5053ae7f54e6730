/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * source_impl.h - the two kinds of sources. source.c asks one or the other.
 *
 *	folder.c  a directory
 *	packed.c  a folder inside an archive
 *	member.c  members that are open, of either
 *	given.c	  parents that the user named
 */
#ifndef CRIT_SOURCE_IMPL_H
#define CRIT_SOURCE_IMPL_H

#include "archive/archive.h"
#include "source/source.h"

/** What source_options.parents named, seen from outside. */
struct given {
	unsigned int nr_users; /* atomic */
	size_t nr;
	struct source **sources;
};

struct source {
	char *path; /* as given, for messages; of a parent: absolute */
	/* a directory */
	int dir_fd; /* -1 of a parent: opened for each use */
	dev_t dev;
	ino_t ino;
	/* a folder of an archive */
	struct archive *archive; /* NULL: a directory */
	char *folder;		 /* "" or "checkpoint/" */
	/* either */
	struct given *given;	 /* shared by the levels of a chain; NULL: nothing */
	size_t next_given;	 /* of those: which is the parent of this one */
};

/** "a/b/" becomes "a/b". */
void source_trim(char *path);
/** As source_open_with() but for the parents; @p container: as source_open_container_with(). */
enum crit_status source_open_any(const char *path, bool container,
				 const struct source_options *options, struct source **out,
				 struct crit_error *err);

/** Open options->parents beside a source.
 *  @return also CRIT_INVALID: there are more of them than levels. */
enum crit_status given_open(struct source *src, const struct source_options *options,
			    struct crit_error *err);
/** The next of them: the folder of the name that `parent` has, else the checkpoint there, else
 *  all. */
enum crit_status given_open_parent(const struct source *src, struct source **out,
				   struct crit_error *err);
/** NULL is fine. */
void given_put(struct given *given);

/** Take over the descriptor of a directory. */
enum crit_status folder_source(int dir_fd, const char *path, struct source **out,
			       struct crit_error *err);
enum crit_status folder_open_parent(const struct source *src, struct source **out,
				    struct crit_error *err);
/** Where the link `parent` leads. False: there is none. */
bool folder_parent_target(const struct source *src, char *out, size_t size);
/** Its folder of this name, if there is one with pages, else itself. @param name  May be NULL. */
enum crit_status folder_open_in(const struct source *src, const char *name, struct source **out,
				struct crit_error *err);
bool folder_has(const struct source *src, const char *name);
enum crit_status folder_each(const struct source *src, bool (*each)(void *ctx, const char *name),
			     void *ctx, struct crit_error *err);
/** @p m has its name and is otherwise empty. */
enum crit_status folder_open_member(const struct source *src, struct member *m,
				    struct crit_error *err);

/** @param archive  A reference of the caller's own is taken over, also on failure.
 *  @param folder   Without "/" behind; "": the top. */
enum crit_status packed_source(struct archive *archive, const char *path, const char *folder,
			       struct source **out, struct crit_error *err);
/** The folder that has the checkpoint. @param out  [out] free() it. */
enum crit_status packed_find_checkpoint(const struct archive *archive, char **out,
					struct crit_error *err);
/** When @p folder begins with the name of a file in the archive ("blobs/sha256/HEX/checkpoint"),
 *  put the archive that this file is in place of @p a, and cut the name off. */
enum crit_status packed_enter_member(struct archive **a, char *folder,
				     const struct source_options *options, struct crit_error *err);
enum crit_status packed_open_parent(const struct source *src, struct source **out,
				    struct crit_error *err);
bool packed_parent_target(const struct source *src, char *out, size_t size);
enum crit_status packed_open_in(const struct source *src, const char *name, struct source **out,
				struct crit_error *err);
/** As source_open_outside(). */
struct source *packed_open_outside(const struct source *src);
bool packed_has(const struct source *src, const char *name);
void packed_each(const struct source *src, bool (*each)(void *ctx, const char *name), void *ctx);
enum crit_status packed_open_member(const struct source *src, struct member *m,
				    struct crit_error *err);

#endif
