// SPDX-License-Identifier: LGPL-2.1-or-later
/* inspect.c - the container that a checkpoint is of. */
#include "checkpoint.h"
#include "convert.h"

static void tell(void *ctx, const struct crit_error *why)
{
	PyObject *text = PyErr_Occurred() ? NULL : text_to_python(why->message);
	PyObject *result = text ? PyObject_CallFunctionObjArgs(ctx, text, NULL) : NULL;

	Py_XDECREF(text);
	Py_XDECREF(result);
}

PyObject *checkpoint_container(struct checkpoint *self, PyObject *args)
{
	struct crit_inspect_options options = { .metadata = true, .mounts = true,
						.problem = tell };
	struct crit_checkpoint_info info;
	enum crit_status status;
	struct report report;
	struct crit_error err;
	PyObject *write;
	int json;

	if (!PyArg_ParseTuple(args, "OOp", &write, &options.ctx, &json) ||
	    !report_begin(self, &report, write, json, false))
		return NULL;
	crit_checkpoint_info(self->ckpt, &info);
	status = crit_inspect_write(&info.path, 1, &options, &report.options, report.out, &err);
	return report_end(self, &report, status, &err);
}
