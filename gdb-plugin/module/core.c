// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * core.c - Checkpoint.core(): a core file. It keeps the GIL, as dump.c does; an exception in a
 * callback, Ctrl-C among them, ends the work and leaves no file.
 */
#include "checkpoint.h"
#include "convert.h"

static void note_gap(void *ctx, const struct crit_dump_gap *gap)
{
	PyObject *result;

	if (PyErr_Occurred())
		return;
	result = PyObject_CallFunction(ctx, "KKN", (unsigned long long)gap->start,
				       (unsigned long long)gap->end, text_to_python(gap->why));
	Py_XDECREF(result);
}

static PyObject *to_python(const struct crit_core_result *result)
{
	return Py_BuildValue("{sKsKsKsKsKsnsn}", "len", (unsigned long long)result->len, "image",
			     (unsigned long long)result->image, "zero",
			     (unsigned long long)result->zero, "in_files",
			     (unsigned long long)result->in_files, "missing",
			     (unsigned long long)result->missing, "threads",
			     (Py_ssize_t)result->nr_threads, "lacking",
			     (Py_ssize_t)result->nr_lacking);
}

PyObject *task_core(struct checkpoint *self, PyObject *args)
{
	struct crit_core_options options = { .gap = note_gap, .keep_going = until_exception };
	struct crit_core_result result;
	struct crit_task *task;
	enum crit_status status;
	struct crit_error err;
	PyObject *path, *gap;
	unsigned int pid;
	int full, zstd;

	if (!PyArg_ParseTuple(args, "IO&ppO", &pid, PyUnicode_FSConverter, &path, &full, &zstd,
			      &gap))
		return NULL;
	task = enter_task(self, pid);
	if (!task) {
		Py_DECREF(path);
		return NULL;
	}
	options.full = full;
	options.zstd = zstd;
	options.ctx = gap;
	status = crit_core_write_file(task, PyBytes_AsString(path), &options, &result, &err);
	Py_DECREF(path);
	if (PyErr_Occurred())
		return leave(self, NULL);
	return status ? fail(self, &err) : leave(self, to_python(&result));
}
