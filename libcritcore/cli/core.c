// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * core.c - critcore core: core files. The options of criu-coredump do what they do there, too: -i
 * names the checkpoint and -p the process, without which all are written; -o is a directory.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

enum { MAX_REASONS = 32 };

/** Bytes that are not there, for one reason. */
struct reason {
	char why[256];
	uint64_t len;
};

struct command {
	struct cli_places places;
	const char *dir, *pid, *to; /* NULL: not given */
	bool all, is_stdout;
	struct crit_core_options options;
	struct reason reasons[MAX_REASONS];
	size_t nr_reasons;
	struct cli_bar bar;
};

static void note_gap(void *ctx, const struct crit_dump_gap *gap)
{
	struct command *c = ctx;
	size_t i = 0;

	while (i < c->nr_reasons && strncmp(c->reasons[i].why, gap->why, 255) != 0)
		i++;
	if (i == MAX_REASONS)
		i--;
	else if (i == c->nr_reasons)
		snprintf(c->reasons[c->nr_reasons++].why, sizeof(c->reasons[i].why), "%s",
			 gap->why);
	c->reasons[i].len += gap->end - gap->start;
}

static bool keep_going(void *ctx, uint64_t done, uint64_t total)
{
	struct command *c = ctx;

	cli_bar_draw(&c->bar, done, total);
	return !cli_caught();
}

/* ---- What was written ----------------------------------------------------------------------- */

static void say_missing(const struct command *c, uint32_t pid)
{
	char size[CRIT_SIZE_TEXT_MAX];

	for (size_t i = 0; i < c->nr_reasons; i++) {
		crit_size_text(c->reasons[i].len, size);
		fprintf(stderr, "critcore: process %" PRIu32 ": %s not there: ", pid, size);
		cli_put_text(stderr, c->reasons[i].why);
		fputc('\n', stderr);
	}
}

static void put_size(uint64_t bytes, const char *of)
{
	char size[CRIT_SIZE_TEXT_MAX];

	crit_size_text(bytes, size);
	if (bytes)
		printf(", %s %s", size, of);
}

static void say_written(const struct command *c, uint32_t pid, const char *path,
			const struct crit_core_result *result)
{
	char size[CRIT_SIZE_TEXT_MAX];

	say_missing(c, pid);
	if (result->nr_lacking)
		fprintf(stderr,
			"critcore: process %" PRIu32 ": %zu threads left out: no registers\n",
			pid, result->nr_lacking);
	if (c->is_stdout)
		return;
	cli_put_text(stdout, path);
	crit_size_text(result->image, size);
	printf(": %zu thread%s, %s of memory", result->nr_threads,
	       result->nr_threads == 1 ? "" : "s", size);
	put_size(result->zero, "of zeros");
	put_size(result->in_files, "left to mapped files");
	putchar('\n');
}

/* ---- Writing -------------------------------------------------------------------------------- */

static enum crit_status write_stdout(struct command *c, struct crit_task *task,
				     struct crit_core_result *result, struct crit_error *err)
{
	struct crit_output *out;
	enum crit_status status = crit_output_from_fd(STDOUT_FILENO, &out, err);

	if (status)
		return status;
	cli_be_impatient();
	status = crit_core_write(task, out, &c->options, result, err);
	crit_output_close(out);
	return status;
}

