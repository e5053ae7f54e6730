/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spool.h - bytes that are needed later: in memory while they are few, then in a file without a
 * name in $TMPDIR (or /tmp).
 */
#ifndef CRIT_UTIL_SPOOL_H
#define CRIT_UTIL_SPOOL_H

#include "util/buf.h"
#include "util/output.h"

enum {
	SPOOL_MEMORY = 8 * 1024 * 1024, /* bytes that are kept in memory */
};

struct spool {
	struct buf memory; /* all of it; with a file, the last piece */
	int fd;            /* -1: there is no file */
	uint64_t len;      /* of all */
};

void spool_init(struct spool *s);
void spool_deinit(struct spool *s);
/** Forget the bytes; memory is kept. */
void spool_clear(struct spool *s);
/** @return CRIT_OK; CRIT_NO_MEMORY; CRIT_OS. */
enum crit_status spool_add(struct spool *s, const void *data, size_t len, struct crit_error *err);
/** Write what is still in memory to the file, if there is one. */
enum crit_status spool_flush(struct spool *s, struct crit_error *err);
/** Append all of it to an output. */
enum crit_status spool_write(struct spool *s, struct crit_output *out, struct crit_error *err);

#endif
