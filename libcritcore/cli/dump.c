// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * dump.c - critcore dump: memory to a file or the screen, and word of what is not there: beside
 * FILE in FILE.missing, otherwise on standard error.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum { MAX_GAPS = 16 /* on the screen */ };

struct command {
	struct cli_places places;
	struct crit_dump_options options;
	const char *to; /* NULL: standard output */
	int fill; /* the byte for those that are not there; -1: not given */
	bool json;
	struct cli_bar bar;
	size_t nr_gaps; /* of the range at hand */
	bool incomplete; /* bytes of some range are not there */
};

/* ---- One range ------------------------------------------------------------------------------ */

static void note_gap(void *ctx, const struct crit_dump_gap *gap)
{
	struct command *c = ctx;

	if (c->to || c->nr_gaps++ >= MAX_GAPS)
		return;
	cli_bar_erase(&c->bar);
	if (c->json) {
		fprintf(stderr, "{\"start\": %" PRIu64 ", \"end\": %" PRIu64 ", \"why\": ",
			gap->start, gap->end);
		cli_put_json(stderr, gap->why);
		fputs("}\n", stderr);
	} else {
		fprintf(stderr, "critcore: not there: 0x%" PRIx64 "-0x%" PRIx64 ": %s\n",
			gap->start, gap->end, gap->why);
	}
}

static bool keep_going(void *ctx, uint64_t done, uint64_t total)
{
	struct command *c = ctx;

	cli_bar_draw(&c->bar, done, total);
	return !cli_caught();
}

static void say_missing(struct command *c, const char *path, uint64_t missing, uint64_t len)
{
	char part[32], all[32];

	if (!missing)
		return;
	c->incomplete = true;
	crit_size_text(missing, part);
	crit_size_text(len, all);
	if (path)
		fprintf(stderr, "critcore: %s of %s are not there: see %s.missing\n", part, all,
			path);
	else if (c->nr_gaps > MAX_GAPS)
		fprintf(stderr, "critcore: %zu more ranges, in all %s of %s, are not there\n",
			c->nr_gaps - MAX_GAPS, part, all);
}

static enum crit_status dump_to_stdout(struct command *c, struct crit_task *task, uint64_t start,
				       uint64_t end, uint64_t *missing, struct crit_error *err)
{
	struct crit_output *out;
	enum crit_status status = crit_output_from_fd(STDOUT_FILENO, &out, err);

	if (status)
		return status;
	cli_be_impatient();
	status = crit_mem_dump(task, start, end, out, &c->options, missing, err);
	crit_output_close(out);
	return status;
}

/** @param path  NULL: standard output. */
static int dump(struct command *c, struct crit_task *task, uint64_t start, uint64_t end,
		const char *path)
{
	enum crit_status status;
	struct crit_error err;
	uint64_t missing;

	c->nr_gaps = 0;
	if (path)
		status = crit_mem_dump_file(task, start, end, path, &c->options, c->json, &missing,
					    &err);
	else
		status = dump_to_stdout(c, task, start, end, &missing, &err);
	cli_bar_erase(&c->bar);
	if (status == CRIT_INTERRUPTED)
		return EXIT_FAILED;
	if (status)
		return cli_fail(&err);
	say_missing(c, path, missing, end - start);
	return EXIT_DONE;
}

/* ---- The command line ----------------------------------------------------------------------- */

static int dump_range(struct command *c, struct crit_task *task, const char *word, bool is_only)
{
	uint64_t start, end;
	char *path;
	int exit_status;

	if (!cli_parse_range(task, word, &start, &end))
		return EXIT_FAILED;
	if (!c->to || is_only)
		return dump(c, task, start, end, c->to);
	if (asprintf(&path, "%s.%" PRIx64 "-%" PRIx64, c->to, start, end) < 0)
		return EXIT_FAILED;
	exit_status = dump(c, task, start, end, path);
	free(path);
	return exit_status;
}

static const struct cli_option options[] = {
	CLI_TEXT('o', "out", "FILE", struct command, to,
		 "a file, with holes where nothing was ever written; for more than one range "
		 "FILE.START-END. Else, or with -, standard output"),
	CLI_FLAG(0, "hex", struct command, options.hex,
		 "text, as hexdump -C, with ?? where a byte is not there; on a terminal this is "
		 "the default"),
	CLI_NUMBER(0, "fill", "BYTE", 0, 0xff, struct command, fill,
		   "write BYTE (0 to 255, or 0xff) for bytes that are not there, instead of 0, "
		   "and be content with it"),
	CLI_FLAG(0, "json", struct command, json,
		 "say what is not there as JSON, one line for each range"),
	CLI_ROWS(cli_places_options, struct command, places),
	CLI_END,
};

static int parse(int argc, char **argv, struct command *c)
{
	int status = cli_parse(&verb_dump, options, argc, argv, c);

	if (status)
		return status;
	if (c->to && !strcmp(c->to, "-"))
		c->to = NULL;
	if (c->fill >= 0)
		c->options.fill = (uint8_t)c->fill;
	if (argc - optind < 2)
		return cli_usage(&verb_dump, "a directory and a range, please");
	return EXIT_DONE;
}

static int run_words(struct command *c, struct crit_checkpoint *ckpt, int nr_words, char **words)
{
	uint32_t pid;
	bool has_pid = cli_parse_pid(words[0], &pid);
	struct crit_task *task = cli_find_task(ckpt, has_pid ? words[0] : NULL);
	struct crit_error err;
	int exit_status = EXIT_DONE;

	if (!task)
		return EXIT_FAILED;
	if (has_pid && nr_words == 1)
		return cli_usage(&verb_dump, "a range, please");
	if (crit_task_load(task, &err))
		return cli_fail(&err);
	cli_catch_signals();
	for (int i = has_pid; i < nr_words && !exit_status; i++)
		exit_status = dump_range(c, task, words[i], nr_words - has_pid == 1);
	return exit_status;
}

static int run(int argc, char **argv)
{
	struct command c = { .fill = -1 };
	struct crit_checkpoint *ckpt;
	int exit_status = parse(argc, argv, &c);

	if (exit_status)
		return exit_status;
	ckpt = cli_open(argv[optind], &c.places);
	if (!ckpt)
		return EXIT_FAILED;
	c.options.hex |= !c.to && isatty(STDOUT_FILENO);
	c.options.gap = note_gap;
	c.options.keep_going = keep_going;
	c.options.ctx = &c;
	cli_bar_init(&c.bar, c.to || !isatty(STDOUT_FILENO));
	exit_status = run_words(&c, ckpt, argc - optind - 1, argv + optind + 1);
	crit_checkpoint_close(ckpt);
	if (cli_caught())
		cli_end_as_caught();
	if (!exit_status && c.incomplete && c.fill < 0)
		return EXIT_FAILED;
	return exit_status;
}

const struct verb verb_dump = {
	.name = "dump",
	.arguments = "[OPTION...] DIR [PID] RANGE...",
	.summary = "write memory to a file or the screen",
	.help = "Write memory of a process of the checkpoint in DIR: of the root of its tree,\n"
		"or of PID. RANGE is START-END, START+LENGTH, or the name of mappings that\n"
		"lie side by side: [heap], [stack], [vdso], a path, or the last part of one.\n"
		"Addresses are hex; a length is decimal or 0x..., and may end in K, M or G.\n",
	.options = options,
	.notes =
		"What is not there is listed in FILE.missing (start, end and reason), or on\n"
		"standard error, and the exit status is 1 unless --fill is given.\n",
	.run = run,
};
