// SPDX-License-Identifier: LGPL-2.1-or-later
/* main.c - the critcore command: finds the verb, prints help. See cli.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const struct verb *const verbs[] = {
	&verb_decode,
	&verb_encode,
	&verb_info,
	&verb_show,
	&verb_x,
	&verb_check,
	&verb_compress,
	&verb_decompress,
	&verb_find,
	&verb_dump,
	&verb_bt,
	&verb_core,
	&verb_diff,
	&verb_pages,
	&verb_stats,
	&verb_ls,
	&verb_cache,
	&verb_serve,
};

enum { NR_VERBS = sizeof(verbs) / sizeof(verbs[0]), MAX_LISTED = 20 };

int cli_fail(const struct crit_error *err)
{
	fprintf(stderr, "critcore: %s\n", err->message);
	return EXIT_FAILED;
}

int cli_usage(const struct verb *verb, const char *message)
{
	fprintf(stderr, "critcore %s: ", verb->name);
	cli_put_text(stderr, message);
	fprintf(stderr, "\nusage: critcore %s %s\n", verb->name, verb->arguments);
	return EXIT_USAGE;
}

bool cli_parse_pid(const char *text, uint32_t *out)
{
	unsigned long value;
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || value > UINT32_MAX)
		return false;
	*out = (uint32_t)value;
	return true;
}

static void list_tasks(struct crit_checkpoint *ckpt)
{
	struct crit_task_info info;

	fputs("; there are", stderr);
	for (size_t i = 0; i < crit_task_count(ckpt) && i < MAX_LISTED; i++) {
		crit_task_info(crit_task_at(ckpt, i), &info, NULL);
		fprintf(stderr, "%s %u (", i ? "," : "", info.pid);
		cli_put_text(stderr, info.comm);
		fputc(')', stderr);
	}
	fputs(crit_task_count(ckpt) > MAX_LISTED ? ", ...\n" : "\n", stderr);
}

struct crit_task *cli_find_task(struct crit_checkpoint *ckpt, const char *text)
{
	struct crit_task *task;
	uint32_t pid;

	if (!text)
		return crit_task_at(ckpt, 0);
	if (!cli_parse_pid(text, &pid)) {
		fprintf(stderr, "critcore: '%s' is not a process id\n", text);
		return NULL;
	}
	task = crit_task_find(ckpt, pid);
	if (!task) {
		fprintf(stderr, "critcore: no process %u in the checkpoint", pid);
		list_tasks(ckpt);
	}
	return task;
}

static void print_help(FILE *out)
{
	fputs("usage: critcore VERB [ARGUMENT...]\n\n"
	      "Look into CRIU checkpoints.\n\n",
	      out);
	for (size_t i = 0; i < NR_VERBS; i++)
		fprintf(out, "  %-11s %s\n", verbs[i]->name, verbs[i]->summary);
	fputs("\n  critcore VERB --help   more about a verb\n"
	      "  critcore --version     the version\n",
	      out);
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		cli_help(verb);
		return EXIT_DONE;
	}
	return verb->run(argc, argv);
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;

	if (!word) {
		print_help(stderr);
		fputs("\ncritcore: a verb is missing\n", stderr);
		return EXIT_FAILED; // as CRIT does
	}
	if (!strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help")) {
		print_help(stdout);
		return EXIT_DONE;
	}
	if (!strcmp(word, "--version")) {
		printf("critcore %s\n", crit_version());
		return EXIT_DONE;
	}
	for (size_t i = 0; i < NR_VERBS; i++)
		if (!strcmp(word, verbs[i]->name))
			return run_verb(verbs[i], argc - 1, argv + 1);
	fprintf(stderr, "critcore: no verb '%s'; `critcore --help` lists them\n", word);
	return EXIT_USAGE;
}
