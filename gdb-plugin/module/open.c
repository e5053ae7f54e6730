// SPDX-License-Identifier: LGPL-2.1-or-later
/* open.c - see open.h. */
#include "open.h"

#include <stdlib.h>

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

PyObject *encode_paths(PyObject *paths)
{
	PyObject *list = paths ? PySequence_List(paths) : PyList_New(0);
	PyObject *tuple = NULL;

	for (Py_ssize_t i = 0; list && i < PyList_Size(list); i++) {
		PyObject *path;
		if (!PyUnicode_FSConverter(PyList_GetItem(list, i), &path) ||
		    PyList_SetItem(list, i, path))
			Py_CLEAR(list);
	}
	if (list)
		tuple = PyList_AsTuple(list);
	Py_XDECREF(list);
	return tuple;
}

const char **paths_of(PyObject *tuple)
{
	Py_ssize_t nr = tuple ? PyTuple_Size(tuple) : 0;
	const char **paths = calloc((size_t)nr + 1, sizeof(*paths));

	for (Py_ssize_t i = 0; paths && i < nr; i++)
		paths[i] = PyBytes_AsString(PyTuple_GetItem(tuple, i));
	return paths;
}

enum crit_status open_checkpoint(const char *path, PyObject *parents, PyObject *progress,
				 struct crit_checkpoint **out, struct crit_error *err)
{
	const char **paths = paths_of(parents);
	struct crit_open_options options = {
		.keep_going = keep_going,
		.ctx = progress && PyCallable_Check(progress) ? progress : NULL,
		.parents = paths,
	};
	enum crit_status status;

	if (!paths) {
		*err = (struct crit_error){ .status = CRIT_NO_MEMORY, .message = "out of memory" };
		return CRIT_NO_MEMORY;
	}
	status = crit_checkpoint_open_with(path, &options, out, err);
	free(paths);
	return status;
}
