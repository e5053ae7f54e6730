// SPDX-License-Identifier: LGPL-2.1-or-later
/* open.c - see open.h. */
#include "open.h"

static bool keep_going(void *ctx, uint64_t done, uint64_t total)
{
	PyObject *progress = ctx, *result;

	if (PyErr_Occurred() || PyErr_CheckSignals())
		return false;
	if (!progress)
		return true;
	result = PyObject_CallFunction(progress, "KK", (unsigned long long)done,
				       (unsigned long long)total);
	Py_XDECREF(result);
	return result != NULL;
}

enum crit_status open_checkpoint(const char *path, const char *parent, PyObject *progress,
				 struct crit_checkpoint **out, struct crit_error *err)
{
	struct crit_open_options options = {
		.keep_going = keep_going,
		.ctx = progress && PyCallable_Check(progress) ? progress : NULL,
		.parent = parent && *parent ? parent : NULL,
	};

	return crit_checkpoint_open_with(path, &options, out, err);
}
