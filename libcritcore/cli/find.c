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

enum {
	OPT_TEXT = 1,
	OPT_HEX,
	OPT_INT,
	OPT_REGEX,
	OPT_SIZE,
	OPT_UTF16,
	OPT_ALIGN,
	OPT_IN,
	OPT_ALL,
	OPT_OVERLAPPING,
	OPT_JSON,
};

static const struct option long_options[] = {
	{ "text", no_argument, NULL, OPT_TEXT },
	{ "hex", no_argument, NULL, OPT_HEX },
	{ "int", no_argument, NULL, OPT_INT },
	{ "regex", no_argument, NULL, OPT_REGEX },
	{ "size", required_argument, NULL, OPT_SIZE },
	{ "ignore-case", no_argument, NULL, 'i' },
	{ "utf16", no_argument, NULL, OPT_UTF16 },
	{ "align", required_argument, NULL, OPT_ALIGN },
	{ "in", required_argument, NULL, OPT_IN },
	{ "all", no_argument, NULL, OPT_ALL },
	{ "overlapping", no_argument, NULL, OPT_OVERLAPPING },
	{ "max-count", required_argument, NULL, 'm' },
	{ "count", no_argument, NULL, 'c' },
	{ "context", required_argument, NULL, 'C' },
	{ "json", no_argument, NULL, OPT_JSON },
	CLI_PLACES_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

static bool parse_count(const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	*out = strtoull(text, &end, 0);
	return !*end && *out >= least && *out <= most;
}

static int parse_number(struct command *c, int option)
{
	uint64_t size;

	switch (option) {
	case OPT_SIZE:
		if (!parse_count(optarg, 1, 8, &size) || size & (size - 1))
			return cli_usage(&verb_find, "--size wants 1, 2, 4 or 8");
		c->pattern_options.int_size = (unsigned int)size;
		return EXIT_DONE;
	case OPT_ALIGN:
		if (!parse_count(optarg, 1, UINT64_MAX, &c->options.align))
			return cli_usage(&verb_find, "--align wants a number from 1 on");
		return EXIT_DONE;
	case 'm':
		if (!parse_count(optarg, 1, UINT64_MAX, &c->options.max_matches))
			return cli_usage(&verb_find, "--max-count wants a number from 1 on");
		return EXIT_DONE;
	default:
		if (!parse_count(optarg, 0, MAX_CONTEXT, &c->style.context))
			return cli_usage(&verb_find, "--context wants a number up to 1048576");
		return EXIT_DONE;
	}
}

static int parse_option(struct command *c, int option)
{
	switch (option) {
	case OPT_TEXT:
	case OPT_HEX:
	case OPT_INT:
	case OPT_REGEX:
		c->kind = CRIT_PATTERN_TEXT + (option - OPT_TEXT);
		return EXIT_DONE;
	case OPT_SIZE:
	case OPT_ALIGN:
	case 'm':
	case 'C':
		return parse_number(c, option);
	case 'i':
		c->pattern_options.ignore_case = true;
		return EXIT_DONE;
	case OPT_UTF16:
		c->pattern_options.utf16 = true;
		return EXIT_DONE;
	case OPT_IN:
		c->range = optarg;
		return EXIT_DONE;
	case OPT_ALL:
		c->all = true;
		return EXIT_DONE;
	case OPT_OVERLAPPING:
		c->options.overlapping = true;
		return EXIT_DONE;
	case 'c':
		c->count = true;
		return EXIT_DONE;
	case OPT_JSON:
		c->style.json = true;
		return EXIT_DONE;
	default:
		if (cli_places_take(&c->places, option, optarg))
			return EXIT_DONE;
		return cli_usage(&verb_find, "unknown option or missing argument");
	}
}

static int parse(int argc, char **argv, struct command *c)
{
	int option, status, nr;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "icm:C:", long_options, NULL)) != -1) {
		status = parse_option(c, option);
		if (status)
			return status;
	}
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
	.help = "Look for PATTERN in the memory of a process of the checkpoint in DIR: of the root of its\n"
		"tree, of PID, or with --all of every process, what they share once.\n\n"
		"  --text             PATTERN is these very bytes (the default)\n"
		"  --hex              bytes in hex, a ? for any half of one: \"de ad b? ??\"\n"
		"  --int              a number: 42, -1, 0x2a; in the byte order of the process\n"
		"  --regex            a regular expression of PCRE2, over bytes; matches have at most\n"
		"                     64 KiB\n"
		"  --size N           of the number: 1, 2, 4 or 8 bytes; without, as few as hold it\n"
		"  -i, --ignore-case  of ASCII letters, in text and expressions\n"
		"  --utf16            the text as UTF-16, in the byte order of the process\n"
		"  --align N          only at addresses that N divides\n"
		"  --in RANGE         only there: START-END, START+LENGTH, or mappings by name, as for\n"
		"                     `critcore dump`\n"
		"  --all              all processes\n"
		"  --overlapping      also matches that begin inside the one before; not of expressions\n"
		"  -m, --max-count N  stop after N matches\n"
		"  -c, --count        only say how many there are\n"
		"  -C, --context N    show at least N bytes before and behind, ?? where one is not there\n"
		"  --json             one object for each match, a line each\n"
		CLI_PLACES_HELP
		"\nFor each match it prints the process, the address, the mapping and the bytes. Memory\n"
		"that is not in the checkpoint is not searched; how much that is goes to standard error.\n\n"
		"Exit status: 0 found, 1 not found, 2 a wrong command line or pattern, 3 trouble.\n",
	.run = run,
};
