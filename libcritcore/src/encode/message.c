// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * message.c - see message.h.
 *
 * Names are guessed before they are read: `"name": ` of the field behind the last one, then of some
 * after it, are compared with what stands there.
 */
#include "encode/message.h"

#include <stdarg.h>
#include <stdio.h>

enum {
	GUESSES = 4,
	KEY_COMMA = 2, /* bytes of ", " in front of a key */
};

void encoder_init(struct encoder *e, struct crit_input *in,
		  const struct crit_encode_options *options, struct crit_error *err)
{
	json_init(&e->r, in, err);
	e->options = options;
	e->big_endian = false;
	buf_init(&e->out);
	buf_init(&e->text);
	buf_init(&e->unknown);
	buf_init(&e->exact);
	e->record = 0;
	e->incomplete = e->go = false;
}

void encoder_deinit(struct encoder *e)
{
	json_deinit(&e->r);
	buf_deinit(&e->out);
	buf_deinit(&e->text);
	buf_deinit(&e->unknown);
	buf_deinit(&e->exact);
}

void encoder_note(struct encoder *e, const char *fmt, ...)
{
	char text[200], where[200], line[512];
	va_list ap;

	if (!e->options || !e->options->note)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_where(&e->r, where, sizeof(where));
	snprintf(line, sizeof(line), "%.80s: %s: %s", e->r.in->name, where, text);
	e->options->note(e->options->ctx, line);
}

enum crit_status encoder_grow(struct encoder *e, size_t len)
{
	if (len > IMAGE_MAX_RECORD || e->out.len - e->record > IMAGE_MAX_RECORD)
		return json_fail(&e->r, "a record of more than %d MiB", IMAGE_MAX_RECORD >> 20);
	return buf_reserve(&e->out, len) ? CRIT_OK : error_no_memory(e->r.err);
}

void frame_init(struct frame *f, struct encoder *e, const struct schema_message *m,
		const struct json_path *up, unsigned depth)
{
	*f = (struct frame){
		.m = m,
		.path = { .up = up, .index = SIZE_MAX },
		.start = e->out.len,
		.unknown = e->unknown.len,
		.exact = e->exact.len,
		.depth = depth,
		.was_incomplete = e->incomplete,
	};
}

/** Compare @p len bytes, at least 4; both may be looked at in full. */
static inline bool same_bytes(const uint8_t *a, const char *b, size_t len)
{
	uint64_t x, y;
	uint32_t v, w;

	if (len < 8) {
		memcpy(&v, a, 4);
		memcpy(&w, b, 4);
		if (v != w)
			return false;
		memcpy(&v, a + len - 4, 4);
		memcpy(&w, b + len - 4, 4);
		return v == w;
	}
	for (size_t i = 0; i + 8 < len; i += 8) {
		memcpy(&x, a + i, 8);
		memcpy(&y, b + i, 8);
		if (x != y)
			return false;
	}
	memcpy(&x, a + len - 8, 8);
	memcpy(&y, b + len - 8, 8);
	return x == y;
}

/** Take the name and the colon if they are of a field near the expected one. */
static inline const struct schema_field *guess_field(struct encoder *e, struct frame *f)
{
	struct json_reader *r = &e->r;
	unsigned nr = f->m->nr_fields, last = f->next + GUESSES;

	if (json_have(r) < JSON_LOOK) {
		json_fill(r, JSON_LOOK);
		if (json_have(r) < JSON_LOOK)
			return NULL;
	}
	if (*r->p != '"')
		return NULL;
	for (unsigned i = f->next; i < nr && i < last; i++) {
		const struct schema_field *field = &f->m->fields[i];

		if (same_bytes(r->p, field->key + 2, field->name_len + 4u)) {
			r->token = json_off(r);
			r->p += field->name_len + 4u;
			return field;
		}
	}
	return NULL;
}

unsigned field_named(const struct schema_message *m, const char *name, size_t len)
{
	unsigned i;

	for (i = 0; i < m->nr_fields; i++)
		if (m->fields[i].name_len == len && !memcmp(m->fields[i].name, name, len))
			break;
	return i;
}

/** A member that no guess was right about. @param field  [out] NULL: the value was taken. */
static enum crit_status read_name(struct encoder *e, struct frame *f,
				  const struct schema_field **field)
{
	enum crit_status status;
	const char *name;
	char text[48];
	bool taken = false;
	unsigned i;
	size_t len;

	f->path.name = NULL;
	status = json_name(&e->r, &name, &len);
	if (status)
		return status;
	i = field_named(f->m, name, len);
	*field = i < f->m->nr_fields ? &f->m->fields[i] : NULL;
	if (*field)
		return CRIT_OK;
	json_path_set(&f->path, name, len);
	if (f->member)
		status = f->member(e, f, name, len, &taken);
	if (status || taken)
		return status;
	if (len && name[0] == '_')
		return kept_member(e, f, name, len);
	f->path.name = NULL;
	return json_fail(&e->r, "\"%s\" is no field of %s", json_excerpt(text, name, len),
			 f->m->name);
}

