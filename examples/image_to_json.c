// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * image_to_json.c - print one image of a checkpoint as JSON.
 *
 *	cc image_to_json.c $(pkg-config --cflags --libs critcore) -o image_to_json
 *	./image_to_json DIR/pstree.img
 */
#include <stdio.h>
#include <unistd.h>

#include <critcore.h>

static void note(void *ctx, const char *line)
{
	(void)ctx;
	fprintf(stderr, "image_to_json: %s\n", line);
}

int main(int argc, char **argv)
{
	struct crit_decode_options options = {
		.layout = CRIT_JSON_INDENTED, .pretty = true, .note = note,
	};
	struct crit_output *out = NULL;
	struct crit_input *in = NULL;
	struct crit_error err;
	enum crit_status status;

	if (argc != 2) {
		fputs("usage: image_to_json IMAGE\n", stderr);
		return 2;
	}
	status = crit_input_open(argv[1], &in, &err);
	if (!status)
		status = crit_output_from_fd(STDOUT_FILENO, &out, &err);
	if (!status)
		status = crit_image_decode(in, out, &options, &err);
	crit_output_close(out);
	crit_input_close(in);
	// CRIT_KEPT: all of it was printed, but not all of it was understood.
	if (status)
		fprintf(stderr, "image_to_json: %s\n", err.message);
	return status ? 1 : puts("") == EOF;
}
