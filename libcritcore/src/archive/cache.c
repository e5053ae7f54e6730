// SPDX-License-Identifier: LGPL-2.1-or-later
/* cache.c - see cache.h. */
#include "archive/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "archive/cache_list.h"

enum { MAX_TRIES = 100 };

void cache_name(char out[CACHE_NAME], const struct stat *st, uint64_t start)
{
	snprintf(out, CACHE_NAME, "%llx-%llx-%llx-%llx.%lx-%llx.%lx-%llx.tar",
		 (unsigned long long)st->st_dev, (unsigned long long)st->st_ino,
		 (unsigned long long)st->st_size, (unsigned long long)st->st_mtim.tv_sec,
		 st->st_mtim.tv_nsec, (unsigned long long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec,
		 (unsigned long long)start);
}

/* ---- The folder ------------------------------------------------------------------------------ */

bool cache_path(char out[PATH_MAX])
{
	static const struct {
		const char *variable, *below;
	} rows[] = {
		{ "CRITCORE_CACHE", "" },
		{ "XDG_CACHE_HOME", "/critcore" },
		{ "HOME", "/.cache/critcore" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *value = secure_getenv(rows[i].variable);

		if (i == 0 && value && *value != '/')
			return false; // said not to
		if (value && *value == '/')
			return snprintf(out, PATH_MAX, "%s%s", value, rows[i].below) < PATH_MAX;
	}
	return false;
}

static int make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) != 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(path, 0700) != 0 && errno != EEXIST ? -errno : 0;
}

int cache_open(void)
{
	char path[PATH_MAX];
	struct stat st;
	int fd, why;

	if (!cache_path(path))
		return -ENOENT;
	why = make_folders(path);
	if (why)
		return why;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 077))
		return fd;
	close(fd);
	return -EPERM;
}

/* ---- Entries --------------------------------------------------------------------------------- */

int cache_find(int folder, const char *name)
{
	// The time of last access tells what is in use; that of modification has to stay.
	const struct timespec times[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_OMIT } };
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOATIME);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() &&
	    !(st.st_mode & 077)) {
		futimens(fd, times);
		return fd;
	}
	close(fd);
	return -EPERM;
}

int cache_create(int folder, struct cache_new *out)
{
	*out = (struct cache_new){ .folder = folder };
	out->fd = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	for (int i = 0; out->fd < 0 && i < MAX_TRIES; i++) { // file systems without it
		snprintf(out->temporary, sizeof(out->temporary), "new-%ld-%d", (long)getpid(), i);
		out->fd = openat(folder, out->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
				 0600);
		if (out->fd < 0 && errno != EEXIST)
			break;
	}
	return out->fd < 0 ? -errno : 0;
}

/** The whole name of an archive, or of one inside an archive; free() it. NULL: it has none. */
static char *whole_name(const char *archive)
{
	char *path = realpath(archive, NULL), *part = strdup(archive), *slash;

	while (!path && part && (slash = strrchr(part, '/')) && slash > part) {
		char *folder;

		*slash = '\0';
		folder = realpath(part, NULL);
		if (folder && asprintf(&path, "%s%s", folder, archive + (slash - part)) < 0)
			path = NULL;
		free(folder);
		if (folder)
			break;
	}
	free(part);
	return path;
}

int cache_commit(struct cache_new *new, const char *name, const char *archive)
{
	char self[64], *path = whole_name(archive);
	int why = 0;

	if (path && fsetxattr(new->fd, CACHE_ATTRIBUTE, path, strlen(path), 0) != 0)
		errno = 0; // some file systems have none: listings then show no name
	free(path);
	snprintf(self, sizeof(self), "/proc/self/fd/%d", new->fd);
	// Synced, or a crash of the machine could leave an entry of zeros under this name.
	if (fdatasync(new->fd) != 0)
		why = -errno;
	else if (*new->temporary)
		why = renameat(new->folder, new->temporary, new->folder, name) ? -errno : 0;
	else if (linkat(AT_FDCWD, self, new->folder, name, AT_SYMLINK_FOLLOW) && errno != EEXIST)
		why = -errno;
	if (!why)
		*new->temporary = '\0';
	cache_make_room(new->folder, name);
	return why;
}

void cache_note_digest(int fd, const struct digest *digest)
{
	char text[DIGEST_TEXT];

	digest_text(digest, text);
	if (*text)
		fsetxattr(fd, CACHE_DIGEST, text, strlen(text), 0);
}

bool cache_has_digest(int fd, const struct digest *digest)
{
	char text[DIGEST_TEXT], noted[DIGEST_TEXT];
	ssize_t len;

	digest_text(digest, text);
	if (!*text)
		return true;
	len = fgetxattr(fd, CACHE_DIGEST, noted, sizeof(noted));
	return len > 0 && (size_t)len == strlen(text) && !memcmp(noted, text, (size_t)len);
}

void cache_abandon(struct cache_new *new)
{
	if (*new->temporary)
		unlinkat(new->folder, new->temporary, 0);
	*new->temporary = '\0';
}