/**
 * The short way of nearly all members: a number in plain digits.
 * @return false: it is something else, or there is no room; nothing was taken.
 */
static inline bool read_plain(struct encoder *e, const struct schema_field *field)
{
	// Types whose plain numbers are written as they are, which come first, and what they hold.
	static const uint64_t limits[] = {
		[SCHEMA_UINT32] = UINT32_MAX,
		[SCHEMA_UINT64] = UINT64_MAX,
		[SCHEMA_INT32] = INT32_MAX,
		[SCHEMA_INT64] = INT64_MAX,
	};
	struct json_reader *r = &e->r;
	struct buf *out = &e->out;
	const uint8_t *p;
	uint64_t value;

	if (field->type > SCHEMA_INT64 || field->label == SCHEMA_REPEATED || json_have(r) < 64 ||
	    out->cap - out->len < ENCODE_ROOM)
		return false;
	p = json_digits(r->p, &value);
	if (!json_is_plain_int(r->p, p) || value > limits[field->type])
		return false;
	r->p = p;
	out->len += wire_put_varint(out->data + out->len, (uint64_t)field->number << 3);
	out->len += wire_put_varint(out->data + out->len, value);
	return true;
}

static inline enum crit_status read_member(struct encoder *e, struct frame *f)
{
	const struct schema_field *field = guess_field(e, f);
	unsigned i;

	if (!field) {
		enum crit_status status = read_name(e, f, &field);

		if (status || !field)
			return status;
	}
	i = (unsigned)(field - f->m->fields);
	json_path_set(&f->path, field->name, field->name_len);
	if (f->seen >> i & 1)
		return json_fail(&e->r, "a second time in one object");
	f->seen |= (uint64_t)1 << i;
	f->next = i + 1;
	f->required += field->label == SCHEMA_REQUIRED;
	if (field->number < f->last)
		f->unordered = true;
	else
		f->last = field->number;
	return read_plain(e, field) ? CRIT_OK : encode_field(e, f, field);
}

enum crit_status frame_read(struct encoder *e, struct frame *f)
{
	const struct json_path *outer = e->r.path;
	enum crit_status status;
	bool more;

	e->r.path = &f->path;
	status = json_more(&e->r, '}', true, &more);
	while (!status && more) {
		status = read_member(e, f);
		if (!status)
			status = json_more(&e->r, '}', false, &more);
	}
	if (!status && !f->ended)
		status = frame_end(e, f);
	if (!status)
		e->r.path = outer;
	return status;
}

/** Remember the first missing field; whether it matters is known at the record's end. */
static void note_missing(struct encoder *e, struct frame *f)
{
	struct crit_error *err = e->r.err;
	uint64_t there = f->seen | f->in_unknown;
	unsigned i;

	for (i = 0; i < f->m->nr_fields; i++)
		if (f->m->fields[i].label == SCHEMA_REQUIRED && !(there >> i & 1))
			break;
	if (i == f->m->nr_fields || e->incomplete)
		return;
	f->path.name = NULL;
	e->incomplete = true;
	e->r.err = &e->missing;
	json_fail(&e->r, "the required field \"%s\" is missing", f->m->fields[i].name);
	e->r.err = err;
}

/** At the end of what can have a "_raw": are required fields missing, and does it matter? */
static enum crit_status end_outermost(struct encoder *e, struct frame *f)
{
	enum crit_status status = CRIT_OK;
	bool used = false;

	if (f->seen_raw)
		status = kept_raw(e, f, &used);
	if (status || f->was_incomplete || !e->incomplete)
		return status;
	if (used) {
		e->incomplete = false;
		return CRIT_OK;
	}
	if (e->r.err)
		*e->r.err = e->missing;
	return CRIT_CORRUPT;
}

enum crit_status frame_end(struct encoder *e, struct frame *f)
{
	enum crit_status status = CRIT_OK;

	f->ended = true;
	if (f->unordered || e->unknown.len > f->unknown || e->exact.len > f->exact)
		status = kept_end(e, f);
	if (f->required < f->m->nr_required)
		note_missing(e, f);
	if (!status && f->raw)
		status = end_outermost(e, f);
	return status;
}
