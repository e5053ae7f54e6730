/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * decoder.h - five decompressors behind one function. Each compares the checksums that its format
 * has. The libraries are used themselves, not through libarchive: that passes over gzip's
 * checksums up to 3.7, and what it depends on in turn doubles the time that a command takes to
 * start.
 */
#ifndef CRIT_ARCHIVE_DECODER_H
#define CRIT_ARCHIVE_DECODER_H

#include <stddef.h>
#include <stdint.h>

enum decoder_result {
	DECODER_MORE, /* go on: it wants input, or room for output, or both */
	DECODER_END,  /* of a frame or member; another one may follow after decoder_ops.reset() */
	DECODER_DAMAGED,
	DECODER_NO_MEMORY,
};

struct decoder_io {
	const uint8_t *in;
	size_t in_len; /* both move on */
	uint8_t *out;
	size_t out_len; /* of the room that is left; both move on */
	const char *why; /* of DAMAGED; static storage; NULL: nothing to say */
};

struct decoder_ops {
	/** NULL: out of memory. */
	void *(*create)(void);
	void (*destroy)(void *state);
	/** Before another frame. */
	enum decoder_result (*reset)(void *state);
	enum decoder_result (*step)(void *state, struct decoder_io *io);
};

extern const struct decoder_ops decoder_gzip, decoder_bzip2, decoder_xz, decoder_zstd, decoder_lz4;

#endif
