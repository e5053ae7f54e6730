// SPDX-License-Identifier: LGPL-2.1-or-later
/* list.c - checkpoints and their containers; needs no open one. */
#include <stdlib.h>

#include "convert.h"
#include "open.h"

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

/* Ctrl-C ends it, with an exception set. */
static bool keep_going(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx, (void)done, (void)total;
	return !PyErr_Occurred() && !PyErr_CheckSignals();
}

static enum crit_status list(const char *const *paths, Py_ssize_t nr, struct hearers *h, bool json,
			     struct crit_error *err)
{
	const struct crit_open_options open = { .keep_going = keep_going };
	const struct crit_list_callbacks callbacks = {
		.problem = tell_problem, .ctx = h, .open = &open,
	};
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
	encoded = encode_paths(paths);
	words = paths_of(encoded);
	if (encoded && words)
		status = list((const char *const *)words, PyTuple_Size(encoded), &h, json, &err);
	else if (encoded)
		PyErr_NoMemory();
	free(words);
	Py_XDECREF(encoded);
	if (PyErr_Occurred())
		return NULL;
	return status ? raise_error(PyModule_GetState(module), &err) : Py_BuildValue("");
}
