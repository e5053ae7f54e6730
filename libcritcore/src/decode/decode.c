// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * decode.c - an image as JSON: framing and records. See critcore.h for the contract, docs/json.md
 * for the form, message.h and payload.c for what is inside.
 *
 * Nothing is lost: what is no whole record is carried along as it is ("_trailing"), and said so.
 */
#include <stdio.h>
#include <stdlib.h>

#include "decode/decoder.h"
#include "decode/raw.h"
#include "image/image.h"
#include "util/endian.h"

enum {
	FLUSH_AT = 256 * 1024,
	NOTE_LEN = 256,
};

enum crit_status decoder_flush(struct decoder *d, struct crit_error *err)
{
	enum crit_status status;

	if (d->text.b.failed)
		return error_no_memory(err);
	status = d->out ? output_write(d->out, d->text.b.data, d->text.b.len, err) : CRIT_OK;
	d->text.b.len = 0;
	return status;
}

static enum crit_status drain(void *ctx, struct crit_error *err)
{
	return decoder_flush(ctx, err);
}

/* ---- the head of the file ------------------------------------------------------------------ */

/** Both magics: how the file is framed, its kind and byte order. */
static enum crit_status read_head(struct decoder *d, enum image_framing *framing,
				  struct crit_error *err)
{
	struct crit_input *in = d->in;
	enum crit_status status = input_need(in, 8, err);
	uint64_t start = input_off(in);
	struct image_head head;

	if (status)
		return status;
	if (input_have(in) == 0 && image_raw_kind(in->name))
		return raw_explain(in, 0, 0, err);
	if (input_have(in) == 0)
		return error_at(err, CRIT_CORRUPT, in->name, start, "the file is empty");
	image_head_parse(in->data + in->pos, input_have(in), &head);
	if (!head.len && !image_raw_kind(in->name))
		return error_at(err, CRIT_CORRUPT, in->name, start + input_have(in),
				"the file ends in the middle of the magic");
	if (!head.kind)
		return raw_explain(in, head.magic, head.len ? start + head.len - 4 : 0, err);
	if (!head.kind->message)
		return error_at(err, CRIT_UNSUPPORTED, in->name, start + head.len - 4,
				"a file of kind %s, which has no records,", head.kind->name);
	in->pos += head.len;
	d->kind = head.kind;
	d->big_endian = d->mw.big_endian = head.big_endian;
	*framing = head.framing;
	return CRIT_OK;
}

static void write_head(struct decoder *d, enum image_framing framing)
{
	static const char *const framings[] = {
		[FRAMING_COMMON] = "common", [FRAMING_SERVICE] = "service", [FRAMING_NONE] = "none",
	};
	struct text *t = &d->text;

	text_open(t, '{', DEPTH_TOP);
	TEXT_LITERAL(t, "\"magic\": \"");
	text_add(t, d->kind->name, strlen(d->kind->name));
	TEXT_LITERAL(t, "\"");
	text_comma(t, DEPTH_TOP);
	if (d->big_endian) {
		TEXT_LITERAL(t, "\"_byte_order\": \"big\"");
		text_comma(t, DEPTH_TOP);
	}
	if (framing != d->kind->framing) {
		TEXT_LITERAL(t, "\"_framing\": \"");
		text_add(t, framings[framing], strlen(framings[framing]));
		TEXT_LITERAL(t, "\"");
		text_comma(t, DEPTH_TOP);
	}
	TEXT_LITERAL(t, "\"entries\": [");
}

/* ---- records ------------------------------------------------------------------------------- */

static const struct schema_message *message_of(const struct decoder *d)
{
	return d->index == 0 && d->kind->head ? d->kind->head : d->kind->message;
}

/**
 * Get the next record's message into the window.
 * @return CRIT_OK; CRIT_NOT_FOUND: the file ends; CRIT_CORRUPT: what is left is no record, and the
 *         input is where it was.
 */
static enum crit_status take_record(struct decoder *d, const uint8_t **msg, size_t *len,
				    struct crit_error *err)
{
	struct crit_input *in = d->in;
	unsigned long long index = d->index, left;
	enum crit_status status = input_need(in, 4, err);
	uint32_t size;

