// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * value.c - one member's value; see message.h.
 */
#include "encode/message.h"

#include <ctype.h>

#include "encode/style.h"
#include "json/quoted.h"

enum {
	MAX_NUMBER_TEXT = 4096, /* bytes of a number in quotes: all names of a table fit */
};

/** Is the number one of the type? @param value  [out] As it goes into a varint or fixed64. */
static inline bool fits(const struct json_int *n, enum schema_type type, uint64_t *value)
{
	uint64_t limit = n->negative ? 0 : UINT32_MAX;

	switch (type) {
	case SCHEMA_UINT32:
		break;
	case SCHEMA_UINT64:
	case SCHEMA_FIXED64:
		limit = n->negative ? 0 : UINT64_MAX;
		break;
	case SCHEMA_BOOL:
		limit = n->negative ? 0 : 1;
		break;
	case SCHEMA_INT32:
	case SCHEMA_SINT32:
	case SCHEMA_ENUM:
		limit = (uint64_t)INT32_MAX + n->negative;
		break;
	default:
		limit = (uint64_t)INT64_MAX + n->negative;
	}
	*value = n->negative ? 0 - n->value : n->value;
	if (type == SCHEMA_SINT32 || type == SCHEMA_SINT64)
		*value = wire_zigzag((int64_t)*value);
	return n->value <= limit;
}

static const char *type_name(enum schema_type type)
{
	static const char *const names[] = {
		[SCHEMA_UINT32] = "uint32", [SCHEMA_UINT64] = "uint64",
		[SCHEMA_INT32] = "int32",   [SCHEMA_INT64] = "int64",
		[SCHEMA_SINT32] = "sint32", [SCHEMA_SINT64] = "sint64",
		[SCHEMA_BOOL] = "bool",     [SCHEMA_FIXED64] = "fixed64",
		[SCHEMA_ENUM] = "an enum",
	};

	return names[type];
}

/** A name of the enum, or what its number is. */
static bool parse_enum(const struct schema_enum *en, const char *text, size_t len,
		       struct json_int *out)
{
	for (size_t i = 0; i < en->nr_values; i++) {
		const struct schema_value *v = &en->values[i];

		if (v->name_len == len && !memcmp(v->name, text, len)) {
			out->negative = v->number < 0;
			out->value = (uint64_t)(v->number < 0 ? -(int64_t)v->number : v->number);
			return true;
		}
	}
	return style_parse_int(text, len, out);
}

static bool is_64_bit(enum schema_type type)
{
	return type == SCHEMA_UINT64 || type == SCHEMA_INT64 || type == SCHEMA_SINT64 ||
	       type == SCHEMA_FIXED64;
}

/** A number in quotes, in e->text. */
static enum crit_status parse_quoted(struct encoder *e, const struct schema_field *field,
				     struct json_int *out)
{
	const char *text = (const char *)e->text.data;
	size_t len = e->text.len;
	char shown[48];

	if (field->type == SCHEMA_ENUM) {
		if (parse_enum(field->enumeration, text, len, out))
			return CRIT_OK;
		return json_fail(&e->r, "\"%s\" is no value of %s", json_excerpt(shown, text, len),
				 field->enumeration->name);
	}
	if (field->type == SCHEMA_BOOL)
		return json_fail(&e->r, "expected true or false, found a string");
	if (style_parse_number(field->style, field->names, text, len, out)) {
		e->go |= is_64_bit(field->type) && !memchr(text, 'x', len);
		return CRIT_OK;
	}
	return json_fail(&e->r, "\"%s\" is no number%s", json_excerpt(shown, text, len),
			 field->style == STYLE_FLAGS  ? " and no names of flags"
			 : field->style == STYLE_DICT ? " and no name for one"
						      : "");
}

/** A number that does not begin with a digit. */
static enum crit_status read_odd_number(struct encoder *e, const struct schema_field *field,
					struct json_int *n)
{
	enum crit_status status;
	char which;
	int c = json_peek(&e->r);

