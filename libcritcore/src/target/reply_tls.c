// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Thread-local variables:
 *
 *	qGetTLSAddr:THREAD,OFFSET,LINKMAP	an address in hex
 *
 * LINKMAP is the address of the module's struct link_map, 0 in a static executable of which gdb
 * knows no list of modules. Of an error gdb 13 to 18 say only that the request failed.
 */
#include <errno.h>

#include "target/server.h"

void reply_tls_address(struct server *s, const struct request *req)
{
	struct crit_thread *thread = server_find_thread(s, req->tls.thread);
	struct crit_error err;
	uint64_t vaddr;

	if (!thread)
		reply_error(s, ESRCH);
	else if (crit_tls_address(thread, req->tls.link_map, req->tls.offset, &vaddr, &err))
		reply_error_text(s, err.message);
	else
		buf_printf(&s->reply, "%llx", (unsigned long long)vaddr);
}
