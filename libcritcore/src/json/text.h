/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * text.h - JSON text as Python's json module lays it out: ", " and ": " on one line, or four spaces
 * a level; ASCII only.
 */
#ifndef CRIT_JSON_TEXT_H
#define CRIT_JSON_TEXT_H

#include <string.h>

#include "util/buf.h"

enum {
	/* Bytes of one line of base64, which is 76 characters and a newline. */
	BASE64_LINE = 57,
};

struct text {
	struct buf b;
	bool indented;
};

/** Room for @p len more bytes; false when memory is out (b.failed then stays set). */
static inline bool text_room(struct text *t, size_t len)
{
	return t->b.cap - t->b.len >= len || buf_reserve(&t->b, len);
}

static inline void text_add(struct text *t, const void *data, size_t len)
{
	if (text_room(t, len)) {
		memcpy(t->b.data + t->b.len, data, len);
		t->b.len += len;
	}
}

/** text_add() for few bytes: @p data is read up to the next multiple of 16 bytes. A plain memcpy()
 *  of unknown length costs more than the rest of writing a number. */
static inline void text_add_short(struct text *t, const char *data, size_t len)
{
	size_t i = 0;

	if (!text_room(t, len + 16))
		return;
	do {
		memcpy(t->b.data + t->b.len + i, data + i, 16);
		i += 16;
	} while (i < len);
	t->b.len += len;
}

#define TEXT_LITERAL(t, s) text_add(t, s, sizeof(s) - 1)

/** Only with `indented`: start a line @p depth levels deep. */
void text_new_line(struct text *t, unsigned depth);

/** Before a value that is not the first: ", " or a comma and a new line. */
static inline void text_comma(struct text *t, unsigned depth)
{
	if (!t->indented) {
		TEXT_LITERAL(t, ", ");
	} else {
		TEXT_LITERAL(t, ",");
		text_new_line(t, depth);
	}
}

/** The bracket that opens a list or object whose first value follows, or closes one that has some;
 *  @p depth is that of its values and of the bracket. */
static inline void text_open(struct text *t, char bracket, unsigned depth)
{
	text_add(t, &bracket, 1);
	if (t->indented)
		text_new_line(t, depth);
}

static inline void text_close(struct text *t, char bracket, unsigned depth)
{
	if (t->indented)
		text_new_line(t, depth);
	text_add(t, &bracket, 1);
}

/** Digits of @p value to @p to, which has room for 20. @return how many. */
size_t text_digits(uint8_t *to, uint64_t value);

static inline void text_uint(struct text *t, uint64_t value)
{
	if (!text_room(t, 20))
		return;
	if (value < 10)
		t->b.data[t->b.len++] = (uint8_t)('0' + value);
	else
		t->b.len += text_digits(t->b.data + t->b.len, value);
}
void text_int(struct text *t, int64_t value);

/**
 * A JSON string of UTF-8.
 * @return false: it is not UTF-8; each byte that is not part of a character became U+FFFD.
 */
bool text_string(struct text *t, const uint8_t *data, size_t len);

/** A JSON string of base64, with "\n" after every line of it. */
void text_base64(struct text *t, const uint8_t *data, size_t len);
/** The same without quotes; only the last piece may have no multiple of BASE64_LINE bytes. */
void text_base64_piece(struct text *t, const uint8_t *data, size_t len);

#endif
