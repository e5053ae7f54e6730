// SPDX-License-Identifier: LGPL-2.1-or-later
/* report.c - what the library writes as a report, piece by piece to a Python function. */
#include "checkpoint.h"

bool report_begin(struct checkpoint *self, struct report *report, PyObject *write, bool json,
		  bool colour)
{
	struct crit_error err;

	report->options = (struct crit_report_options){
		.form = json ? CRIT_REPORT_JSON : CRIT_REPORT_TEXT,
		.colour = colour,
		.keep_going = until_exception,
	};
	if (!enter(self))
		return false;
	if (!crit_output_from_function(write_to_function, write, &report->out, &err))
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
