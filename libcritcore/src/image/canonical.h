/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * canonical.h - the one form that CRIU's, CRIT's and our own writers give a message.
 *
 * Fields by ascending number; of a field that is not repeated the last value, of several messages
 * for one field the union; lists packed or not as the schema says; varints without idle bytes and
 * cut to the field's type. For one number, values that the schema knows come first, then fields of
 * a wrong wire type and values that an enum does not have; these and unknown fields are kept.
 */
#ifndef CRIT_IMAGE_CANONICAL_H
#define CRIT_IMAGE_CANONICAL_H

#include "image/schema.h"
#include "image/wire.h"

/** The wire type of one value of a field. */
static inline enum wire_type canonical_value_type(const struct schema_field *f)
{
	if (f->type >= SCHEMA_STRING)
		return WIRE_LEN;
	return f->type == SCHEMA_FIXED64 ? WIRE_FIXED64 : WIRE_VARINT;
}

/** The wire type of the field as a whole: a packed list is one value with a length. */
static inline enum wire_type canonical_type(const struct schema_field *f)
{
	return f->packed ? WIRE_LEN : canonical_value_type(f);
}

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
