// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * family.c - a process with many children, all asleep.
 *
 *	family NUMBER
 *
 * prints "ready" when they are there. Linked dynamically: gdb is to find libraries in each.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

int number;

static void __attribute__((noinline)) rest(void)
{
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	int most = argc > 1 ? atoi(argv[1]) : 1;

	for (int i = 1; i < most; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return 1;
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			number = i;
			rest();
		}
	}
	puts("ready");
	fflush(stdout);
	rest();
}
