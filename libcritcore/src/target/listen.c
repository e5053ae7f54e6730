// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A place where one debugger can connect:
 *
 *	place = "unix:" path | [ host ] ':' port
 *	host  = "localhost" | IPv4 address | '[' IPv6 address ']'	none: 127.0.0.1
 *	port  = 0 to 65535						0: the kernel chooses
 *
 * Whoever connects can read the memory of a process, its keys and passwords included. So a unix
 * socket is open to its owner only, and an address that other machines reach must be asked for.
 *
 * The socket's file belongs to the listener as long as it is the very one that it made: a file that
 * somebody put in its place meanwhile is left alone.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "critcore.h"
#include "util/error.h"

enum { ASK_MS = 200 }; /* between two calls of keep_going */

union address {
	struct sockaddr any;
	struct sockaddr_in ip4;
	struct sockaddr_in6 ip6;
	struct sockaddr_un local;
};

struct crit_listener {
	int fd;
	union address addr;
	socklen_t len;
	dev_t dev; /* of the socket's file, once it is there */
	ino_t ino;
	bool has_file;
	char name[sizeof(struct sockaddr_un) + 8];
};

/* ---- The place as text ----------------------------------------------------------------------- */

static bool parse_port(const char *text, uint16_t *out)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	*out = (uint16_t)port;
	return *text >= '0' && *text <= '9' && !*end && port <= UINT16_MAX;
}

static bool set_ip(struct crit_listener *l, const char *host, uint16_t port)
{
	if (inet_pton(AF_INET, host, &l->addr.ip4.sin_addr) == 1) {
		l->addr.any.sa_family = AF_INET;
		l->addr.ip4.sin_port = htons(port);
		l->len = sizeof(l->addr.ip4);
		return true;
	}
	if (inet_pton(AF_INET6, host, &l->addr.ip6.sin6_addr) == 1) {
		l->addr.any.sa_family = AF_INET6;
		l->addr.ip6.sin6_port = htons(port);
		l->len = sizeof(l->addr.ip6);
		return true;
	}
	return false;
}

static bool is_loopback(const union address *addr)
{
	if (addr->any.sa_family == AF_INET)
		return ntohl(addr->ip4.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&addr->ip6.sin6_addr);
}

static enum crit_status parse_tcp(struct crit_listener *l, const char *where, unsigned int flags,
				  struct crit_error *err)
{
	const char *colon = strrchr(where, ':');
	char host[INET6_ADDRSTRLEN + 2];
	size_t len = colon ? (size_t)(colon - where) : sizeof(host);
	uint16_t port;

	if (len >= sizeof(host) || !parse_port(colon + 1, &port))
		return error_set(err, CRIT_INVALID,
				 "%s: neither unix:PATH nor an address and a port (127.0.0.1:2345)",
				 where);
	memcpy(host, where, len);
	host[len] = '\0';
	if (!len || strcmp(host, "localhost") == 0)
		strcpy(host, "127.0.0.1");
	if (host[0] == '[' && host[len - 1] == ']') {
		memmove(host, host + 1, len - 2);
		host[len - 2] = '\0';
	}
	if (!set_ip(l, host, port))
		return error_set(err, CRIT_INVALID, "%s: no numeric address", where);
	if (!(flags & CRIT_LISTEN_ANYWHERE) && !is_loopback(&l->addr))
		return error_set(err, CRIT_INVALID,
				 "%s: other machines reach this address, and the process's memory "
				 "through it",
				 where);
	return CRIT_OK;
}

static enum crit_status parse_unix(struct crit_listener *l, const char *path,
				   struct crit_error *err)
{
	if (!*path || strlen(path) >= sizeof(l->addr.local.sun_path))
		return error_set(err, CRIT_INVALID,
				 "unix:%s: the name of a socket has 1 to %zu bytes", path,
				 sizeof(l->addr.local.sun_path) - 1);
	l->addr.any.sa_family = AF_UNIX;
	strcpy(l->addr.local.sun_path, path);
	l->len = sizeof(l->addr.local);
	return CRIT_OK;
}

/* What a client types. The port is known once the socket has its address. */
static void make_name(struct crit_listener *l)
{
	char host[INET6_ADDRSTRLEN] = "";

	if (l->addr.any.sa_family == AF_UNIX) {
		snprintf(l->name, sizeof(l->name), "unix:%s", l->addr.local.sun_path);
	} else if (l->addr.any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &l->addr.ip4.sin_addr, host, sizeof(host));
		snprintf(l->name, sizeof(l->name), "%s:%u", host, ntohs(l->addr.ip4.sin_port));
	} else {
		inet_ntop(AF_INET6, &l->addr.ip6.sin6_addr, host, sizeof(host));
		snprintf(l->name, sizeof(l->name), "[%s]:%u", host, ntohs(l->addr.ip6.sin6_port));
	}
}

