// SPDX-License-Identifier: LGPL-2.1-or-later
/* source.c - see source.h. */
#include "source/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source/source_impl.h"
#include "util/hostfile.h"

enum { DIR_FLAGS = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK };

/* ---- Opening --------------------------------------------------------------------------------- */

/**
 * The file that ARCHIVE/FOLDER begins with: cut *path there.
 * @param folder  [out] What was behind it.
 * @return A descriptor, or -errno of the path as it was.
 */
static int open_beginning(char *path, const char **folder)
{
	struct stat st;
	char *slash = path + strlen(path);
	int fd = -ENOTDIR;

	while (fd == -ENOTDIR && (slash = memrchr(path, '/', (size_t)(slash - path))) &&
	       slash > path) {
		*slash = '\0';
		fd = hostfile_open(-1, path, &st);
		*folder = slash + 1;
		if (fd == -ENOTDIR)
			*slash = '/';
	}
	return fd;
}

/** Open the archive that a path begins with.
 *  @param folder  [out] The rest of the path; free() it. */
static enum crit_status open_archive(const char *path, struct archive **out, char **folder,
				     struct crit_error *err)
{
	struct stat st;
	const char *rest = "";
	enum crit_status status;
	char *name = strdup(path);
	int fd = hostfile_open(-1, path, &st);

	*folder = NULL;
	if (name && fd == -ENOTDIR)
		fd = open_beginning(name, &rest);
	if (name && fd >= 0)
		*folder = strdup(rest);
	if (fd >= 0 && !*folder)
		close(fd);
	if (!name || (fd >= 0 && !*folder))
		status = error_no_memory(err);
	else if (fd == -EINVAL)
		status = error_set(err, CRIT_INVALID, "%s: neither a directory nor an archive",
				   path);
	else if (fd < 0)
		status = error_os(err, -fd, "%s", path);
	else
		status = archive_open(name, fd, out, err);
	free(name);
	if (status) {
		free(*folder);
		*folder = NULL;
	}
	return status;
}

/** "./a//b/" is "a/b". */
static void trim(char *folder)
{
	size_t len = strlen(folder);

	while (len && folder[len - 1] == '/')
		folder[--len] = '\0';
}

static enum crit_status open_packed(const char *path, bool container, struct source **out,
				    struct crit_error *err)
{
	struct archive *a;
	char *folder;
	enum crit_status status = open_archive(path, &a, &folder, err);

	if (status)
		return status;
	trim(folder);
	if (!*folder && !container) {
		free(folder);
		folder = NULL;
		status = packed_find_checkpoint(a, &folder, err);
	} else if (!archive_has_folder(a, folder)) {
		status = error_set(err, CRIT_NOT_FOUND, "%s: no folder %s in the archive", a->path,
				   folder);
	}
	if (status)
		archive_put(a);
	else
		status = packed_source(a, path, folder, out, err);
	free(folder);
	return status;
}

static enum crit_status open_source(const char *path, bool container, struct source **out,
				    struct crit_error *err)
{
	int fd = open(path, DIR_FLAGS);

	if (fd < 0 && errno == ENOTDIR)
		return open_packed(path, container, out, err);
	if (fd < 0)
		return error_os(err, errno, "%s", path);
	return folder_source(fd, path, out, err);
}

enum crit_status source_open(const char *path, struct source **out, struct crit_error *err)
{
	return open_source(path, false, out, err);
}

enum crit_status source_open_container(const char *path, struct source **out,
				       struct crit_error *err)
{
	enum crit_status status = open_source(path, true, out, err);

	if (status || (*out)->archive || source_has(*out, "checkpoint"))
		return status;
	source_close(*out);
	*out = NULL;
	return error_set(err, CRIT_NOT_FOUND,
			 "%s: no checkpoint of a container (no folder `checkpoint`)", path);
}

enum crit_status source_open_parent(const struct source *src, struct source **out,
				    struct crit_error *err)
{
	*out = NULL;
	return src->archive ? packed_open_parent(src, out, err) : folder_open_parent(src, out, err);
}

void source_close(struct source *src)
{
	if (!src)
		return;
	if (src->dir_fd >= 0)
		close(src->dir_fd);
	archive_put(src->archive);
	free(src->folder);
	free(src->path);
	free(src);
}

/* ---- Asking ---------------------------------------------------------------------------------- */

const char *source_path(const struct source *src)
{
	return src->path;
}

bool source_same(const struct source *a, const struct source *b)
{
	if (a->dev != b->dev || a->ino != b->ino || !a->archive != !b->archive)
		return false;
	return !a->archive || !strcmp(a->folder, b->folder);
}

bool source_is_archive(const struct source *src)
{
	return src->archive != NULL;
}

int source_fd(const struct source *src)
{
	return src->archive ? src->archive->fd : src->dir_fd;
}

const char *source_problem(const struct source *src)
{
	return src->archive ? src->archive->problem : NULL;
}

bool source_has(const struct source *src, const char *name)
{
	return src->archive ? packed_has(src, name) : folder_has(src, name);
}

enum crit_status source_each(const struct source *src, bool (*each)(void *ctx, const char *name),
			     void *ctx, struct crit_error *err)
{
	if (!src->archive)
		return folder_each(src, each, ctx, err);
	packed_each(src, each, ctx);
	return CRIT_OK;
}

enum crit_status source_open_member(struct source *src, const char *name, struct member **out,
				    struct crit_error *err)
{
	struct member *m = calloc(1, sizeof(*m));
	enum crit_status status;

	if (!m)
		return error_no_memory(err);
	m->in.fd = -1;
	m->name = strdup(name);
	if (!m->name)
		status = error_no_memory(err);
	else
		status = src->archive ? packed_open_member(src, m, err)
				      : folder_open_member(src, m, err);
	if (status) {
		member_close(m);
		return status;
	}
	*out = m;
	return CRIT_OK;
}
