/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* pipe.h - reading what may never come, so that whoever reads can still be stopped. */
#ifndef CRIT_UTIL_PIPE_H
#define CRIT_UTIL_PIPE_H

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <unistd.h>

enum { PIPE_WAIT = 200 /* milliseconds */ };

/**
 * As read(2), but it fails with EINTR when nothing comes for a while, too. A signal that arrives
 * just before read() begins does not end it: without that it would be noticed with the next bytes
 * only.
 */
static inline ssize_t pipe_read(int fd, void *buf, size_t len)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	int n = poll(&ready, 1, PIPE_WAIT);

	if (n == 0)
		errno = EINTR;
	return n > 0 ? read(fd, buf, len) : -1;
}

#endif
