// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * rename_task.c - give a checkpointed process another name (what `ps` shows), and leave every other
 * byte of its core image as it is.
 *
 *	cc rename_task.c $(pkg-config --cflags --libs critcore) -o rename_task
 *	./rename_task DIR/core-42.img NEW-NAME
 *
 * The new image takes the old one's place only when it is complete.
 */
#include <stdio.h>
#include <string.h>

#include <critcore.h>

static enum crit_status set_name(const char *path, const char *json, struct crit_error *err)
{
	struct crit_output *out = NULL;
	struct crit_input *in = NULL;
	enum crit_status status = crit_input_open(path, &in, err);

	if (!status)
		status = crit_output_create(path, &out, err);
	if (!status)
		status = crit_image_set(in, out, "entries[0].tc.comm", json, err);
	if (!status)
		status = crit_output_commit(out, err);
	crit_output_close(out);
	crit_input_close(in);
	return status;
}

int main(int argc, char **argv)
{
	struct crit_error err;
	char json[32];

	// The kernel keeps 15 bytes of a name.
	if (argc != 3 || strlen(argv[2]) > 15 || strpbrk(argv[2], "\"\\")) {
		fputs("usage: rename_task CORE-IMAGE NEW-NAME\n", stderr);
		return 2;
	}
	snprintf(json, sizeof(json), "\"%s\"", argv[2]);
	if (set_name(argv[1], json, &err)) {
		fprintf(stderr, "rename_task: %s\n", err.message);
		return 1;
	}
	return 0;
}
