// SPDX-License-Identifier: LGPL-2.1-or-later
/* serve.c - critcore serve: one process of a checkpoint for a gdb at the other end of a pipe. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cli.h"

struct arguments {
	struct cli_places places;
	const char *dir, *pid;
};

static int parse(int argc, char **argv, struct arguments *args)
{
	static const struct option options[] = {
		CLI_PLACES_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!cli_places_take(&args->places, c, optarg))
			return cli_usage(&verb_serve, "unknown option or missing argument");
	if (argc - optind < 1 || argc - optind > 2)
		return cli_usage(&verb_serve, "a directory and at most one process id, please");
	args->dir = argv[optind];
	args->pid = argc - optind == 2 ? argv[optind + 1] : NULL;
	return EXIT_DONE;
}

static int serve(struct crit_checkpoint *ckpt, const struct arguments *args)
{
	struct crit_error err;
	struct crit_task *task = cli_find_task(ckpt, args->pid);

	if (!task)
		return EXIT_FAILED;
	if (crit_task_load(task, &err))
		return cli_fail(&err);
	for (size_t i = 0; crit_task_note_at(task, i); i++)
		fprintf(stderr, "critcore: %s\n", crit_task_note_at(task, i));
	if (crit_serve(task, STDIN_FILENO, STDOUT_FILENO, CRIT_SERVE_EXEC_FILE, &err))
		return cli_fail(&err);
	return EXIT_DONE;
}

static int run(int argc, char **argv)
{
	struct arguments args = { 0 };
	struct crit_checkpoint *ckpt;
	int status = parse(argc, argv, &args);

	if (status)
		return status;
	signal(SIGPIPE, SIG_IGN);
	// gdb passes its own Ctrl-C on to us; the session is gdb's to end.
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
	.arguments = CLI_PLACES_USAGE " DIR [PID]",
	.summary = "serve a process to gdb over standard input and output",
	.help = "Speak the gdb remote protocol on standard input and output, for one process of the\n"
		"checkpoint in DIR (the root of its tree, or PID):\n\n"
		"  (gdb) target remote | critcore serve DIR PID\n"
		"  (gdb) target remote | ssh HOST critcore serve DIR PID\n\n"
		CLI_PLACES_HELP,
	.run = run,
};
