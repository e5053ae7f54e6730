// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Memory:
 *
 *	m   { digit digit }
 *	x   'b' bytes			gdb 16 and later, when we announce binary-upload
 *
 * Both may hold fewer bytes than asked for: then the next byte is not there, and gdb asks for it
 * alone if it needs it. No byte at all is an error. gdb 13 to 18 print their own "Cannot access
 * memory" and not our text, but other clients show it.
 */
#include "target/server.h"

#include <errno.h>

#include "target/hex.h"

/* Read into s->scratch what there is; the number of bytes, or 0 with an error as the reply. */
static size_t read_memory(struct server *s, uint64_t vaddr, size_t len)
{
	struct crit_error err;
	size_t nread = 0;

	if (crit_mem_read(s->task, vaddr, len, s->scratch, &nread, &err) == CRIT_OK || nread)
		return nread;
	if (s->error_message)
		reply_error_text(s, err.message);
	else
		reply_error(s, EFAULT);
	return 0;
}

/* The bytes of a request we answer: at most @p max, and none beyond the top of the addresses. */
static size_t usable_len(const struct request *req, size_t max)
{
	uint64_t len = req->memory.len, to_top = 0 - req->memory.vaddr;

	if (to_top && len > to_top)
		len = to_top;
	return len < max ? (size_t)len : max;
}

void reply_read_hex(struct server *s, const struct request *req)
{
	size_t len = usable_len(req, PACKET_MAX / 2);
	size_t nread = read_memory(s, req->memory.vaddr, len);

	hex_add(&s->reply, s->scratch, nread);
}

void reply_read_binary(struct server *s, const struct request *req)
{
	size_t len = usable_len(req, PACKET_MAX - 1);
	size_t nread = read_memory(s, req->memory.vaddr, len);

	if (s->reply.len) // an error
		return;
	buf_add_byte(&s->reply, 'b');
	buf_add(&s->reply, s->scratch, nread);
}

/* gdb turns this into "Cannot access memory at address ...". */
void reply_write_memory(struct server *s, const struct request *req)
{
	(void)req;
	reply_error_text(s, "a checkpoint cannot be changed");
}
