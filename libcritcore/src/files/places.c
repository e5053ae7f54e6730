// SPDX-License-Identifier: LGPL-2.1-or-later
/* places.c - where mapped files are looked for: a sysroot, and files that the user offers. */
#include "files/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/hostfile.h"

void files_init(struct files *files, struct source *src)
{
	memset(files, 0, sizeof(*files));
	files->src = src;
	files->root_fd = -1;
}

void files_deinit(struct files *files)
{
	files_unload(files);
	window_close(&files->window, NULL);
	for (size_t i = 0; i < files->nr_offered; i++)
		free(files->offered[i].path);
	free(files->offered);
	if (files->root_fd >= 0)
		close(files->root_fd);
	free(files->sysroot);
}

enum crit_status files_set_sysroot(struct files *files, const char *sysroot,
				   struct crit_error *err)
{
	char *copy = NULL;
	int fd = -1;

	if (sysroot && *sysroot && strcmp(sysroot, "/")) {
		fd = open(sysroot, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return error_os(err, errno, "sysroot %s", sysroot);
		copy = strdup(sysroot);
		if (!copy) {
			close(fd);
			return error_no_memory(err);
		}
	}
	if (files->root_fd >= 0)
		close(files->root_fd);
	free(files->sysroot);
	files->root_fd = fd;
	files->sysroot = copy;
	return CRIT_OK;
}

enum crit_status files_offer(struct files *files, const char *path, struct crit_error *err)
{
	struct offered_file file = { 0 }, *grown;
	struct stat st;
	int fd = hostfile_open(-1, path, &st);

	if (fd == -EINVAL)
		return error_set(err, CRIT_INVALID, "%s: not a regular file", path);
	if (fd < 0)
		return error_os(err, -fd, "%s", path);
	file.size = (uint64_t)st.st_size;
	file.build_id_len = elfid_read(fd, file.build_id);
	close(fd);
	file.path = strdup(path);
	grown = realloc(files->offered, (files->nr_offered + 1) * sizeof(*grown));
	if (grown)
		files->offered = grown;
	if (!file.path || !grown) {
		free(file.path);
		return error_no_memory(err);
	}
	grown[files->nr_offered++] = file;
	return CRIT_OK;
}
