// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * payload.c - what follows a message on disk, as the member "extra"; the forms are in FORMAT.md.
 *
 * A run of bytes is streamed, however long it is. Whether all of it is there is asked first: an
 * entry that is cut short goes into "_trailing" as a whole.
 */
#include <stdio.h>

#include "decode/decoder.h"
#include "image/payload_form.h"

enum { PIECE = 4096 * BASE64_LINE };

enum crit_status payload_cut(struct decoder *d, struct crit_error *err)
{
	return error_at(err, CRIT_CORRUPT, d->in->name, input_off(d->in),
			"the payload of record %llu is cut short",
			(unsigned long long)d->index);
}

/** Bytes that were there when they were counted are gone: not the image's fault, and too late to
 *  take back what was written. */
static enum crit_status changed(const struct decoder *d, struct crit_error *err)
{
	return error_set(err, CRIT_OS, "%s: it got shorter while it was read", d->in->name);
}

enum crit_status decoder_base64(struct decoder *d, uint64_t len, struct crit_error *err)
{
	bool all = len == UINT64_MAX;
	enum crit_status status = CRIT_OK;

	d->in->hold = UINT64_MAX;
	TEXT_LITERAL(&d->text, "\"");
	while (len && !status) {
		size_t piece = len < PIECE ? (size_t)len : PIECE;

		status = input_need(d->in, piece, err);
		if (status)
			return status;
		if (input_have(d->in) < piece && !all)
			return changed(d, err);
		if (input_have(d->in) < piece)
			piece = input_have(d->in);
		if (!piece)
			break;
		text_base64_piece(&d->text, d->in->data + d->in->pos, piece);
		d->in->pos += piece;
		len -= all ? 0 : piece;
		status = decoder_flush(d, err);
	}
	TEXT_LITERAL(&d->text, "\"");
	return status;
}

void payload_key(struct decoder *d, bool *any)
{
	if (*any)
		text_comma(&d->text, DEPTH_MEMBER);
	*any = true;
	TEXT_LITERAL(&d->text, "\"extra\": ");
}

void payload_size(struct decoder *d, uint64_t len)
{
	static const char units[] = "\0KMGTPEZ";
	double value = (double)len;
	unsigned unit = 0;
	char s[64];
	int n;

	for (; value >= 1024 && unit < sizeof(units) - 2; unit++)
		value /= 1024;
	if (value == (double)(uint64_t)value)
		n = snprintf(s, sizeof(s), "\"... <%.0f%.1sB>\"", value, units + unit);
	else
		n = snprintf(s, sizeof(s), "\"... <%.1f%.1sB>\"", value, units + unit);
	text_add(&d->text, s, (size_t)n);
}

void payload_padding(struct decoder *d, unsigned depth, const uint8_t *pad, size_t len)
{
	static const uint8_t zeros[8];

	if (!memcmp(pad, zeros, len))
		return;
	text_comma(&d->text, depth);
	TEXT_LITERAL(&d->text, "\"_padding\": ");
	text_base64(&d->text, pad, len);
}

static enum crit_status must_have(struct decoder *d, uint64_t len, struct crit_error *err)
{
	bool has;
	enum crit_status status = input_has(d->in, len, &has, err);

	if (status)
		return status;
	return has ? CRIT_OK : payload_cut(d, err);
}

static enum crit_status skip(struct crit_input *in, uint64_t len, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	in->hold = UINT64_MAX;
	if (in->seekable)
		return input_seek(in, input_off(in) + len, err);
	while (len && !status) {
		size_t piece;

		status = input_need(in, 1, err);
		piece = input_have(in) < len ? input_have(in) : (size_t)len;
		if (!piece)
			break;
		in->pos += piece;
		len -= piece;
	}
	return status;
}

/** One run of bytes, padded to @p align. */
static enum crit_status write_run(struct decoder *d, uint64_t len, unsigned align,
				  struct crit_error *err)
{
	unsigned pad = payload_pad(len, align);
	enum crit_status status;

