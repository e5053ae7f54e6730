// SPDX-License-Identifier: LGPL-2.1-or-later
/* image.c - critcore decode, encode, info, show: one image in, something to read out. The options,
 * defaults and exit statuses are CRIT's. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

struct command {
	const char *in, *out; /* NULL: standard input, standard output */
	bool pretty, nopl;
	int layout; /* as in --format, raw being 0; -1: not given */
};

static void print_note(void *ctx, const char *line)
{
	(void)ctx;
	fprintf(stderr, "critcore: %s\n", line);
}

static bool keep_going(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx, (void)done, (void)total;
	return !cli_caught();
}

/* Rows that several verbs have. */
#define IN_OPTION \
	CLI_TEXT('i', "in", "FILE", struct command, in, "read FILE instead of standard input")
#define OUT_OPTION                                                                         \
	CLI_TEXT('o', "out", "FILE", struct command, out,                                  \
		 "write FILE instead of standard output; an old one stays until the new "  \
		 "one is complete")
#define LAYOUT_OPTION(help) \
	CLI_CHOICE('f', "format", "raw|nice", struct command, layout, help)
#define LAYOUT_HELP "on one line, or indented, whatever else is asked for"

static const struct cli_option decode_options[] = {
	CLI_FLAG(0, "pretty", struct command, pretty,
		 "indented, with addresses in hex and names for flags"),
	LAYOUT_OPTION(LAYOUT_HELP),
	IN_OPTION,
	CLI_TEXT(0, "input", "FILE", struct command, in, NULL), // CRIT's word
	OUT_OPTION,
	CLI_TEXT(0, "output", "FILE", struct command, out, NULL),
	CLI_END,
};

static const struct cli_option encode_options[] = {
	IN_OPTION,
	CLI_TEXT(0, "input", "FILE", struct command, in, NULL),
	OUT_OPTION,
	CLI_TEXT(0, "output", "FILE", struct command, out, NULL),
	LAYOUT_OPTION(NULL), // CRIT takes it, too
	CLI_END,
};

static const struct cli_option show_options[] = {
	CLI_FLAG(0, "nopl", struct command, nopl, "only say how large payloads are"),
	LAYOUT_OPTION(LAYOUT_HELP),
	CLI_END,
};

/* Of an image there is one form; that of archives is looked at later. */
static const struct cli_option info_options[] = {
	CLI_CHOICE('f', "format", "raw|nice|tree|json", struct command, layout, NULL),
	CLI_END,
};

static int parse(const struct verb *verb, const struct cli_option *options, bool takes_file,
		 int argc, char **argv, struct command *c)
{
	int status = cli_parse(verb, options, argc, argv, c);

	if (status)
		return status;
	if (takes_file && argc - optind != 1)
		return cli_usage(verb, "one image, please");
	if (!takes_file && argc != optind)
		return cli_usage(verb, "unexpected argument; the image comes with -i or on "
				       "standard input");
	if (takes_file)
		c->in = argv[optind];
	return EXIT_DONE;
}

static enum crit_status open_input(const char *path, struct crit_input **in, struct crit_error *err)
{
	return path ? crit_input_open(path, in, err)
		    : crit_input_from_fd(STDIN_FILENO, "<stdin>", in, err);
}

/** Someone at a terminal who forgot -i would wait for ever. */
static bool is_typed(const struct verb *verb, const char *path)
{
	if (path || !isatty(STDIN_FILENO))
		return false;
	fprintf(stderr, "critcore %s: standard input is a terminal; give a file with -i\n",
		verb->name);
	return true;
}

/** Ends quietly when nobody reads any more. */
static int failed(const struct crit_error *err)
{
	return err->status == CRIT_OS && err->os_errno == EPIPE ? EXIT_FAILED : cli_fail(err);
}

/** Run one conversion between files. @p convert returns CRIT_OK or CRIT_KEPT when the output is
 *  whole; it is put in place then. */
static int run_conversion(const struct verb *verb, const struct command *c,
			  enum crit_status (*convert)(struct crit_input *, struct crit_output *,
						      const struct command *,
						      struct crit_error *))
{
	struct crit_output *out = NULL;
	struct crit_input *in = NULL;
	struct crit_error err = { 0 }, trouble;
	enum crit_status status;

	if (is_typed(verb, c->in))
		return EXIT_FAILED;
	// A file that is not complete has to go; standard output is not ours.
	if (c->out)
		cli_catch_signals();
	status = open_input(c->in, &in, &err);
	if (!status)
		status = c->out ? crit_output_create(c->out, &out, &err)
				   : crit_output_from_fd(STDOUT_FILENO, &out, &err);
	if (!status)
		status = convert(in, out, c, &err);
	if (c->out && cli_caught())
		status = CRIT_INTERRUPTED;
	if (status == CRIT_OK || status == CRIT_KEPT) {
		enum crit_status committed = crit_output_commit(out, &trouble);

		if (committed) {
			err = trouble;
			status = committed;
		}
	}
	crit_output_close(out);
	crit_input_close(in);
	if (status == CRIT_INTERRUPTED && cli_caught())
		cli_end_as_caught();
	return status ? failed(&err) : EXIT_DONE;
}

