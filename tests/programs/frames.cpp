// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * frames.cpp - two threads whose locals change at SIGUSR1, for comparing frames of two checkpoints: the
 * main one runs code without optimization, the other one with. Each step ends where both wait.
 */
#define NAME plain
#include "frames.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

namespace fast {
void run(int thread);
}

thread_local int of_thread = 10;
static int steps[2];

void derived::method(int step)
{
	inherited += step;
	own ^= 1;
}

void stop(int thread)
{
	sigset_t set;
	char byte = 0;
	int signo;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	if (thread) {
		if (read(steps[0], &byte, 1) != 1)
			_exit(1);
		return;
	}
	sigwait(&set, &signo);
	if (write(steps[1], &byte, 1) != 1)
		_exit(1);
}

static void *other(void *)
{
	of_thread = 20;
	fast::run(1);
	return nullptr;
}

int main()
{
	pthread_t thread;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, nullptr);
	if (pipe(steps) || pthread_create(&thread, nullptr, other, nullptr))
		return 1;
	plain::run(0);
	return 0;
}
