/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* base64.h - RFC 4648 base64, in pieces. */
#ifndef CRIT_UTIL_BASE64_H
#define CRIT_UTIL_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Characters that @p len bytes become, with '=' at the end. */
static inline size_t base64_len(size_t len)
{
	return (len + 2) / 3 * 4;
}

/** Write base64_len(@p len) characters to @p to. Only the last piece of a text may have a length
 *  that is no multiple of 3. @return the end of what was written. */
char *base64_encode(const uint8_t *data, size_t len, char *to);

/** A text that is decoded piece by piece; all zero is a new one. */
struct base64_decoder {
	uint32_t bits;	/* of characters that are no whole group yet */
	unsigned nr;	/* such characters, '=' included; 0 to 3 */
	unsigned pads;	/* '=' so far */
};

/**
 * Decode a piece. White space is skipped.
 *
 * @param to      Room for @p len / 4 * 3 + 8 bytes, of which those behind *to_len are spoilt.
 * @param to_len  [out] Bytes written.
 * @return characters used; fewer than @p len: the next one is wrong.
 */
size_t base64_decode(struct base64_decoder *d, const char *text, size_t len, uint8_t *to,
		     size_t *to_len);

/** Was the text whole? */
static inline bool base64_done(const struct base64_decoder *d)
{
	return d->nr == 0;
}

#endif
