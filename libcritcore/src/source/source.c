// SPDX-License-Identifier: LGPL-2.1-or-later
/* source.c - see source.h. */
#include "source/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source/oci.h"
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

/** A descriptor of standard input, if there may be an archive there. */
static enum crit_status open_stdin(int *fd, struct crit_error *err)
{
	struct stat st;

	if (isatty(STDIN_FILENO))
		return error_set(err, CRIT_INVALID, "standard input is a terminal");
	if (fstat(STDIN_FILENO, &st) != 0)
		return error_os(err, errno, "standard input");
	if (S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode))
		return error_set(err, CRIT_INVALID, "standard input is neither a file nor a pipe");
	*fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	return *fd < 0 ? error_os(err, errno, "standard input") : CRIT_OK;
}

/**
 * Open the file that a path begins with.
 * @param name  The path; cut behind the file's.
 * @param rest  [out] What was behind it.
 */
static enum crit_status open_file(char *name, const char **rest, int *fd, struct crit_error *err)
{
	struct stat st;

	*rest = "";
	*fd = hostfile_open(-1, name, &st);
	if (*fd == -ENOTDIR)
		*fd = open_beginning(name, rest);
	if (*fd == -EINVAL)
		return error_set(err, CRIT_INVALID, "%s: neither a directory nor an archive", name);
	return *fd < 0 ? error_os(err, -*fd, "%s", name) : CRIT_OK;
}

/** Open the archive that a path begins with.
 *  @param folder  [out] The rest of the path; free() it. */
static enum crit_status open_archive(const char *path, const struct source_options *options,
				     struct archive **out, char **folder, struct crit_error *err)
{
	bool is_stdin = !strcmp(path, "-");
	char *name = strdup(is_stdin ? "<stdin>" : path);
	const char *rest = "";
	enum crit_status status;
	int fd = -1;

	*folder = NULL;
	if (!name)
		return error_no_memory(err);
	status = is_stdin ? open_stdin(&fd, err) : open_file(name, &rest, &fd, err);
	if (!status) {
		*folder = strdup(rest);
		status = archive_open(name, fd, &options->archive, out, err);
		if (!status && !*folder) {
			archive_put(*out);
			status = error_no_memory(err);
		}
	}
	free(name);
	if (status)
		free(*folder);
	return status;
}

void source_trim(char *folder)
{
	size_t len = strlen(folder);

	while (len && folder[len - 1] == '/')
		folder[--len] = '\0';
}

/**
 * Which part of an archive is meant.
 * @param a       Taken over, also on failure.
 * @param folder  NULL: the one with the checkpoint.
 */
static enum crit_status open_folder_of(struct archive *a, const char *path, const char *folder,
				       struct source **out, struct crit_error *err)
{
	char *found = NULL;
	enum crit_status status = CRIT_OK;

	if (!folder)
		status = packed_find_checkpoint(a, &found, err);
	else if (!archive_has_folder(a, folder))
		status = error_set(err, CRIT_NOT_FOUND, "%s: no folder %s in the archive", a->label,
				   folder);
	if (status)
		archive_put(a);
	else
		status = packed_source(a, path, folder ? folder : found, out, err);
	free(found);
	return status;
}

/** Put the layer with the checkpoint in place of an archive that is an image's. */
static enum crit_status enter_image(struct archive **a, const struct source_options *options,
				    struct crit_error *err)
{
	struct archive *layer = NULL;
	struct source *top;
	enum crit_status status = packed_source(archive_get(*a), (*a)->path, "", &top, err);

	if (status)
		return status;
	if (oci_is(top)) {
		status = oci_open(top, (*a)->path, options, &layer, err);
		if (!status) {
			archive_put(*a);
			*a = layer;
		}
	}
	source_close(top);
	return status;
}

static enum crit_status open_packed(const char *path, bool container,
				    const struct source_options *options, struct source **out,
				    struct crit_error *err)
{
	struct archive *a;
	char *folder;
	enum crit_status status = open_archive(path, options, &a, &folder, err);

	if (status)
		return status;
	source_trim(folder);
	status = packed_enter_member(&a, folder, options, err);
	if (!status)
		status = enter_image(&a, options, err);
	if (status)
		archive_put(a);
	else
		status = open_folder_of(a, path, *folder || container ? folder : NULL, out, err);
	free(folder);
	return status;
}

/** A directory; of an image layout the layer with the checkpoint. @param dir_fd  Taken over. */
static enum crit_status open_directory(int dir_fd, const char *path, bool container,
				       const struct source_options *options, struct source **out,
				       struct crit_error *err)
{
	struct source *src;
	struct archive *layer;
	enum crit_status status = folder_source(dir_fd, path, &src, err);

	if (status || !oci_is(src)) {
		*out = status ? NULL : src;
		return status;
	}
	status = oci_open(src, path, options, &layer, err);
	if (!status)
		status = open_folder_of(layer, path, container ? "" : NULL, out, err);
	source_close(src);
	return status;
}

