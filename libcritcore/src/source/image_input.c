// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * image_input.c - crit_input_open(): a file, or a member of an archive.
 *
 *	ARCHIVE/checkpoint/core-1.img	by its name in the archive
 *	ARCHIVE/core-1.img		in the folder that has the checkpoint
 *
 * The directory of a container image is as good as its archive.
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

static enum crit_status open_part(const struct member *m, const char *path,
				  struct crit_input **out, struct crit_error *err)
{
	uint64_t start;
	int fd;

	if (!member_in_file(m, 0, m->size, &fd, &start))
		return error_set(err, CRIT_UNSUPPORTED, "%s: a file with holes in an archive",
				 path);
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return fd < 0 ? error_os(err, errno, "%s", path)
		      : input_open_part(fd, start, m->size, path, out, err);
}

/** @param tried  [out] False: the folder is not in an archive, this was none of our business. */
static enum crit_status open_member(const char *folder, const char *name, const char *path,
				    bool *tried, struct crit_input **out, struct crit_error *err)
{
	struct member *m = NULL;
	struct source *src = NULL;
	enum crit_status status = open_source(folder, name, &src, err);

	*tried = status || source_is_archive(src);
	if (!status && *tried)
		status = source_open_member(src, name, &m, err);
	if (m)
		status = open_part(m, path, out, err);
	member_close(m);
	source_close(src);
	return status;
}

enum crit_status crit_input_open(const char *path, struct crit_input **out, struct crit_error *err)
{
	struct crit_error why = { 0 }, inside = { 0 };
	enum crit_status status = input_open_file(path, out, &why), second;
	bool missing = why.os_errno == ENOENT;
	char *folder = status && (missing || why.os_errno == ENOTDIR) ? strdup(path) : NULL;
	char *slash = folder ? strrchr(folder, '/') : NULL;
	bool tried = false;

	if (slash && slash > folder && slash[1]) {
		*slash = '\0';
		second = open_member(folder, slash + 1, path, &tried, out, &inside);
		// What is missing in a directory is missing, unless that is an image's.
		tried &= !(second == CRIT_NOT_FOUND && missing);
		if (tried) {
			status = second;
			why = inside;
		}
	}
	if (status && err)
		*err = why;
	free(folder);
	return status;
}
