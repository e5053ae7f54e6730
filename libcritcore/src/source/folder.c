// SPDX-License-Identifier: LGPL-2.1-or-later
/* folder.c - a directory as a source; see source.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/source_impl.h"
#include "util/hostfile.h"

enum { DIR_FLAGS = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK };

enum crit_status folder_source(int dir_fd, const char *path, struct source **out,
			       struct crit_error *err)
{
	struct source *src = calloc(1, sizeof(*src));
	struct stat st;

	if (!src || fstat(dir_fd, &st) != 0) {
		int why = src ? errno : ENOMEM;

		free(src);
		close(dir_fd);
		return error_os(err, why, "%s", path);
	}
	src->dir_fd = dir_fd;
	src->dev = st.st_dev;
	src->ino = st.st_ino;
	src->path = strdup(path);
	if (!src->path) {
		source_close(src);
		return error_no_memory(err);
	}
	*out = src;
	return CRIT_OK;
}

/** The directory's descriptor, or -errno; give it back with dir_put(). */
static int dir_get(const struct source *src)
{
	struct stat st;
	int fd;

	if (src->dir_fd >= 0)
		return src->dir_fd;
	fd = open(src->path, DIR_FLAGS | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && st.st_dev == src->dev && st.st_ino == src->ino)
		return fd;
	close(fd);
	return -ESTALE;
}

static void dir_put(const struct source *src, int fd)
{
	if (fd != src->dir_fd)
		close(fd);
}

/**
 * The directory that a member is in: @p dir_fd or one below it, without following links. Its
 * descriptor, or -1 and errno; close it if it is not @p dir_fd.
 */
static int enter(int dir_fd, const char **name)
{
	int at = dir_fd;

	for (const char *slash; at >= 0 && (slash = strchr(*name, '/')); *name = slash + 1) {
		char part[NAME_MAX + 1];
		size_t len = (size_t)(slash - *name);
		int next = -1;

		errno = ENOENT;
		if (len && len < sizeof(part)) {
			memcpy(part, *name, len);
			part[len] = '\0';
			if (strcmp(part, ".."))
				next = openat(at, part, DIR_FLAGS | O_NOFOLLOW);
		}
		if (at != dir_fd)
			close(at);
		at = next;
	}
	return at;
}

bool folder_has(const struct source *src, const char *name)
{
	struct stat st;
	int fd = dir_get(src), at;
	bool has;

	if (fd < 0)
		return false;
	at = enter(fd, &name);
	has = at >= 0 && fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (at >= 0 && at != fd)
		close(at);
	dir_put(src, fd);
	return has;
}

/** Where the link leads, for a message. */
static enum crit_status parent_error(int dir_fd, int why, struct crit_error *err)
{
	char target[256];
	ssize_t n = readlinkat(dir_fd, "parent", target, sizeof(target) - 1);

	if (n < 0)
		return why == ENOTDIR ? error_set(err, CRIT_INVALID, "parent is no directory")
				      : error_os(err, why, "parent");
	target[n] = '\0';
	if (why == ENOENT)
		return error_set(err, CRIT_NOT_FOUND,
				 "the parent link leads to %s, which is not there", target);
	if (why == ENOTDIR)
		return error_set(err, CRIT_INVALID,
				 "the parent link leads to %s, which is no directory", target);
	return error_os(err, why, "the parent link leads to %s", target);
}

static enum crit_status open_parent(int dir_fd, struct source **out, struct crit_error *err)
{
	enum crit_status status;
	char path[4096];
	int fd = openat(dir_fd, "parent", DIR_FLAGS);

	if (fd < 0)
		return parent_error(dir_fd, errno, err);
	if (!hostfile_name(fd, path, sizeof(path))) {
		close(fd);
		return error_set(err, CRIT_OS, "the parent's path is too long");
	}
	status = folder_source(fd, path, out, err);
	if (!status) {
		close((*out)->dir_fd);
		(*out)->dir_fd = -1;
	}
	return status;
}

enum crit_status folder_open_parent(const struct source *src, struct source **out,
				    struct crit_error *err)
{
	int fd = dir_get(src);
	struct stat st;
	enum crit_status status = CRIT_OK;

