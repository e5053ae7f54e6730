// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Packets over a socket or a pair of pipes.
 *
 * Requests of a debugger come in bursts: the answer to one decides the next, some ten microseconds
 * later. A thread that sleeps in between costs both sides a wake-up each time, so after a reply we
 * poll for SPIN_NS before we sleep; an 8-byte memory read in gdb 13 takes 20 us instead of 50.
 * With a single CPU that would only keep the client from running.
 *
 * A write to a client that is gone must not kill the program we are a part of: sockets have
 * MSG_NOSIGNAL, for pipes SIGPIPE is blocked in this thread and taken back after the fact.
 *
 * Acknowledgements: '+' is sent before a request is looked at; '-' makes the client repeat it.
 * Without them (gdb's default after QStartNoAckMode) a damaged request is never repeated, so it
 * needs an answer like any other.
 */
#include "target/conn.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	SPIN_NS = 50000,
};

static bool is_socket(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

static void block_sigpipe(struct conn *c)
{
	sigset_t pipe_set, old;

	sigemptyset(&pipe_set);
	sigaddset(&pipe_set, SIGPIPE);
	c->sigpipe_blocked = pthread_sigmask(SIG_BLOCK, &pipe_set, &old) == 0 &&
			     !sigismember(&old, SIGPIPE);
}

static void unblock_sigpipe(struct conn *c)
{
	const struct timespec now = { 0 };
	sigset_t pipe_set;

	if (!c->sigpipe_blocked)
		return;
	sigemptyset(&pipe_set);
	sigaddset(&pipe_set, SIGPIPE);
	while (sigtimedwait(&pipe_set, NULL, &now) < 0 && errno == EINTR)
		;
	pthread_sigmask(SIG_UNBLOCK, &pipe_set, NULL);
}

void conn_init(struct conn *c, int in_fd, int out_fd)
{
	c->in_fd = in_fd;
	c->out_fd = out_fd;
	c->out_socket = is_socket(out_fd);
	c->spin = sysconf(_SC_NPROCESSORS_ONLN) > 1;
	c->no_ack = false;
	c->replied = false;
	c->lost = false;
	c->os_errno = 0;
	c->in_pos = c->in_len = 0;
	packet_reader_init(&c->reader);
	buf_init(&c->frame);
	c->sigpipe_blocked = false;
	if (!c->out_socket)
		block_sigpipe(c);
}

void conn_deinit(struct conn *c)
{
	unblock_sigpipe(c);
	buf_deinit(&c->frame);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* The debugger may have put us and itself on one CPU, for as long as it asks a lot. */
static bool has_cpu_to_spare(void)
{
	cpu_set_t cpus;

	return sched_getaffinity(0, sizeof(cpus), &cpus) != 0 || CPU_COUNT(&cpus) > 1;
}

static void spin_for_input(struct conn *c)
{
	struct pollfd pfd = { .fd = c->in_fd, .events = POLLIN };
	uint64_t end;

	if (!has_cpu_to_spare())
		return;
	end = now_ns() + SPIN_NS;
	while (poll(&pfd, 1, 0) == 0 && now_ns() < end)
		sched_yield();
}

static void sleep_until(int fd, short events)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	poll(&pfd, 1, -1);
}

/* Fill the input buffer; false when there is no more to come. */
static bool fill(struct conn *c)
{
	ssize_t n;

	if (c->spin && c->replied)
		spin_for_input(c);
	c->replied = false;
	while ((n = read(c->in_fd, c->in, sizeof(c->in))) < 0) {
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			sleep_until(c->in_fd, POLLIN);
		else if (errno != EINTR)
			break;
	}
	if (n < 0 && errno != ECONNRESET)
		c->os_errno = errno;
	c->in_pos = 0;
	c->in_len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static ssize_t write_some(struct conn *c, const uint8_t *data, size_t len)
{
	return c->out_socket ? send(c->out_fd, data, len, MSG_NOSIGNAL) :
			       write(c->out_fd, data, len);
}

static void write_all(struct conn *c, const uint8_t *data, size_t len)
{
	while (len && !c->lost) {
		ssize_t n = write_some(c, data, len);

		if (n >= 0) {
			data += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			sleep_until(c->out_fd, POLLOUT);
		} else if (errno != EINTR) {
			c->lost = true;
			c->os_errno = errno == EPIPE || errno == ECONNRESET ? 0 : errno;
		}
	}
}

void conn_send(struct conn *c, const void *payload, size_t len)
{
	buf_clear(&c->frame);
	packet_encode(&c->frame, payload, len);
	if (c->frame.failed) {
		c->lost = true;
		c->os_errno = ENOMEM;
		return;
	}
	write_all(c, c->frame.data, c->frame.len);
	c->replied = true;
}

/* Every gdb skips acknowledgements between packets, and starts its timeout (2 s by default) anew
 * with each byte that comes. */
void conn_keep_alive(struct conn *c)
{
	write_all(c, (const uint8_t *)"+", 1);
}

/* What a reader's event means to the caller; true when there is something to tell. */
static bool take_event(struct conn *c, enum packet_event event, enum conn_event *out)
{
	*out = event == PACKET_READY ? CONN_REQUEST : CONN_DAMAGED;
	if (event == PACKET_MORE)
		return false;
	if (c->no_ack)
		return event != PACKET_NACK;
	if (event == PACKET_NACK) {
		write_all(c, c->frame.data, c->frame.len);
		return false;
	}
	write_all(c, (const uint8_t *)(event == PACKET_DAMAGED ? "-" : "+"), 1);
	return event != PACKET_DAMAGED;
}

enum conn_event conn_read(struct conn *c)
{
	enum conn_event event;

	while (!c->lost) {
		if (c->in_pos == c->in_len && !fill(c))
			break;
		while (c->in_pos < c->in_len)
			if (take_event(c, packet_push(&c->reader, c->in[c->in_pos++]), &event))
				return event;
	}
	return c->os_errno ? CONN_FAILED : CONN_CLOSED;
}
