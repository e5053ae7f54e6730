// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * crit_serve(): a process of a checkpoint as a target of the gdb remote serial protocol.
 *
 *	bytes -> packet (packet.c, conn.c) -> request (request.c) -> reply function -> packet
 *
 * Each kind of request has one reply function; the table here joins the two. A connection serves
 * one process. gdb could list several on one, but in all-stop mode it fetches the target
 * description of the first only and then misreads the registers of the others (13.1, 16.3).
 *
 * Other connections may serve tasks of the same checkpoint in other threads: it is locked from a
 * request to its reply, and free while we wait for the next one or for a slow client.
 *
 * What is left out on purpose: QNonStop (both gdbs die of an internal error on targets that
 * cannot run but announce it) and the memory map (no faster, and it turns `break` into a request
 * for hardware breakpoints).
 */
#include <errno.h>
#include <stdlib.h>

#include "checkpoint/debug.h"
#include "critcore.h"
#include "target/server.h"
#include "util/error.h"

static void (*const replies[REQUEST_KINDS])(struct server *s, const struct request *req) = {
	[REQUEST_UNKNOWN] = reply_unknown,
	[REQUEST_BAD] = reply_bad,
	[REQUEST_SUPPORTED] = reply_supported,
	[REQUEST_NO_ACK] = reply_no_ack,
	[REQUEST_STOP_REASON] = reply_stop_reason,
	[REQUEST_ATTACHED] = reply_attached,
	[REQUEST_SYMBOLS] = reply_symbols,
	[REQUEST_DETACH] = reply_detach,
	[REQUEST_KILL] = reply_kill,
	[REQUEST_SELECT_THREAD] = reply_select_thread,
	[REQUEST_CURRENT_THREAD] = reply_current_thread,
	[REQUEST_THREAD_ALIVE] = reply_thread_alive,
	[REQUEST_FIRST_THREADS] = reply_first_threads,
	[REQUEST_NEXT_THREADS] = reply_next_threads,
	[REQUEST_THREAD_TEXT] = reply_thread_text,
	[REQUEST_HOST_INFO] = reply_host_info,
	[REQUEST_PROCESS_INFO] = reply_process_info,
	[REQUEST_MEMORY_REGION] = reply_memory_region,
	[REQUEST_THREAD_STOP] = reply_thread_stop,
	[REQUEST_THREADS_JSON] = reply_threads_json,
	[REQUEST_CHECKPOINT] = reply_checkpoint,
	[REQUEST_RUN_ACTIONS] = reply_run_actions,
	[REQUEST_RUN] = reply_run,
	[REQUEST_BREAKPOINT] = reply_breakpoint,
	[REQUEST_READ_REGISTERS] = reply_read_registers,
	[REQUEST_READ_REGISTER] = reply_read_register,
	[REQUEST_WRITE_REGISTER] = reply_write_register,
	[REQUEST_TLS_ADDRESS] = reply_tls_address,
	[REQUEST_READ_HEX] = reply_read_hex,
	[REQUEST_READ_BINARY] = reply_read_binary,
	[REQUEST_WRITE_MEMORY] = reply_write_memory,
	[REQUEST_SEARCH] = reply_search,
	[REQUEST_READ_OBJECT] = reply_read_object,
	[REQUEST_FILE_ROOT] = reply_file_root,
	[REQUEST_FILE_OPEN] = reply_file_open,
	[REQUEST_FILE_READ] = reply_file_read,
	[REQUEST_FILE_STAT] = reply_file_stat,
	[REQUEST_FILE_CLOSE] = reply_file_close,
	[REQUEST_FILE_READLINK] = reply_file_readlink,
};

/** The first thread whose program counter is known: gdb refuses to connect to another one. */
static struct crit_thread *first_with_pc(struct crit_task *task)
{
	const struct arch_layout *layout = task_layout(task);
	size_t pc = arch_reg_index(layout, layout->arch->pc);
	struct crit_thread *thread;
	const struct arch_regs *regs;

	for (size_t i = 0; (thread = crit_thread_at(task, i)); i++)
		if (!thread_regs(thread, &regs, NULL) && pc < layout->nr_regs && regs->known[pc])
			return thread;
	return crit_thread_at(task, 0);
}

static struct server *server_create(struct crit_task *task, int in_fd, int out_fd,
				    const struct crit_serve_options *options)
{
	struct server *s = calloc(1, sizeof(*s));
	struct crit_task_info info;

	if (!s)
		return NULL;
	crit_task_info(task, &info, NULL);
	s->task = task;
	s->pid = info.pid;
	s->thread = first_with_pc(task);
	s->options = *options;
	conn_init(&s->conn, in_fd, out_fd);
	hostio_init(&s->hostio, task);
	return s;
}

