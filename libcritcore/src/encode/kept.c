// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * kept.c - what only members that start with '_' can say; docs/json.md has the list.
 *
 * None of this is on the way of ordinary JSON, so it takes its time: messages are walked again and
 * written anew.
 */
#include "encode/message.h"
#include "encode/style.h"
#include "json/quoted.h"
#include "json/text.h"

/** The exact bytes of a text, which follow it on the stack. */
struct exact {
	uint32_t number; /* of the field */
	uint32_t index;  /* in the field's list */
	size_t len;
};

/* ---- "_unknown" ----------------------------------------------------------------------------- */

/** An element of "_unknown"; the bytes of a delimited one are in e->text. */
struct strange {
	uint64_t number; /* 0: none yet */
	uint64_t value;
	enum wire_type type;
	bool has_value;
};

/** A number, which may be in quotes. */
static enum crit_status read_uint(struct encoder *e, uint64_t limit, uint64_t *out)
{
	enum crit_status status;
	struct json_int n;
	char shown[48];

	if (json_peek(&e->r) != '"') {
		status = json_int_slow(&e->r, &n);
		if (status)
			return status;
	} else {
		struct buf text = { 0 };

		status = json_string(&e->r, &text, 64);
		if (!status && !style_parse_int((char *)text.data, text.len, &n))
			status = json_fail(
				&e->r, "\"%s\" is no number",
				json_excerpt(shown, text.data ? (char *)text.data : "", text.len));
		buf_deinit(&text);
		if (status)
			return status;
	}
	if (n.negative || n.value > limit)
		return json_fail(&e->r, "%s%llu is no number for this", n.negative ? "-" : "",
				 (unsigned long long)n.value);
	*out = n.value;
	return CRIT_OK;
}

static enum crit_status read_strange_member(struct encoder *e, struct strange *s, const char *name,
					    size_t len)
{
	static const struct {
		const char *name;
		enum wire_type type;
		uint64_t limit; /* 0: base64 */
	} kinds[] = {
		{ "varint", WIRE_VARINT, UINT64_MAX },
		{ "fixed64", WIRE_FIXED64, UINT64_MAX },
		{ "fixed32", WIRE_FIXED32, UINT32_MAX },
		{ "bytes", WIRE_LEN, 0 },
		{ "group", WIRE_GROUP, 0 },
	};
	char shown[48];

	if (json_is(name, len, "field")) {
		if (s->number)
			return json_fail(&e->r, "\"field\" a second time in one object");
		return read_uint(e, WIRE_MAX_FIELD, &s->number);
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!json_is(name, len, kinds[i].name))
			continue;
		if (s->has_value)
			return json_fail(&e->r, "a second value for one unknown field");
		s->has_value = true;
		s->type = kinds[i].type;
		if (kinds[i].limit)
			return read_uint(e, kinds[i].limit, &s->value);
		return json_base64_buf(&e->r, &e->text, IMAGE_MAX_RECORD);
	}
	return json_fail(&e->r, "\"%s\" says nothing about an unknown field",
			 json_excerpt(shown, name, len));
}

/** Write it to the stack. */
static enum crit_status add_strange(struct encoder *e, const struct strange *s)
{
	uint32_t number = (uint32_t)s->number;
	struct buf *out = &e->unknown;
	size_t start = out->len;
	struct wire_field field;
	uint8_t bytes[8];
	struct wire w;

	wire_add_key(out, number, s->type);
	if (s->type == WIRE_VARINT || s->type == WIRE_LEN)
		wire_add_varint(out, s->type == WIRE_LEN ? e->text.len : s->value);
	endian_put(bytes, 8, false, s->value);
	if (s->type == WIRE_FIXED64 || s->type == WIRE_FIXED32)
		buf_add(out, bytes, s->type == WIRE_FIXED64 ? 8 : 4);
	if (s->type == WIRE_LEN || s->type == WIRE_GROUP)
		buf_add(out, e->text.data, e->text.len);
	if (s->type == WIRE_GROUP)
		wire_add_key(out, number, WIRE_GROUP_END);
	if (out->failed)
		return error_no_memory(e->r.err);
	if (out->len > IMAGE_MAX_RECORD)
		return json_fail(&e->r, "unknown fields of more than %d MiB",
				 IMAGE_MAX_RECORD >> 20);
	w = (struct wire){ out->data + start, out->data + out->len };
	if (!wire_next(&w, &field) || w.p != w.end)
		return json_fail(&e->r, "no sound group");
	return CRIT_OK;
}

/** A required enum whose value the schema does not have is there nevertheless. */
static void note_field(struct frame *f, const struct strange *s)
{
	for (unsigned i = 0; i < f->m->nr_fields; i++)
		if (f->m->fields[i].number == s->number &&
		    canonical_value_type(&f->m->fields[i]) == s->type)
			f->in_unknown |= (uint64_t)1 << i;
}

