/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * set_field.h - one field of a message in wire form gets another value; all other bytes stay.
 */
#ifndef CRIT_ENCODE_SET_FIELD_H
#define CRIT_ENCODE_SET_FIELD_H

#include "encode/message.h"

/** One step of a path into a message: "vmas[0]". */
struct set_step {
	const char *name; /* not terminated */
	size_t name_len;
	size_t index; /* SIZE_MAX: none is given */
};

/** A value for the field at the end of a path. */
struct setter {
	const struct set_step *steps; /* below the record */
	size_t nr;
	size_t record;     /* its index, for messages */
	const char *path;  /* all of it, likewise */
	const char *image; /* likewise */
	const char *value; /* JSON */
	bool big_endian;
	struct crit_error *err;
};

/**
 * Append the changed message to @p out.
 *
 * @param step   Of the field of @p m that is meant; 0 at the outermost.
 * @return CRIT_OK; CRIT_NOT_FOUND: the schema, or the message, has no such field; CRIT_INVALID: the
 *         path does not fit the schema; CRIT_CORRUPT: @p s->value is not for this field (the error
 *         has the place in it), or the message is not sound; CRIT_NO_MEMORY.
 */
enum crit_status set_field(struct setter *s, const struct schema_message *m, size_t step,
			   const uint8_t *data, size_t len, struct buf *out);

#endif
