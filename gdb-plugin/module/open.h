/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* open.h - opening a checkpoint as Python asks for it. */
#ifndef CRITCORE_MODULE_OPEN_H
#define CRITCORE_MODULE_OPEN_H

#include "module.h"

/**
 * An archive may have to be unpacked: Ctrl-C then ends it, with an exception set.
 *
 * @param parent    crit_open_options.parent; "" or NULL: none.
 * @param progress  Hears of (bytes done, bytes in all, 0 if not known); None or NULL: nobody does.
 */
enum crit_status open_checkpoint(const char *path, const char *parent, PyObject *progress,
				 struct crit_checkpoint **out, struct crit_error *err);

#endif
