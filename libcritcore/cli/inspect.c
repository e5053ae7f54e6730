// SPDX-License-Identifier: LGPL-2.1-or-later
/* inspect.c - critcore info of an archive or a directory: the container, and what is inside. The
 * options are those of checkpointctl's inspect. */
#include <getopt.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

enum {
	OPT_JSON = 1,
	OPT_FORMAT,
	OPT_STATS,
	OPT_METADATA,
	OPT_MOUNTS,
	OPT_PS_TREE,
	OPT_PS_TREE_CMD,
	OPT_PS_TREE_ENV,
	OPT_FILES,
	OPT_SOCKETS,
	OPT_ALL,
};

static const struct option long_options[] = {
	{ "json", no_argument, NULL, OPT_JSON },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "stats", no_argument, NULL, OPT_STATS },
	{ "metadata", no_argument, NULL, OPT_METADATA },
	{ "mounts", no_argument, NULL, OPT_MOUNTS },
	{ "ps-tree", no_argument, NULL, OPT_PS_TREE },
	{ "ps-tree-cmd", no_argument, NULL, OPT_PS_TREE_CMD },
	{ "ps-tree-env", no_argument, NULL, OPT_PS_TREE_ENV },
	{ "files", no_argument, NULL, OPT_FILES },
	{ "sockets", no_argument, NULL, OPT_SOCKETS },
	{ "all", no_argument, NULL, OPT_ALL },
	{ "pid", required_argument, NULL, 'p' },
	{ NULL, 0, NULL, 0 },
};

struct command {
	struct crit_inspect_options options;
	bool json, met_problem;
};

/** Is a word one of our options, or the beginning of one that nothing else begins with? */
static bool is_option(const char *word)
{
	size_t len = strcspn(word, "=");

	if (!strncmp(word, "-p", 2))
		return true;
	for (const struct option *o = long_options; o->name; o++)
		if (o->val != OPT_FORMAT && len == strlen(o->name) + 2 &&
		    !strncmp(word, "--", 2) && !strncmp(word + 2, o->name, len - 2))
			return true;
	return false;
}

bool cli_inspect_is_meant(int argc, char **argv)
{
	struct stat st;

	for (int i = 1; i < argc; i++)
		if (is_option(argv[i]) || (!stat(argv[i], &st) && S_ISDIR(st.st_mode)))
			return true;
	return false;
}

bool cli_inspect_is_archive(const char *path)
{
	size_t len = path ? strlen(path) : 0;
	struct crit_container *container;
	enum crit_status status;
	struct stat st;

	// CRIU's own archives of a tmpfs are images: tmpfs-dev-32.tar.gz.img.
	if (!len || stat(path, &st) || !S_ISREG(st.st_mode) ||
	    (len > 4 && !strcmp(path + len - 4, ".img")))
		return false;
	status = crit_container_read(path, &container, NULL);
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

static int parse_option(struct command *c, int option)
{
	struct crit_inspect_options *o = &c->options;

	switch (option) {
	case OPT_JSON:
		c->json = true;
		return EXIT_DONE;
	case OPT_FORMAT:
		c->json = !strcmp(optarg, "json");
		return c->json || !strcmp(optarg, "tree") ?
			       EXIT_DONE :
			       cli_usage(&verb_info, "--format wants tree or json");
	case 'p':
		return cli_parse_pid(optarg, &o->pid) ?
			       EXIT_DONE : cli_usage(&verb_info, "--pid wants a process id");
	case OPT_ALL:
		choose_all(o);
		return EXIT_DONE;
	case '?':
		return cli_usage(&verb_info, "unknown option or missing argument");
	}
	o->stats |= option == OPT_STATS;
	o->metadata |= option == OPT_METADATA;
	o->mounts |= option == OPT_MOUNTS;
	o->processes |= option == OPT_PS_TREE || option == OPT_PS_TREE_CMD ||
			option == OPT_PS_TREE_ENV;
	o->cmdline |= option == OPT_PS_TREE_CMD;
	o->env |= option == OPT_PS_TREE_ENV;
	o->files |= option == OPT_FILES;
	o->sockets |= option == OPT_SOCKETS;
	return EXIT_DONE;
}

int cli_inspect(int argc, char **argv)
{
	struct command c = { .options = { .problem = problem, .ctx = &c } };
	struct cli_report report;
	enum crit_status status;
	struct crit_error err;
	int option, exit_status;

	opterr = 0;
	optind = 0; // anew: the options of an image were parsed before
	while ((option = getopt_long(argc, argv, "p:", long_options, NULL)) != -1) {
		exit_status = parse_option(&c, option);
		if (exit_status)
			return exit_status;
	}
	if (optind == argc)
		return cli_usage(&verb_info, "an archive or a directory, please");
	if (!cli_report_open(&report, c.json))
		return EXIT_FAILED;
	status = crit_inspect_write((const char *const *)argv + optind, (size_t)(argc - optind),
				    &c.options, &report.options, report.out, &err);
	exit_status = cli_report_close(&report, status, &err);
	return exit_status ? exit_status : c.met_problem ? EXIT_FAILED : EXIT_DONE;
}
