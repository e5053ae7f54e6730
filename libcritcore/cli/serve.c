// SPDX-License-Identifier: LGPL-2.1-or-later
/* serve.c - critcore serve: one process of a checkpoint for a debugger, at the other end of a pipe or
 * of a socket. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum { LISTEN = CLI_TRUST_FILES + 1, LISTEN_ANYWHERE };

struct arguments {
	struct cli_places places;
	const char *dir, *pid;
	const char *listen; /* NULL: standard input and output */
	unsigned int listen_flags;
};

static int parse(int argc, char **argv, struct arguments *args)
{
	static const struct option options[] = {
		CLI_PLACES_OPTIONS,
		{ "listen", required_argument, NULL, LISTEN },
		{ "listen-anywhere", required_argument, NULL, LISTEN_ANYWHERE },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == LISTEN || c == LISTEN_ANYWHERE) {
			args->listen = optarg;
			args->listen_flags = c == LISTEN_ANYWHERE ? CRIT_LISTEN_ANYWHERE : 0;
		} else if (!cli_places_take(&args->places, c, optarg)) {
			return cli_usage(&verb_serve, "unknown option or missing argument");
		}
	}
	if (argc - optind < 1 || argc - optind > 2)
		return cli_usage(&verb_serve, "a directory and at most one process id, please");
	if (!strcmp(argv[optind], "-") && !args->listen)
		return cli_usage(&verb_serve, "standard input is the debugger's: no archive there");
	args->dir = argv[optind];
	args->pid = argc - optind == 2 ? argv[optind + 1] : NULL;
	return EXIT_DONE;
}

static bool keep_waiting(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx, (void)done, (void)total;
	return !cli_caught();
}

/* A socket to serve on, or -1 when that failed or a signal came. */
static int wait_for_client(const struct arguments *args)
{
	struct crit_listener *listener;
	struct crit_error err;
	int fd = -1;

	cli_catch_signals();
	if (crit_listener_open(args->listen, args->listen_flags, &listener, &err)) {
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

static int serve(struct crit_checkpoint *ckpt, const struct arguments *args)
{
	int in = STDIN_FILENO, out = STDOUT_FILENO;
	struct crit_error err;
	struct crit_task *task = cli_find_task(ckpt, args->pid);

	if (!task)
		return EXIT_FAILED;
	if (crit_task_load(task, &err))
		return cli_fail(&err);
	for (size_t i = 0; crit_task_note_at(task, i); i++)
		fprintf(stderr, "critcore: %s\n", crit_task_note_at(task, i));
	if (args->listen)
		in = out = wait_for_client(args);
	if (in < 0)
		return EXIT_FAILED;
	int status = crit_serve(task, in, out, CRIT_SERVE_EXEC_FILE, &err) ? cli_fail(&err) :
									   EXIT_DONE;
	if (args->listen)
		close(in);
	return status;
}

static int run(int argc, char **argv)
{
	struct arguments args = { 0 };
	struct crit_checkpoint *ckpt;
	int status = parse(argc, argv, &args);

	if (status)
		return status;
	signal(SIGPIPE, SIG_IGN);
	// At the other end of a pipe gdb passes its own Ctrl-C on to us; the session is gdb's to end.
	if (!args.listen)
		signal(SIGINT, SIG_IGN);
	ckpt = cli_open(args.dir, &args.places);
	if (!ckpt)
		return EXIT_FAILED;
	status = serve(ckpt, &args);
	crit_checkpoint_close(ckpt);
	return status;
}

const struct verb verb_serve = {
	.name = "serve",
	.arguments = "[OPTION...] DIR [PID]",
	.summary = "serve a process to gdb or lldb",
	.help = "Speak the gdb remote protocol for one process of the checkpoint in DIR (the root of its\n"
		"tree, or PID), on standard input and output:\n\n"
		"  (gdb) target remote | critcore serve DIR PID\n"
		"  (gdb) target remote | ssh HOST critcore serve DIR PID\n\n"
		"or for one client that connects, after which the place is gone:\n\n"
		"  $ critcore serve --listen 127.0.0.1:2345 DIR PID\n"
		"  (gdb) target remote 127.0.0.1:2345\n"
		"  (lldb) gdb-remote 127.0.0.1:2345\n\n"
		"  --listen WHERE  unix:PATH, 127.0.0.1:PORT or [::1]:PORT; with port 0 one is chosen.\n"
		"                  A unix socket is for this user only, a port for all of this machine\n"
		"  --listen-anywhere ADDRESS:PORT\n"
		"                  the same for any machine that reaches the address. Everything in the\n"
		"                  process's memory can be read there, and nothing is encrypted\n"
		CLI_PLACES_HELP,
	.run = run,
};
