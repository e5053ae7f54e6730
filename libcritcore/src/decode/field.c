// SPDX-License-Identifier: LGPL-2.1-or-later
/* field.c - one field of a message as a member of a JSON object; see walk.h. */
#include "decode/style.h"
#include "decode/walk.h"
#include "json/quoted.h"

enum { IP_WORDS = 4 };

/** The key of the exact bytes of a text: "_NAME". */
static void write_bytes_key(struct walk *k, const struct schema_field *f)
{
	next_member(k);
	TEXT_LITERAL(k->t, "\"_");
	text_add(k->t, f->key + 3, f->name_len + 3u);
	k->mw->kept.bytes++;
}

/** A number's value in its type; false: not as a canonical writer would write it. */
static bool take_number(const struct schema_field *f, uint64_t raw, uint64_t *value, bool *negative)
{
	int64_t sign = (int64_t)raw;

	*negative = false;
	*value = raw;
	switch (f->type) {
	case SCHEMA_UINT32:
		return raw <= UINT32_MAX;
	case SCHEMA_BOOL:
		return raw <= 1;
	case SCHEMA_INT32:
		*negative = sign < 0;
		return sign == (int32_t)sign;
	case SCHEMA_INT64:
		*negative = sign < 0;
		return true;
	case SCHEMA_SINT32:
	case SCHEMA_SINT64:
		*value = (uint64_t)wire_unzigzag(raw);
		*negative = (int64_t)*value < 0;
		return f->type == SCHEMA_SINT64 || raw <= UINT32_MAX;
	default:
		return true;
	}
}

static bool write_number(struct walk *k, const struct schema_field *f, uint64_t raw)
{
	uint64_t value;
	bool negative;

	if (!take_number(f, raw, &value, &negative))
		return false;
	if (f->type == SCHEMA_BOOL)
		text_add(k->t, value ? "true" : "false", value ? 4 : 5);
	else if (k->mw->pretty && (k->hex || f->style))
		style_write(k->t, f, value, negative, k->hex);
	else if (negative)
		text_int(k->t, (int64_t)value);
	else
		text_uint(k->t, value);
	return true;
}

/** A number in its unpacked or packed form. */
static bool take_value(struct walk *k, const struct schema_field *f, uint64_t *value)
{
	if (f->type != SCHEMA_FIXED64)
		return take_varint(k, value);
	if (k->w.end - k->w.p < 8)
		return false;
	*value = endian_get(k->w.p, 8, false);
	k->w.p += 8;
	return true;
}

static bool take_bytes(struct walk *k, const uint8_t **data, size_t *len)
{
	uint64_t n;

	if (!take_varint(k, &n) || n > (uint64_t)(k->w.end - k->w.p))
		return false;
	*data = k->w.p;
	*len = (size_t)n;
	k->w.p += n;
	return true;
}

/** Is the next field the same one? Then step over its key. */
static bool again(struct walk *k, uint64_t key)
{
	const uint8_t *p = k->w.p;
	bool idle = false;
	uint64_t next;

	if (k->w.p == k->w.end || !wire_varint(&k->w, &next, &idle) || next != key || idle) {
		k->w.p = p;
		return false;
	}
	return true;
}

/** --pretty: a list of one or four words is an address. @return false: it is a plain list. */
static bool write_ip(struct walk *k, const struct schema_field *f, uint64_t key)
{
	const uint8_t *start = k->w.p;
	uint32_t words[IP_WORDS];
	unsigned nr = 0;
	uint64_t value;

	do {
		if (nr == IP_WORDS || !take_varint(k, &value) || value > UINT32_MAX)
			goto plain;
		words[nr++] = (uint32_t)value;
	} while (again(k, key));
	if (nr != 1 && nr != IP_WORDS)
		goto plain;
	write_key(k, f);
	text_open(k->t, '[', k->depth + 1);
	style_write_ip(k->t, words, nr, k->mw->big_endian);
	text_close(k->t, ']', k->depth);
	return true;
plain:
	k->w.p = start;
	return false;
}

static bool write_numbers(struct walk *k, const struct schema_field *f, uint64_t key)
{
	bool first = true;
	uint64_t value;

	if (k->mw->pretty && f->style == STYLE_IP && write_ip(k, f, key))
		return true;
	write_key(k, f);
	do {
		if (!next_element(k, &first) || !take_value(k, f, &value) ||
		    !write_number(k, f, value))
			return false;
	} while (f->packed ? k->w.p < k->w.end : again(k, key));
	text_close(k->t, ']', k->depth);
	return true;
}

static bool write_packed(struct walk *k, const struct schema_field *f)
{
	const uint8_t *data, *end = k->w.end;
	size_t len;
	bool ok;

	if (!take_bytes(k, &data, &len) || !len)
		return false;
	k->w = (struct wire){ data, data + len };
	ok = write_numbers(k, f, 0);
	k->w = (struct wire){ data + len, end };
	return ok;
}

