// SPDX-License-Identifier: LGPL-2.1-or-later
/* payload.c - see payload.h; libcritcore/FORMAT.md has the forms on disk. */
#include "encode/payload.h"

#include "encode/style.h"
#include "image/payload_form.h"

enum {
	MAX_PADDING = 8,
	MAX_SEMAPHORES_TEXT = 1024 * 1024,
	SMALL_PAYLOAD = 64 * 1024, /* goes through e->out */
};

void payload_init(struct payload *p, struct encoder *e, struct crit_output *out)
{
	memset(p, 0, sizeof(*p));
	p->e = e;
	p->out = out;
	spool_init(&p->bytes);
	spool_init(&p->outq);
}

void payload_deinit(struct payload *p)
{
	spool_deinit(&p->bytes);
	spool_deinit(&p->outq);
	buf_deinit(&p->padding);
	buf_deinit(&p->raw);
}

void payload_clear(struct payload *p, const struct image_kind *kind, bool head)
{
	p->kind = kind;
	p->head = head;
	spool_clear(&p->bytes);
	spool_clear(&p->outq);
	buf_clear(&p->padding);
	p->nr = p->streamed = 0;
	p->seen = p->seen_padding = p->looked = p->streaming = false;
}

/* ---- reading -------------------------------------------------------------------------------- */

/** When a payload gets long: is it the last member, so that it can be written at once? */
static enum crit_status maybe_stream(struct payload *p, size_t len)
{
	enum crit_status status;
	bool last;

	if (p->looked || !p->e->r.in->seekable || p->bytes.len + len <= SPOOL_MEMORY)
		return CRIT_OK;
	p->looked = true;
	status = json_ends_object(&p->e->r, &last);
	if (status || !last)
		return status;
	status = p->write_message(p->ctx);
	if (!status)
		status = spool_write(&p->bytes, p->out, p->e->r.err);
	p->streamed = p->bytes.len;
	p->streaming = true;
	return status;
}

static enum crit_status sink_payload(void *ctx, const uint8_t *data, size_t len)
{
	struct payload *p = ctx;
	enum crit_status status = maybe_stream(p, len);

	if (status || !p->streaming)
		return status ? status : spool_add(&p->bytes, data, len, p->e->r.err);
	p->streamed += len;
	return output_write(p->out, data, len, p->e->r.err);
}

struct spooling {
	struct json_reader *r;
	struct spool *to;
};

static enum crit_status sink_spool(void *ctx, const uint8_t *data, size_t len)
{
	struct spooling *s = ctx;

	return spool_add(s->to, data, len, s->r->err);
}

static enum crit_status read_to_spool(struct payload *p, struct spool *to)
{
	struct spooling s = { &p->e->r, to };

	return json_base64(&p->e->r, sink_spool, &s);
}

static enum crit_status read_tcp(struct payload *p)
{
	struct json_reader *r = &p->e->r;
	enum crit_status status = json_expect(r, '{', "an object");
	bool more = false, seen[2] = { false, false };
	const char *name;
	char shown[48];
	size_t len;

	if (!status)
		status = json_more(r, '}', true, &more);
	while (!status && more) {
		bool out = false;

		status = json_name(r, &name, &len);
		if (status)
			break;
		out = json_is(name, len, "outq") || json_is(name, len, "out_q");
		if (out || json_is(name, len, "inq") || json_is(name, len, "in_q")) {
			if (seen[out])
				return json_fail(r, "\"%s\" a second time", out ? "outq" : "inq");
			seen[out] = true;
			status = read_to_spool(p, out ? &p->outq : &p->bytes);
		} else if (name[0] == '_' && len) {
			status = json_skip(r);
		} else {
			return json_fail(r, "\"%s\" is neither \"inq\" nor \"outq\"",
					 json_excerpt(shown, name, len));
		}
		if (!status)
			status = json_more(r, '}', false, &more);
	}
	return status;
}

static enum crit_status add_semaphore(struct payload *p, const struct json_int *n)
{
	uint8_t bytes[2];

	if (n->negative || n->value > UINT16_MAX)
		return json_fail(&p->e->r, "%s%llu is no value of a semaphore",
				 n->negative ? "-" : "", (unsigned long long)n->value);
	endian_put(bytes, 2, p->e->big_endian, n->value);
	p->nr++;
	return spool_add(&p->bytes, bytes, 2, p->e->r.err);
}

/** "[1,2,3]" */
static enum crit_status read_quoted_semaphores(struct payload *p)
{
	struct encoder *e = p->e;
	const char *at, *end;
	enum crit_status status;
	struct json_int n;
	char shown[48];

	buf_clear(&e->text);
	status = json_string(&e->r, &e->text, MAX_SEMAPHORES_TEXT);
	if (status)
		return status;
	at = (char *)e->text.data;
	end = at + e->text.len;
	if (e->text.len < 2 || *at != '[' || end[-1] != ']')
		return json_fail(&e->r, "\"%s\" is no list of semaphores",
				 json_excerpt(shown, e->text.len ? at : "", e->text.len));
	for (at++, end--; at < end && !status; at++) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		size_t len = (size_t)((comma ? comma : end) - at);

