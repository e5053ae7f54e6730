/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify.h - is an archive that is a blob of a container image what its name says? */
#ifndef CRIT_ARCHIVE_VERIFY_H
#define CRIT_ARCHIVE_VERIFY_H

#include "archive/options.h"
#include "archive/tar.h"
#include "util/digest.h"

/**
 * Read all of it, and compare its digest.
 *
 * @param claim    CRIT_OK at once if it claims nothing.
 * @param options  Its keep_going() hears of the bytes.
 * @return CRIT_OK; CRIT_CORRUPT: it has another digest, or was cut; CRIT_INTERRUPTED; CRIT_OS;
 *         CRIT_NO_MEMORY.
 */
enum crit_status verify_span(const struct tar_span *span, const struct digest *claim,
			     const struct archive_options *options, struct crit_error *err);

#endif
