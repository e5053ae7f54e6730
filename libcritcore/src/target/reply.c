// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The pieces replies are made of ("Standard Replies", "Packets" in the protocol appendix):
 *
 *	ok        = "OK"
 *	error     = 'E' digit digit		an errno, which gdb shows but does not interpret
 *	          | "E." text			in words
 *	thread-id = [ 'p' pid '.' ] tid		in hex
 */
#include "target/server.h"

#include <string.h>

void reply_ok(struct server *s)
{
	buf_add_str(&s->reply, "OK");
}

void reply_error(struct server *s, int error)
{
	buf_clear(&s->reply);
	buf_printf(&s->reply, "E%02x", (unsigned int)error & 0xff);
}

/* The text is not binary data to gdb: it would show an escape as two characters. */
void reply_error_text(struct server *s, const char *text)
{
	buf_clear(&s->reply);
	buf_add_str(&s->reply, "E.");
	for (; *text; text++) {
		uint8_t c = (uint8_t)*text;

		buf_add_byte(&s->reply, c < 0x20 || c == 0x7f || strchr("#$}*", c) ? '?' : c);
	}
}

void reply_add_thread_id(struct server *s, const struct crit_thread *thread)
{
	if (s->multiprocess)
		buf_printf(&s->reply, "p%x.", s->pid);
	buf_printf(&s->reply, "%x", crit_thread_tid(thread));
}

bool server_is_our_pid(const struct server *s, int64_t pid)
{
	return pid == THREAD_ANY || pid == THREAD_ALL || pid == (int64_t)s->pid;
}

struct crit_thread *server_find_thread(const struct server *s, struct thread_id id)
{
	if (!server_is_our_pid(s, id.pid))
		return NULL;
	if (id.tid == THREAD_ANY || id.tid == THREAD_ALL)
		return s->thread;
	return id.tid <= UINT32_MAX ? crit_thread_find(s->task, (uint32_t)id.tid) : NULL;
}
