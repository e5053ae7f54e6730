// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * encode.c - a JSON document to an image: crit_image_encode().
 *
 *	{"magic": "CORE", "entries": [{...}, ...]}
 *	[ common ] magic { size, message [, payload ] }
 *
 * One pass, written as it is read. What stands before the records must be known when the first one
 * comes: if "magic" is not there by then, or something follows the entries that could matter, the
 * rest is looked through first.
 */
#include <unistd.h>

#include "encode/header.h"
#include "encode/payload.h"
#include "image/payload_form.h"
#include "util/output.h"

enum {
	WRITE_AT = 256 * 1024, /* bytes that are written at once */
	TAIL = 64,             /* bytes at the end that tell what the last member is */
};

struct job {
	struct encoder e;
	struct crit_output *out;
	struct header h;
	bool looked; /* the header is known, whatever follows */
	bool seen_entries, seen_trailing;
	struct json_path path;
	struct frame frame; /* of the entry */
	struct buf raw;
	struct payload payload;
	bool chunks; /* a ghost file's head says that there are entries after it */
	struct spool trailing;
};

/* ---- entries -------------------------------------------------------------------------------- */

static enum crit_status flush(struct job *j)
{
	struct buf *out = &j->e.out;
	enum crit_status status = output_write(j->out, out->data, out->len, j->e.r.err);

	out->len = j->e.record = 0;
	return status;
}

/** The message is whole: put its size in front. */
static enum crit_status end_message(struct job *j)
{
	struct encoder *e = &j->e;
	size_t len = e->out.len - j->frame.start;
	const uint8_t *message = e->out.data + j->frame.start;

	if (len > IMAGE_MAX_RECORD)
		return encoder_grow(e, SIZE_MAX);
	endian_put(e->out.data + e->record, 4, e->big_endian, len);
	if (j->h.kind->payload == PAYLOAD_NONE)
		return CRIT_OK;
	payload_expect(&j->payload, message, len, j->frame.seen_raw);
	if (j->h.kind->head && j->payload.head && j->h.kind->payload == PAYLOAD_GHOST)
		j->chunks = wire_get_uint(message, len, GHOST_CHUNKS, 0) != 0;
	return CRIT_OK;
}

/** A payload is written straight to the output: all before it must be there. */
static enum crit_status write_message(void *ctx)
{
	struct job *j = ctx;
	enum crit_status status = frame_end(&j->e, &j->frame);

	if (!status)
		status = end_message(j);
	return status ? status : flush(j);
}

static enum crit_status entry_member(struct encoder *e, struct frame *f, const char *name,
				     size_t len, bool *taken)
{
	struct job *j = f->ctx;

	*taken = true;
	if (json_is(name, len, "extra")) {
		json_path_set(&f->path, "extra", 5);
		if (j->h.kind->payload == PAYLOAD_NONE)
			return json_fail(&e->r, "nothing follows a message of %s", j->h.kind->name);
		return payload_read(&j->payload, f);
	}
	if (json_is(name, len, "_padding") && j->h.kind->payload != PAYLOAD_NONE)
		return payload_read_padding(&j->payload);
	*taken = false;
	return CRIT_OK;
}

static enum crit_status read_entry(struct job *j)
{
	const struct image_kind *kind = j->h.kind;
	bool head = kind->head && j->path.index == 0;
	struct encoder *e = &j->e;
	enum crit_status status = json_expect(&e->r, '{', "an object");

	if (!status && kind->payload == PAYLOAD_GHOST && j->path.index && !j->chunks)
		return json_fail(&e->r, "a ghost file without \"chunks\" has one entry");
	if (!status)
		status = encoder_room(e, ENCODE_ROOM);
	if (status)
		return status;
	e->record = e->out.len;
	e->out.len += 4;
	frame_init(&j->frame, e, head ? kind->head : kind->message, &j->path, 0);
	j->frame.raw = &j->raw;
	j->frame.member = entry_member;
	j->frame.ctx = j;
	if (kind->payload != PAYLOAD_NONE)
		payload_clear(&j->payload, kind, head);
	status = frame_read(e, &j->frame);
	if (!status && !(kind->payload != PAYLOAD_NONE && j->payload.streaming))
		status = end_message(j);
	if (status || kind->payload == PAYLOAD_NONE)
		return status;
	status = payload_check(&j->payload);
	return status ? status : payload_write(&j->payload);
}

static enum crit_status read_entries(struct job *j)
{
	struct json_reader *r = &j->e.r;
	enum crit_status status = json_expect(r, '[', "a list");
	bool more = false;

	j->chunks = false;
	if (!status)
		status = json_more(r, ']', true, &more);
	for (j->path.index = 0; !status && more; j->path.index++) {
		status = read_entry(j);
		if (!status && j->e.out.len >= WRITE_AT)
			status = flush(j);
		if (!status)
			status = json_more(r, ']', false, &more);
	}
	j->path.index = SIZE_MAX;
	return status;
}

static enum crit_status sink_trailing(void *ctx, const uint8_t *data, size_t len)
{
	struct job *j = ctx;

	return spool_add(&j->trailing, data, len, j->e.r.err);
}

/* ---- looking ahead -------------------------------------------------------------------------- */

