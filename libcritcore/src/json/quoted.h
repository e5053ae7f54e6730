/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * quoted.h - quoted-printable text (RFC 2045), the form CRIT gives names of unix sockets: mostly
 * readable, "=00" for the NUL that an abstract name starts with.
 */
#ifndef CRIT_JSON_QUOTED_H
#define CRIT_JSON_QUOTED_H

#include "util/buf.h"

/** Append the text for @p data: ASCII, soft line breaks ("=" and a newline) after 75 columns.
 *  Line ends stay line ends, all of them CRLF if the first is: not every name survives. */
void quoted_encode(const uint8_t *data, size_t len, struct buf *out);

/** Append the bytes that @p text stands for; a stray '=' stands for itself. */
void quoted_decode(const char *text, size_t len, struct buf *out);

#endif
