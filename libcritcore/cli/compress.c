// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * compress.c - critcore compress, critcore decompress: as crit's verbs of the same names, with the
 * same words on standard output; besides a progress bar on a terminal, and blocks of any size.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { MAX_BLOCK = 4 * 1024 * 1024, MAX_ACCELERATION = 65537 };

struct command {
	const struct verb *verb;
	bool compress;
	const char *dir;
	struct crit_compress_options options;
	bool announced; /* "Compressing ..." is printed */
	struct cli_bar bar;
	uint64_t nr_kept;
};

/** Bytes, or with K or M behind; 0: it is no such number. */
static uint32_t parse_block(const char *text)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9')
		return 0;
	value = strtoul(text, &end, 10);
	if (value > MAX_BLOCK)
		return 0;
	if (*end == 'K' || *end == 'k')
		value *= 1024;
	else if (*end == 'M' || *end == 'm')
		value *= 1024 * 1024;
	if (*end && end[1])
		return 0;
	return *end && !strchr("KkMm", *end) ? 0 : value <= MAX_BLOCK ? (uint32_t)value : 0;
}

static int parse_option(struct command *c, int option)
{
	char *end;
	long value;

	switch (option) {
	case 'i':
		c->options.in_place = true;
		return EXIT_DONE;
	case 'a':
		value = strtol(optarg, &end, 10);
		if (!*optarg || *end)
			return cli_usage(c->verb, "--acceleration wants a number");
		if (value < 1 || value > MAX_ACCELERATION) {
			fputs("critcore: LZ4 acceleration must be between 1 and 65537\n", stderr);
			return EXIT_FAILED;
		}
		c->options.acceleration = (unsigned int)value;
		return EXIT_DONE;
	case 'b':
		c->options.block_len = parse_block(optarg);
		if (!c->options.block_len || c->options.block_len & (c->options.block_len - 1))
			return cli_usage(c->verb, "--block wants a power of two up to 4M");
		return EXIT_DONE;
	default:
		return cli_usage(c->verb, "unknown option or missing argument");
	}
}

static int parse(int argc, char **argv, struct command *c)
{
	static const struct option options[] = {
		{ "in-place", no_argument, NULL, 'i' },
		{ "acceleration", required_argument, NULL, 'a' },
		{ "block", required_argument, NULL, 'b' },
		{ NULL, 0, NULL, 0 },
	};
	static const struct option plain[] = { { "in-place", no_argument, NULL, 'i' },
					       { NULL, 0, NULL, 0 } };
	int option, status;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "", c->compress ? options : plain, NULL)) != -1) {
		status = parse_option(c, option);
		if (status)
			return status;
	}
	if (argc - optind != 1)
		return cli_usage(c->verb, "one directory, please");
	c->dir = argv[optind];
	return EXIT_DONE;
}

static bool keep_going(void *ctx, uint64_t done, uint64_t total)
{
	struct command *c = ctx;

	if (!c->announced)
		printf("%s checkpoint in %s\n", c->compress ? "Compressing" : "Decompressing",
		       c->dir);
	if (!c->announced)
		fflush(stdout);
	c->announced = true;
	cli_bar_draw(&c->bar, done, total);
	return !cli_caught();
}

static void report(void *ctx, const struct crit_compress_pages *pages)
{
	struct command *c = ctx;
	double saved = 1 - (double)pages->len_after / (double)pages->len_before;

	cli_bar_erase(&c->bar);
	c->nr_kept += pages->nr_kept;
	if (!c->compress)
		printf("  %s: %" PRIu64 " pages (%" PRIu64 "K -> %" PRIu64 "K)\n", pages->pagemap,
		       pages->nr_pages, pages->len_before / 1024, pages->len_after / 1024);
	else if (pages->len_before)
		printf("  %s: %" PRIu64 " pages (%" PRIu64 "K -> %" PRIu64 "K, %.1f%% saved)\n",
		       pages->pagemap, pages->nr_pages, pages->len_before / 1024,
		       pages->len_after / 1024, saved * 100);
}

static int finish(const struct command *c, enum crit_compress_outcome outcome)
{
	switch (outcome) {
	case CRIT_COMPRESS_ALREADY:
		printf("Checkpoint in %s is already %s\n", c->dir,
		       c->compress ? "compressed" : "decompressed");
		break;
	case CRIT_COMPRESS_NO_PAGEMAPS:
		printf("No pagemap files found in %s\n", c->dir);
		break;
	case CRIT_COMPRESS_DONE:
		puts("Done");
		break;
	}
	if (c->nr_kept)
		fprintf(stderr,
			"critcore: %" PRIu64 " pages stay raw: some near them were punched out of the "
			"file\n",
			c->nr_kept);
	return fflush(stdout) ? EXIT_FAILED : EXIT_DONE;
}

static int run_command(struct command *c, int argc, char **argv)
{
	enum crit_compress_outcome outcome = CRIT_COMPRESS_DONE;
	int exit_status = parse(argc, argv, c);
	enum crit_status status;
	struct crit_error err;

	if (exit_status)
		return exit_status;
	cli_bar_init(&c->bar, true);
	c->options.keep_going = keep_going;
	c->options.report = report;
	c->options.ctx = c;
	cli_catch_signals();
	status = c->compress ? crit_checkpoint_compress(c->dir, &c->options, &outcome, &err)
			     : crit_checkpoint_decompress(c->dir, &c->options, &outcome, &err);
	cli_bar_erase(&c->bar);
	if (status == CRIT_INTERRUPTED && cli_caught()) {
		fputs("critcore: interrupted; nothing was changed\n", stderr);
		cli_end_as_caught();
	}
	return status ? cli_fail(&err) : finish(c, outcome);
}

static int run_compress(int argc, char **argv)
{
	struct command c = { .verb = &verb_compress, .compress = true };

	return run_command(&c, argc, argv);
}

static int run_decompress(int argc, char **argv)
{
	struct command c = { .verb = &verb_decompress };

	return run_command(&c, argc, argv);
}

const struct verb verb_compress = {
	.name = "compress",
	.arguments = "[--in-place] [--acceleration N] [--block SIZE] DIR",
	.summary = "compress the memory of a checkpoint (LZ4, for CRIU 4.3)",
	.help = "Rewrite the pages of the checkpoint in DIR as LZ4 blocks, which CRIU 4.3 restores. The\n"
		"old images stay, with .bak behind their names. It is done for all images or for none.\n\n"
		"  --in-place        keep no backups\n"
		"  --acceleration N  of LZ4, 1 (default) to 65537: faster, and larger\n"
		"  --block SIZE      of memory in a block, from one page (default) to 4M; in bytes,\n"
		"                    K or M: larger blocks become smaller, but are slower to read in\n"
		"                    parts\n",
	.run = run_compress,
};

const struct verb verb_decompress = {
	.name = "decompress",
	.arguments = "[--in-place] DIR",
	.summary = "undo compress, or what CRIU 4.3 compressed itself",
	.help = "Rewrite the pages of the checkpoint in DIR in the plain form that every CRIU reads.\n"
		"The old images stay, with .bak behind their names. It is done for all images or for\n"
		"none.\n\n"
		"  --in-place   keep no backups\n",
	.run = run_decompress,
};