/**
 * LAYOUT/FOLDER: a folder in the layer.
 * @return CRIT_NOT_FOUND, with nothing of use in @p err: the path does not begin with the directory
 *         of an image.
 */
static enum crit_status open_in_layout(const char *path, const struct source_options *options,
				       struct source **out, struct crit_error *err)
{
	char *name = strdup(path), *slash;
	struct source *top = NULL;
	enum crit_status status;
	int fd = -1;

	if (!name)
		return error_no_memory(err);
	source_trim(name);
	while (fd < 0 && (slash = strrchr(name, '/')) && slash > name) {
		*slash = '\0';
		fd = open(name, DIR_FLAGS);
	}
	if (fd < 0) {
		free(name);
		return CRIT_NOT_FOUND;
	}
	status = open_directory(fd, name, true, options, &top, err);
	if (!status && !top->archive)
		status = CRIT_NOT_FOUND;
	else if (!status)
		status = open_folder_of(archive_get(top->archive), path, path + strlen(name) + 1,
					out, err);
	source_close(top);
	free(name);
	return status;
}

enum crit_status source_open_any(const char *path, bool container,
				    const struct source_options *options, struct source **out,
				    struct crit_error *err)
{
	int fd = strcmp(path, "-") ? open(path, DIR_FLAGS) : -1;
	int why = errno;

	if (fd < 0 && (why == ENOTDIR || !strcmp(path, "-")))
		return open_packed(path, container, options, out, err);
	if (fd >= 0)
		return open_directory(fd, path, container, options, out, err);
	if (why == ENOENT) {
		enum crit_status status = open_in_layout(path, options, out, err);

		if (status != CRIT_NOT_FOUND)
			return status;
	}
	return error_os(err, why, "%s", path);
}

static const struct source_options no_options;

enum crit_status source_open_with(const char *path, const struct source_options *options,
				  struct source **out, struct crit_error *err)
{
	enum crit_status status;

	options = options ? options : &no_options;
	status = source_open_any(path, false, options, out, err);
	if (status || !options->parents)
		return status;
	status = given_open(*out, options, err);
	if (status) {
		source_close(*out);
		*out = NULL;
	}
	return status;
}

enum crit_status source_open(const char *path, struct source **out, struct crit_error *err)
{
	return source_open_with(path, NULL, out, err);
}

enum crit_status source_open_container_with(const char *path, const struct source_options *options,
					    struct source **out, struct crit_error *err)
{
	enum crit_status status =
		source_open_any(path, true, options ? options : &no_options, out, err);

	if (status || (*out)->archive || source_has(*out, "checkpoint"))
		return status;
	source_close(*out);
	*out = NULL;
	return error_set(err, CRIT_NOT_FOUND,
			 "%s: no checkpoint of a container (no folder `checkpoint`)", path);
}

enum crit_status source_open_container(const char *path, struct source **out,
				       struct crit_error *err)
{
	return source_open_container_with(path, NULL, out, err);
}

enum crit_status source_open_parent(const struct source *src, struct source **out,
				    struct crit_error *err)
{
	*out = NULL;
	if (src->given && src->next_given < src->given->nr)
		return given_open_parent(src, out, err);
	return src->archive ? packed_open_parent(src, out, err) : folder_open_parent(src, out, err);
}

struct source *source_open_outside(const struct source *src)
{
	return src->archive ? packed_open_outside(src) : NULL;
}

void source_close(struct source *src)
{
	if (!src)
		return;
	if (src->dir_fd >= 0)
		close(src->dir_fd);
	given_put(src->given);
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
	return !a->archive || (a->archive->part == b->archive->part &&
			       !strcmp(a->folder, b->folder));
}

bool source_is_archive(const struct source *src)
{
	return src->archive != NULL;
}

int source_dir_fd(const struct source *src)
{
	return src->dir_fd;
}

void source_identity(const struct source *src, dev_t *dev, ino_t *ino)
{
	*dev = src->dev;
	*ino = src->ino;
}

const char *source_given_parent(const struct source *src, size_t n)
{
	return src->given && n < src->given->nr ? src->given->sources[n]->path : NULL;
}

const char *source_problem(const struct source *src)
{
	return src->archive ? src->archive->problem : NULL;
}

bool source_annotation(const struct source *src, size_t i, const char **name, const char **value)
{
	if (!src->archive || i >= src->archive->nr_annotations)
		return false;
	*name = src->archive->annotations[i].name;
	*value = src->archive->annotations[i].value;
	return true;
}

bool source_layer(const struct source *src, struct source_layer *out)
{
	const struct archive *a = src->archive;

	if (!a || (a->claim.kind == DIGEST_NONE && !a->is_layer))
		return false;
	digest_text(&a->claim, out->digest);
	out->verified = archive_is_verified(a);
	return true;
}

enum crit_status source_verify(const struct source *src, const struct archive_options *options,
			       struct crit_error *err)
{
	return src->archive ? archive_verify(src->archive, options, err) : CRIT_OK;
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