		if (!style_parse_int(at, len, &n))
			return json_fail(&e->r, "\"%s\" is no number",
					 json_excerpt(shown, at, len));
		status = add_semaphore(p, &n);
		at += len;
	}
	return status;
}

static enum crit_status read_semaphores(struct payload *p)
{
	struct json_reader *r = &p->e->r;
	enum crit_status status;
	struct json_int n;
	bool more = false;

	if (json_peek(r) == '"')
		return read_quoted_semaphores(p);
	status = json_expect(r, '[', "a list");
	if (!status)
		status = json_more(r, ']', true, &more);
	while (!status && more) {
		status = json_int_slow(r, &n);
		if (!status)
			status = add_semaphore(p, &n);
		if (!status)
			status = json_more(r, ']', false, &more);
	}
	return status;
}

static enum crit_status add_padding(struct payload *p, struct spool *to, size_t len)
{
	static const uint8_t zeros[MAX_PADDING];

	if (p->seen_padding && p->padding.len != len)
		return json_fail(&p->e->r, "\"_padding\" has %zu bytes where %zu fill up",
				 p->padding.len, len);
	return spool_add(to, p->seen_padding ? p->padding.data : zeros, len, p->e->r.err);
}

static enum crit_status message_member(struct encoder *e, struct frame *f, const char *name,
				       size_t len, bool *taken)
{
	(void)e;
	*taken = json_is(name, len, "_padding");
	return *taken ? payload_read_padding(f->ctx) : CRIT_OK;
}

/** The header of a message in a queue. @param msize  [out] Bytes of its text. */
static enum crit_status read_ipc_header(struct payload *p, struct frame *outer, uint32_t *msize)
{
	struct encoder *e = p->e;
	enum crit_status status = json_expect(&e->r, '{', "a message as an object");
	const uint8_t *message;
	struct frame f;
	uint8_t size[4];
	size_t len;

	if (status)
		return status;
	p->seen_padding = false;
	buf_clear(&p->padding);
	frame_init(&f, e, &schema_ipc_msg, &outer->path, 1);
	f.member = message_member;
	f.ctx = p;
	f.raw = &p->raw;
	status = frame_read(e, &f);
	if (status)
		return status;
	message = e->out.data + f.start;
	len = e->out.len - f.start;
	*msize = (uint32_t)wire_get_uint(message, len, MSG_MSIZE, 0);
	endian_put(size, 4, e->big_endian, len);
	status = spool_add(&p->bytes, size, 4, e->r.err);
	if (!status)
		status = spool_add(&p->bytes, message, len, e->r.err);
	e->out.len = f.start; // it only was there to be made
	return status;
}

static enum crit_status read_ipc_message(struct payload *p, struct frame *f)
{
	struct json_reader *r = &p->e->r;
	uint64_t before;
	uint32_t msize = 0;
	enum crit_status status = read_ipc_header(p, f, &msize);
	bool more = false;

	if (!status)
		status = json_more(r, ']', false, &more);
	if (status)
		return status;
	if (!more)
		return json_fail(r, "a message without its text");
	f->path.index++;
	before = p->bytes.len;
	status = read_to_spool(p, &p->bytes);
	if (status)
		return status;
	if (p->bytes.len - before != msize)
		return json_fail(r, "%llu bytes of text where \"msize\" says %u",
				 (unsigned long long)(p->bytes.len - before), msize);
	p->nr++;
	return add_padding(p, &p->bytes, payload_pad(msize, MSG_ALIGN));
}

static enum crit_status read_queue(struct payload *p, struct frame *f)
{
	struct json_reader *r = &p->e->r;
	enum crit_status status = json_expect(r, '[', "a list");
	bool padding = p->seen_padding, more = false;

	if (!status)
		status = json_more(r, ']', true, &more);
	for (f->path.index = 0; !status && more; f->path.index++) {
		status = read_ipc_message(p, f);
		if (!status)
			status = json_more(r, ']', false, &more);
	}
	// The entry's own "_padding" would mean nothing.
	p->seen_padding = padding;
	buf_clear(&p->padding);
	f->path.index = SIZE_MAX;
	return status;
}

enum crit_status payload_read(struct payload *p, struct frame *f)
{
	if (p->seen)
		return json_fail(&p->e->r, "a second time in one object");
	p->seen = true;
	switch (p->kind->payload) {
	case PAYLOAD_TCP:
		return read_tcp(p);
	case PAYLOAD_SEM:
		return read_semaphores(p);
	case PAYLOAD_MSG:
		return read_queue(p, f);
	default:
		return json_base64(&p->e->r, sink_payload, p);
	}
}

enum crit_status payload_read_padding(struct payload *p)
{
	if (p->seen_padding)
		return json_fail(&p->e->r, "a second time in one object");
	p->seen_padding = true;
	return json_base64_buf(&p->e->r, &p->padding, MAX_PADDING);
}

/* ---- writing -------------------------------------------------------------------------------- */

