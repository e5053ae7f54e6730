// SPDX-License-Identifier: LGPL-2.1-or-later
/* check.c - critcore check: will a checkpoint restore? */
#include <getopt.h>
#include <stdlib.h>

#include "cli.h"

/* What scripts ask for. */
enum {
	EXIT_WILL_NOT_RESTORE = 1,
	EXIT_COULD_NOT_CHECK = 2, // wrong words, too
};

enum { MAX_ONLY = 128 };

struct arguments {
	const char *dir;
	struct cli_places places;
	struct crit_check_options options;
	const char *only[MAX_ONLY + 1];
	size_t nr_only;
	bool json, list;
};

static int take(struct arguments *args, int option, const char *value)
{
	switch (option) {
	case 'f':
		args->options.files = true;
		break;
	case 'c':
		args->options.no_cpu = true;
		break;
	case 'j':
		args->json = true;
		break;
	case 'l':
		args->list = true;
		break;
	case 'o':
		if (args->nr_only == MAX_ONLY)
			return cli_usage(&verb_check, "too many of --only");
		args->only[args->nr_only++] = value;
		break;
	default:
		if (!cli_places_take(&args->places, option, value))
			return cli_usage(&verb_check, "unknown option or missing argument");
	}
	return EXIT_DONE;
}

static int parse(int argc, char **argv, struct arguments *args)
{
	static const struct option options[] = {
		{ "files", no_argument, NULL, 'f' },
		{ "no-cpu", no_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "list", no_argument, NULL, 'l' },
		{ "only", required_argument, NULL, 'o' },
		{ "sysroot", required_argument, NULL, CLI_SYSROOT },
		{ "pages", required_argument, NULL, CLI_PAGES },
		CLI_ARCHIVE_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	int c, status = EXIT_DONE;

	opterr = 0;
	while (!status && (c = getopt_long(argc, argv, "", options, NULL)) != -1)
		status = take(args, c, optarg);
	if (!status && argc - optind != (args->list ? 0 : 1))
		status = cli_usage(&verb_check, args->list ? "--list stands alone" :
							     "one directory or archive, please");
	args->dir = argv[optind];
	args->options.only = args->nr_only ? args->only : NULL;
	args->options.sysroot = args->places.sysroot;
	args->options.files |= args->places.sysroot != NULL;
	args->options.pages = args->places.pages;
	if (!status && !cli_places_open(&args->places, &args->options.open))
		status = EXIT_COULD_NOT_CHECK;
	return status;
}

static int run(int argc, char **argv)
{
	struct arguments args = { 0 };
	struct crit_check_result result = { 0 };
	struct cli_report report;
	struct crit_error err;
	enum crit_status failed;
	int status = parse(argc, argv, &args);

	if (status)
		return status;
	if (!cli_report_open(&report, args.json))
		return EXIT_COULD_NOT_CHECK;
	if (args.list)
		failed = crit_check_rules_report(&report.options, report.out, &err);
	else
		failed = crit_check_report(args.dir, &args.options, &report.options, report.out,
					   &result, &err);
	if (cli_report_close(&report, failed, &err))
		return EXIT_COULD_NOT_CHECK;
	return result.nr_errors ? EXIT_WILL_NOT_RESTORE : EXIT_DONE;
}

const struct verb verb_check = {
	.name = "check",
	.arguments = "[OPTION...] DIR | --list",
	.summary = "will it restore? what is damaged or missing?",
	.help = "Read all images of the checkpoint in DIR (or an archive) but the pages, compare them\n"
		"with each other, and print a line for each thing that is wrong: an error, when\n"
		"`criu restore` fails or brings back something else; a warning, when it may; a note.\n\n"
		"  --files         look at the mapped and open files of this machine, too\n"
		"  --sysroot DIR   they are below DIR; implies --files\n"
		"  --pages DIR     look for pages in DIR, too: the folder of a page server\n"
		CLI_ARCHIVE_HELP
		"  --no-cpu        do not compare the CPU with this machine's\n"
		"  --only CHECK    only this check; may be given several times\n"
		"  --json          as one JSON object\n"
		"  --list          the checks, by name\n\n"
		"Exit status: 0 no errors, 1 it will not restore, 2 it could not be checked.\n",
	.run = run,
};
