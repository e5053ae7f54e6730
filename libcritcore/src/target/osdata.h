/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* osdata.h - the tables behind gdb's `info os`. */
#ifndef CRIT_TARGET_OSDATA_H
#define CRIT_TARGET_OSDATA_H

#include "critcore.h"
#include "util/buf.h"

/**
 * Append a table as an XML document.
 *
 * @param task  Any of the checkpoint: the tables are about all processes in it.
 * @param type  "processes"; "": which tables there are. @p len bytes, not terminated.
 * @return 0; -ENOENT: no such table; -E2BIG: its text would be absurdly long; -EIO: the images that
 *         have it cannot be read. Memory that ran out shows in @p out.
 */
int osdata_build(struct crit_task *task, const char *type, size_t len, struct buf *out);

#endif
