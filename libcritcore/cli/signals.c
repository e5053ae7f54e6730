// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * signals.c - Ctrl-C and its like while files are written: the library is asked to stop and cleans
 * up, then the command ends as the signal would have ended it. Where nothing is left behind, it is
 * not asked for ever: it may be writing to a pipe that nobody reads.
 */
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "cli.h"

enum { PATIENCE = 1 /* seconds */ };

static volatile sig_atomic_t caught; /* the signal, 0: none */
static volatile sig_atomic_t impatient;
static const int signals[] = { SIGHUP, SIGINT, SIGTERM };

static void lose_patience(int signo)
{
	(void)signo;
	cli_end_as_caught();
}

static void catch(int signo)
{
	if (caught && impatient)
		cli_end_as_caught();
	caught = signo;
	if (impatient)
		alarm(PATIENCE);
}

void cli_be_impatient(void)
{
	impatient = 1;
	signal(SIGALRM, lose_patience);
}

void cli_catch_signals(void)
{
	struct sigaction old, action = { .sa_handler = catch };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
}

void cli_uncatch_signals(void)
{
	struct sigaction old;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler == catch)
			signal(signals[i], SIG_DFL);
}

bool cli_catching(void)
{
	struct sigaction old;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (!sigaction(signals[i], NULL, &old) && old.sa_handler == catch)
			return true;
	return false;
}

bool cli_caught(void)
{
	return caught;
}

void cli_end_as_caught(void)
{
	signal(caught, SIG_DFL);
	raise(caught);
}
