// SPDX-License-Identifier: LGPL-2.1-or-later
/* find.c - critcore find: looks for text, bytes, numbers, expressions in memory. Options and exit
 * status are grep's where there are such. */
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "find.h"

/* What the exit status of this verb says, beside EXIT_USAGE. */
enum { EXIT_FOUND = EXIT_DONE, EXIT_NOTHING = 1, EXIT_TROUBLE = 3 };

enum { MAX_CONTEXT = 1024 * 1024, MAX_UNREADABLE = 8 /* that are told of */ };

struct command {
	struct cli_places places;
	enum crit_pattern_kind kind;
	struct crit_pattern_options pattern_options;
	struct crit_search_options options;
	struct find_style style;
	bool all, count, skipped;
	const char *range; /* NULL: everything */
	const char *dir, *pid, *text;
	struct cli_bar bar;
	uint64_t nr; /* matches */
	size_t nr_unreadable; /* ranges */
};

/* ---- The command line ----------------------------------------------------------------------- */

static const char *take_size(void *to, const char *value)
{
	struct command *c = to;

	if (strlen(value) != 1 || !strchr("1248", *value))
		return "--size wants 1, 2, 4 or 8";
	c->pattern_options.int_size = (unsigned int)(*value - '0');
	return NULL;
}

static const struct cli_option options[] = {
	CLI_SET(0, "text", struct command, kind, CRIT_PATTERN_TEXT,
		"PATTERN is these very bytes (the default)"),
	CLI_SET(0, "hex", struct command, kind, CRIT_PATTERN_HEX,
		"bytes in hex, a ? for any half of one: \"de ad b? ??\""),
	CLI_SET(0, "int", struct command, kind, CRIT_PATTERN_INTEGER,
		"a number: 42, -1, 0x2a; in the byte order of the process"),
	CLI_SET(0, "regex", struct command, kind, CRIT_PATTERN_REGEX,
		"a regular expression of PCRE2, over bytes; matches have at most 64 KiB"),
	CLI_TAKE(0, "size", "N", take_size,
		 "of the number: 1, 2, 4 or 8 bytes; without, as few as hold it"),
	CLI_FLAG('i', "ignore-case", struct command, pattern_options.ignore_case,
		 "of ASCII letters, in text and expressions"),
	CLI_FLAG(0, "utf16", struct command, pattern_options.utf16,
		 "the text as UTF-16, in the byte order of the process"),
	CLI_NUMBER(0, "align", "N", 1, UINT64_MAX, struct command, options.align,
		   "only at addresses that N divides"),
	CLI_TEXT(0, "in", "RANGE", struct command, range,
		 "only there: START-END, START+LENGTH, or mappings by name, as for "
		 "`critcore dump`"),
	CLI_FLAG(0, "all", struct command, all, "all processes"),
	CLI_FLAG(0, "overlapping", struct command, options.overlapping,
		 "also matches that begin inside the one before; not of expressions"),
	CLI_NUMBER('m', "max-count", "N", 1, UINT64_MAX, struct command, options.max_matches,
		   "stop after N matches"),
	CLI_FLAG('c', "count", struct command, count, "only say how many there are"),
	CLI_NUMBER('C', "context", "N", 0, MAX_CONTEXT, struct command, style.context,
		   "show at least N bytes before and behind, ?? where one is not there"),
	CLI_FLAG(0, "json", struct command, style.json, "one object for each match, a line each"),
	CLI_ROWS(cli_places_options, struct command, places),
	CLI_END,
};

static int parse(int argc, char **argv, struct command *c)
{
	int nr, status = cli_parse(&verb_find, options, argc, argv, c);

	if (status)
		return status;
	nr = argc - optind;
	if (c->all && nr != 2)
		return cli_usage(&verb_find, "with --all, a directory and a pattern, please");
	if (nr < 2 || nr > 3)
		return cli_usage(&verb_find,
				 "a directory, maybe a process id, and a pattern, please");
	if (c->all && c->range)
		return cli_usage(&verb_find, "--in is about one process, --all about all");
	if (c->pattern_options.int_size && c->kind != CRIT_PATTERN_INTEGER)
		return cli_usage(&verb_find, "--size goes with --int");
	c->dir = argv[optind];
	c->pid = nr == 3 ? argv[optind + 1] : NULL;
	c->text = argv[argc - 1];
	return EXIT_DONE;
}

/* ---- Searching ------------------------------------------------------------------------------ */

static bool found(void *ctx, const struct crit_match *match)
{
	struct command *c = ctx;

	c->nr++;
	if (c->count)
		return true;
	cli_bar_erase(&c->bar);
	find_print(&c->style, match);
	return !ferror(stdout);
}

static bool keep_going(void *ctx, uint64_t done, uint64_t total)
{
	struct command *c = ctx;

	cli_bar_draw(&c->bar, done, total);
	return !cli_caught();
}

static void skipped(void *ctx, struct crit_task *task, const struct crit_error *why)
{
	struct command *c = ctx;

	(void)task;
	c->skipped = true;
	cli_bar_erase(&c->bar);
	fprintf(stderr, "critcore: not searched: %s\n", why->message);
}

/** Many pages may be damaged: the first few are told of. */
static void unreadable(void *ctx, struct crit_task *task, uint64_t vaddr, uint64_t len,
		       const struct crit_error *why)
{
	struct command *c = ctx;

	(void)task;
	c->skipped = true;
	if (c->nr_unreadable++ >= MAX_UNREADABLE)
		return;
	cli_bar_erase(&c->bar);
	fprintf(stderr, "critcore: not searched: 0x%" PRIx64 "-0x%" PRIx64 ": %s%s\n", vaddr,
		vaddr + len, why->message, c->nr_unreadable == MAX_UNREADABLE ? "; and so on" : "");
}

