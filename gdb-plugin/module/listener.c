// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * listener.c - see listener.h. gdb can reach a server in its own process only through a name in the
 * file system (`target remote PATH`; /dev/fd/N of a socket pair is refused), so the name stands in
 * a directory of mode 0700 from mkdtemp(), and only until gdb has connected.
 */
#include "listener.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of the kernel's TASK_COMM_LEN, without its NUL. */
#define MAX_COMM_LEN 15

static void make_name(char *out, size_t size, uint32_t pid, const char *comm)
{
	int len = snprintf(out, size, "%u.%.*s", pid, MAX_COMM_LEN, comm);

	for (int i = 0; i < len; i++) {
		if (!isascii((unsigned char)out[i]) || !isalnum((unsigned char)out[i]))
			out[i] = out[i] == '.' || out[i] == '-' ? out[i] : '_';
	}
}

/* Fails with ENAMETOOLONG when the socket's name would not fit: the caller tries a shorter base. */
static int make_dir(struct listener *listener, const char *base, const char *name)
{
	int len = snprintf(listener->dir, sizeof(listener->dir), "%s/criu-XXXXXX", base);

	if (len < 0 || (size_t)len + 1 + strlen(name) >= sizeof(listener->path)) {
		listener->dir[0] = '\0';
		return ENAMETOOLONG;
	}
	if (!mkdtemp(listener->dir)) {
		int os_errno = errno;
		listener->dir[0] = '\0';
		return os_errno;
	}
	memcpy(listener->path, listener->dir, (size_t)len);
	listener->path[len] = '/';
	strcpy(listener->path + len + 1, name);
	return 0;
}

static int make_socket(struct listener *listener)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener->fd < 0)
		return errno;
	memcpy(addr.sun_path, listener->path, sizeof(addr.sun_path));
	if (bind(listener->fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(listener->fd, 1))
		return errno;
	return 0;
}

int listener_open(struct listener *listener, uint32_t pid, const char *comm)
{
	const char *base = getenv("XDG_RUNTIME_DIR");
	char name[32];
	int os_errno = ENOENT;

	memset(listener, 0, sizeof(*listener));
	listener->fd = -1;
	make_name(name, sizeof(name), pid, comm);
	if (base && base[0] == '/')
		os_errno = make_dir(listener, base, name);
	if (os_errno) // not set, left over from another user's login, or too long
		os_errno = make_dir(listener, "/tmp", name);
	if (!os_errno)
		os_errno = make_socket(listener);
	if (os_errno)
		listener_close(listener);
	return os_errno;
}

void listener_close(struct listener *listener)
{
	if (listener->dir[0]) {
		unlink(listener->path);
		rmdir(listener->dir);
		listener->dir[0] = '\0';
	}
	if (listener->fd >= 0)
		close(listener->fd);
	listener->fd = -1;
}