	if (fd < 0)
		return error_os(err, -fd, "%s", src->path);
	if (fstatat(fd, "parent", &st, AT_SYMLINK_NOFOLLOW) == 0)
		status = open_parent(fd, out, err);
	dir_put(src, fd);
	return status;
}

bool folder_parent_target(const struct source *src, char *out, size_t size)
{
	int fd = dir_get(src);
	ssize_t n = fd < 0 ? -1 : readlinkat(fd, "parent", out, size - 1);

	if (fd >= 0)
		dir_put(src, fd);
	if (n >= 0)
		out[n] = '\0';
	return n >= 0;
}

enum crit_status folder_open_in(const struct source *src, const char *name, struct source **out,
				struct crit_error *err)
{
	int at = name ? openat(src->dir_fd, name, DIR_FLAGS | O_NOFOLLOW) : -1;
	char path[PATH_MAX];

	if (at < 0)
		at = fcntl(src->dir_fd, F_DUPFD_CLOEXEC, 0);
	if (at < 0)
		return error_os(err, errno, "%s", src->path);
	if (!hostfile_name(at, path, sizeof(path))) {
		close(at);
		return error_set(err, CRIT_OS, "the parent's path is too long");
	}
	return folder_source(at, path, out, err);
}

enum crit_status folder_each(const struct source *src, bool (*each)(void *ctx, const char *name),
			     void *ctx, struct crit_error *err)
{
	int dir_fd = dir_get(src);
	int fd = dir_fd < 0 ? -1 : openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int why = dir_fd < 0 ? -dir_fd : errno;
	struct dirent *entry;

	if (dir_fd >= 0)
		dir_put(src, dir_fd);
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return error_os(err, why, "%s", src->path);
	}
	do {
		errno = 0;
		entry = readdir(dir);
		why = errno;
	} while (entry && each(ctx, entry->d_name));
	closedir(dir);
	return !entry && why ? error_os(err, why, "%s", src->path) : CRIT_OK;
}

/**
 * The number of blocks does not tell: a file system counts those that describe the file as well,
 * and those allocated behind its end, so a file with a small hole can have more than its size
 * needs.
 */
static bool has_hole(int fd, off_t size)
{
	off_t hole = lseek(fd, 0, SEEK_HOLE);

	return hole >= 0 && hole < size;
}

static enum crit_status open_regular(struct member *m, int dir_fd, const char *name,
				     struct crit_error *err)
{
	// O_NONBLOCK and O_NOCTTY: a fifo or a terminal must neither block nor be taken over.
	int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW;
	struct stat st;

	m->in.fd = openat(dir_fd, name, flags | O_NOATIME);
	if (m->in.fd < 0 && errno == EPERM)
		m->in.fd = openat(dir_fd, name, flags); // somebody else's file
	if (m->in.fd < 0 && errno == ELOOP)
		return error_set(err, CRIT_CORRUPT, "%s: a symbolic link, not an image", m->name);
	if (m->in.fd < 0 || fstat(m->in.fd, &st) != 0)
		return error_os(err, errno, "%s", m->name);
	if (!S_ISREG(st.st_mode))
		return error_set(err, CRIT_CORRUPT, "%s: not a regular file", m->name);
	m->size = (uint64_t)st.st_size;
	m->mtime = st.st_mtime;
	m->has_holes = has_hole(m->in.fd, st.st_size);
	m->in.mtime = st.st_mtim;
	m->in.dev = st.st_dev;
	m->in.ino = st.st_ino;
	return CRIT_OK;
}

enum crit_status folder_open_member(const struct source *src, struct member *m,
				    struct crit_error *err)
{
	enum crit_status status;
	const char *name = m->name;
	int fd = dir_get(src), at;

	if (fd < 0)
		return error_os(err, -fd, "%s", src->path);
	at = enter(fd, &name);
	status = at < 0 ? error_os(err, errno, "%s", m->name) : open_regular(m, at, name, err);
	if (at >= 0 && at != fd)
		close(at);
	dir_put(src, fd);
	return status;
}
