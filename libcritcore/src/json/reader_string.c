// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * reader_string.c - strings of JSON: text, base64, and values nobody asks for. See reader.h.
 *
 *	string = '"' { character | '\' ( " \ / b f n r t | u XXXX ) } '"'
 *
 * Characters outside the first 65536 may be escaped as two units of UTF-16.
 */
#include <stdlib.h>

#include "json/reader.h"

/** The number of bytes in [p, end) before the first quote, backslash or control byte. */
static size_t plain_run(const uint8_t *p, const uint8_t *end)
{
	const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
	const uint8_t *start = p;

	// Eight bytes at a time; a borrow can only make it stop too early.
	while (end - p >= 8) {
		uint64_t w, quote, backslash;

		memcpy(&w, p, 8);
		quote = w ^ ones * '"';
		backslash = w ^ ones * '\\';
		if (((w - ones * 0x20) & ~w & tops) | ((quote - ones) & ~quote & tops) |
		    ((backslash - ones) & ~backslash & tops))
			break;
		p += 8;
	}
	while (p < end && *p >= 0x20 && *p != '"' && *p != '\\')
		p++;
	return (size_t)(p - start);
}

static bool is_continuation(uint8_t c)
{
	return (c & 0xc0) == 0x80;
}

/** Bytes of the character at @p p, which is not ASCII; 0: it is none. */
static size_t utf8_len(const uint8_t *p, size_t have)
{
	if (*p >= 0xc2 && *p <= 0xdf)
		return have >= 2 && is_continuation(p[1]) ? 2 : 0;
	if ((*p & 0xf0) == 0xe0) {
		if (have < 3 || !is_continuation(p[1]) || !is_continuation(p[2]))
			return 0;
		// Not what fewer bytes can say, no surrogates.
		return (*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] >= 0xa0) ? 0 : 3;
	}
	if (*p < 0xf0 || *p > 0xf4 || have < 4 || !is_continuation(p[1]) ||
	    !is_continuation(p[2]) || !is_continuation(p[3]))
		return 0;
	return (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] >= 0x90) ? 0 : 4;
}

static bool is_utf8(const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;

	while (p < end) {
		uint64_t w;
		size_t n = 1;

		if (end - p >= 8 && (memcpy(&w, p, 8), !(w & 0x8080808080808080u))) {
			p += 8;
			continue;
		}
		if (*p >= 0x80)
			n = utf8_len(p, (size_t)(end - p));
		if (!n)
			return false;
		p += n;
	}
	return true;
}

static size_t put_utf8(uint8_t *to, uint32_t c)
{
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (len == 1) {
		to[0] = (uint8_t)c;
		return 1;
	}
	for (size_t i = len - 1; i; i--, c >>= 6)
		to[i] = 0x80 | (c & 0x3f);
	to[0] = (uint8_t)(0xf00u >> len | c);
	return len;
}

