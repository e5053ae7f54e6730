// SPDX-License-Identifier: LGPL-2.1-or-later
/* serve.c - critcore serve: one process of a checkpoint for a debugger, at the other end of a pipe
 * or of a socket. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

struct command {
	struct cli_places places;
	const char *dir, *pid;
	const char *listen; /* NULL: standard input and output */
	const char *listen_anywhere; /* likewise */
};

static const struct cli_option options[] = {
	CLI_TEXT(0, "listen", "WHERE", struct command, listen,
		 "unix:PATH, 127.0.0.1:PORT or [::1]:PORT; with port 0 one is chosen. A unix "
		 "socket is for this user only, a port for all of this machine"),
	CLI_TEXT(0, "listen-anywhere", "ADDRESS:PORT", struct command, listen_anywhere,
		 "the same for any machine that reaches the address. Everything in the process's "
		 "memory can be read there, and nothing is encrypted"),
	CLI_ROWS(cli_places_options, struct command, places),
	CLI_END,
};

static int parse(int argc, char **argv, struct command *c)
{
	int status = cli_parse(&verb_serve, options, argc, argv, c);

	if (status)
		return status;
	if (c->listen && c->listen_anywhere)
		return cli_usage(&verb_serve, "--listen or --listen-anywhere, not both");
	if (c->listen_anywhere)
		c->listen = c->listen_anywhere;
	if (argc - optind < 1 || argc - optind > 2)
		return cli_usage(&verb_serve, "a directory and at most one process id, please");
	if (!strcmp(argv[optind], "-") && !c->listen)
		return cli_usage(&verb_serve, "standard input is the debugger's: no archive there");
	c->dir = argv[optind];
	c->pid = argc - optind == 2 ? argv[optind + 1] : NULL;
	return EXIT_DONE;
}

static bool keep_waiting(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx, (void)done, (void)total;
	return !cli_caught();
}

/* A socket to serve on, or -1 when that failed or a signal came. */
static int wait_for_client(const struct command *c)
{
	struct crit_listener *listener;
	struct crit_error err;
	unsigned int flags = c->listen_anywhere ? CRIT_LISTEN_ANYWHERE : 0;
	int fd = -1;

	cli_catch_signals();
	if (crit_listener_open(c->listen, flags, &listener, &err)) {
		cli_fail(&err);
		return -1;
	}
	printf("Waiting for a debugger at %s\n", crit_listener_name(listener));
	fflush(stdout);
	if (crit_listener_accept(listener, keep_waiting, NULL, &fd, &err) &&
	    err.status != CRIT_INTERRUPTED)
		cli_fail(&err);
	crit_listener_close(listener);
	if (cli_caught())
		cli_end_as_caught();
	cli_uncatch_signals(); // nothing is left behind from here on
	return fd;
}

static int serve(struct crit_checkpoint *ckpt, const struct command *c)
{
	int in = STDIN_FILENO, out = STDOUT_FILENO;
	struct crit_error err;
	struct crit_task *task = cli_find_task(ckpt, c->pid);

	if (!task)
		return EXIT_FAILED;
	if (crit_task_load(task, &err))
		return cli_fail(&err);
	for (size_t i = 0; crit_task_note_at(task, i); i++)
		fprintf(stderr, "critcore: %s\n", crit_task_note_at(task, i));
	if (c->listen)
		in = out = wait_for_client(c);
	if (in < 0)
		return EXIT_FAILED;
	int status = crit_serve(task, in, out, CRIT_SERVE_EXEC_FILE, &err) ? cli_fail(&err) :
									   EXIT_DONE;
	if (c->listen)
		close(in);
	return status;
}

static int run(int argc, char **argv)
{
	struct command c = { 0 };
	struct crit_checkpoint *ckpt;
	int status = parse(argc, argv, &c);

	if (status)
		return status;
	signal(SIGPIPE, SIG_IGN);
	// At the other end of a pipe gdb passes its own Ctrl-C on to us; the session is gdb's to
	// end.
	if (!c.listen)
		signal(SIGINT, SIG_IGN);
	ckpt = cli_open(c.dir, &c.places);
	if (!ckpt)
		return EXIT_FAILED;
	status = serve(ckpt, &c);
	crit_checkpoint_close(ckpt);
	return status;
}

const struct verb verb_serve = {
	.name = "serve",
	.arguments = "[OPTION...] DIR [PID]",
	.summary = "serve a process to gdb or lldb",
	.help = "Speak the gdb remote protocol for one process of the checkpoint in DIR (the\n"
		"root of its tree, or PID), on standard input and output:\n\n"
		"  (gdb) target remote | critcore serve DIR PID\n"
		"  (gdb) target remote | ssh HOST critcore serve DIR PID\n\n"
		"or for one client that connects, after which the place is gone:\n\n"
		"  $ critcore serve --listen 127.0.0.1:2345 DIR PID\n"
		"  (gdb) target remote 127.0.0.1:2345\n"
		"  (lldb) gdb-remote 127.0.0.1:2345\n",
	.options = options,
	.run = run,
};
