// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The life of a session: what both sides can do, why the process is stopped, how it ends, and the
 * answer to everything that would run the process.
 *
 * Stop reply: "T00" "thread:" thread-id ';' - signal 0, as a process in a checkpoint was frozen,
 * not hit by a signal. gdb shows nothing for it, where T05 would print "SIGTRAP".
 */
#include "target/server.h"

#include <errno.h>
#include <string.h>

#include "target/hex.h"
#include "tls/module.h"

void reply_unknown(struct server *s, const struct request *req)
{
	(void)s;
	(void)req;
}

void reply_bad(struct server *s, const struct request *req)
{
	(void)req;
	reply_error(s, EPERM);
}

/* A static program can have libraries, by dlopen(): then their code is mapped. */
static bool maps_code_of_others(struct crit_task *task, const char *exe)
{
	struct crit_mapping m;

	for (size_t i = 0; crit_mapping_at(task, i, &m); i++)
		if (m.prot & 4 && m.path && strcmp(m.path, exe) != 0)
			return true;
	return false;
}

bool server_has_no_libraries(struct server *s)
{
	struct crit_file file;
	struct module exe;

	return module_of_executable(s->task, &exe, NULL) == CRIT_OK && !exe.dynamic &&
	       !exe.interp[0] && crit_task_exe(s->task, &file, NULL) == CRIT_OK &&
	       !maps_code_of_others(s->task, file.path);
}

void reply_supported(struct server *s, const struct request *req)
{
	s->multiprocess = req->supported.multiprocess;
	s->error_message = req->supported.error_message;
	buf_printf(&s->reply, "PacketSize=%x", PACKET_MAX);
	buf_add_str(&s->reply, ";QStartNoAckMode+;vContSupported+;multiprocess+;binary-upload+"
			       ";error-message+;qXfer:features:read+;qXfer:threads:read+"
			       ";qXfer:auxv:read+;qXfer:osdata:read+;qXfer:siginfo:read+");
	if (s->options.flags & CRIT_SERVE_EXEC_FILE)
		buf_add_str(&s->reply, ";qXfer:exec-file:read+");
	if (server_has_no_libraries(s))
		buf_add_str(&s->reply, ";qXfer:libraries-svr4:read+");
}

void reply_no_ack(struct server *s, const struct request *req)
{
	(void)req;
	s->conn.no_ack = true;
	reply_ok(s);
}

static void add_stop(struct server *s, const struct crit_thread *thread)
{
	buf_add_str(&s->reply, "T00thread:");
	reply_add_thread_id(s, thread);
	buf_add_byte(&s->reply, ';');
}

void reply_stop_reason(struct server *s, const struct request *req)
{
	(void)req;
	add_stop(s, s->thread);
}

/* 1: the process was there before us, so gdb detaches from it at the end and does not kill it. */
void reply_attached(struct server *s, const struct request *req)
{
	if (!server_is_our_pid(s, req->process.pid))
		reply_error(s, ESRCH);
	else
		buf_add_byte(&s->reply, '1');
}

/* We look nothing up by symbol. */
void reply_symbols(struct server *s, const struct request *req)
{
	(void)req;
	reply_ok(s);
}

void reply_detach(struct server *s, const struct request *req)
{
	if (!server_is_our_pid(s, req->process.pid)) {
		reply_error(s, ESRCH);
		return;
	}
	s->done = true;
	reply_ok(s);
}

void reply_kill(struct server *s, const struct request *req)
{
	(void)req;
	s->done = true;
	s->silent = true;
}

void reply_run_actions(struct server *s, const struct request *req)
{
	(void)req;
	buf_add_str(&s->reply, "vCont;c;C;s;S;t");
}

/* Console output, then a stop: both gdb 13 and 16 print the line and are back at the prompt. An
 * empty reply leaves gdb 13 believing that the process runs, and hangs gdb 16; an error reply
 * prints a warning around the text. */
void reply_run(struct server *s, const struct request *req)
{
	const struct crit_thread *thread = server_find_thread(s, req->thread);
	struct buf text = { 0 };

	buf_printf(&text,
		   "This is a checkpoint of process %u; it cannot run. "
		   "Restore it with `criu restore`.\n",
		   s->pid);
	buf_add_byte(&s->reply, 'O');
	hex_add(&s->reply, text.data, text.len);
	if (!text.failed && !s->reply.failed)
		conn_send(&s->conn, s->reply.data, s->reply.len);
	buf_deinit(&text);
	buf_clear(&s->reply);
	add_stop(s, thread ? thread : s->thread);
}

/* Accepted, since nothing here runs into one. gdb inserts its breakpoints in all inferiors before
 * one of them runs, and a refusal would keep a live program beside the checkpoint from running. */
void reply_breakpoint(struct server *s, const struct request *req)
{
	(void)req;
	reply_ok(s);
}
