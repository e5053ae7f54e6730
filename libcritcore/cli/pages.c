// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pages.c - critcore pages: all memory of a process, and where every byte of it comes from. One
 * line for each range that comes from one place, written as it is found: there may be millions.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <string.h>

#include "cli.h"

struct command {
	struct cli_places places;
	bool json, populated;
	struct crit_task *task;
	uint32_t page_size;
	int width; /* digits of an address */
};

static const char *origin_name(enum crit_origin_kind kind)
{
	static const char *const names[] = {
		[CRIT_ORIGIN_UNMAPPED] = "unmapped",
		[CRIT_ORIGIN_IMAGE] = "image",
		[CRIT_ORIGIN_ZERO] = "zero",
		[CRIT_ORIGIN_FILE] = "file",
		[CRIT_ORIGIN_UNAVAILABLE] = "unavailable",
	};

	return (size_t)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "?";
}

static bool is_stored(const struct crit_origin *at)
{
	return at->kind == CRIT_ORIGIN_IMAGE || at->kind == CRIT_ORIGIN_FILE;
}

static uint64_t count_pages(const struct command *c, uint64_t len)
{
	return len / c->page_size + (len % c->page_size != 0);
}

static void print_json(const struct command *c, const struct crit_mapping *mapping,
		       const struct crit_origin *at)
{
	char prot[5];

	cli_prot(mapping, prot);
	printf("{\"start\": %" PRIu64 ", \"end\": %" PRIu64 ", \"pages\": %" PRIu64
	       ", \"prot\": \"%s\", \"kind\": \"%s\", \"name\": ",
	       at->vaddr, at->vaddr + at->len, count_pages(c, at->len), prot,
	       crit_mapping_kind_name(mapping->kind));
	cli_put_json(stdout, *mapping->name ? mapping->name : NULL);
	printf(", \"origin\": \"%s\", \"why\": ", origin_name(at->kind));
	cli_put_json(stdout,
		     at->kind == CRIT_ORIGIN_UNAVAILABLE ? crit_why_text(at->why) : NULL);
	fputs(", \"source\": ", stdout);
	cli_put_json(stdout, is_stored(at) ? at->source : NULL);
	if (is_stored(at))
		printf(", \"off\": %" PRIu64, at->off);
	else
		fputs(", \"off\": null", stdout);
	if (at->in_image)
		printf(", \"level\": %u", at->level);
	else
		fputs(", \"level\": null", stdout);
	printf(", \"shared\": %s, \"block\": ", at->shared ? "true" : "false");
	if (at->block_len)
		printf("{\"index\": %" PRIu64 ", \"len\": %u, \"mem_len\": %u, \"pos\": %u}",
		       at->block_index, at->block_len, at->block_mem_len, at->block_pos);
	else
		fputs("null", stdout);
	fputs("}\n", stdout);
}

/** The last columns: where it is, and what is mapped. */
static void print_place(const struct crit_mapping *mapping, const struct crit_origin *at)
{
	if (is_stored(at)) {
		cli_put_text(stdout, at->source);
		printf(" 0x%" PRIx64, at->off);
	}
	if (at->block_len)
		printf(" block %" PRIu64 " (%u -> %u bytes)", at->block_index, at->block_len,
		       at->block_mem_len);
	if (at->block_len && at->block_pos)
		printf(" +0x%x", at->block_pos);
	if (at->kind == CRIT_ORIGIN_UNAVAILABLE)
		fputs(crit_why_text(at->why), stdout);
	if (at->kind == CRIT_ORIGIN_ZERO)
		putchar('-');
	if (*mapping->name &&
	    !(at->kind == CRIT_ORIGIN_FILE && !strcmp(at->source, mapping->name))) {
		fputs("; ", stdout);
		cli_put_text(stdout, mapping->name);
	}
	putchar('\n');
}

