// SPDX-License-Identifier: LGPL-2.1-or-later
/* message.c - see message.h. */
#include "decode/message.h"

#include "decode/walk.h"

enum {
	// A longer message is walked twice, so that its text need not be held to be taken back.
	LONG_MESSAGE = 256 * 1024,
	RAW_PIECE = 4096 * BASE64_LINE,
};

/** Is this for "_unknown"? Not a list in the other of its two forms: that is not canonical. */
static bool is_strange(const struct schema_field *f, const struct wire_field *wf)
{
	if (!f || wf->type != canonical_type(f))
		return true;
	return f->type == SCHEMA_ENUM && !schema_enum_find(f->enumeration, (int32_t)wf->value);
}

static bool is_other_list_form(const struct schema_field *f, enum wire_type type)
{
	return f && f->label == SCHEMA_REPEATED && f->type < SCHEMA_STRING &&
	       type != canonical_type(f) && (f->packed || type == WIRE_LEN);
}

/** Step over a field that goes into "_unknown". */
static bool skip_strange(struct walk *k, const struct schema_field *f, const uint8_t *start)
{
	struct wire_field wf;

	k->w.p = start;
	if (!wire_next(&k->w, &wf) || wf.idle || !is_strange(f, &wf))
		return false;
	k->strange = true;
	return true;
}

/** Most fields of most images are this: one unsigned number in decimal. */
static inline bool is_plain_number(const struct walk *k, const struct schema_field *f)
{
	return f->type <= SCHEMA_UINT64 && f->label != SCHEMA_REPEATED &&
	       !(k->mw->pretty && (k->hex || f->style));
}

static inline bool write_plain_number(struct walk *k, const struct schema_field *f)
{
	uint64_t value;

	if (!take_varint(k, &value) || (f->type == SCHEMA_UINT32 && value > UINT32_MAX))
		return false;
	write_key(k, f);
	text_uint(k->t, value);
	return true;
}

static bool walk_fields(struct walk *k)
{
	const struct schema_field *f = k->m->fields, *end = f + k->m->nr_fields;
	uint32_t last = 0;

	while (k->w.p < k->w.end) {
		const uint8_t *start = k->w.p;
		const struct schema_field *known;
		uint64_t key, number;

		if (!take_varint(k, &key))
			return false;
		number = key >> 3;
		if (number < last || number > WIRE_MAX_FIELD || !number)
			return false;
		while (f < end && f->number < number)
			f++;
		known = f < end && f->number == number ? f : NULL;
		if (is_other_list_form(known, (enum wire_type)(key & 7)))
			return false;
		// Behind the first one of a number only strange ones are canonical.
		if (!known || number == last || (key & 7) != canonical_type(known)) {
			if (!skip_strange(k, known, start))
				return false;
		} else if (is_plain_number(k, known) ? write_plain_number(k, known)
						     : walk_field(k, known, key)) {
			k->required += known->label == SCHEMA_REQUIRED;
		} else {
			return false;
		}
		last = (uint32_t)number;
	}
	return true;
}

static void write_unknown_value(struct walk *k, const struct wire_field *wf)
{
	struct text *t = k->t;

	switch (wf->type) {
	case WIRE_VARINT:
		TEXT_LITERAL(t, "\"varint\": ");
		break;
	case WIRE_FIXED32:
		TEXT_LITERAL(t, "\"fixed32\": ");
		break;
	case WIRE_FIXED64:
		TEXT_LITERAL(t, "\"fixed64\": ");
		break;
	case WIRE_LEN:
		TEXT_LITERAL(t, "\"bytes\": ");
		break;
	default:
		TEXT_LITERAL(t, "\"group\": ");
		break;
	}
	if (wf->type == WIRE_LEN || wf->type == WIRE_GROUP)
		text_base64(t, wf->data, wf->len);
	else
		text_uint(t, wf->value);
}

/** The second time through a message: what the first one stepped over. */
static void write_unknown(struct walk *k, const uint8_t *data, size_t len)
{
	struct wire w = { data, data + len };
	struct kept *kept = &k->mw->kept;
	struct wire_field wf;
	bool first = true;

	next_member(k);
	TEXT_LITERAL(k->t, "\"_unknown\": ");
	while (w.p < w.end && wire_next(&w, &wf)) {
		if (!is_strange(schema_field_find(k->m, wf.number), &wf))
			continue;
		if (!kept->unknown++) {
			kept->unknown_in = k->m;
			kept->unknown_number = wf.number;
		}
		if (!next_element(k, &first))
			break;
		text_open(k->t, '{', k->depth + 2);
		TEXT_LITERAL(k->t, "\"field\": ");
		text_uint(k->t, wf.number);
		text_comma(k->t, k->depth + 2);
		write_unknown_value(k, &wf);
		text_close(k->t, '}', k->depth + 1);
	}
	text_close(k->t, ']', k->depth);
}

