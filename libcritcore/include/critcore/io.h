/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* io.h - where bytes come from and go to. A part of critcore.h. */
#ifndef CRITCORE_IO_H
#define CRITCORE_IO_H

#include "critcore/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes to convert. */
struct crit_input;
/** Where converted bytes go. */
struct crit_output;

/**
 * @param path  A file, a named pipe, /dev/stdin; an image in an archive,
 *              ARCHIVE/checkpoint/core-1.img or, in the folder that has the checkpoint,
 *              ARCHIVE/core-1.img. Not a directory.
 * @param out   [out] Release it with crit_input_close().
 * @return CRIT_OK; CRIT_NOT_FOUND; CRIT_INVALID: a directory; CRIT_OS; CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_input_open(const char *path, struct crit_input **out,
					  struct crit_error *err);
/** @param fd    Stays the caller's; is read from its current offset on.
 *  @param name  For messages. Copied. */
CRIT_API enum crit_status crit_input_from_fd(int fd, const char *name, struct crit_input **out,
					     struct crit_error *err);
/** @param data  @p len bytes that stay as they are until crit_input_close(). */
CRIT_API enum crit_status crit_input_from_memory(const void *data, size_t len, const char *name,
						 struct crit_input **out, struct crit_error *err);
/** NULL is fine. */
CRIT_API void crit_input_close(struct crit_input *in);

/**
 * Write a file. Until crit_output_commit() nothing is seen of it: there is the old file, or none.
 * Devices and pipes are written to directly.
 *
 * @param out  [out] Release it with crit_output_close().
 */
CRIT_API enum crit_status crit_output_create(const char *path, struct crit_output **out,
					     struct crit_error *err);
/** @param fd  Stays the caller's. */
CRIT_API enum crit_status crit_output_from_fd(int fd, struct crit_output **out,
					      struct crit_error *err);
/** @param write  Takes all of @p len bytes, or returns false to stop (CRIT_INTERRUPTED). */
CRIT_API enum crit_status crit_output_from_function(bool (*write)(void *ctx, const void *data,
								  size_t len),
						    void *ctx, struct crit_output **out,
						    struct crit_error *err);
/** Put the file in place, synced to the disk. Nothing to do for other outputs. */
CRIT_API enum crit_status crit_output_commit(struct crit_output *out, struct crit_error *err);
/** A file that was not committed leaves no trace. NULL is fine. */
CRIT_API void crit_output_close(struct crit_output *out);

#ifdef __cplusplus
}
#endif

#endif
