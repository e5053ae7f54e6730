/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* serve.h - the gdb remote protocol. A part of critcore.h. */
#ifndef CRITCORE_SERVE_H
#define CRITCORE_SERVE_H

#include "critcore/task.h"

#ifdef __cplusplus
extern "C" {
#endif

enum crit_serve_flags {
	CRIT_SERVE_EXEC_FILE = 1, /* tell gdb the executable's name, so that it loads it itself */
};

/**
 * Serve one task over the gdb remote serial protocol until the client detaches, kills or closes.
 * Blocks. Writes nothing but protocol to @p out_fd; does not close the descriptors. Several may run
 * on one checkpoint, in different threads: see crit_checkpoint_lock().
 *
 * @param in_fd   Blocking descriptor of the client's packets.
 * @param out_fd  Descriptor for replies; may be the same (a socket).
 * @param flags   Of enum crit_serve_flags, or-ed.
 * @return CRIT_OK: the client is gone; CRIT_OS: reading or writing failed; or as crit_task_load().
 */
CRIT_API enum crit_status crit_serve(struct crit_task *task, int in_fd, int out_fd,
				     unsigned int flags, struct crit_error *err);

struct crit_serve_options {
	unsigned int flags; /* of enum crit_serve_flags, or-ed */
	/**
	 * Asked before memory, registers or thread-local storage is read, in the thread that
	 * serves. May be NULL.
	 *
	 * @return NULL: nobody; or a loaded task of another checkpoint, whose contents are read
	 *         instead, by the same thread ids: what crit_diff_same_run() lets pass. It is in
	 *         use until done().
	 */
	struct crit_task *(*instead)(void *ctx);
	void (*done)(void *ctx); /* called after each instead(), whatever that returned */
	void *ctx;		 /* for both */
};

/**
 * crit_serve() with options; NULL: none. A debugger that drops what it remembers of memory and
 * registers, before and after, sees its own process with another checkpoint's contents: how its
 * expressions are evaluated there.
 */
CRIT_API enum crit_status crit_serve_with(struct crit_task *task, int in_fd, int out_fd,
					  const struct crit_serve_options *options,
					  struct crit_error *err);

struct crit_listener;

enum crit_listen_flags {
	CRIT_LISTEN_ANYWHERE = 1, /* also at addresses that other machines reach */
};

/**
 * Make a place where one debugger can connect. Whoever does reads the process's memory: a unix
 * socket is open to its owner only, and nothing but loopback addresses is taken without
 * CRIT_LISTEN_ANYWHERE.
 *
 * @param where  "unix:PATH", "127.0.0.1:PORT", "[::1]:PORT", ":PORT" (of 127.0.0.1); port 0 lets
 *               the kernel choose. A socket that nobody listens on is replaced, other files are
 *               not.
 * @param flags  Of enum crit_listen_flags, or-ed.
 * @param out    [out] Release it with crit_listener_close().
 * @return CRIT_OK; CRIT_INVALID: not such a place, not allowed, or taken; CRIT_NOT_FOUND: no such
 *         folder; CRIT_OS; CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_listener_open(const char *where, unsigned int flags,
					     struct crit_listener **out, struct crit_error *err);
/** Also removes the socket's file, unless that was replaced. NULL is fine. */
CRIT_API void crit_listener_close(struct crit_listener *listener);
/** Where it is, with the port that was chosen: "127.0.0.1:40123", "unix:PATH". Borrowed. */
CRIT_API const char *crit_listener_name(const struct crit_listener *listener);
/**
 * Wait for the one client. Nobody can connect any more when this returns.
 *
 * @param keep_going  Asked some times a second, and after each signal; false ends the wait. NULL:
 *                    wait for ever.
 * @param fd          [out] For crit_serve(); the caller closes it.
 * @return CRIT_OK; CRIT_INTERRUPTED; CRIT_INVALID: called a second time; CRIT_OS.
 */
CRIT_API enum crit_status crit_listener_accept(struct crit_listener *listener,
					       crit_keep_going_fn keep_going, void *ctx, int *fd,
					       struct crit_error *err);

#ifdef __cplusplus
}
#endif

#endif