static bool write_object(struct walk *k, const struct schema_field *f, const uint8_t *data,
			 size_t len, unsigned depth)
{
	bool hex = k->hex || (k->mw->pretty && f->style == STYLE_HEX);
	size_t brace = k->t->b.len;
	bool any;

	text_open(k->t, '{', depth + 1);
	if (!walk_message(k->mw, f->message, data, len, depth + 1, hex, k->lenient, &any))
		return false;
	if (!any) // an empty object has no lines
		k->t->b.len = brace + 1;
	if (any)
		text_close(k->t, '}', depth);
	else
		TEXT_LITERAL(k->t, "}");
	return true;
}

static bool write_messages(struct walk *k, const struct schema_field *f, uint64_t key)
{
	const uint8_t *data;
	bool first = true;
	size_t len;

	write_key(k, f);
	do {
		if (!next_element(k, &first) || !take_bytes(k, &data, &len) ||
		    !write_object(k, f, data, len, k->depth + 1))
			return false;
	} while (again(k, key));
	text_close(k->t, ']', k->depth);
	return true;
}

/** The exact bytes of the texts of a list, from the first one's length on. */
static void write_exact_list(struct walk *k, const struct schema_field *f, uint64_t key,
			     const uint8_t *from)
{
	struct text scratch = { 0 };
	const uint8_t *data;
	bool first = true;
	size_t len;

	k->w.p = from;
	write_bytes_key(k, f);
	do {
		if (!next_element(k, &first) || !take_bytes(k, &data, &len))
			break;
		buf_clear(&scratch.b);
		if (text_string(&scratch, data, len))
			TEXT_LITERAL(k->t, "null");
		else
			text_base64(k->t, data, len);
	} while (again(k, key));
	text_close(k->t, ']', k->depth);
	k->t->b.failed |= scratch.b.failed;
	buf_deinit(&scratch.b);
}

static bool write_strings(struct walk *k, const struct schema_field *f, uint64_t key)
{
	const uint8_t *from = k->w.p, *data;
	bool first = true, sound = true;
	size_t len;

	write_key(k, f);
	do {
		if (!next_element(k, &first) || !take_bytes(k, &data, &len))
			return false;
		sound &= text_string(k->t, data, len);
	} while (again(k, key));
	text_close(k->t, ']', k->depth);
	if (!sound)
		write_exact_list(k, f, key, from);
	return true;
}

/** Bytes as quoted-printable. @return they can be read back from it. */
static bool write_quoted(struct text *t, const uint8_t *data, size_t len)
{
	struct buf quoted = { 0 }, back = { 0 };
	bool same;

	quoted_encode(data, len, &quoted);
	quoted_decode((const char *)quoted.data, quoted.len, &back);
	same = back.len == len && (!len || !memcmp(back.data, data, len));
	text_string(t, quoted.data, quoted.len);
	t->b.failed |= quoted.failed || back.failed;
	buf_deinit(&quoted);
	buf_deinit(&back);
	return same;
}

static bool write_text(struct walk *k, const struct schema_field *f)
{
	const uint8_t *data;
	bool exact = true;
	size_t len;

	if (!take_bytes(k, &data, &len))
		return false;
	write_key(k, f);
	if (f->type == SCHEMA_STRING)
		exact = text_string(k->t, data, len);
	else if (f->style == STYLE_QUOTED)
		exact = write_quoted(k->t, data, len);
	else
		text_base64(k->t, data, len);
	if (!exact) {
		write_bytes_key(k, f);
		text_base64(k->t, data, len);
	}
	return true;
}

static bool write_enum(struct walk *k, const struct schema_field *f)
{
	const struct schema_value *named;
	uint64_t value;

	if (!take_varint(k, &value))
		return false;
	named = schema_enum_find(f->enumeration, (int64_t)value);
	// More bits than an enum has, and of those it has a known value: not canonical.
	if (!named && schema_enum_find(f->enumeration, (int32_t)value))
		return false;
	if (!named) {
		k->strange = true;
		return true;
	}
	write_key(k, f);
	TEXT_LITERAL(k->t, "\"");
	text_add(k->t, named->name, named->name_len);
	TEXT_LITERAL(k->t, "\"");
	return true;
}

bool walk_field(struct walk *k, const struct schema_field *f, uint64_t key)
{
	const uint8_t *data;
	uint64_t value;
	size_t len;

	if (f->label == SCHEMA_REPEATED) {
		if (f->packed)
			return write_packed(k, f);
		if (f->type == SCHEMA_MESSAGE)
			return write_messages(k, f, key);
		return f->type == SCHEMA_STRING ? write_strings(k, f, key)
						: write_numbers(k, f, key);
	}
	switch (f->type) {
	case SCHEMA_MESSAGE:
		if (!take_bytes(k, &data, &len))
			return false;
		write_key(k, f);
		return write_object(k, f, data, len, k->depth);
	case SCHEMA_STRING:
	case SCHEMA_BYTES:
		return write_text(k, f);
	case SCHEMA_ENUM:
		return write_enum(k, f);
	default:
		if (!take_value(k, f, &value))
			return false;
		write_key(k, f);
		return write_number(k, f, value);
	}
}
