// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * dump.c - Checkpoint.dump(): memory to a file, or piece by piece to a Python function. It calls
 * back all the time, so it keeps the GIL; an exception in a callback, Ctrl-C among them, ends the
 * work and leaves no file.
 */
#include "checkpoint.h"
#include "convert.h"

struct dump {
	PyObject *write; /* takes bytes; only when there is no file */
	PyObject *gap;	 /* takes start, end and why */
	struct crit_dump_options options;
	uint64_t missing;
};

static void note_gap(void *ctx, const struct crit_dump_gap *gap)
{
	const struct dump *dump = ctx;
	PyObject *result;

	if (PyErr_Occurred())
		return;
	result = PyObject_CallFunction(dump->gap, "KKN", (unsigned long long)gap->start,
				       (unsigned long long)gap->end, text_to_python(gap->why));
	Py_XDECREF(result);
}

static enum crit_status to_function(struct crit_task *task, uint64_t start, uint64_t end,
				    struct dump *dump, struct crit_error *err)
{
	struct crit_output *out;
	enum crit_status status =
		crit_output_from_function(write_to_function, dump->write, &out, err);

	if (status)
		return status;
	status = crit_mem_dump(task, start, end, out, &dump->options, &dump->missing, err);
	crit_output_close(out);
	return status;
}

static enum crit_status to_file(struct crit_task *task, uint64_t start, uint64_t end,
				const char *path, struct dump *dump, struct crit_error *err)
{
	return crit_mem_dump_file(task, start, end, path, &dump->options, false, &dump->missing,
				  err);
}

PyObject *memory_dump(struct checkpoint *self, PyObject *args)
{
	struct dump dump = { .options = { .gap = note_gap, .keep_going = until_exception } };
	unsigned long long start, end;
	struct crit_task *task;
	struct crit_error err;
	enum crit_status status;
	PyObject *to, *path = NULL;
	unsigned int pid;
	int hex;

	if (!PyArg_ParseTuple(args, "IKKOpbO", &pid, &start, &end, &to, &hex, &dump.options.fill,
			      &dump.gap))
		return NULL;
	if (!PyCallable_Check(to) && !PyUnicode_FSConverter(to, &path))
		return NULL;
	task = enter_task(self, pid);
	if (!task) {
		Py_XDECREF(path);
		return NULL;
	}
	dump.write = to;
	dump.options.hex = hex;
	dump.options.ctx = &dump;
	status = path ? to_file(task, start, end, PyBytes_AsString(path), &dump, &err)
		      : to_function(task, start, end, &dump, &err);
	Py_XDECREF(path);
	if (PyErr_Occurred())
		return leave(self, NULL);
	return status ? fail(self, &err) : leave(self, PyLong_FromUnsignedLongLong(dump.missing));
}
