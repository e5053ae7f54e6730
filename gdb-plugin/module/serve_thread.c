// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * serve_thread.c - see serve_thread.h.
 *
 * The thread runs inside gdb, so it must not be noticed there: every signal is blocked in it (gdb's
 * handlers belong to gdb's main thread, and a SIGPIPE of ours must not end gdb), its descriptors
 * are closed on exec (gdb starts programs), and it never touches Python. But for SIGBUS, which the
 * library handles where it maps images: an image that is cut short must not end gdb either.
 *
 *	create: listen -> thread: accept one -> remove the socket's name -> crit_serve -> close
 *	destroy: shut both sockets down, which wakes accept() and read(), and join
 */
#include "serve_thread.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "listener.h"

/* A checkpoint and the threads that serve tasks of it. */
struct shared {
	struct crit_checkpoint *ckpt;
	atomic_uint users;
};

struct serve_thread {
	struct shared *shared;
	struct crit_task *task;
	pthread_t thread;
	pthread_mutex_t lock; /* guards the five below */
	struct listener listener;
	int conn_fd; /* -1: nobody is connected */
	bool stopping;
	pid_t tid;   /* of the thread, once somebody is connected; 0 before */
	bool failed; /* err says how; read it after the thread has ended */
	struct crit_error err;
	pthread_mutex_t contents_lock; /* held while a request is answered from it */
	struct crit_task *instead; /* whose contents gdb sees; NULL: the task's own */
};

static enum crit_status fail_os(struct crit_error *err, const char *what, int os_errno)
{
	memset(err, 0, sizeof(*err));
	err->status = os_errno == ENOMEM ? CRIT_NO_MEMORY : CRIT_OS;
	err->os_errno = os_errno;
	snprintf(err->message, sizeof(err->message), "%s: %s", what, strerror(os_errno));
	return err->status;
}

static int accept_one(int fd)
{
	int conn;

	do
		conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	while (conn < 0 && (errno == EINTR || errno == ECONNABORTED));
	return conn;
}

/* Hand the connection over to the thread, unless it was told to stop meanwhile. */
static bool enter(struct serve_thread *serve, int conn)
{
	pthread_mutex_lock(&serve->lock);
	listener_close(&serve->listener);
	bool go = conn >= 0 && !serve->stopping;
	if (go) {
		serve->conn_fd = conn;
		serve->tid = gettid();
	}
	pthread_mutex_unlock(&serve->lock);
	return go;
}

static void leave(struct serve_thread *serve, int conn, enum crit_status status)
{
	pthread_mutex_lock(&serve->lock);
	serve->failed = status != CRIT_OK && !serve->stopping;
	serve->conn_fd = -1;
	serve->tid = 0;
	pthread_mutex_unlock(&serve->lock);
	close(conn);
}

static struct crit_task *lock_contents(void *ctx)
{
	struct serve_thread *serve = ctx;

	pthread_mutex_lock(&serve->contents_lock);
	return serve->instead;
}

static void unlock_contents(void *ctx)
{
	pthread_mutex_unlock(&((struct serve_thread *)ctx)->contents_lock);
}

static void *run(void *arg)
{
	struct serve_thread *serve = arg;
	const struct crit_serve_options options = { 0, lock_contents, unlock_contents, serve };
	int conn = accept_one(serve->listener.fd);

	if (enter(serve, conn))
		leave(serve, conn, crit_serve_with(serve->task, conn, conn, &options, &serve->err));
	else if (conn >= 0)
		close(conn);
	return NULL;
}

static int start(struct serve_thread *serve)
{
	sigset_t all, old;

	sigfillset(&all);
	sigdelset(&all, SIGBUS);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int os_errno = pthread_create(&serve->thread, NULL, run, serve);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!os_errno)
		pthread_setname_np(serve->thread, "critcore-serve");
	return os_errno;
}

static struct shared *share(struct crit_checkpoint *ckpt)
{
	struct shared *shared = malloc(sizeof(*shared));

	if (!shared)
		return NULL;
	shared->ckpt = ckpt;
	atomic_init(&shared->users, 1);
	return shared;
}

