// SPDX-License-Identifier: LGPL-2.1-or-later
/* json_writer.c - see json_writer.h. */
#include "report/json_writer.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/** Bytes of the UTF-8 character that begins here, of @p left; 0: none does. */
static size_t utf8_len(const unsigned char *s, size_t left)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = s[0] < 0x80	? 1
		     : s[0] >> 5 == 6	? 2
		     : s[0] >> 4 == 14	? 3
		     : s[0] >> 3 == 30	? 4
					: 0;
	uint32_t code = len < 2 ? s[0] : s[0] & (0xffu >> (len + 1));

	if (len > left)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	return !len || code < least[len] || code > 0x10ffff || code >> 11 == 0x1b ? 0 : len;
}

/** How many bytes from here on stand for themselves. */
static size_t plain_len(const unsigned char *s, size_t left)
{
	size_t n = 0;

	while (n < left && s[n] >= 0x20 && s[n] < 0x7f && s[n] != '"' && s[n] != '\\')
		n++;
	return n;
}

/** The character that begins here. @return its bytes */
static size_t quote_char(struct buf *b, const unsigned char *s, size_t left)
{
	size_t n = utf8_len(s, left);

	if (!n)
		buf_printf(b, "\\udc%02x", *s);
	else if (*s == '"' || *s == '\\')
		buf_printf(b, "\\%c", *s);
	else if (n == 1 && (*s < 0x20 || *s == 0x7f))
		buf_printf(b, "\\u%04x", *s);
	else if (n == 2 && *s == 0xc2 && s[1] < 0xa0) // control characters, too
		buf_printf(b, "\\u%04x", s[1]);
	else
		buf_add(b, s, n);
	return n ? n : 1;
}

static void quote(struct buf *b, const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text, *end = s + len;
	size_t n;

	buf_add_byte(b, '"');
	for (; s < end; s += n) {
		n = plain_len(s, (size_t)(end - s));
		if (n)
			buf_add(b, s, n);
		else
			n = quote_char(b, s, (size_t)(end - s));
	}
	buf_add_byte(b, '"');
}

CRIT_API char *crit_json_quote(const char *text, size_t len)
{
	struct buf b;

	buf_init(&b);
	if (text)
		quote(&b, text, len);
	else
		buf_add_str(&b, "null");
	buf_add_byte(&b, '\0');
	if (b.failed)
		buf_deinit(&b);
	return (char *)b.data;
}

void json_writer_init(struct json_writer *w, struct crit_output *out, bool indented)
{
	memset(w, 0, sizeof(*w));
	lines_init(&w->lines, out);
	w->indented = indented;
}

static void new_line(struct json_writer *w)
{
	static const char spaces[] = "                                        ";
	size_t left = 4 * (size_t)w->depth, len;

	lines_add(&w->lines, "\n", 1);
	for (; left; left -= len) {
		len = left < sizeof(spaces) - 1 ? left : sizeof(spaces) - 1;
		lines_add(&w->lines, spaces, len);
	}
}

static void begin(struct json_writer *w, const char *key);

/** The list that was to come with its first value. */
static void open_list(struct json_writer *w)
{
	const char *key = w->unopened;

	w->unopened = NULL;
	w->depth--;
	begin(w, key);
	lines_add(&w->lines, "[", 1);
	w->depth++;
}

/** All that stands before a value. */
static void begin(struct json_writer *w, const char *key)
{
	if (w->unopened)
		open_list(w);
	if (!w->depth) {
		assert(!key);
		return;
	}
	bool *has_values = &w->has_values[w->depth - 1];

	assert(w->is_list[w->depth - 1] == !key);
	if (*has_values)
		lines_str(&w->lines, w->indented ? "," : ", ");
	*has_values = true;
	if (w->indented)
		new_line(w);
	if (key) {
		lines_add(&w->lines, "\"", 1);
		lines_str(&w->lines, key);
		lines_add(&w->lines, "\": ", 3);
	}
}

/** All that stands behind one. */
static void end(struct json_writer *w)
{
	if (!w->depth)
		lines_add(&w->lines, "\n", 1);
}

static void open_bracket(struct json_writer *w, const char *key, bool is_list)
{
	begin(w, key);
	assert(w->depth < JSON_WRITER_DEPTH);
	lines_add(&w->lines, is_list ? "[" : "{", 1);
	w->is_list[w->depth] = is_list;
	w->has_values[w->depth++] = false;
}

void json_writer_object(struct json_writer *w, const char *key)
{
	open_bracket(w, key, false);
}

void json_writer_list(struct json_writer *w, const char *key)
{
	open_bracket(w, key, true);
}

void json_writer_list_of_some(struct json_writer *w, const char *key)
{
	if (w->unopened)
		open_list(w);
	assert(w->depth && w->depth < JSON_WRITER_DEPTH && key);
	w->unopened = key;
	w->is_list[w->depth] = true;
	w->has_values[w->depth++] = false;
}

void json_writer_end(struct json_writer *w)
{
	assert(w->depth);
	w->depth--;
	if (w->unopened) {
		w->unopened = NULL;
		return;
	}
	if (w->indented && w->has_values[w->depth])
		new_line(w);
	lines_add(&w->lines, w->is_list[w->depth] ? "]" : "}", 1);
	end(w);
}

void json_writer_text_n(struct json_writer *w, const char *key, const char *text, size_t len)
{
	begin(w, key);
	if (text && !w->lines.status)
		quote(&w->lines.b, text, len);
	else
		lines_str(&w->lines, "null");
	end(w);
}

void json_writer_text(struct json_writer *w, const char *key, const char *text)
{
	json_writer_text_n(w, key, text, text ? strlen(text) : 0);
}

void json_writer_uint(struct json_writer *w, const char *key, uint64_t value)
{
	char digits[20], *p = digits + sizeof(digits); // not printf(): listings are full of these

	do
		*--p = (char)('0' + value % 10);
	while (value /= 10);
	begin(w, key);
	lines_add(&w->lines, p, (size_t)(digits + sizeof(digits) - p));
	end(w);
}

void json_writer_int(struct json_writer *w, const char *key, int64_t value)
{
	begin(w, key);
	lines_printf(&w->lines, "%" PRId64, value);
	end(w);
}

void json_writer_hex(struct json_writer *w, const char *key, uint64_t value)
{
	begin(w, key);
	lines_printf(&w->lines, "\"0x%" PRIx64 "\"", value);
	end(w);
}

void json_writer_fixed(struct json_writer *w, const char *key, double value, int digits)
{
	begin(w, key);
	lines_printf(&w->lines, "%.*f", digits, value);
	end(w);
}

void json_writer_bool(struct json_writer *w, const char *key, bool value)
{
	begin(w, key);
	lines_str(&w->lines, value ? "true" : "false");
	end(w);
}

void json_writer_null(struct json_writer *w, const char *key)
{
	begin(w, key);
	lines_str(&w->lines, "null");
	end(w);
}

enum crit_status json_writer_finish(struct json_writer *w, struct crit_error *err)
{
	assert(!w->depth || w->lines.status);
	return lines_finish(&w->lines, err);
}
