// SPDX-License-Identifier: LGPL-2.1-or-later
/* diff.c - critcore diff: what differs between two checkpoints. Exits as diff(1) does. */
#include <getopt.h>
#include <string.h>

#include "cli.h"

enum { EXIT_SAME = 0, EXIT_DIFFER = 1, EXIT_TROUBLE = 2 };

struct command {
	struct cli_places places;
	struct crit_diff_options options;
	bool quiet, json;
	const char *dirs[2];
};

/** What can be compared alone, as bits of crit_diff_options.only. */
static const struct {
	const char *name;
	unsigned int bits;
} parts[] = {
	{ "processes", 1u << CRIT_DIFF_PROCESS | 1u << CRIT_DIFF_STATE },
	{ "threads", 1u << CRIT_DIFF_THREAD },
	{ "registers", 1u << CRIT_DIFF_REGISTER },
	{ "files", 1u << CRIT_DIFF_FD },
	{ "sockets", 1u << CRIT_DIFF_SOCKET },
	{ "mappings", 1u << CRIT_DIFF_MAPPING },
	{ "memory", 1u << CRIT_DIFF_MEMORY | 1u << CRIT_DIFF_RANGE },
};

static const char *take_part(void *to, const char *name)
{
	struct command *c = to;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!strcmp(name, parts[i].name)) {
			c->options.only |= parts[i].bits;
			return NULL;
		}
	return "--only wants processes, threads, registers, files, sockets, mappings or memory";
}

static const struct cli_option options[] = {
	CLI_NUMBER(0, "pid", "PID", 1, UINT32_MAX, struct command, options.pid,
		   "only this process"),
	CLI_TAKE(0, "only", "PART", take_part,
		 "only processes, threads, registers, files, sockets, mappings or memory; may be "
		 "given several times"),
	CLI_FLAG(0, "ranges", struct command, options.ranges,
		 "also which pages of a mapping changed"),
	CLI_FLAG(0, "bytes", struct command, options.bytes,
		 "also which bytes of them, with up to 16 of the old and the new"),
	CLI_FLAG('q', "quiet", struct command, quiet,
		 "print nothing, stop at the first difference"),
	CLI_FLAG(0, "json", struct command, json,
		 "one JSON object per line for each difference, totals last"),
	CLI_ROWS(cli_places_options, struct command, places),
	CLI_END,
};

static int parse(int argc, char **argv, struct command *c)
{
	int status = cli_parse(&verb_diff, options, argc, argv, c);

	if (status)
		return status;
	if (argc - optind != 2)
		return cli_usage(&verb_diff, "two directories, please");
	c->options.ranges |= c->options.bytes;
	c->dirs[0] = argv[optind];
	c->dirs[1] = argv[optind + 1];
	return 0;
}

/** A pre-dump or a whole checkpoint. */
static struct crit_checkpoint *open_one(const struct command *c, const char *dir)
{
	struct crit_checkpoint *ckpt = cli_open_pre_dump(dir, &c->places);

	return ckpt ? ckpt : cli_open(dir, &c->places);
}

static bool stop(void *ctx, const struct crit_difference *d)
{
	(void)ctx;
	return d->how == CRIT_DIFF_UNKNOWN;
}

static enum crit_status compare(const struct command *c, struct crit_checkpoint *ckpts[2],
				struct cli_report *report, struct crit_diff_totals *totals,
				struct crit_error *err)
{
	struct crit_diff_options quiet = c->options;

	if (!c->quiet)
		return crit_diff_report(ckpts[0], ckpts[1], &c->options, &report->options,
					report->out, totals, err);
	quiet.ranges = false;
	quiet.keep_going = report->options.keep_going;
	quiet.ctx = report->options.ctx;
	return crit_diff(ckpts[0], ckpts[1], &quiet, stop, totals, err);
}

static int show(struct command *c, struct crit_checkpoint *ckpts[2])
{
	struct crit_diff_totals totals;
	struct cli_report report;
	enum crit_status status;
	struct crit_error err;

	if (!cli_report_open(&report, c->json))
		return EXIT_TROUBLE;
	status = compare(c, ckpts, &report, &totals, &err);
	if (cli_report_close(&report, status, &err))
		return EXIT_TROUBLE;
	if (totals.nr_differences)
		return EXIT_DIFFER;
	return totals.nr_unknown ? EXIT_TROUBLE : EXIT_SAME;
}

static int run(int argc, char **argv)
{
	struct crit_checkpoint *ckpts[2] = { NULL, NULL };
	struct command c = { 0 };
	int status = parse(argc, argv, &c);

	if (status)
		return status;
	ckpts[0] = open_one(&c, c.dirs[0]);
	if (ckpts[0])
		ckpts[1] = open_one(&c, c.dirs[1]);
	status = ckpts[1] ? show(&c, ckpts) : EXIT_TROUBLE;
	crit_checkpoint_close(ckpts[0]);
	crit_checkpoint_close(ckpts[1]);
	return status;
}

const struct verb verb_diff = {
	.name = "diff",
	.arguments = "[OPTION...] OLD NEW",
	.summary = "what differs between two checkpoints",
	.help = "Compare the checkpoints in two directories, process by process: threads and\n"
		"registers, open files and sockets, mappings, and memory page by page. Of the\n"
		"folder of a pre-dump only memory is compared. Pages that both have from the\n"
		"same image of a chain are not read.\n",
	.options = options,
	.notes =
		"The exit status is 0 when they are the same, 1 when they differ, and 2 when\n"
		"something went wrong, or could not be compared and nothing else differs.\n",
	.run = run,
};
