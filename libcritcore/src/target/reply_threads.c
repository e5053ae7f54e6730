// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Threads: which there are, which is selected, what they are called.
 *
 *	qXfer:threads    <threads> { <thread id="p2a.2b" name="worker">state</thread> } </threads>
 *	qfThreadInfo     'm' thread-id { ',' thread-id }, then qsThreadInfo until 'l'
 *
 * gdb reads the first, and shows the state in parentheses; other clients, and gdb with XML
 * disabled, the second, and qThreadExtraInfo.
 */
#include "target/server.h"

#include <errno.h>

#include "target/hex.h"
#include "target/xml.h"

/* gdb sends Hgp0.0, "any", right after connecting: the selected thread stays the selected one. */
void reply_select_thread(struct server *s, const struct request *req)
{
	struct crit_thread *thread = server_find_thread(s, req->thread);

	if (!thread) {
		reply_error(s, ESRCH);
		return;
	}
	s->thread = thread;
	reply_ok(s);
}

void reply_current_thread(struct server *s, const struct request *req)
{
	(void)req;
	buf_add_str(&s->reply, "QC");
	reply_add_thread_id(s, s->thread);
}

void reply_thread_alive(struct server *s, const struct request *req)
{
	if (server_find_thread(s, req->thread))
		reply_ok(s);
	else
		reply_error(s, ESRCH);
}

void reply_first_threads(struct server *s, const struct request *req)
{
	s->next_thread = 0;
	reply_next_threads(s, req);
}

void reply_next_threads(struct server *s, const struct request *req)
{
	const struct crit_thread *thread;
	char before = 'm';

	(void)req;
	while (s->reply.len < PACKET_MAX / 2 &&
	       (thread = crit_thread_at(s->task, s->next_thread))) {
		buf_add_byte(&s->reply, (uint8_t)before);
		reply_add_thread_id(s, thread);
		before = ',';
		s->next_thread++;
	}
	if (!s->reply.len)
		buf_add_byte(&s->reply, 'l');
}

static const char *state_text(struct crit_thread *thread, char buf[CRIT_STATE_TEXT_MAX])
{
	struct crit_thread_state state;

	crit_thread_state(thread, &state, NULL); // without its core image: what is known
	crit_thread_state_text(thread, &state, buf, CRIT_STATE_TEXT_MAX);
	return buf;
}

void reply_thread_text(struct server *s, const struct request *req)
{
	struct crit_thread *thread = server_find_thread(s, req->thread);
	char state[CRIT_STATE_TEXT_MAX];
	struct buf text = { 0 };

	if (!thread) {
		reply_error(s, ESRCH);
		return;
	}
	text_add_clean(&text, crit_thread_name(thread));
	if (!text.len)
		buf_add_str(&text, "unnamed"); // an empty reply would mean "not supported"
	if (*state_text(thread, state))
		buf_printf(&text, " (%s)", state);
	hex_add(&s->reply, text.data, text.len);
	buf_deinit(&text);
}

static void add_thread_element(struct buf *out, struct crit_thread *thread)
{
	const char *name = crit_thread_name(thread);
	char state[CRIT_STATE_TEXT_MAX];

	buf_printf(out, "%x\"", crit_thread_tid(thread));
	if (*name) {
		buf_add_str(out, " name=\"");
		xml_add_text(out, name);
		buf_add_byte(out, '"');
	}
	if (*state_text(thread, state))
		buf_printf(out, ">%s</thread>\n", state);
	else
		buf_add_str(out, "/>\n");
}

void threads_build_xml(struct crit_task *task, bool multiprocess, struct buf *out)
{
	struct crit_task_info info;
	struct crit_thread *thread;

	crit_task_info(task, &info, NULL);
	buf_add_str(out, "<?xml version=\"1.0\"?>\n<threads>\n");
	for (size_t i = 0; (thread = crit_thread_at(task, i)); i++) {
		buf_add_str(out, "  <thread id=\"");
		if (multiprocess)
			buf_printf(out, "p%x.", info.pid);
		add_thread_element(out, thread);
	}
	buf_add_str(out, "</threads>\n");
}
