// SPDX-License-Identifier: LGPL-2.1-or-later
/* memory.c - methods of the Python type Checkpoint that are about memory. See checkpoint.h. */
#include "checkpoint.h"

#include <stdlib.h>
#include <string.h>

#include "convert.h"

PyObject *memory_mappings(struct checkpoint *self, PyObject *args)
{
	struct crit_task *task = enter_task_arg(self, args);
	struct crit_mapping mapping;

	if (!task)
		return NULL;
	PyObject *list = PyList_New(0);
	for (size_t i = 0; list && crit_mapping_at(task, i, &mapping); i++) {
		if (!append(list, mapping_to_python(&mapping)))
			Py_CLEAR(list);
	}
	return leave(self, list);
}

PyObject *memory_totals(struct checkpoint *self, PyObject *args)
{
	unsigned long long start = 0, end = UINT64_MAX;
	struct crit_mem_totals out;
	struct crit_error err;
	enum crit_status status;
	struct crit_task *task;
	unsigned int pid;

	if (!PyArg_ParseTuple(args, "I|KK", &pid, &start, &end) || !(task = enter_task(self, pid)))
		return NULL;
	WITHOUT_GIL(status = crit_mem_totals(task, start, end, &out, &err));
	return status == CRIT_OK ? leave(self, totals_to_python(&out)) : fail(self, &err);
}

PyObject *memory_locate(struct checkpoint *self, PyObject *args)
{
	unsigned long long vaddr;
	struct crit_origin out;
	struct crit_error err;
	enum crit_status status;
	struct crit_task *task;
	unsigned int pid;

	if (!PyArg_ParseTuple(args, "IK", &pid, &vaddr) || !(task = enter_task(self, pid)))
		return NULL;
	WITHOUT_GIL(status = crit_mem_locate(task, vaddr, &out, &err));
	return status == CRIT_OK ? leave(self, origin_to_python(&out)) : fail(self, &err);
}

PyObject *memory_read(struct checkpoint *self, PyObject *args)
{
	unsigned long long vaddr;
	struct crit_error err;
	enum crit_status status;
	struct crit_task *task;
	unsigned int pid;
	Py_ssize_t len;

	if (!PyArg_ParseTuple(args, "IKn", &pid, &vaddr, &len))
		return NULL;
	PyObject *bytes = PyBytes_FromStringAndSize(NULL, len); // a negative length fails here
	if (!bytes || !(task = enter_task(self, pid))) {
		Py_XDECREF(bytes);
		return NULL;
	}
	char *buf = PyBytes_AsString(bytes);
	WITHOUT_GIL(status = crit_mem_read(task, vaddr, (size_t)len, buf, NULL, &err));
	if (status == CRIT_OK)
		return leave(self, bytes);
	Py_DECREF(bytes);
	return fail(self, &err);
}

/* Words for origins as the bits crit_mem_next() wants; false with an exception set. */
static bool parse_kinds(PyObject *words, unsigned int *out)
{
	PyObject *list = PySequence_List(words);
	bool ok = list;

	*out = 0;
	for (Py_ssize_t i = 0; ok && i < PyList_Size(list); i++) {
		enum crit_origin_kind kind;

		ok = origin_from_python(PyList_GetItem(list, i), &kind);
		if (ok)
			*out |= 1u << kind;
	}
	Py_XDECREF(list);
	return ok;
}

PyObject *memory_next(struct checkpoint *self, PyObject *args)
{
	unsigned long long vaddr;
	struct crit_origin out;
	struct crit_error err;
	enum crit_status status;
	struct crit_task *task;
	unsigned int pid, kinds;
	PyObject *words;

	if (!PyArg_ParseTuple(args, "IKO", &pid, &vaddr, &words) || !parse_kinds(words, &kinds) ||
	    !(task = enter_task(self, pid)))
		return NULL;
	WITHOUT_GIL(status = crit_task_load(task, &err));
	if (status != CRIT_OK)
		return fail(self, &err);
	WITHOUT_GIL(status = crit_mem_next(task, vaddr, kinds, &out, &err));
	if (status == CRIT_NOT_FOUND)
		return leave_none(self);
	return status == CRIT_OK ? leave(self, origin_to_python(&out)) : fail(self, &err);
}

/* args() and env(). */
static PyObject *strings(struct checkpoint *self, PyObject *args,
			 enum crit_status (*get)(struct crit_task *, char **, size_t *,
						 struct crit_error *))
{
	struct crit_task *task = enter_task_arg(self, args);
	enum crit_status status;
	struct crit_error err;
	size_t len;
	char *text;

	if (!task)
		return NULL;
	WITHOUT_GIL(status = get(task, &text, &len, &err));
	if (status != CRIT_OK)
		return fail(self, &err);
	PyObject *bytes = PyBytes_FromStringAndSize(text, (Py_ssize_t)len);
	free(text);
	return leave(self, bytes);
}

PyObject *memory_args(struct checkpoint *self, PyObject *args)
{
	return strings(self, args, crit_task_args);
}

PyObject *memory_env(struct checkpoint *self, PyObject *args)
{
	return strings(self, args, crit_task_env);
}
