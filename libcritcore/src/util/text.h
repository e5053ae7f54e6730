/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* text.h - text that comes out of images, made fit for a screen. */
#ifndef CRIT_UTIL_TEXT_H
#define CRIT_UTIL_TEXT_H

/** Replace control bytes (escape sequences, newlines, DEL) by '?', in place. Other bytes, UTF-8 or
 *  not, stay. */
static inline void text_make_printable(char *s)
{
	for (unsigned char *p = (unsigned char *)s; *p; p++)
		if (*p < 0x20 || *p == 0x7f)
			*p = '?';
}

#endif
