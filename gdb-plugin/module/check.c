// SPDX-License-Identifier: LGPL-2.1-or-later
/* check.c - will a checkpoint restore? Looks at the images anew, not at what is open of them. */
#include "checkpoint.h"

PyObject *checkpoint_check(struct checkpoint *self, PyObject *args)
{
	struct crit_check_options options = { 0 };
	struct crit_checkpoint_info info;
	enum crit_status status;
	struct report report;
	struct crit_error err;
	int json = 0, colour = 0, files = 0, no_cpu = 0;
	PyObject *write;

	if (!PyArg_ParseTuple(args, "Opppp|zzz", &write, &json, &colour, &files, &no_cpu,
			      &options.sysroot, &options.pages, &options.open.parent) ||
	    !report_begin(self, &report, write, json, colour))
		return NULL;
	options.files = files;
	options.no_cpu = no_cpu;
	options.open.keep_going = report.options.keep_going;
	crit_checkpoint_info(self->ckpt, &info);
	status = crit_check_report(info.path, &options, &report.options, report.out, NULL, &err);
	return report_end(self, &report, status, &err);
}
