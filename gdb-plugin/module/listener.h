/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef MODULE_LISTENER_H
#define MODULE_LISTENER_H

#include <stdint.h>
#include <sys/un.h>

/* With the NUL; what an address of a unix socket has room for. */
enum { LISTENER_PATH = sizeof(((struct sockaddr_un *)0)->sun_path) };

/* A listening unix socket, alone in a directory that only this user can enter. */
struct listener {
	int fd;			   /* -1 when closed */
	char dir[LISTENER_PATH];   /* "" when gone */
	char path[LISTENER_PATH];  /* of the socket; stays for messages */
};

/**
 * Make the directory and the socket. The name reads well where a debugger shows it:
 * criu-XXXXXX/PID.COMM below $XDG_RUNTIME_DIR, or below /tmp.
 *
 * @param comm  Command name, any bytes; what is not a letter or a digit is replaced.
 * @return 0, or an errno value; then nothing is left behind and @p listener is closed.
 */
int listener_open(struct listener *listener, uint32_t pid, const char *comm);

/** Close the socket and remove it and its directory. Calling it again does nothing. */
void listener_close(struct listener *listener);

#endif
