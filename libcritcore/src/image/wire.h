/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wire.h - protobuf's wire form, field by field, without decoding into structs.
 *
 *	message = { field }
 *	field   = varint (number << 3 | type), value
 *	value   = varint           type 0
 *	        | 8 bytes          type 1
 *	        | varint len, len bytes     type 2: string, bytes, message, packed list
 *	        | { field } end    type 3 up to type 4 of the same number; CRIU has none
 *	        | 4 bytes          type 5
 *
 * The form is not unique: varints may have idle bytes, fields may come in any order and more than
 * once (the last value counts; messages are merged). What a canonical writer makes of it has
 * ascending numbers and nothing idle; see image/canonical.h.
 */
#ifndef CRIT_IMAGE_WIRE_H
#define CRIT_IMAGE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util/buf.h"
#include "util/endian.h"

enum wire_type {
	WIRE_VARINT = 0,
	WIRE_FIXED64 = 1,
	WIRE_LEN = 2,
	WIRE_GROUP = 3,
	WIRE_GROUP_END = 4,
	WIRE_FIXED32 = 5,
};

enum {
	/* Deeper messages are refused. CRIU's own recursive ones (cgroup, apparmor) are as deep as
	 * a directory tree. */
	WIRE_MAX_DEPTH = 100,
	WIRE_MAX_VARINT = 10,
	WIRE_MAX_FIELD = (1 << 29) - 1,
};

/** Bytes of a message that are still to be read. */
struct wire {
	const uint8_t *p, *end;
};

/** One field as it stands in the message. */
struct wire_field {
	uint32_t number;
	enum wire_type type;
	uint64_t value;		 /* varint, fixed32, fixed64 */
	const uint8_t *data;	 /* WIRE_LEN: the value's bytes. WIRE_GROUP: what is inside */
	size_t len;		 /* of data */
	const uint8_t *start;	 /* of the whole field, with key; it ends where the next begins */
	bool idle;		 /* a varint of the field is longer than it need be */
};

/** Read a varint of at most ten bytes. @return false: it runs past the end or is too long.
 *  @p idle is set (never cleared) when it has idle bytes. */
static inline bool wire_varint(struct wire *w, uint64_t *out, bool *idle)
{
	const uint8_t *p = w->p, *end = w->end;
	uint64_t value = 0;

	if (p < end && *p < 0x80) {
		*out = *p;
		w->p = p + 1;
		return true;
	}
	if (end - p > WIRE_MAX_VARINT)
		end = p + WIRE_MAX_VARINT;
	for (unsigned shift = 0; p < end; shift += 7) {
		uint8_t byte = *p++;

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*idle |= byte == 0 || (shift == 63 && byte > 1);
			*out = value;
			w->p = p;
			return true;
		}
	}
	w->p = p;
	return false;
}

/**
 * Read the next field; the caller saw that there is one (p < end).
 * @return false: the bytes are no field. w->p is then where the trouble is.
 */
bool wire_next(struct wire *w, struct wire_field *out);

/** The last value of a varint field of a message, or @p otherwise if it has none. */
uint64_t wire_get_uint(const void *data, size_t len, uint32_t number, uint64_t otherwise);

/* Writers. */
static inline size_t wire_put_varint(uint8_t *p, uint64_t value)
{
	size_t len = 0;

	while (value >= 0x80) {
		p[len++] = (uint8_t)value | 0x80;
		value >>= 7;
	}
	p[len++] = (uint8_t)value;
	return len;
}
void wire_add_varint(struct buf *b, uint64_t value);
void wire_add_key(struct buf *b, uint32_t number, enum wire_type type);
void wire_add_uint(struct buf *b, uint32_t number, uint64_t value);
void wire_add_bytes(struct buf *b, uint32_t number, const void *data, size_t len);

static inline uint64_t wire_zigzag(int64_t value)
{
	return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}
static inline int64_t wire_unzigzag(uint64_t value)
{
	return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

#endif
