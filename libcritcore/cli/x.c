// SPDX-License-Identifier: LGPL-2.1-or-later
/* x.c - critcore x: listings of a whole checkpoint, as CRIT and go-criu have them. */
#include <getopt.h>
#include <stdio.h>

#include "cli.h"

struct command {
	struct cli_places places;
	struct crit_explore_options options;
	struct cli_report report;
	bool json;
};

static void say_problem(void *ctx, const struct crit_error *err)
{
	struct command *c = ctx;

	cli_bar_erase(&c->report.bar);
	cli_fail(err);
}

static int list(struct command *c, struct crit_checkpoint *ckpt, enum crit_explore_what what)
{
	enum crit_status status;
	struct crit_error err;
	size_t nr_problems = 0;
	int exit_status;

	if (!cli_report_open(&c->report, c->json))
		return EXIT_FAILED;
	c->report.bar.unit = "processes";
	c->options.report = c->report.options;
	c->options.problem = say_problem;
	c->options.problem_ctx = c;
	status = crit_explore(ckpt, what, &c->options, c->report.out, &nr_problems, &err);
	exit_status = cli_report_close(&c->report, status, &err);
	return nr_problems ? EXIT_FAILED : exit_status;
}

static const struct cli_option options[] = {
	CLI_FLAG(0, "json", struct command, json, "JSON"),
	CLI_FLAG(0, "args", struct command, options.args, "ps: command lines"),
	CLI_FLAG(0, "env", struct command, options.env, "ps: environments"),
	CLI_FLAG(0, "threads", struct command, options.threads, "ps: threads"),
	CLI_FLAG(0, "state", struct command, options.state, "ps: what they were doing"),
	CLI_ROWS(cli_places_options, struct command, places),
	CLI_END,
};

/** Has an option that only one listing has. */
static bool has_ps_option(const struct command *c)
{
	return c->options.args || c->options.env || c->options.threads || c->options.state;
}

static int run(int argc, char **argv)
{
	struct command c = { .json = false };
	struct crit_checkpoint *ckpt;
	enum crit_explore_what what;
	struct crit_task *task = NULL;
	int left, status = cli_parse(&verb_x, options, argc, argv, &c);

	if (status)
		return status;
	left = argc - optind;
	if (left < 2 || left > 3)
		return cli_usage(&verb_x, left < 2 ? "DIR and one of ps, fds, mems, rss, sk"
						   : "too many arguments");
	if (!crit_explore_find(argv[optind + 1], &what))
		return cli_usage(&verb_x, "what to list is one of ps, fds, mems, rss, sk");
	if (what != CRIT_EXPLORE_PS && has_ps_option(&c))
		return cli_usage(&verb_x, "--args, --env, --threads and --state are options of ps");
	ckpt = cli_open(argv[optind], &c.places);
	if (!ckpt)
		return EXIT_FAILED;
	if (left == 3) {
		task = cli_find_task(ckpt, argv[optind + 2]);
		status = task ? EXIT_DONE : EXIT_FAILED;
	}
	if (task) {
		struct crit_task_info info;

		crit_task_info(task, &info, NULL);
		c.options.pid = info.pid;
	}
	if (!status)
		status = list(&c, ckpt, what);
	crit_checkpoint_close(ckpt);
	return status;
}

const struct verb verb_x = {
	.name = "x",
	.arguments = "DIR ps|fds|mems|rss|sk [PID] [OPTION...]",
	.summary = "list processes, open files, mappings, pages, sockets",
	.help = "Lists what all processes of a checkpoint have, or only PID:\n"
		"  ps              the process tree (PID: what is below it)\n"
		"  fds, fd         descriptors, current directory, root\n"
		"  mems, mem       mappings\n"
		"  rss             which pages there are, by pagemap\n"
		"  sk              sockets: addresses, peers, queues, options\n"
		"\n"
		"Text is what crit prints, JSON what go-criu's crit does, with more members.\n",
	.options = options,
	.notes =
		"Exit status: 0; 1 when an image is missing or damaged, and so something is not\n"
		"listed; 2 when the words on the command line are wrong.\n",
	.run = run,
};
