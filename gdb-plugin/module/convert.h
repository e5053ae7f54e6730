/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * convert.h - the library's structs as plain Python data. Every function returns a new reference,
 * or NULL with an exception set.
 */
#ifndef MODULE_CONVERT_H
#define MODULE_CONVERT_H

#include "module.h"

#include <stdbool.h>

/** Bytes of an image as str; what is not text survives, as in os.fsdecode(). None for NULL. */
PyObject *text_to_python(const char *text);

/** Append and give the reference up. @return false with an exception set. */
bool append(PyObject *list, PyObject *item);

PyObject *checkpoint_to_python(const struct crit_checkpoint_info *info);

/** @param err  Why the core image cannot be read; NULL when it was. */
PyObject *task_to_python(const struct crit_task_info *info, const struct crit_error *err);

/** @param err  Why its core image cannot be read; NULL when it was. */
PyObject *thread_to_python(struct crit_thread *thread, const struct crit_thread_state *state,
			   const struct crit_error *err);

PyObject *file_to_python(const struct crit_file *file);
PyObject *mapping_to_python(const struct crit_mapping *mapping);
PyObject *origin_to_python(const struct crit_origin *origin);
/** A word that origin_to_python() uses. @return false with an exception set. */
bool origin_from_python(PyObject *word, enum crit_origin_kind *out);
PyObject *level_to_python(const struct crit_level *level);
PyObject *totals_to_python(const struct crit_mem_totals *totals);
PyObject *register_to_python(const struct crit_register *reg);

#endif
