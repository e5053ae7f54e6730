/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* decoder.h - what decode.c and the payloads share while an image becomes JSON. */
#ifndef CRIT_DECODE_DECODER_H
#define CRIT_DECODE_DECODER_H

#include "decode/message.h"
#include "image/kinds.h"
#include "util/input.h"
#include "util/output.h"

enum {
	/* Levels of the layout. */
	DEPTH_TOP = 1,	 /* "magic" */
	DEPTH_ENTRY = 2, /* an entry's braces */
	DEPTH_MEMBER = 3,
};

struct decoder {
	struct crit_input *in;
	struct crit_output *out;
	struct crit_decode_options options;
	const struct image_kind *kind;
	bool big_endian;
	struct text text; /* what is not handed out yet */
	struct message_writer mw;
	uint64_t index;	   /* of the record */
	bool unchunked;	   /* a ghost file whose bytes follow its head as they are */
};

/** Hand out all text. */
enum crit_status decoder_flush(struct decoder *d, struct crit_error *err);

/** A string of base64 of the next @p len bytes (UINT64_MAX: all there are) of the input. */
enum crit_status decoder_base64(struct decoder *d, uint64_t len, struct crit_error *err);

/**
 * Write the member "extra" (and "_padding") for what follows a message.
 *
 * @param msg  The message in canonical form.
 * @param any  [in, out] The entry has a member.
 * @return CRIT_OK; CRIT_CORRUPT: the payload is cut short or unsound; the caller takes back what
 *         was written of the entry, and the input is anywhere; CRIT_OS; CRIT_NO_MEMORY;
 *         CRIT_INTERRUPTED.
 */
enum crit_status payload_decode(struct decoder *d, const uint8_t *msg, size_t len, bool *any,
			       struct crit_error *err);

/** The same for System V semaphores and messages; see payload_ipc.c. */
enum crit_status payload_decode_sem(struct decoder *d, uint64_t nsems, struct crit_error *err);
enum crit_status payload_decode_msg(struct decoder *d, uint64_t qnum, struct crit_error *err);
/** For both: the key; "... <12KB>" of @p len bytes for --nopl; padding that is not zero. */
void payload_key(struct decoder *d, bool *any);
void payload_size(struct decoder *d, uint64_t len);
void payload_padding(struct decoder *d, unsigned depth, const uint8_t *pad, size_t len);
enum crit_status payload_cut(struct decoder *d, struct crit_error *err);

#endif
