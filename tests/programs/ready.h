/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ready.h - say that everything is set up, then stay there.
 *
 * The descriptor named by $READY_FD is written to and closed, so that nothing of the handshake is
 * left in the process when it is dumped.
 */
#ifndef READY_H
#define READY_H

#include <stdlib.h>
#include <unistd.h>

static inline __attribute__((unused)) void ready(void)
{
	const char *text = getenv("READY_FD");

	if (!text)
		return;
	int fd = atoi(text);

	if (write(fd, "r", 1) != 1)
		_exit(3);
	close(fd);
}

/* Children must not keep the handshake open. */
static inline __attribute__((unused)) void forget_ready(void)
{
	const char *text = getenv("READY_FD");

	if (text)
		close(atoi(text));
	unsetenv("READY_FD");
}

static __attribute__((noinline, unused)) void stay(void)
{
	for (;;)
		pause();
}

#endif
