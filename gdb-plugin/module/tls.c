// SPDX-License-Identifier: LGPL-2.1-or-later
/* tls.c - methods of the Python type Checkpoint about thread-local variables. */
#include "checkpoint.h"
#include "convert.h"

/* Modules are few: they are turned into Python data as they are told, with the GIL. */
static bool add_module(void *ctx, const struct crit_tls_module *module)
{
	return append(ctx, Py_BuildValue("{s:K,s:K,s:K,s:N,s:N}",
					 "number", (unsigned long long)module->number,
					 "link_map", (unsigned long long)module->link_map,
					 "dynamic", (unsigned long long)module->dynamic,
					 "name", text_to_python(module->name),
					 "plain", PyBool_FromLong(module->plain)));
}

PyObject *tls_modules(struct checkpoint *self, PyObject *args)
{
	struct crit_task *task = enter_task_arg(self, args);
	struct crit_error err;
	PyObject *list;

	if (!task)
		return NULL;
	list = PyList_New(0);
	if (!list)
		return leave(self, NULL);
	if (crit_tls_modules(task, add_module, list, &err) != CRIT_OK) {
		Py_DECREF(list);
		return fail(self, &err);
	}
	if (PyErr_Occurred()) {
		Py_DECREF(list);
		list = NULL;
	}
	return leave(self, list);
}

PyObject *tls_address(struct checkpoint *self, PyObject *args)
{
	unsigned long long link_map, offset;
	struct crit_thread *thread;
	enum crit_status status;
	struct crit_error err;
	unsigned int pid, tid;
	uint64_t vaddr;

	if (!PyArg_ParseTuple(args, "IIKK", &pid, &tid, &link_map, &offset) ||
	    !(thread = enter_thread(self, pid, tid)))
		return NULL;
	WITHOUT_GIL(status = crit_tls_address(thread, link_map, offset, &vaddr, &err));
	return status == CRIT_OK ? leave(self, Py_BuildValue("K", (unsigned long long)vaddr)) :
				   fail(self, &err);
}
