/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * server.h - one connection to one process: what the reply functions share.
 *
 * A reply function puts its answer into `reply`, which is empty when it is called; an empty answer
 * tells the client that the request is not supported. serve.c calls the functions and sends what
 * they leave. Anything read lazily is kept for the rest of the connection: a checkpoint does not
 * change.
 */
#ifndef CRIT_TARGET_SERVER_H
#define CRIT_TARGET_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "critcore.h"
#include "target/conn.h"
#include "target/hostio.h"
#include "target/request.h"
#include "util/buf.h"

struct server {
	struct conn conn;
	struct crit_task *task;
	struct crit_thread *thread; /* the selected one */
	uint32_t pid;
	struct crit_serve_options options;
	bool multiprocess;   /* the client writes and reads pPID.TID */
	bool error_message;  /* it reads E.text everywhere; gdb before 15 does not after `m` */
	bool done;	     /* close the connection after this reply */
	bool silent;	     /* and do so without a reply */
	size_t next_thread;  /* first one qsThreadInfo has not told yet */
	struct buf reply;
	struct buf target_xml, threads_xml; /* empty until asked for */
	struct buf osdata_xml;		    /* the table asked for last */
	char osdata_type[16];		    /* which one that is */
	uint8_t siginfo[CRIT_SIGINFO_MAX]; /* of the thread that was asked last */
	struct hostio hostio;
	uint8_t scratch[PACKET_MAX]; /* memory on its way to the client */
};

/* How things are said (reply.c). Error numbers are those of Linux. */
void reply_ok(struct server *s);
void reply_error(struct server *s, int error);
/** An error in words, for requests after which every gdb understands them. */
void reply_error_text(struct server *s, const char *text);
/** "p2a.2b", or "2b" for clients without multiprocess. */
void reply_add_thread_id(struct server *s, const struct crit_thread *thread);
/** Is it known that the program is static and no library was loaded since? */
bool server_has_no_libraries(struct server *s);
/** Does a process id of a request (THREAD_ANY and THREAD_ALL included) mean our process? */
bool server_is_our_pid(const struct server *s, int64_t pid);
/** The thread a request means: the selected one for "any" and "all"; NULL if there is no such. */
struct crit_thread *server_find_thread(const struct server *s, struct thread_id id);

/* reply_session.c */
void reply_unknown(struct server *s, const struct request *req);
void reply_bad(struct server *s, const struct request *req);
void reply_supported(struct server *s, const struct request *req);
void reply_no_ack(struct server *s, const struct request *req);
void reply_stop_reason(struct server *s, const struct request *req);
void reply_attached(struct server *s, const struct request *req);
void reply_symbols(struct server *s, const struct request *req);
void reply_detach(struct server *s, const struct request *req);
void reply_kill(struct server *s, const struct request *req);
void reply_run_actions(struct server *s, const struct request *req);
void reply_run(struct server *s, const struct request *req);
void reply_breakpoint(struct server *s, const struct request *req);

/* reply_threads.c */
void reply_select_thread(struct server *s, const struct request *req);
void reply_current_thread(struct server *s, const struct request *req);
void reply_thread_alive(struct server *s, const struct request *req);
void reply_first_threads(struct server *s, const struct request *req);
void reply_next_threads(struct server *s, const struct request *req);
void reply_thread_text(struct server *s, const struct request *req);
/** The document behind qXfer:threads. */
void threads_build_xml(struct crit_task *task, bool multiprocess, struct buf *out);

/* reply_lldb.c */
void reply_host_info(struct server *s, const struct request *req);
void reply_process_info(struct server *s, const struct request *req);
void reply_memory_region(struct server *s, const struct request *req);
void reply_thread_stop(struct server *s, const struct request *req);
void reply_threads_json(struct server *s, const struct request *req);

/* reply_checkpoint.c */
void reply_checkpoint(struct server *s, const struct request *req);

/* reply_registers.c */
void reply_read_registers(struct server *s, const struct request *req);
void reply_read_register(struct server *s, const struct request *req);
void reply_write_register(struct server *s, const struct request *req);

/* reply_memory.c, reply_search.c */
void reply_read_hex(struct server *s, const struct request *req);
void reply_read_binary(struct server *s, const struct request *req);
void reply_write_memory(struct server *s, const struct request *req);
void reply_search(struct server *s, const struct request *req);

/* reply_tls.c */
void reply_tls_address(struct server *s, const struct request *req);

/* reply_object.c, reply_file.c */
void reply_read_object(struct server *s, const struct request *req);
void reply_file_root(struct server *s, const struct request *req);
void reply_file_open(struct server *s, const struct request *req);
void reply_file_read(struct server *s, const struct request *req);
void reply_file_stat(struct server *s, const struct request *req);
void reply_file_close(struct server *s, const struct request *req);
void reply_file_readlink(struct server *s, const struct request *req);

#endif
