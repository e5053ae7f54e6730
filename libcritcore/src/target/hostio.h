/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hostio.h - the files a client may read through us, and the handles it has open.
 *
 * There are two sorts: mapped files of the process, found on this machine or in a ghost image, and
 * the entries of /proc that proc.c makes from the checkpoint. Nothing else exists, whatever its
 * name.
 */
#ifndef CRIT_TARGET_HOSTIO_H
#define CRIT_TARGET_HOSTIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "critcore.h"
#include "util/buf.h"

enum {
	HOSTIO_HANDLES = 16,
};

struct hostio {
	struct crit_task *task;
	uint32_t pid;
	struct hostio_handle {
		enum { HOSTIO_FREE = 0, HOSTIO_FILE, HOSTIO_GHOST, HOSTIO_TEXT } kind;
		int fd;		 /* of HOSTIO_FILE */
		uint32_t file_id; /* of HOSTIO_GHOST */
		struct buf text; /* of HOSTIO_TEXT */
	} handle[HOSTIO_HANDLES];
};

void hostio_init(struct hostio *h, struct crit_task *task);
void hostio_deinit(struct hostio *h);

/* All of these return 0 or more, or a negative errno. */

/** A handle for reading @p path. */
int hostio_open(struct hostio *h, const char *path);
int hostio_close(struct hostio *h, uint64_t handle);
/** Bytes read into @p out, 0 at the end of the file. */
int64_t hostio_read(struct hostio *h, uint64_t handle, uint64_t off, void *out, size_t len);
/** Of a made-up file, mode and size only. */
int hostio_stat(struct hostio *h, uint64_t handle, struct stat *out);
/** Append what the symbolic link @p path points to. */
int hostio_readlink(struct hostio *h, const char *path, struct buf *out);

#endif