	if (c == '"') {
		buf_clear(&e->text);
		status = json_string(&e->r, &e->text, MAX_NUMBER_TEXT);
		return status ? status : parse_quoted(e, field, n);
	}
	if (field->type != SCHEMA_BOOL || (c != 't' && c != 'f'))
		return c == '-' || (c >= '0' && c <= '9')
			       ? json_int(&e->r, n)
			       : json_unexpected(&e->r, field->type == SCHEMA_BOOL ? "true or false"
							: field->type == SCHEMA_ENUM ? "a name"
										     : "a number");
	status = json_word(&e->r, &which);
	*n = (struct json_int){ false, which == 't' };
	return status;
}

enum crit_status encode_read_number(struct encoder *e, const struct schema_field *field,
				    uint64_t *value)
{
	enum crit_status status;
	struct json_int n;
	int c = e->r.p < e->r.end ? *e->r.p : 0;

	status = c >= '0' && c <= '9' ? json_int(&e->r, &n) : read_odd_number(e, field, &n);
	if (status)
		return status;
	if (fits(&n, field->type, value))
		return CRIT_OK;
	return json_fail(&e->r, "%s%llu does not fit into %s", n.negative ? "-" : "",
			 (unsigned long long)n.value, type_name(field->type));
}

static inline void put_number(struct encoder *e, const struct schema_field *field, uint64_t value)
{
	uint8_t *p = e->out.data + e->out.len;

	if (field->type == SCHEMA_FIXED64) {
		endian_put(p, 8, false, value);
		e->out.len += 8;
	} else {
		e->out.len += wire_put_varint(p, value);
	}
}

static inline void put_key(struct encoder *e, const struct schema_field *field)
{
	enum wire_type type = canonical_type(field);

	e->out.len +=
		wire_put_varint(e->out.data + e->out.len, (uint64_t)field->number << 3 | type);
}

enum crit_status encode_set_len(struct encoder *e, size_t start)
{
	size_t len = e->out.len - start, more;
	uint8_t bytes[WIRE_MAX_VARINT];
	enum crit_status status;

	more = wire_put_varint(bytes, len) - 1;
	if (more) {
		status = encoder_room(e, more);
		if (status)
			return status;
		memmove(e->out.data + start + more, e->out.data + start, len);
		e->out.len += more;
	}
	memcpy(e->out.data + start - 1, bytes, more + 1);
	return CRIT_OK;
}

static enum crit_status read_message(struct encoder *e, struct frame *f,
				     const struct schema_field *field)
{
	enum crit_status status = json_expect(&e->r, '{', "an object");
	struct frame inner;

	if (status)
		return status;
	if (f->depth == WIRE_MAX_DEPTH)
		return json_fail(&e->r, "messages are nested too deep");
	frame_init(&inner, e, field->message, &f->path, f->depth + 1);
	return frame_read(e, &inner);
}

/** Nothing but base64? Names of sockets have a NUL, "=00", which is none. */
static bool is_base64(const char *text, size_t len)
{
	size_t letters = len - (len && text[len - 1] == '=') - (len > 1 && text[len - 2] == '=');

	for (size_t i = 0; i < letters; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '+' && text[i] != '/')
			return false;
	return len && len % 4 == 0;
}

/** go-crit writes names of sockets as base64, not as quoted-printable. */
static void add_base64(struct encoder *e)
{
	struct base64_decoder d = { 0 };
	size_t len;

	if (!buf_reserve(&e->out, e->text.len / 4 * 3 + 8))
		return;
	base64_decode(&d, (const char *)e->text.data, e->text.len, e->out.data + e->out.len, &len);
	e->out.len += len;
}

static enum crit_status read_bytes(struct encoder *e, const struct schema_field *field)
{
	enum crit_status status;

	if (field->type == SCHEMA_STRING)
		return json_string(&e->r, &e->out, IMAGE_MAX_RECORD);
	if (field->style != STYLE_QUOTED)
		return json_base64_buf(&e->r, &e->out, IMAGE_MAX_RECORD);
	buf_clear(&e->text);
	status = json_string(&e->r, &e->text, IMAGE_MAX_RECORD);
	if (!status && e->go && is_base64((const char *)e->text.data, e->text.len))
		add_base64(e);
	else if (!status)
		quoted_decode((const char *)e->text.data, e->text.len, &e->out);
	return status || !e->out.failed ? status : error_no_memory(e->r.err);
}

