// SPDX-License-Identifier: LGPL-2.1-or-later
/* report.c - what the library writes as a report, piece by piece to a Python function. */
#include "checkpoint.h"

static bool write_piece(void *ctx, const void *data, size_t len)
{
	const struct report *report = ctx;
	PyObject *piece = PyBytes_FromStringAndSize(data, (Py_ssize_t)len);
	PyObject *result = piece ? PyObject_CallFunctionObjArgs(report->write, piece, NULL) : NULL;

	Py_XDECREF(piece);
	Py_XDECREF(result);
	return result;
}

static bool keep_going(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx, (void)done, (void)total;
	return !PyErr_Occurred() && PyErr_CheckSignals() == 0;
}

bool report_begin(struct checkpoint *self, struct report *report, PyObject *write, bool json,
		  bool colour)
{
	struct crit_error err;

	report->write = write;
	report->options = (struct crit_report_options){
		.form = json ? CRIT_REPORT_JSON : CRIT_REPORT_TEXT,
		.colour = colour,
		.keep_going = keep_going,
	};
	if (!enter(self))
		return false;
	if (!crit_output_from_function(write_piece, report, &report->out, &err))
		return true;
	fail(self, &err);
	return false;
}

PyObject *report_end(struct checkpoint *self, struct report *report, enum crit_status status,
		     const struct crit_error *err)
{
	crit_output_close(report->out);
	if (PyErr_Occurred())
		return leave(self, NULL);
	return status ? fail(self, err) : leave_none(self);
}
