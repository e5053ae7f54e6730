// SPDX-License-Identifier: LGPL-2.1-or-later
/* inspect.c - critcore info of an archive or a directory: the container, and what is inside. The
 * options are those of checkpointctl's inspect. */
#include <getopt.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

struct command {
	struct crit_inspect_options options;
	struct crit_open_options open;
	struct cli_places places;
	bool json, all, met_problem;
};

const struct cli_option cli_inspect_options[] = {
	CLI_FLAG(0, "stats", struct command, options.stats, "what CRIU counted while dumping"),
	CLI_FLAG(0, "metadata", struct command, options.metadata,
		 "pod, namespace, annotations, deleted files, files beside the images"),
	CLI_FLAG(0, "mounts", struct command, options.mounts, "what was mounted"),
	CLI_FLAG(0, "ps-tree", struct command, options.processes, "the process tree"),
	CLI_FLAG(0, "ps-tree-cmd", struct command, options.cmdline, "with command lines"),
	CLI_FLAG(0, "ps-tree-env", struct command, options.env, "with environments"),
	CLI_FLAG(0, "files", struct command, options.files, "what each process has open"),
	CLI_FLAG(0, "sockets", struct command, options.sockets, "its sockets"),
	CLI_NUMBER('p', "pid", "PID", 0, UINT32_MAX, struct command, options.pid,
		   "only this process and what is below it"),
	CLI_FLAG(0, "all", struct command, all, "all of it"),
	CLI_CHOICE(0, "format", "tree|json", struct command, json,
		   "tree is the default; json has the names of checkpointctl"),
	CLI_FLAG(0, "json", struct command, json, "the same as --format json"),
	CLI_ROWS(cli_archive_options, struct command, places),
	CLI_END,
};

/** Images have --format, too. */
static bool is_ours(const char *word)
{
	return strncmp(word, "--format", 8) != 0 && cli_is_option(cli_inspect_options, word);
}

bool cli_inspect_is_meant(int argc, char **argv)
{
	struct stat st;

	for (int i = 1; i < argc; i++)
		if (is_ours(argv[i]) || !strcmp(argv[i], "-") ||
		    (!stat(argv[i], &st) && S_ISDIR(st.st_mode)))
			return true;
	return false;
}

/** Whoever unpacks it does so with a bar. */
static bool stop(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx, (void)done, (void)total;
	return false;
}

bool cli_inspect_is_archive(const char *path)
{
	static const struct crit_open_options open = { .keep_going = stop };
	size_t len = path ? strlen(path) : 0;
	struct crit_container *container;
	enum crit_status status;
	struct stat st;

	// CRIU's own archives of a tmpfs are images: tmpfs-dev-32.tar.gz.img.
	if (!len || stat(path, &st) || !S_ISREG(st.st_mode) ||
	    (len > 4 && !strcmp(path + len - 4, ".img")))
		return false;
	status = crit_container_read_with(path, &open, &container, NULL);
	if (!status)
		crit_container_free(container);
	return status != CRIT_INVALID;
}

static void problem(void *ctx, const struct crit_error *why)
{
	struct command *c = ctx;

	c->met_problem = true;
	fputs("critcore: ", stderr);
	cli_put_text(stderr, why->message);
	fputs("\n", stderr);
}

static void choose_all(struct crit_inspect_options *o)
{
	o->stats = o->metadata = o->mounts = o->processes = true;
	o->cmdline = o->env = o->files = o->sockets = true;
}

int cli_inspect(int argc, char **argv)
{
	struct command c = { .options = { .problem = problem, .ctx = &c, .open = &c.open } };
	struct cli_report report;
	enum crit_status status;
	struct crit_error err;
	int exit_status = cli_parse(&verb_info, cli_inspect_options, argc, argv, &c);

	if (exit_status)
		return exit_status;
	c.options.processes |= c.options.cmdline | c.options.env;
	if (c.all)
		choose_all(&c.options);
	if (optind == argc)
		return cli_usage(&verb_info, "an archive or a directory, please");
	if (!cli_places_open(&c.places, &c.open) || !cli_report_open(&report, c.json))
		return EXIT_FAILED;
	c.open.keep_going = report.options.keep_going;
	c.open.ctx = report.options.ctx;
	status = crit_inspect_write((const char *const *)argv + optind, (size_t)(argc - optind),
				    &c.options, &report.options, report.out, &err);
	exit_status = cli_report_close(&report, status, &err);
	return exit_status ? exit_status : c.met_problem ? EXIT_FAILED : EXIT_DONE;
}