/** What has a length: the byte for it is kept free, and set when the value is there. */
static enum crit_status read_delimited(struct encoder *e, struct frame *f,
				       const struct schema_field *field)
{
	enum crit_status status = encoder_room(e, ENCODE_ROOM);
	size_t start;

	if (status)
		return status;
	put_key(e, field);
	start = ++e->out.len;
	status = field->type == SCHEMA_MESSAGE ? read_message(e, f, field) : read_bytes(e, field);
	return status ? status : encode_set_len(e, start);
}

static enum crit_status encode_value(struct encoder *e, struct frame *f,
				     const struct schema_field *field)
{
	enum crit_status status;
	uint64_t value;

	if (field->type >= SCHEMA_STRING)
		return read_delimited(e, f, field);
	status = encode_read_number(e, field, &value);
	if (status)
		return status;
	status = encoder_room(e, ENCODE_ROOM);
	if (status)
		return status;
	put_key(e, field);
	put_number(e, field, value);
	return CRIT_OK;
}

/** An address as text: one word or four. */
static enum crit_status read_ip(struct encoder *e, const struct schema_field *field)
{
	enum crit_status status;
	uint32_t words[4];
	char shown[48];
	unsigned nr;

	buf_clear(&e->text);
	status = json_string(&e->r, &e->text, MAX_NUMBER_TEXT);
	if (status)
		return status;
	nr = style_parse_ip((char *)e->text.data, e->text.len, e->big_endian, words);
	if (!nr) {
		struct json_int n;

		status = parse_quoted(e, field, &n);
		if (status || n.negative || n.value > UINT32_MAX)
			return json_fail(&e->r, "\"%s\" is no address and no number",
					 json_excerpt(shown, e->text.data, e->text.len));
		words[nr++] = (uint32_t)n.value;
	}
	status = encoder_room(e, 4 * ENCODE_ROOM);
	for (unsigned i = 0; i < nr && !status; i++) {
		put_key(e, field);
		put_number(e, field, words[i]);
	}
	return status;
}

enum crit_status encode_element(struct encoder *e, struct frame *f,
				const struct schema_field *field)
{
	if (field->style == STYLE_IP && json_peek(&e->r) == '"')
		return read_ip(e, field);
	return encode_value(e, f, field);
}

static enum crit_status read_packed_element(struct encoder *e, const struct schema_field *field)
{
	enum crit_status status;
	uint64_t value;

	status = encode_read_number(e, field, &value);
	if (!status)
		status = encoder_room(e, ENCODE_ROOM);
	if (!status)
		put_number(e, field, value);
	return status;
}

static enum crit_status read_elements(struct encoder *e, struct frame *f,
				      const struct schema_field *field)
{
	enum crit_status status;
	bool more;

	f->path.index = 0;
	status = json_more(&e->r, ']', true, &more);
	while (!status && more) {
		status =
			field->packed ? read_packed_element(e, field) : encode_element(e, f, field);
		f->path.index++;
		if (!status)
			status = json_more(&e->r, ']', false, &more);
	}
	return status;
}

static enum crit_status read_list(struct encoder *e, struct frame *f,
				  const struct schema_field *field)
{
	enum crit_status status = json_expect(&e->r, '[', "a list");
	size_t before = e->out.len, start;

	if (status || !field->packed)
		return status ? status : read_elements(e, f, field);
	status = encoder_room(e, ENCODE_ROOM);
	if (status)
		return status;
	put_key(e, field);
	start = ++e->out.len;
	status = read_elements(e, f, field);
	if (!status && e->out.len == start) {
		e->out.len = before; // no elements, no field
		return CRIT_OK;
	}
	return status ? status : encode_set_len(e, start);
}

enum crit_status encode_field(struct encoder *e, struct frame *f, const struct schema_field *field)
{
	return field->label == SCHEMA_REPEATED ? read_list(e, f, field) : encode_value(e, f, field);
}
