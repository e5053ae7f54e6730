// SPDX-License-Identifier: LGPL-2.1-or-later
/* ls.c - critcore ls: a table of checkpoints and their containers. */
#include <getopt.h>
#include <string.h>

#include "cli.h"

struct command {
	struct cli_places places;
	bool json;
};

static const struct cli_option options[] = {
	CLI_CHOICE(0, "format", "table|json", struct command, json, "table is the default"),
	CLI_FLAG(0, "json", struct command, json, "the same as --format json"),
	CLI_ROWS(cli_limit_options, struct command, places),
	CLI_END,
};

static const char *const usual[] = { "/var/lib/kubelet/checkpoints" };

static void problem(void *ctx, const struct crit_error *why)
{
	bool *met = ctx;

	*met = true;
	fputs("critcore: ", stderr);
	cli_put_text(stderr, why->message);
	fputs("\n", stderr);
}

static int list(const char *const *paths, size_t nr_paths, bool json,
		struct crit_open_options *open)
{
	bool met_problem = false;
	const struct crit_list_callbacks callbacks = {
		.problem = problem, .ctx = &met_problem, .open = open,
	};
	struct cli_report report;
	enum crit_status status;
	struct crit_error err;
	int exit_status;

	if (!cli_report_open(&report, json))
		return EXIT_FAILED;
	open->keep_going = report.options.keep_going;
	open->ctx = report.options.ctx;
	status = crit_list_write(paths, nr_paths, &callbacks, &report.options, report.out, &err);
	exit_status = cli_report_close(&report, status, &err);
	return exit_status ? exit_status : met_problem ? EXIT_FAILED : EXIT_DONE;
}

static int run(int argc, char **argv)
{
	struct crit_open_options open = { 0 };
	struct command c = { 0 };
	int status = cli_parse(&verb_ls, options, argc, argv, &c);

	if (status)
		return status;
	if (!cli_places_open(&c.places, &open))
		return EXIT_FAILED;
	if (optind == argc)
		return list(usual, 1, c.json, &open);
	return list((const char *const *)argv + optind, (size_t)(argc - optind), c.json,
		    &open);
}

const struct verb verb_ls = {
	.name = "ls",
	.arguments = "[--format table|json] [PATH...]",
	.summary = "list checkpoints with their containers",
	.help = "List checkpoints and what is known of their containers. PATH is an archive of\n"
		"Podman, CRI-O or containerd, a directory of a container, one with images, or\n"
		"one with any of these in it (default: /var/lib/kubelet/checkpoints).\n",
	.options = options,
	.notes =
		"What cannot be listed is one line on standard error; the exit status is then 1.\n",
	.run = run,
};
