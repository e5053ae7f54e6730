/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* open.h - opening a checkpoint as Python asks for it. */
#ifndef CRITCORE_MODULE_OPEN_H
#define CRITCORE_MODULE_OPEN_H

#include "module.h"

/** A new tuple of bytes from a sequence of paths; NULL is an empty one. */
PyObject *encode_paths(PyObject *paths);
/** The same as C has lists of paths, NULL behind the last one; free() it. Borrows from @p tuple.
 *  @return NULL: out of memory. */
const char **paths_of(PyObject *tuple);

/**
 * An archive may have to be unpacked: Ctrl-C then ends it, with an exception set.
 *
 * @param parents   crit_open_options.parents: a tuple of bytes; NULL: none.
 * @param progress  Hears of (bytes done, bytes in all, 0 if not known); None or NULL: nobody does.
 */
enum crit_status open_checkpoint(const char *path, PyObject *parents, PyObject *progress,
				 struct crit_checkpoint **out, struct crit_error *err);

#endif