/* ---- The socket ------------------------------------------------------------------------------ */

/* A socket that nobody has open any more is what a server leaves that was killed. Asked with a
 * socket of another type, which is refused either way: a server must not take us for its client. */
static enum crit_status remove_stale(struct crit_listener *l, struct crit_error *err)
{
	const char *path = l->addr.local.sun_path;
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? CRIT_OK : error_os(err, errno, "%s", l->name);
	if (!S_ISSOCK(st.st_mode))
		return error_set(err, CRIT_INVALID, "%s: there is a file, and no socket", l->name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool refused = fd >= 0 && connect(fd, &l->addr.any, l->len) != 0 && errno == ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	if (!refused)
		return error_set(err, CRIT_INVALID, "%s: somebody listens there", l->name);
	return unlink(path) == 0 || errno == ENOENT ? CRIT_OK : error_os(err, errno, "%s", l->name);
}

static void remove_file(struct crit_listener *l)
{
	struct stat st;

	if (l->has_file && lstat(l->addr.local.sun_path, &st) == 0 && st.st_dev == l->dev &&
	    st.st_ino == l->ino)
		unlink(l->addr.local.sun_path);
	l->has_file = false;
}

/* The file gets the mode of the socket, so it is never open to others, not even for a moment. */
static int bind_unix(struct crit_listener *l)
{
	struct stat st;

	if (fchmod(l->fd, 0600) || bind(l->fd, &l->addr.any, l->len) ||
	    lstat(l->addr.local.sun_path, &st))
		return errno;
	l->has_file = true;
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	return 0;
}

static int bind_tcp(struct crit_listener *l)
{
	int on = 1;

	setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(l->fd, &l->addr.any, l->len) || getsockname(l->fd, &l->addr.any, &l->len))
		return errno;
	return 0;
}

static enum crit_status start(struct crit_listener *l, struct crit_error *err)
{
	bool local = l->addr.any.sa_family == AF_UNIX;
	enum crit_status status = local ? remove_stale(l, err) : CRIT_OK;
	int os_errno = 0;

	if (status)
		return status;
	l->fd = socket(l->addr.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		os_errno = errno;
	if (!os_errno)
		os_errno = local ? bind_unix(l) : bind_tcp(l);
	if (!os_errno && listen(l->fd, 1) != 0)
		os_errno = errno;
	if (os_errno)
		return error_os(err, os_errno, "%s", l->name);
	make_name(l);
	return CRIT_OK;
}

enum crit_status crit_listener_open(const char *where, unsigned int flags,
				    struct crit_listener **out, struct crit_error *err)
{
	struct crit_listener *l = calloc(1, sizeof(*l));
	enum crit_status status;

	if (!l)
		return error_no_memory(err);
	l->fd = -1;
	if (strncmp(where, "unix:", 5) == 0)
		status = parse_unix(l, where + 5, err);
	else
		status = parse_tcp(l, where, flags, err);
	make_name(l);
	if (!status)
		status = start(l, err);
	if (status) {
		crit_listener_close(l);
		return status;
	}
	*out = l;
	return CRIT_OK;
}

void crit_listener_close(struct crit_listener *l)
{
	if (!l)
		return;
	remove_file(l);
	if (l->fd >= 0)
		close(l->fd);
	free(l);
}

const char *crit_listener_name(const struct crit_listener *l)
{
	return l->name;
}

/* Requests are small and each waits for the answer to the one before: none may be held back. */
static void hurry(int fd)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); // fails on a unix socket
}

static enum crit_status end(struct crit_listener *l, enum crit_status status)
{
	remove_file(l);
	close(l->fd);
	l->fd = -1;
	return status;
}

enum crit_status crit_listener_accept(struct crit_listener *l, crit_keep_going_fn keep_going,
				      void *ctx, int *out_fd, struct crit_error *err)
{
	struct pollfd pfd = { .fd = l->fd, .events = POLLIN };

	if (l->fd < 0)
		return error_set(err, CRIT_INVALID, "%s: a client was here already", l->name);
	for (;;) {
		if (keep_going && !keep_going(ctx, 0, 0))
			return end(l, error_set(err, CRIT_INTERRUPTED, "interrupted"));
		if (poll(&pfd, 1, keep_going ? ASK_MS : -1) <= 0)
			continue;
		int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0) {
			hurry(fd);
			*out_fd = fd;
			return end(l, CRIT_OK);
		}
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
			return end(l, error_os(err, errno, "%s", l->name));
	}
}
