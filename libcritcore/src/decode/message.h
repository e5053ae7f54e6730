/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * message.h - one protobuf message as a JSON object.
 *
 * The way of nearly all messages is short: they are canonical (see canonical.h), and their wire
 * form is walked once and written out as it is met. What is not canonical is brought into that form
 * first and keeps its own bytes in "_raw"; docs/json.md has the members that start with '_'.
 */
#ifndef CRIT_DECODE_MESSAGE_H
#define CRIT_DECODE_MESSAGE_H

#include "image/schema.h"
#include "json/text.h"

/** What had to be kept in '_' members, for a word to the user. */
struct kept {
	uint64_t unknown; /* fields and values */
	uint64_t raw;	  /* messages that no canonical writer makes */
	uint64_t bytes;	  /* texts that are not UTF-8, or that quoted-printable does not hold */
	/* The first unknown one. */
	const struct schema_message *unknown_in;
	uint32_t unknown_number;
};

struct message_writer {
	struct text *t;
	bool pretty;
	bool big_endian; /* of the image: addresses are words in memory order */
	/* Takes what is in t, when a long message has filled it; t is empty afterwards. */
	enum crit_status (*drain)(void *ctx, struct crit_error *err);
	void *ctx;
	struct kept kept;
	/* The rest is message_write()'s own. */
	struct buf canonical;
	bool draining;
	enum crit_status status; /* of drain() */
	struct crit_error *err;
};

/**
 * Write the members of a message, without the braces, each with a comma in front but the first.
 *
 * @param depth  Levels of the members.
 * @param msg    [in, out] The message's bytes; on return those of its canonical form, which may be
 *               in mw->canonical, until the next call.
 * @param any    [out] There was a member.
 * @return CRIT_OK; CRIT_CORRUPT: no sound message, as canonical_form(); only "_raw" was written,
 *         and @p msg is unchanged; CRIT_NO_MEMORY.
 */
enum crit_status message_write(struct message_writer *mw, const struct schema_message *m,
			       unsigned depth, const uint8_t **msg, size_t *len, bool *any,
			       struct crit_error *err);

#endif