	if (len > INT64_MAX)
		return payload_cut(d, err);
	status = must_have(d, len + pad, err);
	if (status)
		return status;
	if (d->options.no_payload) {
		payload_size(d, len);
		return skip(d->in, len + pad, err);
	}
	status = decoder_base64(d, len, err);
	if (!status)
		status = input_need(d->in, pad, err);
	if (status || !pad)
		return status;
	if (input_have(d->in) < pad)
		return changed(d, err);
	payload_padding(d, DEPTH_MEMBER, d->in->data + d->in->pos, pad);
	d->in->pos += pad;
	return CRIT_OK;
}

static enum crit_status write_tcp(struct decoder *d, uint64_t inq, uint64_t outq,
				  struct crit_error *err)
{
	enum crit_status status = must_have(d, inq + outq, err);

	if (status)
		return status;
	if (d->options.no_payload) {
		payload_size(d, inq + outq);
		return skip(d->in, inq + outq, err);
	}
	text_open(&d->text, '{', DEPTH_MEMBER + 1);
	TEXT_LITERAL(&d->text, "\"inq\": ");
	status = decoder_base64(d, inq, err);
	text_comma(&d->text, DEPTH_MEMBER + 1);
	TEXT_LITERAL(&d->text, "\"outq\": ");
	if (!status)
		status = decoder_base64(d, outq, err);
	text_close(&d->text, '}', DEPTH_MEMBER);
	return status;
}

/** A ghost file: its head has no payload when chunks follow, and all the rest when not. CRIT says
 *  nothing at all about a payload it leaves out here. */
static enum crit_status write_ghost(struct decoder *d, const uint8_t *msg, size_t len, bool *any,
				    struct crit_error *err)
{
	uint64_t run = UINT64_MAX;
	enum crit_status status;

	if (d->index == 0) {
		d->unchunked = !wire_get_uint(msg, len, GHOST_CHUNKS, 0);
		if (!d->unchunked)
			return CRIT_OK;
	} else {
		run = payload_run_len(PAYLOAD_GHOST, msg, len);
		status = run > INT64_MAX ? payload_cut(d, err) : must_have(d, run, err);
		if (status)
			return status;
	}
	if (d->options.no_payload)
		return skip(d->in, run == UINT64_MAX && d->in->seekable
					   ? d->in->size - input_off(d->in) : run, err);
	payload_key(d, any);
	return decoder_base64(d, run, err);
}

/** in_pagemaps: the pages are in a pagemap-shmem image. CRIT still gives the segment's size. */
static enum crit_status write_shm(struct decoder *d, const uint8_t *msg, size_t len,
				  struct crit_error *err)
{
	if (d->options.no_payload && wire_get_uint(msg, len, SHM_IN_PAGEMAPS, 0)) {
		payload_size(d, wire_get_uint(msg, len, SHM_SIZE, 0));
		return CRIT_OK;
	}
	return write_run(d, payload_run_len(PAYLOAD_SHM, msg, len), SHM_ALIGN, err);
}

enum crit_status payload_decode(struct decoder *d, const uint8_t *msg, size_t len, bool *any,
			       struct crit_error *err)
{
	switch (d->kind->payload) {
	case PAYLOAD_NONE:
		return CRIT_OK;
	case PAYLOAD_GHOST:
		return write_ghost(d, msg, len, any, err);
	default:
		break;
	}
	payload_key(d, any);
	switch (d->kind->payload) {
	case PAYLOAD_TCP:
		return write_tcp(d, (uint32_t)wire_get_uint(msg, len, TCP_INQ_LEN, 0),
				 (uint32_t)wire_get_uint(msg, len, TCP_OUTQ_LEN, 0), err);
	case PAYLOAD_SEM:
		return payload_decode_sem(d, (uint32_t)wire_get_uint(msg, len, SEM_NSEMS, 0), err);
	case PAYLOAD_MSG:
		return payload_decode_msg(d, (uint32_t)wire_get_uint(msg, len, MSG_QNUM, 0), err);
	case PAYLOAD_SHM:
		return write_shm(d, msg, len, err);
	default:
		return write_run(d, payload_run_len(d->kind->payload, msg, len), 1, err);
	}
}