static void let_go(struct shared *shared)
{
	if (atomic_fetch_sub(&shared->users, 1) != 1)
		return;
	crit_checkpoint_close(shared->ckpt);
	free(shared);
}

/* Takes over one use of @p shared, but for when it fails. */
static enum crit_status create(struct shared *shared, struct crit_task *task,
			       struct serve_thread **out, struct crit_error *err)
{
	struct crit_task_info info;
	struct serve_thread *serve = calloc(1, sizeof(*serve));

	if (!serve)
		return fail_os(err, "starting the server", ENOMEM);
	serve->shared = shared;
	serve->task = task;
	serve->conn_fd = -1;
	crit_checkpoint_lock(shared->ckpt);
	crit_task_info(task, &info, NULL); // without its core image comm is "", which will do
	crit_checkpoint_unlock(shared->ckpt);
	int os_errno = listener_open(&serve->listener, info.pid, info.comm);
	if (os_errno) {
		free(serve);
		return fail_os(err, "making a socket for gdb", os_errno);
	}
	pthread_mutex_init(&serve->lock, NULL);
	pthread_mutex_init(&serve->contents_lock, NULL);
	os_errno = start(serve);
	if (os_errno) {
		listener_close(&serve->listener);
		pthread_mutex_destroy(&serve->lock);
		pthread_mutex_destroy(&serve->contents_lock);
		free(serve);
		return fail_os(err, "starting the server thread", os_errno);
	}
	*out = serve;
	return CRIT_OK;
}

enum crit_status serve_thread_create(struct crit_checkpoint *ckpt, struct crit_task *task,
				     struct serve_thread **out, struct crit_error *err)
{
	struct shared *shared = share(ckpt);
	enum crit_status status;

	if (!shared)
		return fail_os(err, "starting the server", ENOMEM);
	status = create(shared, task, out, err);
	if (status != CRIT_OK)
		free(shared);
	return status;
}

enum crit_status serve_thread_another(struct serve_thread *serve, uint32_t pid,
				      struct serve_thread **out, struct crit_error *err)
{
	struct crit_task *task = crit_task_find(serve->shared->ckpt, pid);
	enum crit_status status;

	if (!task) {
		memset(err, 0, sizeof(*err));
		err->status = CRIT_NOT_FOUND;
		snprintf(err->message, sizeof(err->message), "no process %u", pid);
		return CRIT_NOT_FOUND;
	}
	atomic_fetch_add(&serve->shared->users, 1);
	status = create(serve->shared, task, out, err);
	if (status != CRIT_OK)
		let_go(serve->shared);
	return status;
}

/* On Linux shutting a listening unix socket down makes accept() return. */
static void stop(struct serve_thread *serve)
{
	pthread_mutex_lock(&serve->lock);
	serve->stopping = true;
	if (serve->conn_fd >= 0)
		shutdown(serve->conn_fd, SHUT_RDWR);
	if (serve->listener.fd >= 0)
		shutdown(serve->listener.fd, SHUT_RDWR);
	pthread_mutex_unlock(&serve->lock);
	pthread_join(serve->thread, NULL);
}

enum crit_status serve_thread_destroy(struct serve_thread *serve, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	if (!serve)
		return CRIT_OK;
	stop(serve);
	if (serve->failed) {
		status = serve->err.status;
		if (err)
			*err = serve->err;
	}
	pthread_mutex_destroy(&serve->lock);
	pthread_mutex_destroy(&serve->contents_lock);
	let_go(serve->shared);
	free(serve);
	return status;
}

void serve_thread_show(struct serve_thread *serve, struct crit_task *instead)
{
	pthread_mutex_lock(&serve->contents_lock);
	serve->instead = instead;
	pthread_mutex_unlock(&serve->contents_lock);
}

const char *serve_thread_path(const struct serve_thread *serve)
{
	return serve->listener.path;
}

pid_t serve_thread_tid(struct serve_thread *serve)
{
	pthread_mutex_lock(&serve->lock);
	pid_t tid = serve->tid;
	pthread_mutex_unlock(&serve->lock);
	return tid;
}
