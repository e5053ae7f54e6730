/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * payload.h - the member "extra" of a record: the bytes that follow its message.
 *
 *	"YWJj\n"				pipes, queues, BPF maps, shared memory, ghost files
 *	{"inq": "...", "outq": "..."}		TCP streams (go-crit: in_q, out_q)
 *	[1, 2, 3]				semaphores (go-crit: in quotes)
 *	[{"mtype": 1, "msize": 3}, "YWJj\n"]	message queues, flat
 *
 * How long a payload is stands in its message, and both must agree. Payloads can be long and stand
 * before the message is whole, so they are kept in a spool. The long and usual one, at the end of
 * its object, goes straight to the output.
 */
#ifndef CRIT_ENCODE_PAYLOAD_H
#define CRIT_ENCODE_PAYLOAD_H

#include "encode/message.h"
#include "image/kinds.h"
#include "util/spool.h"

struct payload {
	struct encoder *e;
	struct crit_output *out;
	/* Ends the record's message and writes all before the payload: a payload is going to be
	 * written that nothing can follow. It calls payload_expect(). */
	enum crit_status (*write_message)(void *ctx);
	void *ctx;
	const struct image_kind *kind;
	bool head;          /* of the kind's first record */
	struct spool bytes; /* the payload; of a TCP stream what it received */
	struct spool outq;  /* of a TCP stream: what it sent */
	uint64_t nr;        /* semaphores or messages */
	struct buf padding; /* "_padding" */
	struct buf raw;     /* "_raw" of a message in a queue */
	bool seen, seen_padding;
	bool looked;       /* for what follows a long payload */
	bool streaming;    /* straight to the output */
	uint64_t streamed; /* bytes written there */
	/* What the message says: bytes of both, semaphores or messages, bytes that fill up. */
	uint64_t want, want_outq, want_nr, want_padding;
	bool any_len; /* the payload is what it is */
};

void payload_init(struct payload *p, struct encoder *e, struct crit_output *out);
void payload_deinit(struct payload *p);
/** Before a record. */
void payload_clear(struct payload *p, const struct image_kind *kind, bool head);

/** The member "extra" or "_padding"; the name was taken. */
enum crit_status payload_read(struct payload *p, struct frame *f);
enum crit_status payload_read_padding(struct payload *p);

/** The record's message. Bytes that are no message, which only @p raw ones may be, say nothing:
 * then any payload is right. */
void payload_expect(struct payload *p, const uint8_t *message, size_t len, bool raw);
/** All members are there: compare with the message. */
enum crit_status payload_check(struct payload *p);
/** Write it behind e->out, which may be written for it. */
enum crit_status payload_write(struct payload *p);

/** Do bytes that follow the message depend on the field? @param head  As above. */
bool payload_depends_on(const struct image_kind *kind, bool head, uint32_t number);

#endif
