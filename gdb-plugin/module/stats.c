// SPDX-License-Identifier: LGPL-2.1-or-later
/* stats.c - a checkpoint in numbers. */
#include "checkpoint.h"

PyObject *checkpoint_stats(struct checkpoint *self, PyObject *args)
{
	struct crit_stats_options options = { 0 };
	enum crit_status status;
	struct report report;
	struct crit_error err;
	unsigned int top = 0;
	PyObject *write;
	int json = 0, duplicates = 0;

	if (!PyArg_ParseTuple(args, "Op|Izp", &write, &json, &top, &options.work_dir,
			      &duplicates) ||
	    !report_begin(self, &report, write, json, false))
		return NULL;
	options.max_biggest = top;
	options.duplicates = duplicates;
	status = crit_stats_write(self->ckpt, &options, &report.options, report.out, &err);
	return report_end(self, &report, status, &err);
}
