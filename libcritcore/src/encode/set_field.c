// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * set_field.c - see set_field.h.
 *
 *	outer message:  before | key len | inner message | behind
 *	                                   before | field | behind
 *
 * Of a field that stands more than once in a message the last one counts, so that is the one which
 * changes. Numbers of a list may stand one by one or packed, whatever the schema says.
 */
#include "encode/set_field.h"

/** Where in a message the new bytes go. */
struct place {
	const uint8_t *start, *end; /* what they replace; nothing when equal */
	const uint8_t *data;        /* of a delimited field: its bytes; NULL: no such field */
	size_t len;
	const uint8_t *item, *item_end; /* in a packed list: the number; NULL: not in one */
};

static enum crit_status unsound(const struct setter *s, const struct schema_message *m)
{
	return error_set(s->err, CRIT_CORRUPT, "%s: %s: the %s is no sound message", s->image,
			 s->path, m->name);
}

static bool is_number(const struct schema_field *field)
{
	return field->type < SCHEMA_STRING;
}

/** The next number of a packed list. */
static bool next_packed(const struct schema_field *field, struct wire *w)
{
	uint64_t value;
	bool idle = false;

	if (field->type != SCHEMA_FIXED64)
		return wire_varint(w, &value, &idle);
	if (w->end - w->p < 8)
		return false;
	w->p += 8;
	return true;
}

/** Look for the wanted element in a packed list; count those before it. */
static bool find_packed(const struct schema_field *field, const struct wire_field *wf,
			const uint8_t *end, size_t index, size_t *count, struct place *at)
{
	struct wire w = { wf->data, wf->data + wf->len };

	while (w.p < w.end) {
		const uint8_t *item = w.p;

		if (!next_packed(field, &w))
			return false;
		if ((*count)++ == index)
			*at = (struct place){ wf->start, end, wf->data, wf->len, item, w.p };
	}
	// Room for one more behind the last one.
	if (*count == index)
		*at = (struct place){ wf->start, end, wf->data, wf->len, w.end, w.end };
	return true;
}

/**
 * Find what a step means.
 *
 * @param index  SIZE_MAX: the last one.
 * @param count  [out] How many there are.
 * @param at     [out] The place; where a new one would go, with start == end, if it is not there.
 */
static enum crit_status find(const struct setter *s, const struct schema_message *m,
			     const struct schema_field *field, size_t index, const uint8_t *data,
			     size_t len, size_t *count, struct place *at)
{
	struct wire w = { data, data + len };
	const uint8_t *behind = data;
	bool found = false;

	*count = 0;
	*at = (struct place){ 0 };
	while (w.p < w.end) {
		struct wire_field wf;

		if (!wire_next(&w, &wf))
			return unsound(s, m);
		if (wf.number <= field->number)
			behind = w.p;
		if (wf.number != field->number)
			continue;
		if (wf.type == canonical_value_type(field)) {
			if (index == SIZE_MAX || *count == index) {
				*at = (struct place){ wf.start, w.p, wf.data, wf.len, NULL, NULL };
				found = true;
			}
			(*count)++;
		} else if (wf.type == WIRE_LEN && is_number(field) &&
			   field->label == SCHEMA_REPEATED) {
			if (!find_packed(field, &wf, w.p, index, count, at))
				return unsound(s, m);
			found |= at->item && *count > index;
		}
	}
	// A list may go on after the packed part that seemed to be its end.
	if (!found && (!at->item || *count != index || at->end != behind))
		*at = (struct place){ .start = behind, .end = behind };
	return CRIT_OK;
}

/* ---- the value ------------------------------------------------------------------------------ */

/** The value's bytes: with key, or of a number in a packed list without. */
static enum crit_status read_value(struct encoder *e, struct frame *f,
				   const struct schema_field *field, bool list, bool packed)
{
	enum crit_status status;
	uint8_t bytes[WIRE_MAX_VARINT];
	uint64_t value;

	json_peek(&e->r);
	if (list)
		return encode_field(e, f, field);
	if (!packed)
		return encode_element(e, f, field);
	status = encode_read_number(e, field, &value);
	if (status)
		return status;
	endian_put(bytes, 8, false, value);
	buf_add(&e->out, bytes, field->type == SCHEMA_FIXED64 ? 8 : wire_put_varint(bytes, value));
	return CRIT_OK;
}

