// SPDX-License-Identifier: LGPL-2.1-or-later
/* image.c - critcore decode, encode, info, show: one image in, something to read out. The options,
 * defaults and exit statuses are CRIT's. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

struct arguments {
	const char *in, *out; /* NULL: standard input, standard output */
	bool pretty, nopl;
	bool has_layout;
	enum crit_json_layout layout;
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

static bool parse_layout(const char *word, struct arguments *args)
{
	args->has_layout = true;
	args->layout = !strcmp(word, "nice") ? CRIT_JSON_INDENTED : CRIT_JSON_LINE;
	return !strcmp(word, "nice") || !strcmp(word, "raw");
}

/** @param known  The options of this verb, a string of their letters. */
static int parse(const struct verb *verb, const char *known, int argc, char **argv,
		 struct arguments *args)
{
	static const struct option options[] = {
		{ "in", required_argument, NULL, 'i' },	   { "input", required_argument, NULL, 'i' },
		{ "out", required_argument, NULL, 'o' },   { "output", required_argument, NULL, 'o' },
		{ "format", required_argument, NULL, 'f' }, { "pretty", no_argument, NULL, 'p' },
		{ "nopl", no_argument, NULL, 'n' },	   { NULL, 0, NULL, 0 },
	};
	bool takes_file = !strchr(known, 'i');
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "i:o:f:", options, NULL)) != -1) {
		if (c == '?' || !strchr(known, c))
			return cli_usage(verb, "unknown option or missing argument");
		if (c == 'i')
			args->in = optarg;
		else if (c == 'o')
			args->out = optarg;
		else if (c == 'p')
			args->pretty = true;
		else if (c == 'n')
			args->nopl = true;
		else if (!parse_layout(optarg, args))
			return cli_usage(verb, "-f takes 'raw' or 'nice'");
	}
	if (takes_file && argc - optind != 1)
		return cli_usage(verb, "one image, please");
	if (!takes_file && argc != optind)
		return cli_usage(verb, "unexpected argument; the image comes with -i or on standard input");
	if (takes_file)
		args->in = argv[optind];
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
	fprintf(stderr, "critcore %s: standard input is a terminal; give a file with -i\n", verb->name);
	return true;
}

/** Ends quietly when nobody reads any more. */
static int failed(const struct crit_error *err)
{
	return err->status == CRIT_OS && err->os_errno == EPIPE ? EXIT_FAILED : cli_fail(err);
}

/** Run one conversion between files. @p convert returns CRIT_OK or CRIT_KEPT when the output is
 *  whole; it is put in place then. */
static int run_conversion(const struct verb *verb, const struct arguments *args,
			  enum crit_status (*convert)(struct crit_input *, struct crit_output *,
						      const struct arguments *,
						      struct crit_error *))
{
	struct crit_output *out = NULL;
	struct crit_input *in = NULL;
	struct crit_error err = { 0 }, trouble;
	enum crit_status status;

	if (is_typed(verb, args->in))
		return EXIT_FAILED;
	// A file that is not complete has to go; standard output is not ours.
	if (args->out)
		cli_catch_signals();
	status = open_input(args->in, &in, &err);
	if (!status)
		status = args->out ? crit_output_create(args->out, &out, &err)
				   : crit_output_from_fd(STDOUT_FILENO, &out, &err);
	if (!status)
		status = convert(in, out, args, &err);
	if (args->out && cli_caught())
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
			       const struct arguments *args, struct crit_error *err)
{
	struct crit_decode_options options = {
		.layout = args->pretty ? CRIT_JSON_INDENTED : CRIT_JSON_LINE,
		.pretty = args->pretty,
		.no_payload = args->nopl,
		.note = print_note,
		.keep_going = keep_going,
	};
	enum crit_status status;

	if (args->has_layout)
		options.layout = args->layout;
	status = crit_image_decode(in, out, &options, err);
	// CRIT ends the line on the screen, not in a file.
	if ((status == CRIT_OK || status == CRIT_KEPT) && !args->out &&
	    write(STDOUT_FILENO, "\n", 1) != 1)
		return status; // the reader has gone; what matters was written
	return status;
}

static enum crit_status encode(struct crit_input *in, struct crit_output *out,
			       const struct arguments *args, struct crit_error *err)
{
	struct crit_encode_options options = { .note = print_note, .keep_going = keep_going };

	(void)args;
	return crit_image_encode(in, out, &options, err);
}