static enum crit_status read_strange(struct encoder *e, struct frame *f)
{
	enum crit_status status = json_expect(&e->r, '{', "an object");
	struct strange s = { 0 };
	const char *name;
	bool more = false;
	size_t len;

	buf_clear(&e->text);
	if (!status)
		status = json_more(&e->r, '}', true, &more);
	while (!status && more) {
		status = json_name(&e->r, &name, &len);
		if (!status)
			status = read_strange_member(e, &s, name, len);
		if (!status)
			status = json_more(&e->r, '}', false, &more);
	}
	if (status)
		return status;
	if (!s.number || !s.has_value)
		return json_fail(&e->r, "an unknown field needs \"field\" and a value");
	note_field(f, &s);
	return add_strange(e, &s);
}

static enum crit_status read_unknown(struct encoder *e, struct frame *f)
{
	enum crit_status status = json_expect(&e->r, '[', "a list");
	bool more = false;

	json_path_set(&f->path, "_unknown", 8);
	if (!status)
		status = json_more(&e->r, ']', true, &more);
	for (f->path.index = 0; !status && more; f->path.index++) {
		status = read_strange(e, f);
		if (!status)
			status = json_more(&e->r, ']', false, &more);
	}
	return status;
}

/* ---- "_NAME" -------------------------------------------------------------------------------- */

static enum crit_status read_exact(struct encoder *e, const struct schema_field *field,
				   size_t index)
{
	struct exact x = { .number = field->number, .index = (uint32_t)index };
	size_t at = e->exact.len;
	enum crit_status status;
	char which;

	if (json_peek(&e->r) == 'n')
		return json_word(&e->r, &which);
	buf_add(&e->exact, &x, sizeof(x));
	status = json_base64_buf(&e->r, &e->exact, IMAGE_MAX_RECORD);
	if (status || e->exact.failed)
		return status ? status : error_no_memory(e->r.err);
	x.len = e->exact.len - at - sizeof(x);
	memcpy(e->exact.data + at, &x, sizeof(x));
	if (e->exact.len > IMAGE_MAX_RECORD)
		return json_fail(&e->r, "exact bytes of more than %d MiB", IMAGE_MAX_RECORD >> 20);
	return CRIT_OK;
}

static enum crit_status read_exact_list(struct encoder *e, struct frame *f,
					const struct schema_field *field)
{
	enum crit_status status;
	bool more = false;

	if (field->label != SCHEMA_REPEATED)
		return read_exact(e, field, 0);
	status = json_expect(&e->r, '[', "a list");
	if (!status)
		status = json_more(&e->r, ']', true, &more);
	for (f->path.index = 0; !status && more; f->path.index++) {
		if (f->path.index == UINT32_MAX)
			return json_fail(&e->r, "an absurdly long list");
		status = read_exact(e, field, f->path.index);
		if (!status)
			status = json_more(&e->r, ']', false, &more);
	}
	return status;
}

/** A walk over the frame's exact bytes; those of one field stand together, in the list's order. */
struct cursor {
	size_t at;       /* in e->exact; its len: none is left */
	uint32_t number; /* of the field it stands at */
};

/** The exact bytes of a field's index-th text, NULL: there are none. Ask by ascending index. */
static const uint8_t *find_exact(const struct encoder *e, const struct frame *f, struct cursor *c,
				 uint32_t number, uint32_t index, size_t *len)
{
	struct exact x;

	if (c->number != number)
		*c = (struct cursor){ f->exact, number };
	for (; c->at < e->exact.len; c->at += sizeof(x) + x.len) {
		memcpy(&x, e->exact.data + c->at, sizeof(x));
		if (x.number == number && x.index >= index)
			break;
	}
	if (c->at == e->exact.len || x.index > index)
		return NULL;
	*len = x.len;
	return e->exact.data + c->at + sizeof(x);
}

/** Is @p value what a decoder shows for @p exact? */
static bool stands_for(const struct schema_field *field, const struct wire_field *value,
		       const uint8_t *exact, size_t len)
{
	struct buf quoted = { 0 }, back = { 0 };
	struct text a = { 0 }, b = { 0 };
	bool same;

	if (field->style == STYLE_QUOTED) {
		quoted_encode(exact, len, &quoted);
		quoted_decode((char *)quoted.data, quoted.len, &back);
		same = !quoted.failed && !back.failed && back.len == value->len &&
		       (!back.len || !memcmp(back.data, value->data, back.len));
	} else {
		// As JSON text both have U+FFFD for each byte that is none of UTF-8.
		text_string(&a, exact, len);
		text_string(&b, value->data, value->len);
		same = !a.b.failed && !b.b.failed && a.b.len == b.b.len &&
		       !memcmp(a.b.data, b.b.data, a.b.len);
	}
	buf_deinit(&quoted);
	buf_deinit(&back);
	buf_deinit(&a.b);
	buf_deinit(&b.b);
	return same;
}