	if (status)
		return status;
	if (input_have(in) == 0)
		return CRIT_NOT_FOUND;
	if (input_have(in) < 4)
		return error_at(err, CRIT_CORRUPT, in->name, input_off(in),
				"the file ends in the middle of record %llu's size", index);
	size = (uint32_t)endian_get(in->data + in->pos, 4, d->big_endian);
	// A length that cannot be is not even looked for.
	if (size <= IMAGE_MAX_RECORD &&
	    (in->size == UINT64_MAX || in->size - input_off(in) - 4 >= size))
		status = input_need(in, 4 + (size_t)size, err);
	if (status)
		return status;
	left = in->size == UINT64_MAX ? input_have(in) - 4 : in->size - input_off(in) - 4;
	if (size > left)
		return error_at(err, CRIT_CORRUPT, in->name, input_off(in),
				"record %llu says %u bytes where the file has %llu more", index,
				size, left);
	if (input_have(in) < 4 + (size_t)size)
		return error_at(err, CRIT_CORRUPT, in->name, input_off(in),
				"record %llu is absurdly large, %u bytes,", index, size);
	*msg = in->data + in->pos + 4;
	*len = size;
	in->pos += 4 + (size_t)size;
	return CRIT_OK;
}

static enum crit_status unsound_message(struct decoder *d, uint64_t start, struct crit_error *err)
{
	struct crit_error inner = *err;

	return error_at(err, CRIT_CORRUPT, d->in->name, start + 4 + (inner.has_off ? inner.off : 0),
			"record %llu is no sound %s: %.200s", (unsigned long long)d->index,
			message_of(d)->name, inner.message);
}

/**
 * Write one entry.
 * @return CRIT_OK; CRIT_KEPT: its message is not understood, and there is nothing behind it;
 *         CRIT_CORRUPT: not an entry, what was written is to be taken back.
 */
static enum crit_status write_entry(struct decoder *d, uint64_t start, const uint8_t *msg,
				    size_t len, struct crit_error *err)
{
	size_t brace = d->text.b.len;
	enum crit_status status, kept = CRIT_OK;
	bool any;

	text_open(&d->text, '{', DEPTH_MEMBER);
	status = message_write(&d->mw, message_of(d), DEPTH_MEMBER, &msg, &len, &any, err);
	if (status == CRIT_CORRUPT) {
		kept = CRIT_KEPT;
		status = unsound_message(d, start, err);
		// How much follows the message is in it.
		if (d->kind->payload)
			return status;
	} else if (!status) {
		status = payload_decode(d, msg, len, &any, err);
	}
	if (status && !kept)
		return status;
	if (any)
		text_close(&d->text, '}', DEPTH_ENTRY);
	else
		d->text.b.len = brace + 1;
	if (!any)
		TEXT_LITERAL(&d->text, "}");
	return kept;
}

/** All records. @return CRIT_OK: up to the end of the file; CRIT_CORRUPT: the input is at what is
 *  no record; @p kept: an entry was not understood, and *first says which was the first. */
