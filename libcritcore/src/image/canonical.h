/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * canonical.h - the one form that CRIU's, CRIT's and our own writers give a message.
 *
 * Fields by ascending number; of a field that is not repeated the last value, of several messages
 * for one field the union; lists packed or not as the schema says; varints without idle bytes and
 * cut to the field's type. For one number, values that the schema knows come first, then fields of a
 * wrong wire type and values that an enum does not have; these and unknown fields are kept.
 */
#ifndef CRIT_IMAGE_CANONICAL_H
#define CRIT_IMAGE_CANONICAL_H

#include "image/schema.h"
#include "util/buf.h"

/**
 * Append the canonical form of a message to @p out.
 *
 * @param err  [out] On CRIT_CORRUPT the message is "PATH: CAUSE" (or "CAUSE") with the path of the
 *             field from @p m on ("tc.comm"), and off the byte in @p data.
 * @return CRIT_OK; CRIT_CORRUPT: no sound message; CRIT_NO_MEMORY.
 */
enum crit_status canonical_form(const struct schema_message *m, const uint8_t *data, size_t len,
				struct buf *out, struct crit_error *err);

#endif