static enum crit_status finish_value(struct encoder *e, const struct schema_field *field, bool one)
{
	struct wire w = { e->out.data, e->out.data + e->out.len };
	struct wire_field wf;

	if (e->r.status)
		return e->r.status;
	if (json_peek(&e->r) >= 0)
		return json_unexpected(&e->r, "nothing more");
	if (e->incomplete) {
		if (e->r.err)
			*e->r.err = e->missing;
		return CRIT_CORRUPT;
	}
	if (e->out.failed)
		return error_no_memory(e->r.err);
	if (one && (!wire_next(&w, &wf) || w.p != w.end))
		return json_fail(&e->r, "this is several numbers; set all of %s at once",
				 field->name);
	return CRIT_OK;
}

/** Encode the JSON of the setter for a field. @param out  Takes the bytes. */
static enum crit_status encode_json(struct setter *s, const struct schema_message *m,
				    const struct schema_field *field, bool list, bool packed,
				    struct buf *out)
{
	struct json_path paths[WIRE_MAX_DEPTH + 2];
	struct crit_input *in;
	struct encoder e;
	struct frame f;
	enum crit_status status;

	status = crit_input_from_memory(s->value, strlen(s->value), "value", &in, s->err);
	if (status)
		return status;
	encoder_init(&e, in, NULL, s->err);
	e.big_endian = s->big_endian;
	paths[0] = (struct json_path){ NULL, "entries", 7, s->record };
	for (size_t i = 0; i < s->nr; i++) {
		const struct set_step *step = &s->steps[i];

		paths[i + 1] =
			(struct json_path){ &paths[i], step->name, step->name_len, step->index };
	}
	frame_init(&f, &e, m, &paths[s->nr - 1], (unsigned)s->nr);
	f.path = paths[s->nr];
	e.r.path = &f.path;
	status = read_value(&e, &f, field, list, packed);
	if (!status)
		status = finish_value(&e, field, !list && !packed);
	if (!status)
		buf_add(out, e.out.data, e.out.len);
	encoder_deinit(&e);
	crit_input_close(in);
	return status;
}

/* ---- putting it in -------------------------------------------------------------------------- */

/** A delimited field as it was, with other bytes inside. */
static void add_delimited(const struct place *at, const struct buf *inner, struct buf *out)
{
	struct wire w = { at->start, at->end };
	bool idle = false;
	uint64_t key;

	wire_varint(&w, &key, &idle);
	if (inner->len == at->len) {
		buf_add(out, at->start, (size_t)(at->data - at->start));
	} else {
		buf_add(out, at->start, (size_t)(w.p - at->start));
		wire_add_varint(out, inner->len);
	}
	buf_add(out, inner->data, inner->len);
}

/** The message with @p bytes at a place. */
static enum crit_status splice(struct setter *s, const struct place *at, const uint8_t *data,
			       size_t len, const struct buf *bytes, struct buf *out)
{
	struct buf inner = { 0 };

	buf_add(out, data, (size_t)(at->start - data));
	if (at->item) {
		buf_add(&inner, at->data, (size_t)(at->item - at->data));
		buf_add(&inner, bytes->data, bytes->len);
		buf_add(&inner, at->item_end, (size_t)(at->data + at->len - at->item_end));
		add_delimited(at, &inner, out);
		out->failed |= inner.failed;
		buf_deinit(&inner);
	} else {
		buf_add(out, bytes->data, bytes->len);
	}
	buf_add(out, at->end, (size_t)(data + len - at->end));
	return out->failed || bytes->failed ? error_no_memory(s->err) : CRIT_OK;
}

/** Replace a whole list: the new one stands where the first of the old ones was. */
static enum crit_status set_list(struct setter *s, const struct schema_message *m,
				 const struct schema_field *field, const uint8_t *data, size_t len,
				 struct buf *out)
{
	struct wire w = { data, data + len };
	struct place at = { 0 };
	struct buf bytes = { 0 };
	enum crit_status status;
	size_t count, nr = 0;

