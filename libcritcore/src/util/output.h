/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * output.h - bytes that go out in order: to a file, a pipe, a function. Behind struct crit_output.
 *
 * A file is written under no name (or a temporary one, where the file system cannot do that) in the
 * folder of the old one, synced, and takes its name at the end: a failure leaves the old file.
 */
#ifndef CRIT_UTIL_OUTPUT_H
#define CRIT_UTIL_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct crit_output {
	char *path;	/* of the file to be; NULL: not a file of ours */
	char *temporary; /* the name it has until then; NULL: none */
	int dir_fd;	/* of the folder of both; -1: none */
	int fd;		/* -1: a function */
	bool close_fd;
	uint64_t len;	/* bytes written so far */
	uint64_t syncing; /* of those, the disk was asked to take */
	bool asked_skip, can_skip; /* see output_can_skip() */
	bool (*write)(void *ctx, const void *data, size_t len);
	void *ctx;
};

/** Write all of it. @return CRIT_OK; CRIT_OS; CRIT_INTERRUPTED: the function did not want more. */
enum crit_status output_write(struct crit_output *out, const void *data, size_t len,
			      struct crit_error *err);

/** Can zeros be left out? In a file, at its end. */
bool output_can_skip(struct crit_output *out);
/** Add zeros: a hole where that is possible. */
enum crit_status output_skip(struct crit_output *out, uint64_t len, struct crit_error *err);

/** Append bytes of another descriptor from @p off on, as many as the kernel copies by itself, at
 *  most @p len; it shares them where the file system can. The rest is for the caller to read and
 *  write, and so to find out why it was not copied. @return how many. */
uint64_t output_splice(struct crit_output *out, int fd, uint64_t off, uint64_t len);

/** Forget what was written from the start on, to write it again. False: it is out already. */
bool output_rewind(struct crit_output *out);

/** Append bytes of another descriptor, from its start; the kernel copies where it can. */
enum crit_status output_copy(struct crit_output *out, int fd, uint64_t len, struct crit_error *err);

#endif
