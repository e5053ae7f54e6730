// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Fuzz harness: bytes from a client, through the packet reader and the request parser. What was
 * read is encoded again, so that the encoder sees every kind of payload too.
 *
 *	clang -fsanitize=fuzzer,address,undefined ... fuzz_request.c
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "target/packet.h"
#include "target/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void handle(const struct packet_reader *r, struct buf *wire)
{
	struct request req;

	request_parse(r->payload, r->len, &req);
	if ((unsigned int)req.kind >= REQUEST_KINDS)
		abort();
	buf_clear(wire);
	packet_encode(wire, r->payload, r->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct packet_reader *r = malloc(sizeof(*r));
	struct buf wire = { 0 };

	if (!r)
		return 0;
	packet_reader_init(r);
	for (size_t i = 0; i < len; i++)
		if (packet_push(r, data[i]) == PACKET_READY)
			handle(r, &wire);
	buf_deinit(&wire);
	free(r);
	return 0;
}
