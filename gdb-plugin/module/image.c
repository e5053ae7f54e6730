// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * image.c - the functions of `_critcore` for single images: decode, encode, info.
 *
 * Files come and go by name. Text for the screen goes piece by piece to a Python function, so that
 * no image is too long to be looked at; an exception in it, Ctrl-C among them, ends the work.
 */
#include "convert.h"

#include <stdbool.h>

struct callbacks {
	PyObject *write; /* takes bytes; None: there is an output file */
	PyObject *note;	 /* takes a line of text */
};

static void note(void *ctx, const char *line)
{
	const struct callbacks *callbacks = ctx;

	if (!PyErr_Occurred())
		call_function(callbacks->note, text_to_python(line));
}

/** The file @p path, or the function when it is None. */
static enum crit_status open_output(const char *path, struct callbacks *callbacks,
				    struct crit_output **out, struct crit_error *err)
{
	return path ? crit_output_create(path, out, err)
		    : crit_output_from_function(write_to_function, callbacks->write, out, err);
}

/** What a conversion returned, as Python has it: None; text: what was not understood; or raised. */
static PyObject *outcome(PyObject *module, enum crit_status status, struct crit_output *out,
			 struct crit_error *err)
{
	struct crit_error trouble;
	enum crit_status committed = CRIT_OK;

	if (!PyErr_Occurred() && (status == CRIT_OK || status == CRIT_KEPT))
		committed = crit_output_commit(out, &trouble);
	crit_output_close(out);
	if (PyErr_Occurred())
		return NULL;
	if (committed)
		return raise_error(PyModule_GetState(module), &trouble);
	if (status == CRIT_KEPT)
		return text_to_python(err->message);
	return status ? raise_error(PyModule_GetState(module), err) : Py_BuildValue("");
}

PyObject *image_decode(PyObject *module, PyObject *args)
{
	struct callbacks callbacks;
	struct crit_decode_options options = {
		.note = note, .keep_going = until_exception, .ctx = &callbacks,
	};
	int indented, pretty, no_payload;
	struct crit_output *out = NULL;
	struct crit_input *in = NULL;
	const char *path, *to;
	struct crit_error err;
	enum crit_status status;

	if (!PyArg_ParseTuple(args, "szOOppp", &path, &to, &callbacks.write, &callbacks.note,
			      &indented, &pretty, &no_payload))
		return NULL;
	options.layout = indented ? CRIT_JSON_INDENTED : CRIT_JSON_LINE;
	options.pretty = pretty;
	options.no_payload = no_payload;
	status = crit_input_open(path, &in, &err);
	if (!status)
		status = open_output(to, &callbacks, &out, &err);
	if (!status)
		status = crit_image_decode(in, out, &options, &err);
	crit_input_close(in);
	return outcome(module, status, out, &err);
}

PyObject *image_encode(PyObject *module, PyObject *args)
{
	struct callbacks callbacks = { 0 };
	struct crit_encode_options options = {
		.note = note, .keep_going = until_exception, .ctx = &callbacks,
	};
	struct crit_output *out = NULL;
	struct crit_input *in = NULL;
	const char *path, *to;
	struct crit_error err;
	enum crit_status status;

	if (!PyArg_ParseTuple(args, "ssO", &path, &to, &callbacks.note))
		return NULL;
	status = crit_input_open(path, &in, &err);
	if (!status)
		status = crit_output_create(to, &out, &err);
	if (!status)
		status = crit_image_encode(in, out, &options, &err);
	crit_input_close(in);
	return outcome(module, status, out, &err);
}

PyObject *image_info(PyObject *module, PyObject *args)
{
	struct crit_image_info info;
	struct crit_input *in = NULL;
	struct crit_error err;
	enum crit_status status;
	const char *path;

	if (!PyArg_ParseTuple(args, "s", &path))
		return NULL;
	status = crit_input_open(path, &in, &err);
	if (!status)
		status = crit_image_info(in, &info, &err);
	crit_input_close(in);
	if (status && status != CRIT_KEPT)
		return raise_error(PyModule_GetState(module), &err);
	return Py_BuildValue("{s:N,s:K,s:N}", "magic", text_to_python(info.magic), "count",
			     (unsigned long long)info.count, "kept",
			     text_to_python(status ? err.message : NULL));
}
