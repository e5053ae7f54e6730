// SPDX-License-Identifier: LGPL-2.1-or-later
/* callbacks.c - from the library's calls back to Python functions. See module.h. */
#include "module.h"

bool call_function(PyObject *function, PyObject *argument)
{
	PyObject *result = argument ? PyObject_CallFunctionObjArgs(function, argument, NULL) : NULL;

	Py_XDECREF(argument);
	Py_XDECREF(result);
	return result;
}

bool write_to_function(void *ctx, const void *data, size_t len)
{
	return call_function(ctx, PyBytes_FromStringAndSize(data, (Py_ssize_t)len));
}

bool until_exception(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx, (void)done, (void)total;
	return !PyErr_Occurred() && PyErr_CheckSignals() == 0;
}
