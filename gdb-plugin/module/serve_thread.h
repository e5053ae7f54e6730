/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef MODULE_SERVE_THREAD_H
#define MODULE_SERVE_THREAD_H

#include <stdint.h>
#include <sys/types.h>

#include <critcore.h>

struct serve_thread;

/**
 * Start a thread that serves one task to the one client that connects to its socket.
 *
 * @param ckpt  A checkpoint nobody else uses. Taken over on success; the caller's on failure.
 * @param task  A loaded task of @p ckpt.
 * @param out   [out] Release it with serve_thread_destroy().
 * @param err   [out] Details on failure. Not NULL.
 * @return CRIT_OK; CRIT_NO_MEMORY; CRIT_OS: no socket or no thread could be made.
 */
enum crit_status serve_thread_create(struct crit_checkpoint *ckpt, struct crit_task *task,
				     struct serve_thread **out, struct crit_error *err);

/**
 * The same for another task of the checkpoint that @p serve reads, which both read in turns. It
 * stays open until the last of them is destroyed.
 *
 * @return as above; CRIT_NOT_FOUND: no such process.
 */
enum crit_status serve_thread_another(struct serve_thread *serve, uint32_t pid,
				      struct serve_thread **out, struct crit_error *err);

/**
 * End the conversation if there is one, wait for the thread, let go of the checkpoint. A client
 * that never came leaves nothing behind either. NULL is fine.
 *
 * @param err  [out] How serving ended, when the answer is not CRIT_OK. May be NULL.
 * @return CRIT_OK when the client went or was sent away; else what crit_serve() said.
 */
enum crit_status serve_thread_destroy(struct serve_thread *serve, struct crit_error *err);

/**
 * Show another task's contents from the next request on: crit_serve_options.instead. When this
 * returns the one that was shown before is no longer in use.
 *
 * @param instead  Borrowed, with its checkpoint, until the next call; NULL: the served task's own.
 */
void serve_thread_show(struct serve_thread *serve, struct crit_task *instead);

/** Path of the socket. Borrowed; the file itself is gone once the client has connected. */
const char *serve_thread_path(const struct serve_thread *serve);

/** The kernel's id of the thread while it serves somebody, else 0. */
pid_t serve_thread_tid(struct serve_thread *serve);

#endif
