// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tree.c - a family of processes.
 *
 * "parent" has "first" (with "grandson"), "second" in a session of its own, and a child that ended
 * with status 5 and was not waited for.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "ready.h"

const char *role;
int generation;
pid_t children[3];

static __attribute__((noinline)) void live(const char *name, int report)
{
	prctl(PR_SET_NAME, name);
	role = name;
	if (report >= 0) {
		if (write(report, ".", 1) != 1)
			_exit(3);
		close(report);
	}
	stay();
}

static pid_t child(void (*body)(int), int report)
{
	pid_t pid = fork();

	if (!pid) {
		forget_ready();
		generation++;
		body(report);
		_exit(0);
	}
	return pid;
}

static void grandson(int report)
{
	live("grandson", report);
}

static void first(int report)
{
	children[0] = child(grandson, report);
	live("first", report);
}

static void second(int report)
{
	setsid();
	live("second", report);
}

static void dead(int report)
{
	(void)report;
	_exit(5);
}

int main(void)
{
	int report[2];
	char byte;
	siginfo_t info;

	if (pipe(report))
		return 1;
	children[0] = child(first, report[1]);
	children[1] = child(second, report[1]);
	children[2] = child(dead, report[1]);
	close(report[1]);
	for (int i = 0; i < 3; i++)
		if (read(report[0], &byte, 1) != 1)
			return 2;
	close(report[0]);
	waitid(P_PID, (id_t)children[2], &info, WEXITED | WNOWAIT);
	ready();
	live("parent", -1);
}
