// SPDX-License-Identifier: LGPL-2.1-or-later
/* check.c - will a checkpoint restore? Looks at the images anew, not at what is open of them. */
#include <stdlib.h>

#include "checkpoint.h"
#include "open.h"

PyObject *checkpoint_check(struct checkpoint *self, PyObject *args)
{
	struct crit_check_options options = { 0 };
	struct crit_checkpoint_info info;
	enum crit_status status;
	struct report report;
	struct crit_error err;
	int json = 0, colour = 0, files = 0, no_cpu = 0;
	PyObject *write, *parents = NULL, *encoded, *result;
	const char **paths;

	if (!PyArg_ParseTuple(args, "Opppp|zzO", &write, &json, &colour, &files, &no_cpu,
			      &options.sysroot, &options.pages, &parents))
		return NULL;
	encoded = encode_paths(parents);
	if (!encoded)
		return NULL;
	if (!report_begin(self, &report, write, json, colour)) {
		Py_DECREF(encoded);
		return NULL;
	}
	paths = paths_of(encoded);
	options.open.parents = paths;
	options.files = files;
	options.no_cpu = no_cpu;
	options.open.keep_going = report.options.keep_going;
	crit_checkpoint_info(self->ckpt, &info);
	status = crit_check_report(info.path, &options, &report.options, report.out, NULL, &err);
	result = report_end(self, &report, status, &err);
	free(paths);
	Py_DECREF(encoded);
	return result;
}
