/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* header.h - what stands before the records of an image, from members beside "entries". */
#ifndef CRIT_ENCODE_HEADER_H
#define CRIT_ENCODE_HEADER_H

#include "encode/message.h"

struct header {
	const struct image_kind *kind; /* NULL: not known yet */
	enum image_framing framing;
	bool big_endian;
	bool seen_magic, seen_framing, seen_byte_order;
};

/**
 * Read the value of "magic", "_framing" or "_byte_order", if that is the name.
 * @param path  Where we are; gets the name.
 */
enum crit_status header_member(struct encoder *e, struct header *h, struct json_path *path,
			       const char *name, size_t len, bool *taken);

/** Write the magics, and tell the encoder the byte order. */
enum crit_status header_write(struct encoder *e, const struct header *h);

#endif