/** Is it something that the checkpoint could have, but has not? */
static bool is_missing(const struct crit_origin *origin)
{
	switch (origin->why) {
	case CRIT_WHY_VVAR:
	case CRIT_WHY_VSYSCALL:
	case CRIT_WHY_GUARD:
	case CRIT_WHY_DROPPABLE:
	case CRIT_WHY_PAST_EOF:
		return false;
	default:
		return true;
	}
}

static uint64_t count_missing(const struct command *c, struct crit_task *task)
{
	uint64_t sum = 0, at = c->options.start, last = c->options.end - 1;
	struct crit_origin origin;

	while (at <= last &&
	       !crit_mem_next(task, at, 1 << CRIT_ORIGIN_UNAVAILABLE, &origin, NULL) &&
	       origin.vaddr <= last) {
		uint64_t len = origin.len && origin.len - 1 < last - origin.vaddr ?
				       origin.len : last - origin.vaddr + 1;

		if (is_missing(&origin))
			sum += len;
		if (len > last - origin.vaddr)
			break;
		at = origin.vaddr + len;
	}
	return sum;
}

/** Nobody shall take "not found" for "was not there". */
static void say_missing(const struct command *c, struct crit_checkpoint *ckpt,
			struct crit_task *task)
{
	uint64_t sum = 0;
	char size[32];

	for (size_t i = 0; c->all && (task = crit_task_at(ckpt, i)); i++)
		sum += count_missing(c, task);
	if (!c->all)
		sum = count_missing(c, task);
	if (!sum)
		return;
	crit_size_text(sum, size);
	fprintf(stderr, "critcore: not searched, as it is not here: %s of memory\n", size);
}

static int search(struct command *c, struct crit_checkpoint *ckpt, struct crit_task *task,
		  const struct crit_pattern *pattern)
{
	enum crit_status status;
	struct crit_error err;

	status = c->all ? crit_search_all(ckpt, pattern, &c->options, found, skipped, &err) :
			  crit_search(task, pattern, &c->options, found, &err);
	cli_bar_erase(&c->bar);
	if (c->count && !status)
		printf(c->style.json ? "{\"count\": %" PRIu64 "}\n" : "%" PRIu64 "\n", c->nr);
	if (fflush(stdout) || ferror(stdout)) {
		perror("critcore: standard output");
		return EXIT_TROUBLE;
	}
	if (status == CRIT_INTERRUPTED)
		return EXIT_TROUBLE;
	if (status) {
		cli_fail(&err);
		return EXIT_TROUBLE;
	}
	if (!c->options.max_matches || c->nr < c->options.max_matches)
		say_missing(c, ckpt, task);
	return c->nr ? EXIT_FOUND : c->skipped ? EXIT_TROUBLE : EXIT_NOTHING;
}

static int open_and_search(struct command *c, struct crit_checkpoint *ckpt)
{
	struct crit_task *task = c->all ? NULL : cli_find_task(ckpt, c->pid);
	struct crit_checkpoint_info info;
	struct crit_pattern *pattern;
	struct crit_error err;
	int exit_status;

	if (!task && !c->all)
		return EXIT_TROUBLE;
	if (task && crit_task_load(task, &err)) {
		cli_fail(&err);
		return EXIT_TROUBLE;
	}
	if (c->range && !cli_parse_range(task, c->range, &c->options.start, &c->options.end))
		return EXIT_USAGE;
	crit_checkpoint_info(ckpt, &info);
	c->pattern_options.big_endian = info.big_endian;
	if (crit_pattern_new(c->kind, c->text, strlen(c->text), &c->pattern_options, &pattern,
			     &err))
		return cli_usage(&verb_find, err.message);
	exit_status = search(c, ckpt, task, pattern);
	crit_pattern_free(pattern);
	return exit_status;
}

static bool want_colour(void)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no_colour && *no_colour) && term && strcmp(term, "dumb");
}

static int run(int argc, char **argv)
{
	struct command c = {
		.options = { .keep_going = keep_going, .unreadable = unreadable, .ctx = &c },
	};
	struct crit_checkpoint *ckpt;
	int exit_status = parse(argc, argv, &c);

	if (exit_status)
		return exit_status;
	c.style.as_text = c.kind == CRIT_PATTERN_REGEX ||
			  (c.kind == CRIT_PATTERN_TEXT && !c.pattern_options.utf16);
	c.style.colour = !c.style.json && want_colour();
	cli_bar_init(&c.bar, true);
	ckpt = cli_open(c.dir, &c.places);
	if (!ckpt)
		return EXIT_TROUBLE;
	cli_catch_signals();
	exit_status = open_and_search(&c, ckpt);
	crit_checkpoint_close(ckpt);
	if (cli_caught())
		cli_end_as_caught();
	return exit_status;
}

const struct verb verb_find = {
	.name = "find",
	.arguments = "[--text|--hex|--int|--regex] [OPTION...] DIR [PID] PATTERN",
	.summary = "look for text, bytes, numbers or expressions in memory",
	.help = "Look for PATTERN in the memory of a process of the checkpoint in DIR: of the\n"
		"root of its tree, of PID, or with --all of every process, what they share\n"
		"once.\n",
	.options = options,
	.notes =
		"For each match it prints the process, the address, the mapping and the bytes.\n"
		"Memory that is not in the checkpoint is not searched; how much that is goes to\n"
		"standard error.\n\n"
		"Exit status: 0 found, 1 not found, 2 a wrong command line or pattern, "
		"3 trouble.\n",
	.run = run,
};
