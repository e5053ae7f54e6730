// SPDX-License-Identifier: LGPL-2.1-or-later
/* source.c - see source.h. */
#include "source/source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/hostfile.h"

struct source {
	char *path; /* as given, for messages; of a parent: absolute */
	int dir_fd; /* -1 of a parent: opened for each use */
	dev_t dev;  /* of the directory */
	ino_t ino;
};

enum { DIR_FLAGS = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK };

/** Take over the descriptor of a directory. */
static enum crit_status source_create(int dir_fd, const char *path, struct source **out,
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

enum crit_status source_open(const char *path, struct source **out, struct crit_error *err)
{
	int fd = open(path, DIR_FLAGS);

	if (fd < 0 && errno == ENOTDIR)
		return error_set(err, CRIT_INVALID, "%s: not a directory", path);
	if (fd < 0)
		return error_os(err, errno, "%s", path);
	return source_create(fd, path, out, err);
}

void source_close(struct source *src)
{
	if (!src)
		return;
	if (src->dir_fd >= 0)
		close(src->dir_fd);
	free(src->path);
	free(src);
}

const char *source_path(const struct source *src)
{
	return src->path;
}

bool source_same(const struct source *a, const struct source *b)
{
	return a->dev == b->dev && a->ino == b->ino;
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

bool source_has(const struct source *src, const char *name)
{
	struct stat st;
	int fd = dir_get(src);
	bool has = fd >= 0 && fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;

	if (fd >= 0)
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
	status = source_create(fd, path, out, err);
	if (!status) {
		close((*out)->dir_fd);
		(*out)->dir_fd = -1;
	}
	return status;
}

enum crit_status source_open_parent(const struct source *src, struct source **out,
				    struct crit_error *err)
{
	int fd = dir_get(src);
	struct stat st;
	enum crit_status status = CRIT_OK;

	*out = NULL;
	if (fd < 0)
		return error_os(err, -fd, "%s", src->path);
	if (fstatat(fd, "parent", &st, AT_SYMLINK_NOFOLLOW) == 0)
		status = open_parent(fd, out, err);
	dir_put(src, fd);
	return status;
}

enum crit_status source_each(const struct source *src, bool (*each)(void *ctx, const char *name),
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

int source_dir_fd(const struct source *src)
{
	return src->dir_fd;
}

/**
 * The number of blocks does not tell: a file system counts those that describe the file as well, and
 * those allocated behind its end, so a file with a small hole can have more than its size needs.
 */
static bool has_hole(int fd, off_t size)
{
	off_t hole = lseek(fd, 0, SEEK_HOLE);

	return hole >= 0 && hole < size;
}

static enum crit_status open_regular(struct member *m, int dir_fd, struct crit_error *err)
{
	// O_NONBLOCK and O_NOCTTY: a fifo or a terminal must neither block nor be taken over.
	int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW;
	struct stat st;

	m->fd = openat(dir_fd, m->name, flags | O_NOATIME);
	if (m->fd < 0 && errno == EPERM)
		m->fd = openat(dir_fd, m->name, flags); // somebody else's file
	if (m->fd < 0 && errno == ELOOP)
		return error_set(err, CRIT_CORRUPT, "%s: a symbolic link, not an image", m->name);
	if (m->fd < 0 || fstat(m->fd, &st) != 0)
		return error_os(err, errno, "%s", m->name);
	if (!S_ISREG(st.st_mode))
		return error_set(err, CRIT_CORRUPT, "%s: not a regular file", m->name);
	m->size = (uint64_t)st.st_size;
	m->mtime = st.st_mtime;
	m->mtime_ns = st.st_mtim.tv_nsec;
	m->has_holes = has_hole(m->fd, st.st_size);
	m->dev = st.st_dev;
	m->ino = st.st_ino;
	return CRIT_OK;
}

enum crit_status source_open_member(struct source *src, const char *name, struct member **out,
				    struct crit_error *err)
{
	struct member *m = calloc(1, sizeof(*m));
	enum crit_status status;
	int dir_fd;

	if (!m)
		return error_no_memory(err);
	m->fd = -1;
	m->name = strdup(name);
	dir_fd = dir_get(src);
	if (!m->name)
		status = error_no_memory(err);
	else if (dir_fd < 0)
		status = error_os(err, -dir_fd, "%s", src->path);
	else
		status = open_regular(m, dir_fd, err);
	if (dir_fd >= 0)
		dir_put(src, dir_fd);
	if (status) {
		member_close(m);
		return status;
	}
	*out = m;
	return CRIT_OK;
}

bool member_same(const struct member *a, const struct member *b)
{
	return a->dev == b->dev && a->ino == b->ino;
}

bool member_modified(const struct member *m, const struct member *first)
{
	struct stat st;

	return fstat(m->fd, &st) != 0 || st.st_mtime != first->mtime ||
	       st.st_mtim.tv_nsec != first->mtime_ns;
}

void member_close(struct member *m)
{
	if (!m)
		return;
	if (m->fd >= 0)
		close(m->fd);
	free(m->name);
	free(m);
}

enum crit_status member_read(const struct member *m, uint64_t off, void *buf, uint64_t len,
			     struct crit_error *err)
{
	uint8_t *to = buf;

	while (len) {
		ssize_t n = pread(m->fd, to, len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_os(err, errno, "%s: reading at byte %llu", m->name,
					(unsigned long long)off);
		if (n == 0)
			return error_at(err, CRIT_CORRUPT, m->name, off, "the file ends");
		to += n;
		off += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return CRIT_OK;
}

uint64_t member_next_hole(const struct member *m, uint64_t off, uint64_t *end)
{
	off_t hole, data;

	*end = m->size;
	if (!m->has_holes || off >= m->size)
		return m->size;
	hole = lseek(m->fd, (off_t)off, SEEK_HOLE);
	if (hole < 0 || (uint64_t)hole >= m->size)
		return m->size;
	data = lseek(m->fd, hole, SEEK_DATA);
	if (data >= 0)
		*end = (uint64_t)data;
	return (uint64_t)hole;
}