bool walk_message(struct message_writer *mw, const struct schema_message *m, const uint8_t *data,
		  size_t len, unsigned depth, bool hex, bool lenient, bool *any)
{
	struct walk k = {
		.mw = mw,
		.t = mw->t,
		.m = m,
		.w = { data, data + len },
		.depth = depth,
		.hex = hex,
		.lenient = lenient,
	};

	// Hostile nesting; canonical_form() says so in words.
	if (depth > 2 * WIRE_MAX_DEPTH + 8 || !walk_fields(&k))
		return false;
	if (k.required < m->nr_required && !lenient)
		return false;
	if (k.strange)
		write_unknown(&k, data, len);
	*any = k.any;
	return !mw->t->b.failed && !mw->status;
}

static void write_raw(struct message_writer *mw, unsigned depth, const uint8_t *data, size_t len,
		      bool *any)
{
	if (*any)
		text_comma(mw->t, depth);
	TEXT_LITERAL(mw->t, "\"_raw\": \"");
	while (len && drain(mw)) {
		size_t piece = len < RAW_PIECE ? len : RAW_PIECE;

		text_base64_piece(mw->t, data, piece);
		data += piece;
		len -= piece;
	}
	TEXT_LITERAL(mw->t, "\"");
	mw->kept.raw++;
	*any = true;
}

static enum crit_status trouble(const struct message_writer *mw, struct crit_error *err)
{
	return mw->status ? mw->status : mw->t->b.failed ? error_no_memory(err) : CRIT_OK;
}

/** Not canonical: its canonical form, then its own bytes. */
static enum crit_status write_odd(struct message_writer *mw, const struct schema_message *m,
				  unsigned depth, const uint8_t **msg, size_t *len, bool *any,
				  struct crit_error *err)
{
	const uint8_t *data = *msg;
	size_t data_len = *len, start = mw->t->b.len;
	enum crit_status status;

	*any = false;
	buf_clear(&mw->canonical);
	status = canonical_form(m, data, data_len, &mw->canonical, err);
	if (status && status != CRIT_CORRUPT)
		return status;
	if (!status) {
		*msg = mw->canonical.data ? mw->canonical.data : (const uint8_t *)"";
		*len = mw->canonical.len;
		if (!walk_message(mw, m, *msg, *len, depth, false, true, any) &&
		    !trouble(mw, err)) {
			// Cannot be: a canonical form is canonical. "_raw" alone would be right,
			// too.
			mw->t->b.len = mw->draining ? mw->t->b.len : start;
			*any = false;
			status = error_set(err, CRIT_CORRUPT, "it has no canonical form");
		}
	}
	if (trouble(mw, err))
		return trouble(mw, err);
	write_raw(mw, depth, data, data_len, any);
	return trouble(mw, err) ? trouble(mw, err) : status;
}

static enum crit_status discard(void *ctx, struct crit_error *err)
{
	struct text *scratch = ctx;

	(void)err;
	scratch->b.len = 0;
	return CRIT_OK;
}

/** Would a canonical writer have written it so? Found out without keeping its text. */
static bool is_canonical(struct message_writer *mw, const struct schema_message *m,
			 const uint8_t *msg, size_t len)
{
	struct text scratch = { .indented = false };
	struct message_writer dry = {
		.t = &scratch, .draining = true, .drain = discard, .ctx = &scratch,
	};
	bool any, canonical = walk_message(&dry, m, msg, len, 0, false, false, &any);

	mw->t->b.failed |= scratch.b.failed;
	buf_deinit(&scratch.b);
	return canonical;
}

enum crit_status message_write(struct message_writer *mw, const struct schema_message *m,
			       unsigned depth, const uint8_t **msg, size_t *len, bool *any,
			       struct crit_error *err)
{
	struct kept before = mw->kept;
	size_t start = mw->t->b.len;

	*any = false;
	mw->status = CRIT_OK;
	mw->err = err;
	mw->draining = mw->drain && *len > LONG_MESSAGE;
	if (!mw->draining || is_canonical(mw, m, *msg, *len)) {
		if (walk_message(mw, m, *msg, *len, depth, false, false, any))
			return CRIT_OK;
	}
	if (trouble(mw, err))
		return trouble(mw, err);
	if (!mw->draining)
		mw->t->b.len = start;
	mw->kept = before;
	return write_odd(mw, m, depth, msg, len, any, err);
}
