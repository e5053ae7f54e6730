/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rsp_client.h - the client's half of the remote protocol's framing, for tests: it decodes what
 * packet_encode() makes, written from the protocol's description and not from our encoder.
 */
#ifndef CRIT_TEST_RSP_CLIENT_H
#define CRIT_TEST_RSP_CLIENT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/buf.h"

/* Expand runs, which are made of wire bytes. */
static inline void rsp_expand(const uint8_t *body, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++) {
		if (body[i] != '*') {
			buf_add_byte(out, body[i]);
			continue;
		}
		assert_true(i > 0 && i + 1 < len);
		uint8_t count = body[++i];
		assert_in_range(count, 29 + 3, 126);
		assert_null(strchr("#$+-", count));
		for (int n = count - 29; n > 0; n--)
			buf_add_byte(out, out->data[out->len - 1]);
	}
}

static inline void rsp_unescape(struct buf *b)
{
	size_t to = 0;

	for (size_t i = 0; i < b->len; i++) {
		uint8_t byte = b->data[i];

		if (byte == '}') {
			assert_true(i + 1 < b->len);
			byte = b->data[++i] ^ 0x20;
		}
		b->data[to++] = byte;
	}
	b->len = to;
}

/* The payload of exactly one packet, terminated for convenience. */
static inline void rsp_decode(const uint8_t *wire, size_t len, struct buf *payload)
{
	uint8_t sum = 0;
	char digits[3];

	assert_true(len >= 4);
	assert_int_equal(wire[0], '$');
	assert_int_equal(wire[len - 3], '#');
	for (size_t i = 1; i < len - 3; i++) {
		assert_true(wire[i] != '#' && wire[i] != '$');
		sum += wire[i];
	}
	snprintf(digits, sizeof(digits), "%02x", sum);
	assert_memory_equal(wire + len - 2, digits, 2);
	buf_clear(payload);
	rsp_expand(wire + 1, len - 4, payload);
	rsp_unescape(payload);
	buf_add_byte(payload, '\0');
	assert_false(payload->failed);
	payload->len--;
}

#endif
