/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* mapped_file.h - which mapped file a debugger means by a name. */
#ifndef CRIT_TARGET_MAPPED_FILE_H
#define CRIT_TARGET_MAPPED_FILE_H

#include <stdbool.h>

#include "critcore.h"

/**
 * The mapped file (or the executable) that @p path names, if its bytes can be had here.
 * @return false: none, more than one would fit, or it was not found or does not match.
 */
bool mapped_file_find(struct crit_task *task, const char *path, struct crit_file *out);

#endif
