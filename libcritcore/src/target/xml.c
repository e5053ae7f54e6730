// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Text for replies. XML 1.0 allows no control characters but tab and line ends, no surrogates and
 * no U+FFFE and U+FFFF, not even as character references; those, invalid UTF-8 (overlong forms
 * included) and the C1 controls that steer a terminal are replaced.
 */
#include "target/xml.h"

#include <stdbool.h>
#include <string.h>

/* Length of the UTF-8 sequence that starts with this byte, 0 if none does. */
static size_t sequence_len(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

static bool is_printable(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return false;
	if ((c >= 0xd800 && c < 0xe000) || c == 0xfffe || c == 0xffff)
		return false;
	return c <= 0x10ffff;
}

/* How many bytes of terminated @p s make up one printable character; 0 if the first does not. */
static size_t character_len(const uint8_t *s)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = sequence_len(*s);
	uint32_t c = len > 1 ? *s & (0x7fu >> len) : *s;

	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	return len && c >= smallest[len] && is_printable(c) ? len : 0;
}

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&apos;";
	}
	return NULL;
}

static void add_text(struct buf *out, const char *s, bool xml)
{
	while (*s) {
		size_t len = character_len((const uint8_t *)s);
		const char *escaped = xml ? entity(*s) : NULL;

		if (escaped)
			buf_add_str(out, escaped);
		else if (len)
			buf_add(out, s, len);
		else
			buf_add_byte(out, '?');
		s += len ? len : 1;
	}
}

void text_add_clean(struct buf *out, const char *s)
{
	add_text(out, s, false);
}

void xml_add_text(struct buf *out, const char *s)
{
	add_text(out, s, true);
}

void text_add_proc(struct buf *out, const char *s, size_t len, const char *keep)
{
	const char *end = s + strnlen(s, len);

	while (s < end) {
		size_t nr = character_len((const uint8_t *)s);

		if (nr || (uint8_t)*s >= 0xa0 || strchr(keep, *s))
			buf_add(out, s, nr ? nr : 1);
		else
			buf_printf(out, "\\%03o", (uint8_t)*s);
		s += nr ? nr : 1;
	}
}