	status = find(s, m, field, 0, data, len, &count, &at);
	if (!status)
		status = encode_json(s, m, field, true, false, &bytes);
	while (!status && w.p <= w.end) {
		struct wire_field wf = { 0 };

		if (w.p == at.start && nr++ == 0)
			buf_add(out, bytes.data, bytes.len);
		if (w.p == w.end)
			break;
		wire_next(&w, &wf); // it was sound when it was searched
		if (wf.number != field->number || (wf.type != canonical_value_type(field) &&
						   (wf.type != WIRE_LEN || !is_number(field))))
			buf_add(out, wf.start, (size_t)(w.p - wf.start));
	}
	if (!status && (out->failed || bytes.failed))
		status = error_no_memory(s->err);
	buf_deinit(&bytes);
	return status;
}

/** The last step: here is the field that changes. */
static enum crit_status set_value(struct setter *s, const struct schema_message *m,
				  const struct schema_field *field, size_t index,
				  const uint8_t *data, size_t len, struct buf *out)
{
	struct place at = { 0 };
	struct buf bytes = { 0 };
	bool list = field->label == SCHEMA_REPEATED;
	enum crit_status status;
	size_t count = 0;
	bool wrap;

	if (list && index == SIZE_MAX)
		return set_list(s, m, field, data, len, out);
	status = find(s, m, field, index, data, len, &count, &at);
	if (status)
		return status;
	if (list && index > count)
		return error_set(s->err, CRIT_NOT_FOUND, "%s: %s: there are %zu", s->image, s->path,
				 count);
	wrap = list && field->packed && !at.item && at.start == at.end;
	status = encode_json(s, m, field, false, at.item || wrap, &bytes);
	if (!status && wrap) {
		struct buf packed = { 0 };

		wire_add_bytes(&packed, field->number, bytes.data, bytes.len);
		buf_deinit(&bytes);
		bytes = packed;
	}
	if (!status)
		status = splice(s, &at, data, len, &bytes, out);
	buf_deinit(&bytes);
	return status;
}

/** Not the last step: go into a message. */
static enum crit_status set_inside(struct setter *s, const struct schema_message *m,
				   const struct schema_field *field, size_t step,
				   const uint8_t *data, size_t len, struct buf *out)
{
	struct place at = { 0 };
	struct buf inner = { 0 }, bytes = { 0 };
	enum crit_status status;
	size_t count = 0;

	if (field->type != SCHEMA_MESSAGE)
		return error_set(s->err, CRIT_NOT_FOUND, "%s: %s: \"%s\" has nothing inside",
				 s->image, s->path, field->name);
	if (field->label == SCHEMA_REPEATED && s->steps[step].index == SIZE_MAX)
		return error_set(s->err, CRIT_INVALID, "%s: %s: which \"%s\"? It is a list",
				 s->image, s->path, field->name);
	status = find(s, m, field, s->steps[step].index, data, len, &count, &at);
	if (status)
		return status;
	if (!at.data)
		return error_set(s->err, CRIT_NOT_FOUND, "%s: %s: there is no such \"%s\"",
				 s->image, s->path, field->name);
	status = set_field(s, field->message, step + 1, at.data, at.len, &inner);
	if (!status) {
		add_delimited(&at, &inner, &bytes);
		bytes.failed |= inner.failed;
		status = splice(s, &at, data, len, &bytes, out);
	}
	buf_deinit(&inner);
	buf_deinit(&bytes);
	return status;
}

enum crit_status set_field(struct setter *s, const struct schema_message *m, size_t step,
			   const uint8_t *data, size_t len, struct buf *out)
{
	const struct set_step *at = &s->steps[step];
	unsigned i = field_named(m, at->name, at->name_len);
	const struct schema_field *field = &m->fields[i];
	char shown[48];

	if (i == m->nr_fields)
		return error_set(s->err, CRIT_NOT_FOUND, "%s: %s: \"%s\" is no field of %s",
				 s->image, s->path, json_excerpt(shown, at->name, at->name_len),
				 m->name);
	if (field->label != SCHEMA_REPEATED && at->index != SIZE_MAX)
		return error_set(s->err, CRIT_INVALID, "%s: %s: \"%s\" is no list", s->image,
				 s->path, field->name);
	if (step + 1 < s->nr)
		return set_inside(s, m, field, step, data, len, out);
	return set_value(s, m, field, at->index, data, len, out);
}
