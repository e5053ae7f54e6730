// SPDX-License-Identifier: LGPL-2.1-or-later
/* cache.c - critcore cache: what compressed archives were unpacked to. */
#include <getopt.h>

#include "cli.h"

struct command {
	bool json, clear;
};

static const struct cli_option options[] = {
	CLI_FLAG(0, "clear", struct command, clear, "remove all; what is open goes on"),
	CLI_FLAG(0, "json", struct command, json, "a list of objects; sizes in bytes"),
	CLI_END,
};

static int list(bool json)
{
	struct cli_report report;
	struct crit_error err;
	enum crit_status status;

	if (!cli_report_open(&report, json))
		return EXIT_FAILED;
	status = crit_cache_write(&report.options, report.out, &err);
	return cli_report_close(&report, status, &err);
}

static int clear(void)
{
	char size[CRIT_SIZE_TEXT_MAX];
	struct crit_error err;
	uint64_t bytes;
	size_t nr;

	if (crit_cache_clear(&nr, &bytes, &err))
		return cli_fail(&err);
	crit_size_text(bytes, size);
	printf("%zu %s removed, %s\n", nr, nr == 1 ? "archive" : "archives", size);
	return EXIT_DONE;
}

static int run(int argc, char **argv)
{
	struct command c = { 0 };
	int status = cli_parse(&verb_cache, options, argc, argv, &c);

	if (status)
		return status;
	if (optind < argc)
		return cli_usage(&verb_cache, "no arguments, please");
	return c.clear ? clear() : list(c.json);
}

const struct verb verb_cache = {
	.name = "cache",
	.arguments = "[--json | --clear]",
	.summary = "list or empty the cache of unpacked archives",
	.help = "List the compressed archives that were unpacked, the one used last first. They\n"
		"are in $CRITCORE_CACHE, else $XDG_CACHE_HOME/critcore, else ~/.cache/critcore;\n"
		"CRITCORE_CACHE=off keeps none. Those not used for 30 days, and more than 20\n"
		"GiB, go by themselves.\n",
	.options = options,
	.run = run,
};