static const struct schema_field *text_field(const struct schema_message *m, uint32_t number)
{
	for (unsigned i = 0; i < m->nr_fields; i++)
		if (m->fields[i].number == number &&
		    (m->fields[i].type == SCHEMA_STRING || m->fields[i].style == STYLE_QUOTED))
			return &m->fields[i];
	return NULL;
}

/** Write the frame's message anew to @p to, with exact bytes where they count. */
static void write_exact(struct encoder *e, struct frame *f, struct buf *to)
{
	struct wire w = { e->out.data + f->start, e->out.data + e->out.len };
	struct wire_field value;
	struct cursor cursor = { 0 };
	uint32_t last = 0, index = 0;

	// Before they are sorted, the fields of a list stand together.
	while (w.p < w.end && wire_next(&w, &value)) {
		const struct schema_field *field = text_field(f->m, value.number);
		const uint8_t *exact = NULL;
		size_t len = 0;

		index = value.number == last ? index + 1 : 0;
		last = value.number;
		if (field)
			exact = find_exact(e, f, &cursor, value.number, index, &len);
		if (exact && stands_for(field, &value, exact, len)) {
			wire_add_bytes(to, value.number, exact, len);
			continue;
		}
		if (exact)
			encoder_note(e, "\"%s\" was changed, so \"_%s\" does not count",
				     field->name, field->name);
		buf_add(to, value.start, (size_t)(w.p - value.start));
	}
}

/* ---- the end of a message -------------------------------------------------------------------- */

enum crit_status kept_end(struct encoder *e, struct frame *f)
{
	enum crit_status status = CRIT_OK;
	struct buf bytes = { 0 };

	if (e->exact.len > f->exact) {
		write_exact(e, f, &bytes);
		status = frame_replace(e, f, &bytes);
		e->exact.len = f->exact;
	}
	if (e->unknown.len > f->unknown) {
		buf_add(&e->out, e->unknown.data + f->unknown, e->unknown.len - f->unknown);
		e->unknown.len = f->unknown;
		f->unordered = true;
	}
	if (!status && e->out.failed)
		status = error_no_memory(e->r.err);
	return status || !f->unordered ? status : frame_sort(e, f);
}

/* ---- "_raw" --------------------------------------------------------------------------------- */

enum crit_status kept_raw(struct encoder *e, struct frame *f, bool *used)
{
	const uint8_t *ours = e->out.data + f->start;
	const uint8_t *raw = f->raw->len ? f->raw->data : (const uint8_t *)"";
	size_t len = e->out.len - f->start;
	struct buf canonical = { 0 };
	enum crit_status status = CRIT_OK;

	*used = !f->seen && !f->seen_unknown;
	if (!*used) {
		status = canonical_form(f->m, raw, f->raw->len, &canonical, NULL);
		*used = !status && canonical.len == len &&
			(!len || !memcmp(canonical.data, ours, len));
	}
	buf_deinit(&canonical);
	if (status && status != CRIT_CORRUPT)
		return error_no_memory(e->r.err);
	if (!*used) {
		f->path.name = NULL;
		encoder_note(e, "members were changed, so \"_raw\" does not count");
		return CRIT_OK;
	}
	e->out.len = f->start;
	buf_add(&e->out, raw, f->raw->len);
	return e->out.failed ? error_no_memory(e->r.err) : CRIT_OK;
}

/* ---- members -------------------------------------------------------------------------------- */

static enum crit_status second_time(struct encoder *e)
{
	return json_fail(&e->r, "a second time in one object");
}

enum crit_status kept_member(struct encoder *e, struct frame *f, const char *name, size_t len)
{
	unsigned i = field_named(f->m, name + 1, len - 1);

	if (json_is(name, len, "_unknown")) {
		if (f->seen_unknown)
			return second_time(e);
		f->seen_unknown = true;
		return read_unknown(e, f);
	}
	if (json_is(name, len, "_raw") && f->raw) {
		json_path_set(&f->path, "_raw", 4);
		if (f->seen_raw)
			return second_time(e);
		f->seen_raw = true;
		buf_clear(f->raw);
		return json_base64_buf(&e->r, f->raw, IMAGE_MAX_RECORD);
	}
	if (i < f->m->nr_fields && text_field(f->m, f->m->fields[i].number)) {
		if (f->seen_exact >> i & 1)
			return second_time(e);
		f->seen_exact |= (uint64_t)1 << i;
		return read_exact_list(e, f, &f->m->fields[i]);
	}
	encoder_note(e, "ignored");
	f->path.name = NULL; // it is in storage that names inside the value need
	return json_skip(&e->r);
}