static void server_destroy(struct server *s)
{
	hostio_deinit(&s->hostio);
	conn_deinit(&s->conn);
	buf_deinit(&s->reply);
	buf_deinit(&s->target_xml);
	buf_deinit(&s->threads_xml);
	buf_deinit(&s->osdata_xml);
	free(s);
}

/** What another task may answer: contents. Which threads there are, and the rest, stays the served
 *  one's. */
static bool is_of_contents(enum request_kind kind)
{
	return kind == REQUEST_READ_HEX || kind == REQUEST_READ_BINARY ||
	       kind == REQUEST_READ_REGISTERS || kind == REQUEST_READ_REGISTER ||
	       kind == REQUEST_TLS_ADDRESS;
}

static bool is_of_thread(enum request_kind kind)
{
	return kind != REQUEST_READ_HEX && kind != REQUEST_READ_BINARY;
}

/** Reply for a task and the thread of the selected one's id in it. */
static void reply_of(struct server *s, const struct request *req, struct crit_task *task)
{
	struct crit_task *own_task = s->task;
	struct crit_thread *own_thread = s->thread;

	crit_checkpoint_lock(task_checkpoint(task));
	if (task != own_task) {
		s->task = task;
		s->thread = crit_thread_find(task, crit_thread_tid(own_thread));
	}
	if (!s->thread && is_of_thread(req->kind))
		reply_error(s, ESRCH);
	else
		replies[req->kind](s, req);
	if (task != own_task) {
		s->task = own_task;
		s->thread = own_thread;
	}
	crit_checkpoint_unlock(task_checkpoint(task));
}

static void reply_to(struct server *s, const struct request *req)
{
	const struct crit_serve_options *o = &s->options;
	bool ask = o->instead && is_of_contents(req->kind);
	struct crit_task *task = ask ? o->instead(o->ctx) : NULL;

	reply_of(s, req, task ? task : s->task);
	if (ask && o->done)
		o->done(o->ctx);
}

static void answer(struct server *s, enum conn_event event)
{
	struct request req = { .kind = REQUEST_BAD };

	if (event == CONN_REQUEST)
		request_parse(s->conn.reader.payload, s->conn.reader.len, &req);
	buf_clear(&s->reply);
	reply_to(s, &req);
	if (s->silent)
		return;
	if (s->reply.failed)
		reply_error(s, ENOMEM);
	conn_send(&s->conn, s->reply.data, s->reply.len);
}

static enum crit_status serve(struct server *s, struct crit_error *err)
{
	enum conn_event event = CONN_CLOSED;

	while (!s->done) {
		event = conn_read(&s->conn);
		if (event == CONN_CLOSED || event == CONN_FAILED)
			break;
		answer(s, event);
	}
	if (s->conn.os_errno)
		return error_os(err, s->conn.os_errno, "connection to the debugger");
	return CRIT_OK;
}

static enum crit_status prepare(struct crit_task *task, int in_fd, int out_fd,
				const struct crit_serve_options *options, struct server **out,
				struct crit_error *err)
{
	enum crit_status status = crit_task_load(task, err);

	if (status != CRIT_OK)
		return status;
	if (!task_layout(task)->nr_regs)
		return error_set(err, CRIT_UNSUPPORTED,
				 "registers of a CPU this version does not read (%s)",
				 task_layout(task)->arch->gdb_name);
	if (!crit_thread_at(task, 0))
		return error_set(err, CRIT_CORRUPT, "no threads");
	*out = server_create(task, in_fd, out_fd, options);
	return *out ? CRIT_OK : error_no_memory(err);
}

enum crit_status crit_serve(struct crit_task *task, int in_fd, int out_fd, unsigned int flags,
			    struct crit_error *err)
{
	const struct crit_serve_options options = { .flags = flags };

	return crit_serve_with(task, in_fd, out_fd, &options, err);
}

enum crit_status crit_serve_with(struct crit_task *task, int in_fd, int out_fd,
				 const struct crit_serve_options *options, struct crit_error *err)
{
	const struct crit_serve_options none = { 0 };
	struct server *s = NULL;
	enum crit_status status;

	crit_checkpoint_lock(task_checkpoint(task));
	status = prepare(task, in_fd, out_fd, options ? options : &none, &s, err);
	crit_checkpoint_unlock(task_checkpoint(task));
	if (status != CRIT_OK)
		return status;
	status = serve(s, err);
	server_destroy(s);
	return status;
}
