// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * handler.c - inside the handler of a segmentation fault, on an alternate stack.
 */
#include <signal.h>

#include "ready.h"

static char other_stack[65536];
int *volatile nowhere = (int *)0xbad0000;
void *fault_address;

static void on_fault(int signo, siginfo_t *info, void *context)
{
	volatile int seen = signo + 1000;

	(void)context;
	fault_address = info->si_addr;
	ready();
	while (seen)
		stay();
}

static __attribute__((noinline)) int poke(int *where, int times)
{
	char note[16] = "about to fault";

	if (times)
		return poke(where, times - 1) + note[0];
	return *where + note[1];
}

int main(void)
{
	stack_t stack = { .ss_sp = other_stack, .ss_size = sizeof(other_stack) };
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	sigaltstack(&stack, NULL);
	sigaction(SIGSEGV, &action, NULL);
	return poke(nowhere, 3);
}
