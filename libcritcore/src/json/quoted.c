// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * quoted.c - see quoted.h. Where RFC 2045 leaves room, the choices are those of Python's quopri
 * module, which CRIT uses: tests/unit/test_quoted.c has them one by one.
 */
#include "json/quoted.h"

#include <string.h>

enum { COLUMNS = 76 };

struct encoder {
	const uint8_t *p, *end;
	struct buf *out;
	size_t start;  /* of our text in out */
	unsigned column;
	bool crlf;     /* line ends are written as "\r\n" */
};

static void line_end(struct encoder *e)
{
	buf_add_str(e->out, e->crlf ? "\r\n" : "\n");
	e->column = 0;
}

static void soft_break(struct encoder *e)
{
	buf_add_byte(e->out, '=');
	line_end(e);
}

static void add_hex(struct encoder *e, uint8_t byte)
{
	buf_printf(e->out, "=%02X", byte);
}

static bool at_line_end(const struct encoder *e)
{
	return *e->p == '\n' || (*e->p == '\r' && e->p + 1 < e->end && e->p[1] == '\n');
}

static bool must_quote(const struct encoder *e)
{
	bool last = e->p + 1 == e->end;
	uint8_t c = *e->p;

	if (c == '\t' || c == ' ')
		return last;
	if (c == '.') // a line of one dot ends a mail
		return e->column == 0 && (last || memchr("\n\r", e->p[1], 3));
	return c == '=' || c > '~' || (c < ' ' && c != '\r' && c != '\n');
}

/** White space in front of a line end would get lost in the mail. */
static void protect_space(struct encoder *e)
{
	struct buf *out = e->out;

	if (!out->failed && out->len > e->start &&
	    (out->data[out->len - 1] == ' ' || out->data[out->len - 1] == '\t'))
		add_hex(e, out->data[--out->len]);
}

static void encode_one(struct encoder *e)
{
	if (must_quote(e)) {
		if (e->column + 3 >= COLUMNS)
			soft_break(e);
		add_hex(e, *e->p++);
		e->column += 3;
	} else if (at_line_end(e)) {
		protect_space(e);
		e->p += *e->p == '\r' ? 2 : 1;
		line_end(e);
	} else {
		if (e->p + 1 < e->end && e->p[1] != '\n' && e->column + 1 >= COLUMNS)
			soft_break(e);
		buf_add_byte(e->out, *e->p++);
		e->column++;
	}
}

void quoted_encode(const uint8_t *data, size_t len, struct buf *out)
{
	struct encoder e = { .p = data, .end = data + len, .out = out, .start = out->len };
	const uint8_t *newline = len ? memchr(data, '\n', len) : NULL;

	e.crlf = newline && newline > data && newline[-1] == '\r';
	while (e.p < e.end)
		encode_one(&e);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'))
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/** What stands behind a '='. @return characters used. */
static size_t decode_escape(const char *text, size_t len, struct buf *out)
{
	size_t i = 0;

	if (text[0] == '\n' || text[0] == '\r') {
		while (i < len && text[i] != '\n')
			i++;
		return i < len ? i + 1 : i;
	}
	if (len >= 2 && hex_digit(text[0]) >= 0 && hex_digit(text[1]) >= 0) {
		buf_add_byte(out, (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1])));
		return 2;
	}
	buf_add_byte(out, '=');
	return text[0] == '=' ? 1 : 0;
}

void quoted_decode(const char *text, size_t len, struct buf *out)
{
	size_t i = 0;

	while (i < len) {
		char c = text[i++];

		if (c != '=')
			buf_add_byte(out, (uint8_t)c);
		else if (i < len)
			i += decode_escape(text + i, len - i, out);
	}
}