static void print_text(const struct command *c, const struct crit_mapping *mapping,
		       const struct crit_origin *at)
{
	char prot[5], level[16] = "-";

	cli_prot(mapping, prot);
	if (at->in_image)
		snprintf(level, sizeof(level), "%u", at->level);
	printf("0x%0*" PRIx64 " 0x%0*" PRIx64 " %8" PRIu64 " %s %-12s %-11s %5s ", c->width,
	       at->vaddr, c->width, at->vaddr + at->len, count_pages(c, at->len), prot,
	       crit_mapping_kind_name(mapping->kind), origin_name(at->kind), level);
	print_place(mapping, at);
}

static int print_mapping(const struct command *c, const struct crit_mapping *mapping)
{
	struct crit_origin at;
	struct crit_error err;

	for (uint64_t vaddr = mapping->start; vaddr < mapping->end; vaddr += at.len) {
		if (crit_mem_locate(c->task, vaddr, &at, &err))
			return cli_fail(&err);
		if (!at.len || at.len > mapping->end - vaddr)
			at.len = mapping->end - vaddr;
		if (c->populated && !is_stored(&at))
			continue;
		if (c->json)
			print_json(c, mapping, &at);
		else
			print_text(c, mapping, &at);
	}
	return EXIT_DONE;
}

static int print_all(struct command *c)
{
	struct crit_mapping mapping;
	int exit_status = EXIT_DONE;
	size_t nr = crit_mapping_count(c->task);

	c->page_size = crit_task_page_size(c->task);
	c->width = nr && crit_mapping_at(c->task, nr - 1, &mapping) && mapping.end >> 32 ? 16 : 8;
	if (!c->json)
		printf("%-*s %-*s %8s %s %-12s %-11s %5s %s\n", c->width + 2, "Start",
		       c->width + 2, "End", "Pages", "Perm", "Kind", "Origin", "Level",
		       "Where; Mapped");
	for (size_t i = 0; !exit_status && crit_mapping_at(c->task, i, &mapping); i++)
		exit_status = print_mapping(c, &mapping);
	if (!exit_status && fflush(stdout)) {
		fprintf(stderr, "critcore: writing the output: %s\n", strerror(errno));
		return EXIT_FAILED;
	}
	return exit_status;
}

static const struct cli_option options[] = {
	CLI_FLAG(0, "json", struct command, json, "one object on each line"),
	CLI_FLAG(0, "populated", struct command, populated,
		 "only what comes from an image or a file"),
	CLI_ROWS(cli_places_options, struct command, places),
	CLI_END,
};

static int parse(int argc, char **argv, struct command *c)
{
	int status = cli_parse(&verb_pages, options, argc, argv, c);

	if (status)
		return status;
	if (argc - optind < 1 || argc - optind > 2)
		return cli_usage(&verb_pages, "a directory and at most one process id, please");
	return EXIT_DONE;
}

static int run(int argc, char **argv)
{
	struct command c = { 0 };
	struct crit_checkpoint *ckpt;
	struct crit_error err;
	int exit_status = parse(argc, argv, &c);

	if (exit_status)
		return exit_status;
	ckpt = cli_open(argv[optind], &c.places);
	if (!ckpt)
		return EXIT_FAILED;
	c.task = cli_find_task(ckpt, argc - optind == 2 ? argv[optind + 1] : NULL);
	if (!c.task)
		exit_status = EXIT_FAILED;
	else if (crit_task_load(c.task, &err))
		exit_status = cli_fail(&err);
	else
		exit_status = print_all(&c);
	crit_checkpoint_close(ckpt);
	return exit_status;
}

const struct verb verb_pages = {
	.name = "pages",
	.arguments = "[OPTION...] DIR [PID]",
	.summary = "list where all memory of a process comes from",
	.help = "List all memory of a process of the checkpoint in DIR (the root of its tree, or\n"
		"PID), one line for each range that comes from one place: an image of the\n"
		"checkpoint or of one of its parents (Level 0, 1, ...), a mapped file on this\n"
		"machine, zeros that nobody ever wrote, or nowhere, and why.\n",
	.options = options,
	.run = run,
};
