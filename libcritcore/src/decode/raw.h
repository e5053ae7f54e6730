/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* raw.h - what to say of a file that has no magic and is no image of records. */
#ifndef CRIT_DECODE_RAW_H
#define CRIT_DECODE_RAW_H

#include "util/input.h"

/** @param magic  What stands where the magic should be.
 *  @return CRIT_UNSUPPORTED: by its name a raw image; CRIT_CORRUPT: something else. */
enum crit_status raw_explain(const struct crit_input *in, uint32_t magic, uint64_t off,
			     struct crit_error *err);

#endif