/** Can it be seen from the end of the input that the entries are the last member? */
static bool entries_are_last(const struct crit_input *in)
{
	uint64_t start = in->size > TAIL ? in->size - TAIL : 0;
	uint8_t tail[TAIL];
	ssize_t n = in->size == UINT64_MAX ? -1 : (ssize_t)(in->size - start);
	const char *wanted = "}]";

	if (n > 0 && in->fd < 0)
		memcpy(tail, in->data + start, (size_t)n);
	else if (n > 0)
		n = pread(in->fd, tail, (size_t)n, (off_t)(in->start + start));
	while (n > 0 && *wanted) {
		uint8_t c = tail[--n];

		if (c == (uint8_t)*wanted)
			wanted++;
		else if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
			return false;
	}
	return !*wanted;
}

/** Read what follows the entries, which are next, for the header. */
static enum crit_status scan_rest(struct job *j)
{
	struct json_reader *r = &j->e.r;
	enum crit_status status = json_skip(r);
	struct header h = j->h;
	const char *name;
	bool more = false, taken;
	size_t len;

	if (!status)
		status = json_more(r, '}', false, &more);
	while (!status && more) {
		j->path.name = NULL;
		status = json_name(r, &name, &len);
		if (!status)
			status = header_member(&j->e, &h, &j->path, name, len, &taken);
		if (!status && !taken)
			status = json_skip(r);
		if (!status)
			status = json_more(r, '}', false, &more);
	}
	j->h.kind = h.kind;
	j->h.framing = h.framing;
	j->h.big_endian = h.big_endian;
	return status;
}

/** The entries are next: know what must be written before them. */
static enum crit_status know_header(struct job *j)
{
	struct json_reader *r = &j->e.r;
	enum crit_status status;
	struct json_mark mark;

	if (j->h.kind && (!r->in->seekable || entries_are_last(r->in)))
		return CRIT_OK;
	status = json_keep(r);
	if (status)
		return status;
	j->looked = true;
	mark = json_mark(r);
	status = scan_rest(j);
	if (!status && !j->h.kind) {
		j->path.name = NULL;
		return json_fail(r, "\"magic\" is missing");
	}
	return status ? status : json_back(r, &mark);
}

/* ---- the document --------------------------------------------------------------------------- */

static enum crit_status read_member(struct job *j, const char *name, size_t len)
{
	struct header before = j->h;
	struct json_reader *r = &j->e.r;
	enum crit_status status;
	char shown[48];
	bool taken;

	status = header_member(&j->e, &j->h, &j->path, name, len, &taken);
	if (status)
		return status;
	if (taken && j->seen_entries && !j->looked &&
	    (j->h.framing != before.framing || j->h.big_endian != before.big_endian))
		return json_fail(r, "in a document this long it must stand before \"entries\"");
	if (taken)
		return CRIT_OK;
	if (json_is(name, len, "entries")) {
		json_path_set(&j->path, "entries", 7);
		if (j->seen_entries)
			return json_fail(r, "a second time in one object");
		j->seen_entries = true;
		status = know_header(j);
		json_path_set(&j->path, "entries", 7);
		if (!status)
			status = header_write(&j->e, &j->h);
		return status ? status : read_entries(j);
	}
	if (json_is(name, len, "_trailing")) {
		json_path_set(&j->path, "_trailing", 9);
		if (j->seen_trailing)
			return json_fail(r, "a second time in one object");
		j->seen_trailing = true;
		return json_base64(r, sink_trailing, j);
	}
	if (!len || name[0] != '_')
		return json_fail(r, "\"%s\" is no member of an image",
				 json_excerpt(shown, name, len));
	json_path_set(&j->path, name, len);
	encoder_note(&j->e, "ignored");
	j->path.name = NULL; // it is in storage that names inside the value need
	return json_skip(r);
}

static enum crit_status read_document(struct job *j)
{
	struct json_reader *r = &j->e.r;
	enum crit_status status;
	const char *name;
	bool more = false;
	size_t len;

	if (json_peek(r) != '{')
		return json_unexpected(r, "JSON, an object with \"magic\" and \"entries\"");
	r->p++;
	status = json_more(r, '}', true, &more);
	while (!status && more) {
		j->path.name = NULL;
		status = json_name(r, &name, &len);
		if (!status)
			status = read_member(j, name, len);
		j->path.name = NULL;
		if (!status)
			status = json_more(r, '}', false, &more);
	}
	if (status)
		return status;
	if (!j->h.kind || !j->seen_entries)
		return json_fail(r, "\"%s\" is missing", j->h.kind ? "entries" : "magic");
	if (json_peek(r) >= 0)
		return json_unexpected(r, "nothing more");
	return r->status;
}

enum crit_status crit_image_encode(struct crit_input *in, struct crit_output *out,
				   const struct crit_encode_options *options,
				   struct crit_error *err)
{
	struct job j = { .out = out };
	enum crit_status status;

	if (options) {
		in->keep_going = options->keep_going;
		in->ctx = options->ctx;
	}
	encoder_init(&j.e, in, options, err);
	j.e.r.path = &j.path;
	j.path.index = SIZE_MAX;
	payload_init(&j.payload, &j.e, out);
	j.payload.write_message = write_message;
	j.payload.ctx = &j;
	spool_init(&j.trailing);
	status = read_document(&j);
	if (!status)
		status = flush(&j);
	if (!status)
		status = spool_write(&j.trailing, out, err);
	spool_deinit(&j.trailing);
	payload_deinit(&j.payload);
	buf_deinit(&j.raw);
	encoder_deinit(&j.e);
	in->keep_going = NULL;
	return status;
}
