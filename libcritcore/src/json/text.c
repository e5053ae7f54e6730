// SPDX-License-Identifier: LGPL-2.1-or-later
/* text.c - see text.h. */
#include "json/text.h"

#include "util/base64.h"

enum { INDENT = 4 };

void text_new_line(struct text *t, unsigned depth)
{
	if (!text_room(t, 1 + INDENT * (size_t)depth))
		return;
	t->b.data[t->b.len++] = '\n';
	memset(t->b.data + t->b.len, ' ', INDENT * (size_t)depth);
	t->b.len += INDENT * (size_t)depth;
}

static const char pairs[] =
	"00010203040506070809101112131415161718192021222324252627282930313233343536373839"
	"40414243444546474849505152535455565758596061626364656667686970717273747576777879"
	"8081828384858687888990919293949596979899";

static unsigned count_digits(uint64_t value)
{
	unsigned nr = 1;

	for (; value >= 10000; value /= 10000)
		nr += 4;
	return nr + (value >= 10) + (value >= 100) + (value >= 1000);
}

size_t text_digits(uint8_t *to, uint64_t value)
{
	unsigned nr = count_digits(value);
	uint8_t *p = to + nr;

	while (value >= 100) {
		p -= 2;
		memcpy(p, pairs + 2 * (value % 100), 2);
		value /= 100;
	}
	if (value >= 10)
		memcpy(to, pairs + 2 * value, 2);
	else
		*to = (uint8_t)('0' + value);
	return nr;
}

void text_int(struct text *t, int64_t value)
{
	if (value < 0)
		TEXT_LITERAL(t, "-");
	text_uint(t, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

/** Bytes of the UTF-8 character at @p p and what it is; 0: there is none. */
static unsigned utf8_char(const uint8_t *p, const uint8_t *end, uint32_t *out)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned len = *p < 0x80 ? 1 : *p < 0xc0 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 :
		       *p < 0xf8 ? 4 : 0;
	uint32_t c;

	if (!len || (size_t)(end - p) < len)
		return 0;
	c = len == 1 ? *p : *p & (0x7fu >> len);
	for (unsigned i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	*out = c;
	return len;
}

static void add_escape(struct text *t, uint32_t unit)
{
	static const char digits[] = "0123456789abcdef";
	char escape[6] = { '\\', 'u', digits[unit >> 12 & 15], digits[unit >> 8 & 15],
			   digits[unit >> 4 & 15], digits[unit & 15] };

	text_add(t, escape, sizeof(escape));
}

static void add_char(struct text *t, uint32_t c)
{
	static const char shorts[] = "\"\"\\\\\nn\rr\tt\ff\bb";

	for (size_t i = 0; i < sizeof(shorts) - 1; i += 2) {
		if ((uint32_t)shorts[i] == c) {
			char escape[2] = { '\\', shorts[i + 1] };

			text_add(t, escape, sizeof(escape));
			return;
		}
	}
	if (c >= 0x10000) {
		add_escape(t, 0xd800 + ((c - 0x10000) >> 10));
		add_escape(t, 0xdc00 + ((c - 0x10000) & 0x3ff));
	} else {
		add_escape(t, c);
	}
}

bool text_string(struct text *t, const uint8_t *data, size_t len)
{
	const uint8_t *p = data, *end = len ? data + len : data;
	bool sound = true;

	TEXT_LITERAL(t, "\"");
	while (p != end) {
		const uint8_t *plain = p;
		uint32_t c = 0xfffd;
		unsigned n;

		while (p < end && *p >= ' ' && *p <= '~' && *p != '"' && *p != '\\')
			p++;
		text_add(t, plain, (size_t)(p - plain));
		if (p == end)
			break;
		n = utf8_char(p, end, &c);
		sound &= n != 0;
		add_char(t, c);
		p += n ? n : 1;
	}
	TEXT_LITERAL(t, "\"");
	return sound;
}

void text_base64_piece(struct text *t, const uint8_t *data, size_t len)
{
	size_t lines = (len + BASE64_LINE - 1) / BASE64_LINE;
	char *to;

	if (!text_room(t, lines * (base64_len(BASE64_LINE) + 2)))
		return;
	to = (char *)t->b.data + t->b.len;
	while (len) {
		size_t line = len < BASE64_LINE ? len : BASE64_LINE;

		to = base64_encode(data, line, to);
		*to++ = '\\';
		*to++ = 'n';
		data += line;
		len -= line;
	}
	t->b.len = (size_t)(to - (char *)t->b.data);
}

void text_base64(struct text *t, const uint8_t *data, size_t len)
{
	TEXT_LITERAL(t, "\"");
	text_base64_piece(t, data, len);
	TEXT_LITERAL(t, "\"");
}
