// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ttys.c - pseudo-terminals, with a size, and a line that was typed and not read. One is the
 * controlling terminal of a child that has its master and /dev/tty open, too; one that of a session
 * with a job in the foreground, and its master is the parent's; of one the parent has both ends:
 * raw, in packet mode.
 */
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "ready.h"

static int need(int result)
{
	if (result < 0) {
		perror("ttys");
		exit(1);
	}
	return result;
}

/** In the foreground of the session that its parent leads. */
static void be_a_job(int terminal, int done)
{
	signal(SIGTTOU, SIG_IGN);
	need(setpgid(0, 0));
	need(tcsetpgrp(terminal, getpgrp()));
	close(done);
	stay();
}

static void lead_session(const char *name, int done, bool with_job)
{
	int terminal;

	need(setsid());
	terminal = need(open(name, O_RDWR));
	need(ioctl(terminal, TIOCSCTTY, 0));
	if (with_job && !need(fork()))
		be_a_job(terminal, done);
	if (!with_job)
		need(open("/dev/tty", O_RDWR));
	close(done);
	stay();
}

static int open_master(char name[64])
{
	int master = need(posix_openpt(O_RDWR | O_NOCTTY));

	need(grantpt(master));
	need(unlockpt(master));
	need(ptsname_r(master, name, 64));
	return master;
}

static void make_session(bool with_job)
{
	const struct winsize size = { .ws_row = 33, .ws_col = 99 };
	char name[64], byte;
	int master = open_master(name), done[2];

	need(ioctl(master, TIOCSWINSZ, &size));
	need(pipe(done));
	need((int)write(master, "typed\n", 6));
	if (!need(fork())) {
		forget_ready();
		if (with_job)
			close(master);
		close(done[0]);
		lead_session(name, done[1], with_job);
	}
	close(done[1]);
	while (read(done[0], &byte, 1) > 0)
		;
	close(done[0]);
	if (!with_job)
		close(master);
}

static void make_pair(void)
{
	char name[64];
	int master = open_master(name), on = 1;
	int slave = need(open(name, O_RDWR | O_NOCTTY));
	struct termios settings;

	need(tcgetattr(slave, &settings));
	cfmakeraw(&settings);
	need(tcsetattr(slave, TCSANOW, &settings));
	need(ioctl(master, TIOCPKT, &on));
}

int main(void)
{
	make_session(false);
	make_session(true);
	make_pair();
	ready();
	stay();
}
