// SPDX-License-Identifier: LGPL-2.1-or-later
/* stats.c - critcore stats: a checkpoint in numbers, and what CRIU counted. */
#include <getopt.h>
#include <stdlib.h>

#include "cli.h"

enum { OPT_JSON = 1, OPT_TOP, OPT_DUPLICATES };

static const struct option long_options[] = {
	{ "json", no_argument, NULL, OPT_JSON },
	{ "top", required_argument, NULL, OPT_TOP },
	{ "duplicates", no_argument, NULL, OPT_DUPLICATES },
	{ "work-dir", required_argument, NULL, 'W' },
	CLI_PLACES_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

struct command {
	struct cli_places places;
	struct crit_stats_options options;
	bool json;
};

enum { MAX_TOP = 100000 };

static int parse_option(struct command *c, int option)
{
	uint32_t top;

	switch (option) {
	case OPT_JSON:
		c->json = true;
		return EXIT_DONE;
	case OPT_DUPLICATES:
		c->options.duplicates = true;
		return EXIT_DONE;
	case OPT_TOP:
		if (!cli_parse_pid(optarg, &top) || !top || top > MAX_TOP)
			return cli_usage(&verb_stats, "--top wants a number from 1 to 100000");
		c->options.max_biggest = top;
		return EXIT_DONE;
	case 'W':
		c->options.work_dir = optarg;
		return EXIT_DONE;
	default:
		if (cli_places_take(&c->places, option, optarg))
			return EXIT_DONE;
		return cli_usage(&verb_stats, "unknown option or missing argument");
	}
}

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
	int option, exit_status;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "W:", long_options, NULL)) != -1) {
		exit_status = parse_option(&c, option);
		if (exit_status)
			return exit_status;
	}
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
	.help = "Print what CRIU counted when it made the checkpoint in DIR (stats-dump) or restored it\n"
		"(stats-restore), and what is in it: processes, threads, open files by type, sockets by\n"
		"family and state, memory by where its bytes are, the mappings with most in the images,\n"
		"the levels of an incremental chain, images by kind. Reads no page, unless it is\n"
		"asked for duplicates: it is fast.\n\n"
		"  --json              one JSON object; sizes in bytes\n"
		"  --top N             so many mappings (default: 10)\n"
		"  --duplicates        pages with the same contents; reads all that are in images\n"
		"  -W, --work-dir DIR  stats-dump and stats-restore are in DIR: the -W of criu\n"
		CLI_PLACES_HELP
		"\nExit status: 0 done; 1 not all could be counted: the report says what; 2 a wrong\n"
		"command line.\n",
	.run = run,
};
