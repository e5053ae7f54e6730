/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * packet.h - bytes to packets and back, for the gdb remote serial protocol. No input or output
 * happens here (see conn.h), and what a packet means is not known here (see request.h).
 */
#ifndef CRIT_TARGET_PACKET_H
#define CRIT_TARGET_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/buf.h"

enum {
	PACKET_MAX = 0x10000, /* payload bytes of a request; what we announce as PacketSize */
};

enum packet_event {
	PACKET_MORE,	 /* nothing complete yet */
	PACKET_READY,	 /* a packet: payload and len */
	PACKET_DAMAGED,	 /* a packet whose checksum or escaping is wrong */
	PACKET_TOO_LONG, /* a packet of more than PACKET_MAX bytes; it was dropped */
	PACKET_NACK,	 /* the other side wants our last packet again */
};

/** A packet being put together from bytes. */
struct packet_reader {
	enum packet_state { PACKET_IDLE, PACKET_BODY, PACKET_SUM_HIGH, PACKET_SUM_LOW } state;
	bool escaped; /* the last byte was '}' */
	bool too_long;
	uint8_t sum; /* of the body so far */
	int sum_high; /* first digit of the checksum, -1 if it is none */
	size_t len;
	uint8_t payload[PACKET_MAX]; /* escapes undone */
};

void packet_reader_init(struct packet_reader *r);

/** Take one byte. After PACKET_READY the payload stays until the next call. */
enum packet_event packet_push(struct packet_reader *r, uint8_t byte);

/** Append the packet for a payload to @p out: framed, escaped and run-length encoded. */
void packet_encode(struct buf *out, const void *payload, size_t len);

#endif
