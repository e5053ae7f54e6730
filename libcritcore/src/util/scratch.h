/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scratch.h - a file for bytes that memory is too small for. */
#ifndef CRIT_UTIL_SCRATCH_H
#define CRIT_UTIL_SCRATCH_H

#include "util/error.h"

/**
 * Open a file that nobody else sees and that is gone when it is closed, in $TMPDIR or /tmp.
 *
 * @param fd  [out] For reading and writing.
 * @return CRIT_OK; CRIT_OS, CRIT_NOT_FOUND: the folder cannot be written to.
 */
enum crit_status scratch_open(int *fd, struct crit_error *err);

#endif
