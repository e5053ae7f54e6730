// SPDX-License-Identifier: LGPL-2.1-or-later
/* list.c - checkpoints and their containers; needs no open one. */
#include <stdlib.h>

#include "convert.h"
#include "module.h"

/* Python functions that a listing is told to. */
struct hearers {
	PyObject *write, *problem;
};

static void tell_problem(void *ctx, const struct crit_error *why)
{
	const struct hearers *h = ctx;

	if (!PyErr_Occurred())
		call_function(h->problem, text_to_python(why->message));
}

/* The paths as bytes objects in a new list, which owns them; NULL with an exception set. */
static PyObject *encode_paths(PyObject *paths, const char ***out)
{
	Py_ssize_t nr = PySequence_Size(paths);
	PyObject *list = nr < 0 ? NULL : PyList_New(0);

	*out = calloc((size_t)(nr < 0 ? 0 : nr) + 1, sizeof(**out));
	if (!*out && list) {
		Py_CLEAR(list);
		PyErr_NoMemory();
	}
	for (Py_ssize_t i = 0; list && i < nr; i++) {
		PyObject *item = PySequence_GetItem(paths, i), *path = NULL;

		if (!item || !PyUnicode_FSConverter(item, &path) || PyList_Append(list, path))
			Py_CLEAR(list);
		else
			(*out)[i] = PyBytes_AsString(path);
		Py_XDECREF(item);
		Py_XDECREF(path);
	}
	return list;
}

static enum crit_status list(const char *const *paths, Py_ssize_t nr, struct hearers *h, bool json,
			     struct crit_error *err)
{
	const struct crit_list_callbacks callbacks = { .problem = tell_problem, .ctx = h };
	struct crit_report_options how = { .form = json ? CRIT_REPORT_JSON : CRIT_REPORT_TEXT };
	struct crit_output *out;
	enum crit_status status = crit_output_from_function(write_to_function, h->write, &out, err);

	if (status)
		return status;
	status = crit_list_write(paths, (size_t)nr, &callbacks, &how, out, err);
	crit_output_close(out);
	return status;
}

PyObject *list_checkpoints(PyObject *module, PyObject *args)
{
	PyObject *paths, *encoded;
	struct crit_error err;
	enum crit_status status = CRIT_OK;
	const char **words;
	struct hearers h;
	int json;

	if (!PyArg_ParseTuple(args, "OOOp", &paths, &h.write, &h.problem, &json))
		return NULL;
	encoded = encode_paths(paths, &words);
	if (encoded)
		status = list((const char *const *)words, PyList_Size(encoded), &h, json, &err);
	free(words);
	Py_XDECREF(encoded);
	if (PyErr_Occurred())
		return NULL;
	return status ? raise_error(PyModule_GetState(module), &err) : Py_BuildValue("");
}
