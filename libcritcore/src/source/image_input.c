// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * image_input.c - crit_input_open(): a file, or a member of an archive.
 *
 *	ARCHIVE/checkpoint/core-1.img	by its name in the archive
 *	ARCHIVE/core-1.img		in the folder that has the checkpoint
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "source/source.h"
#include "util/input.h"

static enum crit_status open_source(const char *folder, const char *name, struct source **out,
				    struct crit_error *err)
{
	struct source *src;
	enum crit_status status = source_open_container(folder, &src, err);

	if (!status && !source_has(src, name)) {
		source_close(src);
		status = source_open(folder, &src, err);
	}
	if (!status)
		*out = src;
	return status;
}

static enum crit_status open_member(const char *folder, const char *name, const char *path,
				    struct crit_input **out, struct crit_error *err)
{
	struct member *m = NULL;
	struct source *src = NULL;
	enum crit_status status = open_source(folder, name, &src, err);
	uint64_t start;
	int fd;

	if (!status)
		status = source_open_member(src, name, &m, err);
	if (!status && !member_in_file(m, 0, m->size, &fd, &start))
		status = error_set(err, CRIT_UNSUPPORTED, "%s: a file with holes in an archive",
				   path);
	if (!status) {
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		status = fd < 0 ? error_os(err, errno, "%s", path)
				: input_open_part(fd, start, m->size, path, out, err);
	}
	member_close(m);
	source_close(src);
	return status;
}

enum crit_status crit_input_open(const char *path, struct crit_input **out, struct crit_error *err)
{
	struct crit_error why = { 0 };
	enum crit_status status = input_open_file(path, out, &why);
	char *folder = status && why.os_errno == ENOTDIR ? strdup(path) : NULL;
	char *slash = folder ? strrchr(folder, '/') : NULL;

	if (status && slash && slash[1]) {
		*slash = '\0';
		status = open_member(folder, slash + 1, path, out, err);
	} else if (status && err) {
		*err = why;
	}
	free(folder);
	return status;
}