static enum crit_status decode(struct crit_input *in, struct crit_output *out,
			       const struct command *c, struct crit_error *err)
{
	struct crit_decode_options options = {
		.layout = c->pretty ? CRIT_JSON_INDENTED : CRIT_JSON_LINE,
		.pretty = c->pretty,
		.no_payload = c->nopl,
		.note = print_note,
		.keep_going = keep_going,
	};
	enum crit_status status;

	if (c->layout >= 0)
		options.layout = c->layout ? CRIT_JSON_INDENTED : CRIT_JSON_LINE;
	status = crit_image_decode(in, out, &options, err);
	// CRIT ends the line on the screen, not in a file.
	if ((status == CRIT_OK || status == CRIT_KEPT) && !c->out &&
	    write(STDOUT_FILENO, "\n", 1) != 1)
		return status; // the reader has gone; what matters was written
	return status;
}

static enum crit_status encode(struct crit_input *in, struct crit_output *out,
			       const struct command *c, struct crit_error *err)
{
	struct crit_encode_options options = { .note = print_note, .keep_going = keep_going };

	(void)c;
	return crit_image_encode(in, out, &options, err);
}

static int run_decode(int argc, char **argv)
{
	struct command c = { .layout = -1 };
	int status = parse(&verb_decode, decode_options, false, argc, argv, &c);

	return status ? status : run_conversion(&verb_decode, &c, decode);
}

static int run_encode(int argc, char **argv)
{
	struct command c = { .layout = -1 };
	int status = parse(&verb_encode, encode_options, false, argc, argv, &c);

	return status ? status : run_conversion(&verb_encode, &c, encode);
}

static int run_show(int argc, char **argv)
{
	struct command c = { .pretty = true, .layout = -1 };
	int status = parse(&verb_show, show_options, true, argc, argv, &c);

	return status ? status : run_conversion(&verb_show, &c, decode);
}

static int run_info(int argc, char **argv)
{
	struct command c = { .layout = -1 };
	struct crit_image_info info;
	struct crit_input *in = NULL;
	struct crit_error err;
	enum crit_status status;
	int parsed;

	if (cli_inspect_is_meant(argc, argv))
		return cli_inspect(argc, argv);
	parsed = cli_parse(&verb_info, info_options, argc, argv, &c);
	if (parsed)
		return parsed;
	if (optind == argc)
		return cli_usage(&verb_info, "an image, an archive or a directory, please");
	if (argc - optind > 1)
		return cli_inspect(argc, argv);
	c.in = argv[optind];
	status = open_input(c.in, &in, &err);
	if (!status)
		status = crit_image_info(in, &info, &err);
	crit_input_close(in);
	if (status == CRIT_OK || status == CRIT_KEPT)
		printf("{\n    \"magic\": \"%s\",\n    \"count\": %llu\n}\n", info.magic,
		       (unsigned long long)info.count);
	else if (cli_inspect_is_archive(c.in))
		return cli_inspect(argc, argv);
	return status ? cli_fail(&err) : EXIT_DONE;
}

const struct verb verb_decode = {
	.name = "decode",
	.arguments = "[--pretty] [-f raw|nice] [-i FILE] [-o FILE]",
	.summary = "an image as JSON",
	.help = "Write an image as JSON, the way CRIT does. Nothing is lost: `critcore encode`\n"
		"makes the very same file of it again. What JSON cannot hold is in members that\n"
		"start with '_'.\n",
	.options = decode_options,
	.notes =
		"Exit status: 0; 1 when something in the image was not understood (it is in the\n"
		"output as it was, and a line says what) or the image cannot be read; 2 for\n"
		"wrong usage.\n",
	.run = run_decode,
};

const struct verb verb_encode = {
	.name = "encode",
	.arguments = "[-i FILE] [-o FILE]",
	.summary = "JSON as an image",
	.help = "Make an image of what `critcore decode`, CRIT or go-crit wrote, in all their\n"
		"forms.\n",
	.options = encode_options,
	.run = run_encode,
};

const struct verb verb_show = {
	.name = "show",
	.arguments = "[--nopl] [-f raw|nice] FILE",
	.summary = "an image in readable form",
	.help = "Print an image as `critcore decode --pretty` does.\n",
	.options = show_options,
	.run = run_show,
};

const struct verb verb_info = {
	.name = "info",
	.arguments = "IMAGE | [OPTION...] ARCHIVE|DIR...",
	.summary = "what kind of image it is; of an archive or a directory, the container",
	.help = "Print the kind of an image and the number of its records as JSON; or, of an\n"
		"archive of Podman, CRI-O or containerd, of a container's directory or a folder\n"
		"with images, what is known of the container, and:\n",
	.options = cli_inspect_options,
	.run = run_info,
};
