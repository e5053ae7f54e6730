/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * walk.h - one message on its way from wire form to JSON: what message.c (messages) and field.c
 * (their fields) share. A walk stops, and returns false, at the first thing that is not canonical.
 */
#ifndef CRIT_DECODE_WALK_H
#define CRIT_DECODE_WALK_H

#include "decode/message.h"
#include "image/canonical.h"

enum {
	DRAIN_AT = 1024 * 1024, /* bytes of text */
};

/** One message on its way out. */
struct walk {
	struct message_writer *mw;
	struct text *t;
	const struct schema_message *m;
	struct wire w;
	unsigned depth;
	bool hex;      /* all numbers */
	bool lenient;  /* required fields may be missing */
	bool any;      /* a member was written */
	bool strange;  /* there are fields for "_unknown" */
	unsigned required; /* fields seen */
};

/** Write the members of a message. @param any [out] There was one.
 *  @return false: the message is not canonical, or there is no memory or no room to drain to; what
 *  was written of it is to be taken back. */
bool walk_message(struct message_writer *mw, const struct schema_message *m, const uint8_t *data,
		  size_t len, unsigned depth, bool hex, bool lenient, bool *any);

/** A field of the schema in its own wire type, whose key was just read. */
bool walk_field(struct walk *k, const struct schema_field *f, uint64_t key);

static inline void next_member(struct walk *k)
{
	if (k->any)
		text_comma(k->t, k->depth);
	k->any = true;
}

/** The comma, if there is one, and the key. */
static inline void write_key(struct walk *k, const struct schema_field *f)
{
	size_t skip = k->any && !k->t->indented ? 0 : 2;

	if (k->any && k->t->indented)
		text_comma(k->t, k->depth);
	text_add_short(k->t, f->key + skip, f->name_len + 6u - skip);
	k->any = true;
}

/** Hand out the text of a long message now and then. */
static inline bool drain(struct message_writer *mw)
{
	if (!mw->draining || mw->t->b.len < DRAIN_AT || mw->t->b.failed)
		return true;
	mw->status = mw->drain(mw->ctx, mw->err);
	return !mw->status;
}

/** Before an element of a list. */
static inline bool next_element(struct walk *k, bool *first)
{
	if (*first)
		text_open(k->t, '[', k->depth + 1);
	else
		text_comma(k->t, k->depth + 1);
	*first = false;
	return drain(k->mw);
}

static inline bool take_varint(struct walk *k, uint64_t *value)
{
	bool idle = false;

	return wire_varint(&k->w, value, &idle) && !idle;
}

#endif
