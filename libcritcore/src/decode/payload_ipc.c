// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * payload_ipc.c - what follows a set of semaphores and a message queue.
 *
 *	semaphores = nsems u16, padded to 8 bytes
 *	queue      = qnum { i32 size, ipc_msg, msize bytes padded to 8 }
 *
 * CRIU pads with whatever its buffer held. In JSON the queue is one flat list: a message, its text,
 * a message, its text. Both are read into memory before anything is written: they are small, and
 * may turn out to be cut short.
 */
#include "decode/decoder.h"
#include "image/payload_form.h"
#include "util/endian.h"

enum {
	// In bytes. The kernel's own limits are far below, for as many messages as it has memory.
	MAX_QUEUE = IMAGE_MAX_RECORD,
};

enum crit_status payload_decode_sem(struct decoder *d, uint64_t nsems, struct crit_error *err)
{
	uint64_t len = 2 * nsems, padded = len + payload_pad(len, SEM_ALIGN);
	const uint8_t *p;
	enum crit_status status = CRIT_OK;

	if (padded <= MAX_QUEUE)
		status = input_need(d->in, (size_t)padded, err);
	if (status)
		return status;
	if (input_have(d->in) < padded)
		return payload_cut(d, err);
	p = d->in->data + d->in->pos;
	d->in->pos += (size_t)padded;
	if (d->options.no_payload) {
		payload_size(d, len);
		return CRIT_OK;
	}
	if (!nsems)
		TEXT_LITERAL(&d->text, "[]");
	for (uint64_t i = 0; i < nsems; i++) {
		if (i)
			text_comma(&d->text, DEPTH_MEMBER + 1);
		else
			text_open(&d->text, '[', DEPTH_MEMBER + 1);
		text_uint(&d->text, endian_get(p + 2 * i, 2, d->big_endian));
	}
	if (nsems)
		text_close(&d->text, ']', DEPTH_MEMBER);
	payload_padding(d, DEPTH_MEMBER, p + len, (size_t)(padded - len));
	return CRIT_OK;
}

/** One message of a queue and its text. */
struct queued {
	const uint8_t *msg;
	size_t len;
	uint64_t msize;
	const uint8_t *text; /* padded */
};

/** Read the queued message at @p off from the next byte on, and set @p off behind it. */
static enum crit_status next_queued(struct decoder *d, uint64_t *off, struct queued *q,
				    struct crit_error *err)
{
	uint64_t at = *off, padded;
	enum crit_status status = input_need(d->in, (size_t)at + 4, err);
	const uint8_t *start;

	if (status || input_have(d->in) < at + 4)
		return status ? status : payload_cut(d, err);
	q->len = (uint32_t)endian_get(d->in->data + d->in->pos + at, 4, d->big_endian);
	if (at + 4 + q->len <= MAX_QUEUE)
		status = input_need(d->in, (size_t)at + 4 + q->len, err);
	if (status || input_have(d->in) < at + 4 + q->len)
		return status ? status : payload_cut(d, err);
	start = d->in->data + d->in->pos + at + 4;
	q->msize = (uint32_t)wire_get_uint(start, q->len, MSG_MSIZE, 0);
	padded = q->msize + payload_pad(q->msize, MSG_ALIGN);
	*off = at + 4 + q->len + padded;
	if (*off <= MAX_QUEUE)
		status = input_need(d->in, (size_t)*off, err);
	if (status || input_have(d->in) < *off)
		return status ? status : payload_cut(d, err);
	q->msg = d->in->data + d->in->pos + at + 4;
	q->text = q->msg + q->len;
	return CRIT_OK;
}

static enum crit_status write_queued(struct decoder *d, const struct queued *q,
				     struct crit_error *err)
{
	const uint8_t *msg = q->msg;
	size_t len = q->len, brace = d->text.b.len;
	bool any;
	enum crit_status status;

	text_open(&d->text, '{', DEPTH_MEMBER + 2);
	status = message_write(&d->mw, &schema_ipc_msg, DEPTH_MEMBER + 2, &msg, &len, &any, err);
	if (status == CRIT_CORRUPT)
		return error_at(err, CRIT_CORRUPT, d->in->name,
				input_off(d->in) + (uint64_t)(q->msg - (d->in->data + d->in->pos)),
				"record %llu: a message of the queue is no sound ipc_msg",
				(unsigned long long)d->index);
	if (status)
		return status;
	if (any)
		payload_padding(d, DEPTH_MEMBER + 2, q->text + q->msize,
				payload_pad(q->msize, MSG_ALIGN));
	if (!any)
		d->text.b.len = brace + 1;
	if (any)
		text_close(&d->text, '}', DEPTH_MEMBER + 1);
	else
		TEXT_LITERAL(&d->text, "}");
	text_comma(&d->text, DEPTH_MEMBER + 1);
	text_base64(&d->text, q->text, (size_t)q->msize);
	return CRIT_OK;
}

static enum crit_status write_queue(struct decoder *d, uint64_t qnum, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;
	uint64_t off = 0;

	// In --pretty, too, CRIT shows these messages plainly.
	bool pretty = d->mw.pretty;

	d->mw.pretty = false;
	for (uint64_t i = 0; i < qnum && !status; i++) {
		struct queued q;

		status = next_queued(d, &off, &q, err);
		if (status)
			break;
		if (i)
			text_comma(&d->text, DEPTH_MEMBER + 1);
		else
			text_open(&d->text, '[', DEPTH_MEMBER + 1);
		status = write_queued(d, &q, err);
	}
	d->mw.pretty = pretty;
	if (status)
		return status;
	d->in->pos += (size_t)off;
	if (qnum)
		text_close(&d->text, ']', DEPTH_MEMBER);
	else
		TEXT_LITERAL(&d->text, "[]");
	return CRIT_OK;
}

enum crit_status payload_decode_msg(struct decoder *d, uint64_t qnum, struct crit_error *err)
{
	uint64_t off = 0, len = 0;
	enum crit_status status = CRIT_OK;

	if (!d->options.no_payload)
		return write_queue(d, qnum, err);
	for (uint64_t i = 0; i < qnum && !status; i++) {
		struct queued q;

		status = next_queued(d, &off, &q, err);
		len += status ? 0 : q.len + q.msize;
	}
	if (status)
		return status;
	d->in->pos += (size_t)off;
	payload_size(d, len);
	return CRIT_OK;
}
