// SPDX-License-Identifier: LGPL-2.1-or-later
/* check.c - critcore check: will a checkpoint restore? */
#include <getopt.h>

#include "cli.h"

/* What scripts ask for. */
enum {
	EXIT_WILL_NOT_RESTORE = 1,
	EXIT_COULD_NOT_CHECK = 2, // wrong words, too
};

enum { MAX_ONLY = 128 };

struct command {
	const char *dir;
	struct cli_places places;
	struct crit_check_options options;
	const char *only[MAX_ONLY + 1];
	size_t nr_only;
	bool json, list;
};

static const char *take_only(void *to, const char *value)
{
	struct command *c = to;

	if (c->nr_only == MAX_ONLY)
		return "too many of --only";
	c->only[c->nr_only++] = value;
	return NULL;
}

static const struct cli_option options[] = {
	CLI_FLAG(0, "files", struct command, options.files,
		 "look at the mapped and open files of this machine, too"),
	CLI_TEXT(0, "sysroot", "DIR", struct command, places.sysroot,
		 "they are below DIR; implies --files"),
	CLI_TEXT(0, "pages", "DIR", struct command, places.pages,
		 "look for pages in DIR, too: the folder of a page server"),
	CLI_ROWS(cli_archive_options, struct command, places),
	CLI_FLAG(0, "no-cpu", struct command, options.no_cpu,
		 "do not compare the CPU with this machine's"),
	CLI_TAKE(0, "only", "CHECK", take_only, "only this check; may be given several times"),
	CLI_FLAG(0, "json", struct command, json, "as one JSON object"),
	CLI_FLAG(0, "list", struct command, list, "the checks, by name"),
	CLI_END,
};

static int parse(int argc, char **argv, struct command *c)
{
	int status = cli_parse(&verb_check, options, argc, argv, c);

	if (!status && argc - optind != (c->list ? 0 : 1))
		status = cli_usage(&verb_check, c->list ? "--list stands alone"
							: "one directory or archive, please");
	c->dir = argv[optind];
	c->options.only = c->nr_only ? c->only : NULL;
	c->options.sysroot = c->places.sysroot;
	c->options.files |= c->places.sysroot != NULL;
	c->options.pages = c->places.pages;
	if (!status && !cli_places_open(&c->places, &c->options.open))
		status = EXIT_COULD_NOT_CHECK;
	return status;
}

static int run(int argc, char **argv)
{
	struct command c = { 0 };
	struct crit_check_result result = { 0 };
	struct cli_report report;
	struct cli_bar unpacking;
	struct crit_error err;
	enum crit_status failed;
	int status = parse(argc, argv, &c);

	if (status)
		return status;
	if (!cli_report_open(&report, c.json))
		return EXIT_COULD_NOT_CHECK;
	report.bar.unit = "images";
	cli_bar_init(&unpacking, true);
	c.options.open.keep_going = report.options.keep_going;
	c.options.open.ctx = &unpacking;
	if (c.list)
		failed = crit_check_rules_report(&report.options, report.out, &err);
	else
		failed = crit_check_report(c.dir, &c.options, &report.options, report.out,
					   &result, &err);
	if (failed) // before the first image took the line over
		cli_bar_erase(&unpacking);
	if (cli_report_close(&report, failed, &err))
		return EXIT_COULD_NOT_CHECK;
	return result.nr_errors ? EXIT_WILL_NOT_RESTORE : EXIT_DONE;
}

const struct verb verb_check = {
	.name = "check",
	.arguments = "[OPTION...] DIR | --list",
	.summary = "will it restore? what is damaged or missing?",
	.help = "Read all images of the checkpoint in DIR (or an archive) but the pages,\n"
		"compare them with each other, and print a line for each thing that is wrong:\n"
		"an error, when `criu restore` fails or brings back something else; a warning,\n"
		"when it may; a note.\n",
	.options = options,
	.notes =
		"Exit status: 0 no errors, 1 it will not restore, 2 it could not be checked.\n",
	.run = run,
};
