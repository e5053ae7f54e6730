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

/**
 * Append what a file or link of /proc has, without what steers a terminal: gdb prints it as it is.
 * Control characters become three octal digits behind a backslash, as the kernel writes the end of
 * a line; every other byte stays, of whatever encoding.
 *
 * @param len   Bytes of @p s at most; it ends at its NUL.
 * @param keep  Control characters that stay, too.
 */
void text_add_proc(struct buf *out, const char *s, size_t len, const char *keep);

#endif
