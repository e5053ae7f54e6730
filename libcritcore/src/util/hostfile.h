/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hostfile.h - opening files of this machine by names that came out of a checkpoint. */
#ifndef CRIT_UTIL_HOSTFILE_H
#define CRIT_UTIL_HOSTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/**
 * Open a regular file for reading. Devices, fifos, sockets and the files of procfs and its like are
 * never opened, not even for a moment.
 *
 * @param root_fd  A directory that @p path may not leave, whatever links and ".." say; -1: none.
 * @param path     Absolute, or relative to the current directory when there is no root.
 * @param st       [out] Of the file.
 * @return A descriptor, or -errno; -EINVAL: not a regular file; -ENOSYS: @p root_fd needs openat2
 *         (Linux 5.6), or /proc is not mounted.
 */
int hostfile_open(int root_fd, const char *path, struct stat *st);

/** Copy the file's own name (links resolved) to @p out; false if it has none or does not fit. */
bool hostfile_name(int fd, char *out, size_t size);

#endif
