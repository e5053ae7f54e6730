/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text.h - text that comes out of images, made fit for a screen. */
#ifndef CRIT_UTIL_TEXT_H
#define CRIT_UTIL_TEXT_H

#include <stddef.h>

/**
 * How many bytes at @p s a terminal would obey: control characters of ASCII, and in UTF-8 U+0080 to
 * U+009F, of which U+009B begins an escape sequence just as ESC and '[' do. 0: it shows them, or
 * the string ends.
 */
static inline size_t text_control_len(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	if (*p == 0xc2)
		return p[1] >= 0x80 && p[1] < 0xa0 ? 2 : 0;
	return *p && (*p < 0x20 || *p == 0x7f);
}

/** Replace control bytes (escape sequences, newlines, DEL) by '?', in place. Other bytes, UTF-8 or
 *  not, stay. */
static inline void text_make_printable(char *s)
{
	while (*s) {
		size_t len = text_control_len(s);

		if (!len)
			s++;
		for (; len; len--)
			*s++ = '?';
	}
}

#endif
