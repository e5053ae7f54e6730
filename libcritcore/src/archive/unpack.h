/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * unpack.h - compressed archives: gzip, bzip2, xz, zstd and LZ4 frames, told apart by content.
 *
 * One is decompressed once, from its beginning to its end, into a file in which zeros are holes.
 */
#ifndef CRIT_ARCHIVE_UNPACK_H
#define CRIT_ARCHIVE_UNPACK_H

#include "archive/options.h"
#include "archive/tar.h"
#include "util/digest.h"

enum packing { PACKING_NONE, PACKING_GZIP, PACKING_BZIP2, PACKING_XZ, PACKING_ZSTD, PACKING_LZ4 };

enum { PACKING_HEAD = 6 }; /* bytes that tell */

/** PACKING_NONE: not compressed in a way that is known. */
enum packing packing_of(const uint8_t *head, size_t len);

/** Where compressed bytes come from. */
struct unpack_input {
	struct tar_span span; /* len: UINT64_MAX where the end is not known: a pipe */
	bool is_pipe;	      /* read in order from where it is */
	const uint8_t *head;  /* of a pipe: bytes that were already read */
	size_t head_len;
	uint64_t done;	      /* bytes given out so far; begins with 0 */
	struct digest claim;  /* that all bytes must have */
	struct digester digester; /* of those so far */
	const struct archive_options *options;
};

/** Read the next bytes. @return how many, 0 at the end, -1: says why in @p err. */
int64_t unpack_read(struct unpack_input *in, void *buf, size_t len, struct crit_error *err);

/** Where decompressed bytes go: a file without a name. */
struct unpack_output {
	int fd;
	const char *place; /* for messages: the folder */
	uint64_t len, stored; /* bytes so far; those that are not in holes */
	bool checked;	      /* that it begins as a tar archive does */
	bool is_empty;	      /* it begins with the end of one */
	struct unpack_input *in;
};

/** Append bytes. @return CRIT_OK; CRIT_INVALID: not a tar archive; CRIT_NO_MEMORY: beyond the
 *  limit; CRIT_INTERRUPTED; CRIT_OS. */
enum crit_status unpack_write(struct unpack_output *out, const void *data, size_t len,
			      struct crit_error *err);

/**
 * Decompress.
 * @return CRIT_OK; CRIT_CORRUPT: damaged or cut; or as unpack_write().
 */
enum crit_status unpack_all(enum packing packing, struct unpack_input *in,
			    struct unpack_output *out, struct crit_error *err);

/** Copy as it is: what comes through a pipe and is not compressed. */
enum crit_status unpack_copy(struct unpack_input *in, struct unpack_output *out,
			     struct crit_error *err);

#endif
