// SPDX-License-Identifier: LGPL-2.1-or-later
/* wire.c - see wire.h. */
#include "image/wire.h"

static bool take(struct wire *w, uint64_t len, struct wire_field *out)
{
	if (len > (uint64_t)(w->end - w->p))
		return false;
	out->data = w->p;
	out->len = (size_t)len;
	w->p += len;
	return true;
}

/** Key and everything that is not a group. */
static bool next_flat(struct wire *w, struct wire_field *out)
{
	uint64_t key, len;

	*out = (struct wire_field){ .start = w->p };
	if (!wire_varint(w, &key, &out->idle) || key >> 3 == 0 || key >> 3 > WIRE_MAX_FIELD)
		return false;
	out->number = (uint32_t)(key >> 3);
	out->type = (enum wire_type)(key & 7);
	switch (out->type) {
	case WIRE_VARINT:
		return wire_varint(w, &out->value, &out->idle);
	case WIRE_LEN:
		return wire_varint(w, &len, &out->idle) && take(w, len, out);
	case WIRE_FIXED64:
	case WIRE_FIXED32:
		if (!take(w, out->type == WIRE_FIXED64 ? 8 : 4, out))
			return false;
		out->value = endian_get(out->data, (unsigned)out->len, false);
		return true;
	case WIRE_GROUP:
	case WIRE_GROUP_END:
		return true;
	}
	return false;
}

bool wire_next(struct wire *w, struct wire_field *out)
{
	uint32_t open[WIRE_MAX_DEPTH];
	const uint8_t *inside;
	unsigned depth = 0;

	if (!next_flat(w, out) || out->type == WIRE_GROUP_END)
		return false;
	if (out->type != WIRE_GROUP)
		return true;
	inside = w->p;
	open[depth++] = out->number;
	while (depth) {
		struct wire_field field;

		out->data = inside;
		out->len = (size_t)(w->p - inside);
		if (w->p == w->end || !next_flat(w, &field))
			return false;
		if (field.type == WIRE_GROUP) {
			if (depth == WIRE_MAX_DEPTH)
				return false;
			open[depth++] = field.number;
		} else if (field.type == WIRE_GROUP_END && field.number != open[--depth]) {
			return false;
		}
	}
	return true;
}

uint64_t wire_get_uint(const void *data, size_t len, uint32_t number, uint64_t otherwise)
{
	struct wire w = { data, (const uint8_t *)data + len };
	struct wire_field field;

	while (w.p < w.end && wire_next(&w, &field))
		if (field.number == number && field.type == WIRE_VARINT)
			otherwise = field.value;
	return otherwise;
}

void wire_add_varint(struct buf *b, uint64_t value)
{
	uint8_t bytes[WIRE_MAX_VARINT];

	buf_add(b, bytes, wire_put_varint(bytes, value));
}

void wire_add_key(struct buf *b, uint32_t number, enum wire_type type)
{
	wire_add_varint(b, (uint64_t)number << 3 | type);
}

void wire_add_uint(struct buf *b, uint32_t number, uint64_t value)
{
	wire_add_key(b, number, WIRE_VARINT);
	wire_add_varint(b, value);
}

void wire_add_bytes(struct buf *b, uint32_t number, const void *data, size_t len)
{
	wire_add_key(b, number, WIRE_LEN);
	wire_add_varint(b, len);
	buf_add(b, data, len);
}
