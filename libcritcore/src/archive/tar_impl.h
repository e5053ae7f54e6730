/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tar_impl.h - what the files that read tar headers share.
 *
 *	tar.c         the walk: which header is followed by what
 *	tar_header.c  the fields of a header
 *	tar_pax.c     the records of an extended header
 *	tar_sparse.c  the maps of sparse files
 */
#ifndef CRIT_ARCHIVE_TAR_IMPL_H
#define CRIT_ARCHIVE_TAR_IMPL_H

#include "archive/tar.h"
#include "util/buf.h"

/** The fields of a 512-byte header. */
struct tar_header {
	char type;
	char name[TAR_NAME];
	char link[101];
	uint64_t size;
	int64_t mtime;
};

/** What extended headers say of the member that follows. */
struct tar_extended {
	struct buf name, link; /* strings with their terminator; empty: not said */
	bool has_size, has_mtime;
	uint64_t size;
	int64_t mtime;
	long mtime_ns;
	/* GNU.sparse.* */
	bool is_sparse, has_sparse_name;
	bool in_data; /* the map stands in front of the contents (1.0) */
	bool has_real_size;
	uint64_t real_size;
	uint64_t major, minor;
	bool has_offset; /* 0.0: the first half of an entry */
	uint64_t offset;
};

struct tar_walk {
	struct tar_span span;
	uint64_t at;   /* offset of the next block in the archive */
	uint64_t header; /* of the one that is looked at, for messages */
	const char *name; /* of the member that is looked at; NULL: not known yet */
	struct tar_extended ext;
	struct tar_piece *pieces; /* of the member that is looked at */
	size_t nr_pieces, cap_pieces;
	size_t all_pieces, nr_members, name_bytes; /* so far */
	uint8_t window[16 * 1024];
	uint64_t window_at;
	size_t window_len;
};

/** Put archive, member and offset to a message. */
enum crit_status tar_bad(struct tar_walk *w, enum crit_status status, struct crit_error *err,
			 const char *fmt, ...) PRINTF(4, 5);
/** @p len bytes at @p at of the archive, at most a window's. @return NULL: they are not there, or
 *  cannot be read; says so in @p err. */
const uint8_t *tar_bytes(struct tar_walk *w, uint64_t at, size_t len, struct crit_error *err);

/* tar_header.c */
/** Does the checksum fit? */
bool tar_header_sound(const uint8_t *block);
/** @return NULL, or what is wrong. */
const char *tar_header_parse(const uint8_t *block, struct tar_header *out);
/** An octal or binary number. False: it is none, or negative, or beyond INT64_MAX. */
bool tar_number(const uint8_t *field, size_t len, uint64_t *out);

/* tar_pax.c */
/** Read the records of an extended header, @p len bytes at w->at, to w->ext.
 *  @param global  It is meant for all members. */
enum crit_status tar_pax_read(struct tar_walk *w, uint64_t len, bool global,
			      struct crit_error *err);
/** Digits and nothing else. */
bool tar_decimal(const char *text, size_t len, uint64_t *out);

/* tar_sparse.c */
/** Add an entry of a map. */
enum crit_status tar_sparse_add(struct tar_walk *w, uint64_t start, uint64_t len,
				struct crit_error *err);
/** The map of an old GNU header at w->header, and the blocks that go on with it: w->at moves. */
enum crit_status tar_sparse_old(struct tar_walk *w, uint64_t *real_size, struct crit_error *err);
/** The map in front of @p stored bytes of contents at w->at. @param map_len  [out] Its length. */
enum crit_status tar_sparse_in_data(struct tar_walk *w, uint64_t stored, uint64_t *map_len,
				    struct crit_error *err);
/** Say where the pieces are: @p stored bytes from @p off of the archive on are theirs. */
enum crit_status tar_sparse_place(struct tar_walk *w, uint64_t off, uint64_t stored,
				  uint64_t real_size, struct crit_error *err);

#endif
