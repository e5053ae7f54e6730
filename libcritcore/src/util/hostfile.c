// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * hostfile.c - see hostfile.h. The name is opened with O_PATH first, which touches nothing, and
 * reopened through /proc once it is known to be a regular file.
 */
#include "util/hostfile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

static int open_path(int root_fd, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	if (root_fd < 0)
		fd = open(path, O_PATH | O_CLOEXEC);
	else
		fd = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}

/** Windows into the kernel look like regular files, and reading some of them does something: a log
 *  loses what was read of it. */
static bool is_of_kernel(int path_fd)
{
	struct statfs fs;

	if (fstatfs(path_fd, &fs) != 0)
		return true;
	switch ((unsigned long)fs.f_type) {
	case PROC_SUPER_MAGIC:
	case SYSFS_MAGIC:
	case DEBUGFS_MAGIC:
	case TRACEFS_MAGIC:
		return true;
	default:
		return false;
	}
}

int hostfile_open(int root_fd, const char *path, struct stat *st)
{
	int path_fd = open_path(root_fd, path), fd;
	char proc[32];

	if (path_fd < 0)
		return path_fd;
	if (fstat(path_fd, st) != 0 || !S_ISREG(st->st_mode) || is_of_kernel(path_fd)) {
		close(path_fd);
		return -EINVAL;
	}
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", path_fd);
	fd = open(proc, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		fd = errno == ENOENT ? -ENOSYS : -errno; // the file is there, /proc is not
	close(path_fd);
	return fd;
}

bool hostfile_name(int fd, char *out, size_t size)
{
	char proc[32];
	ssize_t n;

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	n = readlink(proc, out, size);
	if (n < 0 || (size_t)n >= size)
		return false;
	out[n] = '\0';
	return true;
}
