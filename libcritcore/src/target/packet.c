// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The framing of the gdb remote serial protocol ("Overview" in the protocol appendix of gdb's
 * manual), in both directions:
 *
 *	packet   = '$' body '#' digit digit	the digits: sum of the body's bytes, modulo 256
 *	body     = { byte | '}' (byte ^ 0x20) }	'#' '$' '}' (and '*' from us) must be escaped
 *	run      = byte '*' count		count - 29 more times the byte; in our packets only
 *	between  = '+' | '-' | 0x03		acknowledged, send again, interrupt
 *
 * Escapes are undone in every request, not only in those that carry binary data: no other request
 * of gdb's has a '}' in it, and the parser can then treat all requests alike. Runs are made of the
 * bytes on the wire, that is after escaping; gdb expands them before it undoes the escapes.
 *
 * An interrupt means "stop the program", which a checkpoint is anyway; it is skipped. A '$' inside
 * a body begins a new packet: the rest of the old one was lost.
 */
#include "target/packet.h"

#include "target/hex.h"

enum {
	ESCAPE = '}',
	ESCAPE_XOR = 0x20,
	RUN_MARK = '*',
	RUN_BIAS = 29,	/* a count is sent as the character count + 29 */
	RUN_MIN = 3,	/* fewer repetitions than this are shorter unencoded, and not printable */
	RUN_MAX = 97,	/* '~' is the last printable character */
};

void packet_reader_init(struct packet_reader *r)
{
	r->state = PACKET_IDLE;
	r->len = 0;
}

static void start_body(struct packet_reader *r)
{
	r->state = PACKET_BODY;
	r->escaped = false;
	r->too_long = false;
	r->sum = 0;
	r->len = 0;
}

static enum packet_event push_between(struct packet_reader *r, uint8_t byte)
{
	if (byte == '$')
		start_body(r);
	return byte == '-' ? PACKET_NACK : PACKET_MORE;
}

static void push_body(struct packet_reader *r, uint8_t byte)
{
	if (byte == '$') {
		start_body(r);
		return;
	}
	if (byte == '#') {
		r->state = PACKET_SUM_HIGH;
		return;
	}
	r->sum += byte;
	if (byte == ESCAPE && !r->escaped) {
		r->escaped = true;
		return;
	}
	if (r->escaped)
		byte ^= ESCAPE_XOR;
	r->escaped = false;
	if (r->len == PACKET_MAX)
		r->too_long = true;
	else
		r->payload[r->len++] = byte;
}

static enum packet_event finish(struct packet_reader *r, uint8_t byte)
{
	int low = hex_digit(byte);

	r->state = PACKET_IDLE;
	if (r->sum_high < 0 || low < 0 || (r->sum_high << 4 | low) != r->sum || r->escaped)
		return PACKET_DAMAGED;
	return r->too_long ? PACKET_TOO_LONG : PACKET_READY;
}

enum packet_event packet_push(struct packet_reader *r, uint8_t byte)
{
	switch (r->state) {
	case PACKET_IDLE:
		return push_between(r, byte);
	case PACKET_BODY:
		push_body(r, byte);
		return PACKET_MORE;
	case PACKET_SUM_HIGH:
		r->sum_high = hex_digit(byte);
		r->state = PACKET_SUM_LOW;
		return PACKET_MORE;
	case PACKET_SUM_LOW:
		return finish(r, byte);
	}
	return PACKET_MORE;
}

static bool needs_escape(uint8_t byte)
{
	return byte == '#' || byte == '$' || byte == ESCAPE || byte == RUN_MARK;
}

/* How many repetitions to encode when there are @p nr of them. The count must not look like the
 * framing: '#' (6) and '$' (7), nor like an acknowledgement, '+' (14) and '-' (16), which some
 * clients look for anywhere. */
static size_t usable_run(size_t nr)
{
	if (nr > RUN_MAX)
		nr = RUN_MAX;
	switch (nr + RUN_BIAS) {
	case '$':
		return nr - 2;
	case '#':
	case '+':
	case '-':
		return nr - 1;
	}
	return nr;
}

/* Append bytes that may repeat: byte, then as many of its @p nr repetitions as encode well.
 * Returns how many it took. */
static size_t put_run(uint8_t **at, size_t nr)
{
	size_t run = nr < RUN_MIN ? 0 : usable_run(nr);

	if (run) {
		*(*at)++ = RUN_MARK;
		*(*at)++ = (uint8_t)(run + RUN_BIAS);
	}
	return run;
}

static size_t count_equal(const uint8_t *p, const uint8_t *end)
{
	const uint8_t *q = p + 1;

	while (q < end && *q == *p && q - p <= RUN_MAX)
		q++;
	return (size_t)(q - p) - 1;
}

void packet_encode(struct buf *out, const void *payload, size_t len)
{
	const uint8_t *in = payload, *end = in + len;

	// Escaping at most doubles; an encoded run is never longer than what it stands for.
	if (len > (SIZE_MAX - 4) / 2 || !buf_reserve(out, 2 * len + 4))
		return;
	uint8_t *at = out->data + out->len, *body = at + 1;

	*at++ = '$';
	while (in < end) {
		if (needs_escape(*in)) {
			*at++ = ESCAPE;
			*at++ = *in++ ^ ESCAPE_XOR;
			continue;
		}
		*at++ = *in;
		in += 1 + put_run(&at, count_equal(in, end));
	}
	uint8_t sum = 0;
	for (const uint8_t *p = body; p < at; p++)
		sum += *p;
	*at++ = '#';
	*at++ = (uint8_t)"0123456789abcdef"[sum >> 4];
	*at++ = (uint8_t)"0123456789abcdef"[sum & 15];
	out->len = (size_t)(at - out->data);
}
