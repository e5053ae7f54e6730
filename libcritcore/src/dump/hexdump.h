/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hexdump.h - memory as text, in the manner of `hexdump -C`:
 *
 *	0000000000010ffc  41 41 41 41 00 00 00 00  00 00 00 00 00 00 00 00  |AAAA............|
 *	000000000001100c  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
 *	*
 *	0000000000013ffc  00 00 00 00 ?? ?? ?? ??  ?? ?? ?? ?? ?? ?? ?? ??  |....????????????|
 *	000000000001400c
 *
 * A `*` stands for lines with the same bytes as the one before, all there or not there in the same
 * places. The last line is the address behind.
 */
#ifndef CRIT_DUMP_HEXDUMP_H
#define CRIT_DUMP_HEXDUMP_H

#include "util/output.h"

enum { HEX_LINE = 16 };

struct hex_line {
	uint8_t bytes[HEX_LINE];
	bool there[HEX_LINE];
};

struct hexdump {
	struct crit_output *out;
	uint64_t vaddr;	   /* of the next byte */
	struct hex_line line;
	unsigned int used; /* bytes of it so far */
	struct hex_line last; /* that was written */
	bool has_last, starred;
	char text[64 * 1024];
	size_t text_len;
};

void hexdump_init(struct hexdump *hex, struct crit_output *out, uint64_t vaddr);
enum crit_status hexdump_bytes(struct hexdump *hex, const uint8_t *bytes, size_t len,
			       struct crit_error *err);
/** @p len zeros, or bytes that are not there. Takes no longer for more of them. */
enum crit_status hexdump_same(struct hexdump *hex, bool there, uint64_t len,
			      struct crit_error *err);
/** Write what is left, and the last line. */
enum crit_status hexdump_end(struct hexdump *hex, struct crit_error *err);

#endif
