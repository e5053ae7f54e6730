// SPDX-License-Identifier: LGPL-2.1-or-later
/* stats.c - critcore stats: a checkpoint in numbers, and what CRIU counted. */
#include <getopt.h>

#include "cli.h"

struct command {
	struct cli_places places;
	struct crit_stats_options options;
	bool json;
};

enum { MAX_TOP = 100000 };

static const struct cli_option options[] = {
	CLI_FLAG(0, "json", struct command, json, "one JSON object; sizes in bytes"),
	CLI_NUMBER(0, "top", "N", 1, MAX_TOP, struct command, options.max_biggest,
		   "so many mappings (default: 10)"),
	CLI_FLAG(0, "duplicates", struct command, options.duplicates,
		 "pages with the same contents; reads all that are in images"),
	CLI_TEXT('W', "work-dir", "DIR", struct command, options.work_dir,
		 "stats-dump and stats-restore are in DIR: the -W of criu"),
	CLI_ROWS(cli_places_options, struct command, places),
	CLI_END,
};

static int write_stats(struct command *c, struct crit_checkpoint *ckpt)
{
	struct cli_report report;
	struct crit_error err;
	enum crit_status status;

	if (!cli_report_open(&report, c->json))
		return EXIT_FAILED;
	status = crit_stats_write(ckpt, &c->options, &report.options, report.out, &err);
	return cli_report_close(&report, status, &err);
}

static int run(int argc, char **argv)
{
	struct command c = { 0 };
	struct crit_checkpoint *ckpt;
	int exit_status = cli_parse(&verb_stats, options, argc, argv, &c);

	if (exit_status)
		return exit_status;
	if (argc - optind != 1)
		return cli_usage(&verb_stats, "one directory, please");
	ckpt = cli_open(argv[optind], &c.places);
	if (!ckpt)
		return EXIT_FAILED;
	exit_status = write_stats(&c, ckpt);
	crit_checkpoint_close(ckpt);
	return exit_status;
}

const struct verb verb_stats = {
	.name = "stats",
	.arguments = "[--json] [OPTION...] DIR",
	.summary = "count what is in a checkpoint, and show what CRIU counted",
	.help = "Print what CRIU counted when it made the checkpoint in DIR (stats-dump) or\n"
		"restored it (stats-restore), and what is in it: processes, threads, open files\n"
		"by type, sockets by family and state, memory by where its bytes are, the\n"
		"mappings with most in the images, the levels of an incremental chain, images\n"
		"by kind. Reads no page, unless it is asked for duplicates: it is fast.\n",
	.options = options,
	.notes =
		"Exit status: 0 done; 1 not all could be counted: the report says what; 2 a wrong\n"
		"command line.\n",
	.run = run,
};
