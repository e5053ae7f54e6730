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
	long acceleration;
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

static const char *take_block(void *to, const char *value)
{
	struct command *c = to;
	uint32_t len = parse_block(value);

	if (!len || len & (len - 1))
		return "--block wants a power of two up to 4M";
	c->options.block_len = len;
	return NULL;
}

static const char *take_acceleration(void *to, const char *value)
{
	struct command *c = to;
	char *end;

	c->acceleration = strtol(value, &end, 10);
	return !*value || *end ? "--acceleration wants a number" : NULL;
}

static const struct cli_option compress_options[] = {
	CLI_FLAG(0, "in-place", struct command, options.in_place, "keep no backups"),
	CLI_TAKE(0, "acceleration", "N", take_acceleration,
		 "of LZ4, 1 (default) to 65537: faster, and larger"),
	CLI_TAKE(0, "block", "SIZE", take_block,
		 "of memory in a block, from one page (default) to 4M; in bytes, K or M: larger "
		 "blocks become smaller, but are slower to read in parts"),
	CLI_END,
};

static const struct cli_option decompress_options[] = {
	CLI_FLAG(0, "in-place", struct command, options.in_place, "keep no backups"),
	CLI_END,
};

static int parse(int argc, char **argv, struct command *c)
{
	int status = cli_parse(c->verb, c->verb->options, argc, argv, c);

	if (status)
		return status;
	if (c->acceleration < 1 || c->acceleration > MAX_ACCELERATION) {
		fputs("critcore: LZ4 acceleration must be between 1 and 65537\n", stderr);
		return EXIT_FAILED; // as CRIT does
	}
	c->options.acceleration = (unsigned int)c->acceleration;
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
			"critcore: %" PRIu64 " pages stay raw: some near them were punched out of "
			"the file\n",
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
	struct command c = { .verb = &verb_compress, .compress = true, .acceleration = 1 };

	return run_command(&c, argc, argv);
}

static int run_decompress(int argc, char **argv)
{
	struct command c = { .verb = &verb_decompress, .acceleration = 1 };

	return run_command(&c, argc, argv);
}

const struct verb verb_compress = {
	.name = "compress",
	.arguments = "[--in-place] [--acceleration N] [--block SIZE] DIR",
	.summary = "compress the memory of a checkpoint (LZ4, for CRIU 4.3)",
	.help = "Rewrite the pages of the checkpoint in DIR as LZ4 blocks, which CRIU 4.3\n"
		"restores. The old images stay, with .bak behind their names. It is done for\n"
		"all images or for none.\n",
	.options = compress_options,
	.run = run_compress,
};

const struct verb verb_decompress = {
	.name = "decompress",
	.arguments = "[--in-place] DIR",
	.summary = "undo compress, or what CRIU 4.3 compressed itself",
	.help = "Rewrite the pages of the checkpoint in DIR in the plain form that every CRIU\n"
		"reads. The old images stay, with .bak behind their names. It is done for all\n"
		"images or for none.\n",
	.options = decompress_options,
	.run = run_decompress,
};