static int run_decode(int argc, char **argv)
{
	struct arguments args = { 0 };
	int status = parse(&verb_decode, "piof", argc, argv, &args);

	return status ? status : run_conversion(&verb_decode, &args, decode);
}

static int run_encode(int argc, char **argv)
{
	struct arguments args = { 0 };
	int status = parse(&verb_encode, "iof", argc, argv, &args);

	return status ? status : run_conversion(&verb_encode, &args, encode);
}

static int run_show(int argc, char **argv)
{
	struct arguments args = { .pretty = true };
	int status = parse(&verb_show, "nf", argc, argv, &args);

	return status ? status : run_conversion(&verb_show, &args, decode);
}

static int run_info(int argc, char **argv)
{
	struct arguments args = { 0 };
	struct crit_image_info info;
	struct crit_input *in = NULL;
	struct crit_error err;
	enum crit_status status;
	int parsed;

	if (cli_inspect_is_meant(argc, argv))
		return cli_inspect(argc, argv);
	parsed = parse(&verb_info, "f", argc, argv, &args);
	if (parsed)
		return parsed;
	status = open_input(args.in, &in, &err);
	if (!status)
		status = crit_image_info(in, &info, &err);
	crit_input_close(in);
	if (status == CRIT_OK || status == CRIT_KEPT)
		printf("{\n    \"magic\": \"%s\",\n    \"count\": %llu\n}\n", info.magic,
		       (unsigned long long)info.count);
	else if (cli_inspect_is_archive(args.in))
		return cli_inspect(argc, argv);
	return status ? cli_fail(&err) : EXIT_DONE;
}

#define IMAGE_OPTIONS                                                                    \
	"  -i, --in FILE    read FILE instead of standard input\n"                       \
	"  -o, --out FILE   write FILE instead of standard output; an old one stays until\n" \
	"                   the new one is complete\n"

#define LAYOUT_OPTION "  -f raw|nice      on one line, or indented, whatever else is asked for\n"

const struct verb verb_decode = {
	.name = "decode",
	.arguments = "[--pretty] [-f raw|nice] [-i FILE] [-o FILE]",
	.summary = "an image as JSON",
	.help = "Write an image as JSON, the way CRIT does. Nothing is lost: `critcore encode` makes the\n"
		"very same file of it again. What JSON cannot hold is in members that start with '_'.\n\n"
		"  --pretty         indented, with addresses in hex and names for flags\n"
		LAYOUT_OPTION IMAGE_OPTIONS
		"\nExit status: 0; 1 when something in the image was not understood (it is in the output\n"
		"as it was, and a line says what) or the image cannot be read; 2 for wrong usage.\n",
	.run = run_decode,
};

const struct verb verb_encode = {
	.name = "encode",
	.arguments = "[-i FILE] [-o FILE]",
	.summary = "JSON as an image",
	.help = "Make an image of what `critcore decode`, CRIT or go-crit wrote, in all their forms.\n\n"
		IMAGE_OPTIONS,
	.run = run_encode,
};

const struct verb verb_show = {
	.name = "show",
	.arguments = "[--nopl] [-f raw|nice] FILE",
	.summary = "an image in readable form",
	.help = "Print an image as `critcore decode --pretty` does.\n\n"
		"  --nopl           only say how large payloads are\n" LAYOUT_OPTION,
	.run = run_show,
};

const struct verb verb_info = {
	.name = "info",
	.arguments = "IMAGE | [OPTION...] ARCHIVE|DIR...",
	.summary = "what kind of image it is; of an archive or a directory, the container",
	.help = "Print the kind of an image and the number of its records as JSON; or, of an archive of\n"
		"Podman, CRI-O or containerd, of a container's directory or a folder with images, what is\n"
		"known of the container, and:\n\n"
		"  --stats         what CRIU counted while dumping\n"
		"  --metadata      pod, namespace and annotations\n"
		"  --mounts        what was mounted\n"
		"  --ps-tree       the process tree\n"
		"  --ps-tree-cmd   with command lines\n"
		"  --ps-tree-env   with environments\n"
		"  --files         what each process has open\n"
		"  --sockets       its sockets\n"
		"  -p, --pid PID   only this process and what is below it\n"
		"  --all           all of it\n"
		"  --format FORM   tree (the default) or json, with the names of checkpointctl\n"
		"  --json          the same as --format json\n",
	.run = run_info,
};