/** @param path  NULL: standard output. */
static int write_task(struct command *c, struct crit_task *task, uint32_t pid, const char *path)
{
	struct crit_core_result result;
	struct crit_error err;
	enum crit_status status;

	c->nr_reasons = 0;
	memset(c->reasons, 0, sizeof(c->reasons));
	if (path)
		status = crit_core_write_file(task, path, &c->options, &result, &err);
	else
		status = write_stdout(c, task, &result, &err);
	cli_bar_erase(&c->bar);
	if (status == CRIT_INTERRUPTED)
		return EXIT_FAILED;
	if (status)
		return cli_fail(&err);
	say_written(c, pid, path, &result);
	return EXIT_DONE;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/** To core.PID in the folder that was named, the file, or standard output. */
static int write_named(struct command *c, struct crit_task *task)
{
	const char *suffix = c->options.zstd ? ".zst" : "";
	struct crit_task_info info;
	char *path = NULL;
	int exit_status;

	crit_task_info(task, &info, NULL);
	if (c->is_stdout)
		return write_task(c, task, info.pid, NULL);
	if (c->to && !c->all && !is_folder(c->to))
		return write_task(c, task, info.pid, c->to);
	if (asprintf(&path, "%s%score.%" PRIu32 "%s", c->to ? c->to : "", c->to ? "/" : "",
		     info.pid, suffix) < 0)
		return EXIT_FAILED;
	exit_status = write_task(c, task, info.pid, path);
	free(path);
	return exit_status;
}

/** Zombies have nothing that a core file could hold. */
static int write_all(struct command *c, struct crit_checkpoint *ckpt)
{
	int exit_status = EXIT_DONE;

	for (size_t i = 0; i < crit_task_count(ckpt) && !cli_caught(); i++) {
		struct crit_task *task = crit_task_at(ckpt, i);
		struct crit_task_info info;

		crit_task_info(task, &info, NULL);
		if (info.state == CRIT_TASK_ZOMBIE)
			fprintf(stderr, "critcore: process %" PRIu32 " is a zombie: no core file\n",
				info.pid);
		else if (write_named(c, task))
			exit_status = EXIT_FAILED;
	}
	return exit_status;
}

/* ---- The command line ----------------------------------------------------------------------- */

/** The words behind the options. */
static int take_words(struct command *c, int nr, char **words)
{
	if (!c->dir && nr) {
		c->dir = *words++;
		nr--;
	} else if (c->dir && !c->pid) {
		c->all = true; // as criu-coredump
	}
	if (nr && !c->pid) {
		c->pid = *words;
		nr--;
	}
	if (!c->dir || nr || (c->all && c->pid))
		return cli_usage(&verb_core, !c->dir ? "a directory, please" : "too many words");
	c->is_stdout = c->to && !strcmp(c->to, "-");
	if (c->is_stdout && c->all)
		return cli_usage(&verb_core, "several core files do not go to standard output");
	if (c->is_stdout && isatty(STDOUT_FILENO))
		return cli_usage(&verb_core, "a core file is nothing for a terminal");
	if (c->all && c->to && !is_folder(c->to))
		return cli_usage(&verb_core, "-o has to be a directory for all processes");
	return EXIT_DONE;
}

static const struct cli_option options[] = {
	CLI_TEXT('o', "out", "FILE", struct command, to,
		 "else core.PID; - is standard output; in a directory core.PID"),
	CLI_FLAG('a', "all", struct command, all, "all processes, each to a core.PID"),
	CLI_FLAG(0, "full", struct command, options.full,
		 "also what debuggers find in mapped files: for other machines"),
	CLI_FLAG('z', "zstd", struct command, options.zstd, "compressed; core.PID.zst"),
	CLI_TEXT('i', "in", "DIR", struct command, dir,
		 "as criu-coredump has it: all processes, unless there is -p"),
	CLI_TEXT('p', "pid", "PID", struct command, pid, "a process"),
	CLI_ROWS(cli_places_options, struct command, places),
	CLI_END,
};

static int parse(int argc, char **argv, struct command *c)
{
	int status = cli_parse(&verb_core, options, argc, argv, c);

	if (status)
		return status;
	return take_words(c, argc - optind, argv + optind);
}

static int run(int argc, char **argv)
{
	struct command c = { 0 };
	struct crit_checkpoint *ckpt;
	struct crit_task *task;
	int exit_status = parse(argc, argv, &c);

	if (exit_status)
		return exit_status;
	ckpt = cli_open(c.dir, &c.places);
	if (!ckpt)
		return EXIT_FAILED;
	c.options.gap = note_gap;
	c.options.keep_going = keep_going;
	c.options.ctx = &c;
	cli_bar_init(&c.bar, true);
	cli_catch_signals();
	if (c.all) {
		exit_status = write_all(&c, ckpt);
	} else {
		task = cli_find_task(ckpt, c.pid);
		exit_status = task ? write_named(&c, task) : EXIT_FAILED;
	}
	crit_checkpoint_close(ckpt);
	if (cli_caught())
		cli_end_as_caught();
	return exit_status;
}

const struct verb verb_core = {
	.name = "core",
	.arguments = "[OPTION...] DIR [PID]",
	.summary = "write core files",
	.help = "Write an ELF core file of a process of the checkpoint in DIR, for any\n"
		"debugger: of the root of its tree, or of PID. What was never written to is a\n"
		"hole of the file; what is not there is in no segment, so that it cannot be\n"
		"read.\n",
	.options = options,
	.run = run,
};