static enum crit_status write_entries(struct decoder *d, bool *kept, struct crit_error *first,
				      struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	while (!status) {
		uint64_t start = input_off(d->in);
		size_t taken_back = d->text.b.len;
		const uint8_t *msg = NULL;
		size_t len = 0;

		if (d->unchunked && d->index > 0)
			break; // its bytes went to the end of the file
		// An entry may have to be taken back until its payload is seen to be whole.
		if (d->kind->payload)
			d->in->hold = start;
		status = take_record(d, &msg, &len, err);
		if (status)
			break;
		if (d->index)
			text_comma(&d->text, DEPTH_ENTRY);
		else if (d->text.indented)
			text_new_line(&d->text, DEPTH_ENTRY);
		status = write_entry(d, start, msg, len, err);
		if (status == CRIT_KEPT && !*kept && err)
			*first = *err;
		if (status == CRIT_KEPT) {
			*kept = true;
			status = CRIT_OK;
		}
		if (status == CRIT_CORRUPT) {
			d->text.b.len = taken_back;
			if (input_seek(d->in, start, NULL))
				return error_set(err, CRIT_OS, "%s: it changes while it is read",
						 d->in->name);
		}
		d->index += !status;
		if (!status && d->text.b.len >= FLUSH_AT)
			status = decoder_flush(d, err);
	}
	return status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

static enum crit_status write_tail(struct decoder *d, bool trailing, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	if (d->index && d->text.indented)
		text_new_line(&d->text, DEPTH_TOP);
	TEXT_LITERAL(&d->text, "]");
	if (trailing) {
		text_comma(&d->text, DEPTH_TOP);
		TEXT_LITERAL(&d->text, "\"_trailing\": ");
		status = decoder_base64(d, UINT64_MAX, err);
	}
	text_close(&d->text, '}', 0);
	return status ? status : decoder_flush(d, err);
}

/* ---- what the user is told ----------------------------------------------------------------- */

static void note(const struct decoder *d, uint64_t nr, const char *one, const char *many,
		 const char *more)
{
	char line[NOTE_LEN];

	if (!nr || !d->options.note)
		return;
	snprintf(line, sizeof(line), "%s: %llu %s%s", d->in->name, (unsigned long long)nr,
		 nr == 1 ? one : many, more);
	d->options.note(d->options.ctx, line);
}

static void tell_kept(const struct decoder *d)
{
	const struct kept *kept = &d->mw.kept;
	char more[NOTE_LEN / 2] = "";

	if (kept->unknown)
		snprintf(more, sizeof(more), " (%snumber %u in %s); kept in \"_unknown\"",
			 kept->unknown == 1 ? "" : "the first: ", kept->unknown_number,
			 kept->unknown_in->name);
	note(d, kept->unknown, "field or value that this version does not know",
	     "fields or values that this version does not know", more);
	note(d, kept->raw, "message in an unusual wire form", "messages in an unusual wire form",
	     "; kept in \"_raw\"");
	note(d, kept->bytes, "text that is not plain UTF-8", "texts that are not plain UTF-8",
	     "; the bytes are kept in \"_NAME\" beside it");
}

/** All of it, to d->out, or to nowhere. */
static enum crit_status decode(struct decoder *d, struct crit_error *err)
{
	struct crit_error first, scratch;
	enum image_framing framing = FRAMING_NONE;
	bool kept = false, trailing;
	enum crit_status status;

	d->mw.t = &d->text;
	d->mw.pretty = d->options.pretty;
	d->text.indented = d->options.layout == CRIT_JSON_INDENTED;
	status = read_head(d, &framing, err);
	if (status)
		return status;
	// An entry with a payload may have to be taken back.
	if (!d->kind->payload)
		d->mw.drain = drain;
	d->mw.ctx = d;
	write_head(d, framing);
	status = write_entries(d, &kept, &first, err ? err : &scratch);
	trailing = status == CRIT_CORRUPT;
	if (trailing && !kept)
		first = err ? *err : scratch;
	if (status && !trailing)
		return status;
	status = write_tail(d, trailing, err);
	if (status)
		return status;
	tell_kept(d);
	if (!kept && !trailing)
		return CRIT_OK;
	if (err)
		*err = first;
	if (err)
		err->status = CRIT_KEPT;
	return CRIT_KEPT;
}

static void decoder_deinit(struct decoder *d)
{
	buf_deinit(&d->text.b);
	buf_deinit(&d->mw.canonical);
	d->in->keep_going = NULL;
	d->in->hold = UINT64_MAX;
}

enum crit_status crit_image_decode(struct crit_input *in, struct crit_output *out,
				   const struct crit_decode_options *options,
				   struct crit_error *err)
{
	struct decoder d = { .in = in, .out = out };
	enum crit_status status;

	if (options)
		d.options = *options;
	in->keep_going = d.options.keep_going;
	in->ctx = d.options.ctx;
	status = decode(&d, err);
	decoder_deinit(&d);
	return status;
}

enum crit_status crit_image_info(struct crit_input *in, struct crit_image_info *out,
				 struct crit_error *err)
{
	struct decoder d = { .in = in, .options = { .no_payload = true } };
	enum crit_status status = decode(&d, err);

	decoder_deinit(&d);
	if (status && status != CRIT_KEPT)
		return status;
	out->magic = d.kind->name;
	out->count = d.index;
	if (d.kind->head && !d.kind->payload && d.index)
		out->count--; // the head of a pagemap says what the records are about
	return status;
}
