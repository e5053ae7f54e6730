// SPDX-License-Identifier: LGPL-2.1-or-later
/* scratch.c - see scratch.h. */
#include "util/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum crit_status scratch_open(int *fd, struct crit_error *err)
{
	const char *folder = secure_getenv("TMPDIR");
	char path[PATH_MAX];

	if (!folder || !*folder)
		folder = "/tmp";
	*fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (*fd >= 0)
		return CRIT_OK;
	// Some file systems have only files with names.
	if (snprintf(path, sizeof(path), "%s/critcore-XXXXXX", folder) < (int)sizeof(path))
		*fd = mkostemp(path, O_CLOEXEC);
	if (*fd < 0)
		return error_os(err, errno, "a temporary file in %s", folder);
	unlink(path);
	return CRIT_OK;
}