/** The four digits of "\uXXXX" at @p p; -1: there are none. */
static int32_t take_unit(const uint8_t *p, size_t have)
{
	int32_t unit = 0;

	if (have < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (size_t i = 2; i < 6; i++) {
		int c = p[i] | 0x20;
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
						   : -1;

		if (digit < 0 || (p[i] < '0'))
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/** What follows a backslash, which is the next byte, as UTF-8. */
static enum crit_status take_escape(struct json_reader *r, uint8_t to[4], size_t *len)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *found;
	int32_t unit, low;

	json_fill(r, 12);
	r->token = json_off(r);
	found = json_have(r) > 1 && r->p[1] ? strchr(names, r->p[1]) : NULL;
	if (found) {
		to[0] = (uint8_t)values[found - names];
		*len = 1;
		r->p += 2;
		return CRIT_OK;
	}
	unit = take_unit(r->p, json_have(r));
	if (unit < 0)
		return json_fail(r, "a wrong escape in a string");
	r->p += 6;
	if (unit >= 0xd800 && unit < 0xe000) {
		low = take_unit(r->p, json_have(r));
		if (unit >= 0xdc00 || low < 0xdc00 || low >= 0xe000)
			return json_fail(r, "half a surrogate pair in a string");
		r->p += 6;
		unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
	}
	*len = put_utf8(to, (uint32_t)unit);
	return CRIT_OK;
}

/** Why a string cannot go on with the next byte, which is neither plain nor an escape. */
static enum crit_status bad_byte(struct json_reader *r)
{
	if (!json_fill(r, 1))
		return json_fail(r, "a string without an end");
	r->token = json_off(r);
	return json_fail(r, "a control byte (0x%02x) in a string", *r->p);
}

/** A string in pieces: the bytes of the next one, which may be in the window or in @p escape. */
static enum crit_status next_piece(struct json_reader *r, uint8_t escape[4], const uint8_t **data,
				   size_t *len, bool *end)
{
	*end = false;
	if (!json_fill(r, 1))
		return bad_byte(r);
	*data = r->p;
	*len = plain_run(r->p, r->end);
	r->p += *len;
	if (*len)
		return CRIT_OK;
	if (*r->p == '\\') {
		*data = escape;
		return take_escape(r, escape, len);
	}
	if (*r->p != '"')
		return bad_byte(r);
	r->p++;
	*end = true;
	return CRIT_OK;
}

enum crit_status json_string(struct json_reader *r, struct buf *out, size_t limit)
{
	enum crit_status status = json_expect(r, '"', "a string");
	size_t start = out->len, len;
	uint64_t token = r->token;
	const uint8_t *data;
	uint8_t escape[4];
	bool end = false;

	while (!status && !end) {
		status = next_piece(r, escape, &data, &len, &end);
		if (status || end)
			break;
		if (out->len - start + len > limit) {
			r->token = token;
			return json_fail(r, "a string of more than %zu bytes", limit);
		}
		buf_add(out, data, len);
	}
	if (status)
		return status;
	r->token = token;
	if (out->failed)
		return error_no_memory(r->err);
	if (out->len > start && !is_utf8(out->data + start, out->len - start))
		return json_fail(r, "a string that is not UTF-8");
	return CRIT_OK;
}

/** Characters that mean nothing in base64 may not be control bytes where JSON is concerned. */
static enum crit_status check_raw(struct json_reader *r, size_t len)
{
	for (; len; len--, r->p++)
		if (*r->p < 0x20)
			return bad_byte(r);
	return CRIT_OK;
}

/** Decode as much of the window as fits: @p to has room for @p room bytes, at least 64. */
static enum crit_status take_base64(struct json_reader *r, struct base64_decoder *d, uint8_t *to,
				    size_t room, size_t *got)
{
	size_t len = (room - 8) / 3 * 4 - 4, used, before = d->nr;

	len = len < json_have(r) ? len : json_have(r);
	used = base64_decode(d, (const char *)r->p, len, to, got);
	// Anything skipped, or the end: see that it was not a raw newline.
	if (d->pads || used + before != *got / 3 * 4 + d->nr)
		return check_raw(r, used);
	r->p += used;
	return CRIT_OK;
}

static enum crit_status wrong_base64(struct json_reader *r)
{
	char text[48];
	size_t len;

	if (!json_fill(r, 1) || *r->p < 0x20)
		return bad_byte(r);
	r->token = json_off(r);
	json_fill(r, 8);
	if (json_have(r) > 6 && !memcmp(r->p, "... <", 5))
		return json_fail(r, "a payload that was left out when this was printed");
	len = *r->p < 0x80 ? 1 : utf8_len(r->p, json_have(r));
	return json_fail(r, "wrong base64 at %s", json_excerpt(text, r->p, len ? len : 1));
}

/** An escape inside base64: a newline, or a character that somebody found worth escaping. */
static enum crit_status escaped_base64(struct json_reader *r, struct base64_decoder *d, uint8_t *to,
				       size_t *got)
{
	enum crit_status status;
	uint8_t c[4];
	size_t len;

	*got = 0;
	if (json_have(r) > 1 && r->p[1] == 'n') {
		r->p += 2;
		return CRIT_OK;
	}
	status = take_escape(r, c, &len);
	if (status)
		return status;
	if (len > 1 || base64_decode(d, (char *)c, 1, to, got) != 1)
		return json_fail(r, "wrong base64: an escaped character");
	return CRIT_OK;
}

/** Fill the chunk. @param end  [out] The string is over. */
static enum crit_status fill_chunk(struct json_reader *r, struct base64_decoder *d, size_t *len,
				   bool *end)
{
	enum crit_status status = CRIT_OK;
	size_t got;

	*len = 0;
	*end = false;
	while (!status && JSON_CHUNK - *len >= 64) {
		if (!json_fill(r, 1))
			return bad_byte(r);
		status = take_base64(r, d, r->chunk + *len, JSON_CHUNK - *len, &got);
		if (status)
			break;
		*len += got;
		if (r->p == r->end || JSON_CHUNK - *len < 64)
			continue;
		if (*r->p == '"') {
			r->p++;
			*end = true;
			break;
		}
		if (*r->p == '\\') {
			status = escaped_base64(r, d, r->chunk + *len, &got);
			*len += got;
		} else if (base64_decode(d, (const char *)r->p, 1, r->chunk + *len, &got) != 1) {
			status = wrong_base64(r);
		} else {
			r->p++;
			*len += got;
		}
	}
	return status;
}

enum crit_status json_base64(struct json_reader *r, json_sink sink, void *ctx)
{
	enum crit_status status = json_expect(r, '"', "a string of base64");
	struct base64_decoder d = { 0 };
	uint64_t token = r->token;
	bool end = false;
	size_t len;

	if (!status && !r->chunk) {
		r->chunk = malloc(JSON_CHUNK);
		if (!r->chunk)
			return error_no_memory(r->err);
	}
	while (!status && !end) {
		status = fill_chunk(r, &d, &len, &end);
		if (!status && len)
			status = sink(ctx, r->chunk, len);
	}
	if (status)
		return status;
	r->token = token;
	if (!base64_done(&d))
		return json_fail(r, "base64 that ends in the middle of a group");
	return CRIT_OK;
}

struct limited {
	struct json_reader *r;
	struct buf *out;
	size_t left;
};

static enum crit_status sink_limited(void *ctx, const uint8_t *data, size_t len)
{
	struct limited *to = ctx;

	if (len > to->left)
		return json_fail(to->r, "too many bytes of base64");
	to->left -= len;
	buf_add(to->out, data, len);
	return to->out->failed ? error_no_memory(to->r->err) : CRIT_OK;
}

enum crit_status json_base64_buf(struct json_reader *r, struct buf *out, size_t limit)
{
	struct limited to = { r, out, limit };

	return json_base64(r, sink_limited, &to);
}

enum crit_status json_ends_object(struct json_reader *r, bool *last)
{
	struct json_mark mark = json_mark(r);
	const uint8_t *quote = NULL;

	while (!quote && json_fill(r, 1)) {
		quote = memchr(r->p, '"', json_have(r));
		r->p = quote ? quote + 1 : r->end;
	}
	*last = json_peek(r) == '}';
	return json_back(r, &mark);
}

static enum crit_status skip_string(struct json_reader *r)
{
	enum crit_status status = json_expect(r, '"', "a string");
	const uint8_t *data;
	uint8_t escape[4];
	bool end = false;
	size_t len;

	while (!status && !end)
		status = next_piece(r, escape, &data, &len, &end);
	return status;
}

/** A number of any form: JSON's, or what begins like one. */
static void skip_number(struct json_reader *r)
{
	while (json_fill(r, 1) && *r->p && strchr("0123456789+-.eE", *r->p))
		r->p++;
}

/** What is no list and no object. */
static enum crit_status skip_scalar(struct json_reader *r, int c)
{
	char which;

	if (c == '"')
		return skip_string(r);
	if (c != '-' && (c < '0' || c > '9'))
		return json_word(r, &which);
	skip_number(r);
	return r->status;
}

enum crit_status json_skip(struct json_reader *r)
{
	char open[JSON_MAX_DEPTH];
	enum crit_status status = CRIT_OK;
	const char *name;
	unsigned depth = 0;
	bool first = false, more = true;
	size_t len;

	do {
		if (depth) {
			status = json_more(r, open[depth - 1], first, &more);
			first = false;
			depth -= !status && !more;
			if (status || !more)
				continue;
			if (open[depth - 1] == '}')
				status = json_name(r, &name, &len);
		}
		if (!status) {
			int c = json_peek(r);

			first = c == '{' || c == '[';
			if (first && depth == JSON_MAX_DEPTH)
				return json_fail(r, "values are nested too deep");
			if (first)
				open[depth++] = c == '{' ? '}' : ']';
			r->p += first;
			if (!first)
				status = skip_scalar(r, c);
		}
	} while (!status && depth);
	return status;
}
