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

struct source {
	char *path; /* as given, for messages */
	int dir_fd;
};

enum crit_status source_open(const char *path, struct source **out, struct crit_error *err)
{
	struct source *src = calloc(1, sizeof(*src));

	if (!src)
		return error_no_memory(err);
	src->dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
	if (src->dir_fd < 0) {
		int why = errno;

		free(src);
		if (why == ENOTDIR)
			return error_set(err, CRIT_INVALID, "%s: not a directory", path);
		return error_os(err, why, "%s", path);
	}
	src->path = strdup(path);
	if (!src->path) {
		source_close(src);
		return error_no_memory(err);
	}
	*out = src;
	return CRIT_OK;
}

void source_close(struct source *src)
{
	if (!src)
		return;
	close(src->dir_fd);
	free(src->path);
	free(src);
}

const char *source_path(const struct source *src)
{
	return src->path;
}

bool source_has(const struct source *src, const char *name)
{
	struct stat st;

	return fstatat(src->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

enum crit_status source_each(const struct source *src, bool (*each)(void *ctx, const char *name),
			     void *ctx, struct crit_error *err)
{
	int fd = openat(src->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int why;

	if (!dir) {
		why = errno;
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
	m->has_holes = (uint64_t)st.st_blocks * 512 < m->size;
	return CRIT_OK;
}

enum crit_status source_open_member(struct source *src, const char *name, struct member **out,
				    struct crit_error *err)
{
	struct member *m = calloc(1, sizeof(*m));
	enum crit_status status;

	if (!m)
		return error_no_memory(err);
	m->fd = -1;
	m->name = strdup(name);
	status = m->name ? open_regular(m, src->dir_fd, err) : error_no_memory(err);
	if (status) {
		member_close(m);
		return status;
	}
	*out = m;
	return CRIT_OK;
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