static bool is_sound(const struct payload *p, const uint8_t *message, size_t len)
{
	const struct schema_message *m = p->head ? p->kind->head : p->kind->message;
	struct buf canonical = { 0 };
	bool sound = canonical_form(m, message, len, &canonical, NULL) != CRIT_CORRUPT;

	buf_deinit(&canonical);
	return sound;
}

void payload_expect(struct payload *p, const uint8_t *message, size_t len, bool raw)
{
	enum image_payload form = p->kind->payload;

	p->want = p->want_outq = p->want_nr = p->want_padding = 0;
	p->any_len = raw && !is_sound(p, message, len);
	switch (form) {
	case PAYLOAD_TCP:
		p->want = (uint32_t)wire_get_uint(message, len, TCP_INQ_LEN, 0);
		p->want_outq = (uint32_t)wire_get_uint(message, len, TCP_OUTQ_LEN, 0);
		break;
	case PAYLOAD_SEM:
		p->want_nr = (uint32_t)wire_get_uint(message, len, SEM_NSEMS, 0);
		p->want = 2 * p->want_nr;
		p->want_padding = payload_pad(p->want, SEM_ALIGN);
		break;
	case PAYLOAD_MSG:
		p->want_nr = (uint32_t)wire_get_uint(message, len, MSG_QNUM, 0);
		break;
	case PAYLOAD_SHM:
		p->want = payload_run_len(form, message, len);
		p->want_padding = payload_pad(p->want, SHM_ALIGN);
		break;
	case PAYLOAD_GHOST:
		p->any_len |= p->head && !wire_get_uint(message, len, GHOST_CHUNKS, 0);
		p->want = p->head ? 0 : payload_run_len(form, message, len);
		break;
	default:
		p->want = payload_run_len(form, message, len);
	}
}

static enum crit_status wrong_len(struct payload *p, uint64_t is_there, uint64_t want,
				  const char *what)
{
	if (!p->seen)
		return json_fail(&p->e->r, "\"extra\" is missing: the message says %llu %s",
				 (unsigned long long)want, what);
	return json_fail(&p->e->r, "\"extra\" has %llu %s, the message says %llu",
			 (unsigned long long)is_there, what, (unsigned long long)want);
}

enum crit_status payload_check(struct payload *p)
{
	enum image_payload form = p->kind->payload;
	uint64_t len = p->streaming ? p->streamed : p->bytes.len;

	if (!p->any_len) {
		if ((form == PAYLOAD_SEM || form == PAYLOAD_MSG) && p->nr != p->want_nr)
			return wrong_len(p, p->nr, p->want_nr,
					 form == PAYLOAD_SEM ? "semaphores" : "messages");
		if (form != PAYLOAD_MSG && len != p->want)
			return wrong_len(p, len, p->want,
					 form == PAYLOAD_TCP ? "received bytes" : "bytes");
		if (p->outq.len != p->want_outq)
			return wrong_len(p, p->outq.len, p->want_outq, "sent bytes");
	}
	if (form == PAYLOAD_MSG)
		return CRIT_OK;
	if (p->any_len && !p->seen_padding)
		p->want_padding = 0;
	return add_padding(p, &p->outq, (size_t)p->want_padding);
}

/** What is short goes the way of the messages. */
static enum crit_status write_spool(struct payload *p, struct spool *from)
{
	struct buf *out = &p->e->out;
	enum crit_status status;

	if (from->fd < 0 && from->len <= SMALL_PAYLOAD) {
		buf_add(out, from->memory.data, (size_t)from->len);
		return out->failed ? error_no_memory(p->e->r.err) : CRIT_OK;
	}
	status = output_write(p->out, out->data, out->len, p->e->r.err);
	out->len = p->e->record = 0;
	return status ? status : spool_write(from, p->out, p->e->r.err);
}

enum crit_status payload_write(struct payload *p)
{
	enum crit_status status = CRIT_OK;

	if (!p->streaming)
		status = write_spool(p, &p->bytes);
	return status ? status : write_spool(p, &p->outq);
}

bool payload_depends_on(const struct image_kind *kind, bool head, uint32_t number)
{
	switch (kind->payload) {
	case PAYLOAD_NONE:
		return false;
	case PAYLOAD_PIPE:
		return number == PIPE_BYTES;
	case PAYLOAD_QUEUE:
		return number == QUEUE_LENGTH;
	case PAYLOAD_TCP:
		return number == TCP_INQ_LEN || number == TCP_OUTQ_LEN;
	case PAYLOAD_BPFMAP:
		return number == BPFMAP_KEYS || number == BPFMAP_VALUES;
	case PAYLOAD_SEM:
		return number == SEM_NSEMS;
	case PAYLOAD_MSG:
		return number == MSG_QNUM;
	case PAYLOAD_SHM:
		return number == SHM_SIZE || number == SHM_IN_PAGEMAPS;
	case PAYLOAD_GHOST:
		return number == (head ? GHOST_CHUNKS : CHUNK_LEN);
	}
	return false;
}
