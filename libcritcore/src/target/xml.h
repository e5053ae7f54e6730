/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * xml.h - text of unknown origin in replies. Thread names and paths may hold any bytes; gdb's XML
 * parser gives up the whole document over one bad byte, and its terminal may be the user's.
 */
#ifndef CRIT_TARGET_XML_H
#define CRIT_TARGET_XML_H

#include "util/buf.h"

/** Append @p s as printable UTF-8: what is not becomes '?', a byte at a time. */
void text_add_clean(struct buf *out, const char *s);
/** The same, fit for the inside of an XML attribute or element. */
void xml_add_text(struct buf *out, const char *s);

#endif
