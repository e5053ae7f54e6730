/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* unpacked.h - the plain tar behind a compressed archive, or behind a pipe. */
#ifndef CRIT_ARCHIVE_UNPACKED_H
#define CRIT_ARCHIVE_UNPACKED_H

#include <sys/stat.h>

#include "archive/unpack.h"

/**
 * Find it in the cache, or unpack it there; where there can be no cache, into a file without a name
 * in $TMPDIR.
 *
 * @param span  The compressed archive.
 * @param st    Of the file that the user named, when it was opened: with span->start it tells this
 *              archive from others. NULL: nothing of the sort, it is not kept.
 * @param claim  The digest that the compressed archive must have: computed while that is read, of
 *              what is in the cache noted there or else computed.
 * @param fd    [out] The caller closes it.
 * @return as unpack_all(); CRIT_CORRUPT: it was written to meanwhile, or is not as claimed.
 */
enum crit_status unpacked_open(enum packing packing, const struct tar_span *span,
			       const struct stat *st, const struct digest *claim,
			       const struct archive_options *options, int *fd,
			       struct crit_error *err);

/** The same of what comes through a pipe, compressed or not, into a file without a name. */
enum crit_status unpacked_from_pipe(int pipe, const char *name,
				    const struct archive_options *options, int *fd,
				    struct crit_error *err);

#endif
