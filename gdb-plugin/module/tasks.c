// SPDX-License-Identifier: LGPL-2.1-or-later
/* tasks.c - methods about processes and threads, their registers and mapped files. */
#include "checkpoint.h"
#include "convert.h"

static PyObject *one_task(struct crit_task *task)
{
	struct crit_task_info out;
	struct crit_error err;
	enum crit_status status;

	WITHOUT_GIL(status = crit_task_info(task, &out, &err));
	return task_to_python(&out, status == CRIT_OK ? NULL : &err);
}

PyObject *task_find(struct checkpoint *self, PyObject *args)
{
	unsigned int pid;

	if (!PyArg_ParseTuple(args, "I", &pid) || !enter(self))
		return NULL;
	struct crit_task *task =
		pid ? crit_task_find(self->ckpt, pid) : crit_task_at(self->ckpt, 0);
	return task ? leave(self, one_task(task)) : leave_none(self);
}

PyObject *task_list(struct checkpoint *self, PyObject *ignored)
{
	struct crit_task *task;

	(void)ignored;
	if (!enter(self))
		return NULL;
	PyObject *list = PyList_New(0);
	for (size_t i = 0; list && (task = crit_task_at(self->ckpt, i)); i++) {
		if (!append(list, one_task(task)) || PyErr_CheckSignals())
			Py_CLEAR(list);
	}
	return leave(self, list);
}

PyObject *task_of_tid(struct checkpoint *self, PyObject *args)
{
	struct crit_task_info out;
	unsigned int tid;

	if (!PyArg_ParseTuple(args, "I", &tid) || !enter(self))
		return NULL;
	struct crit_task *task = crit_task_find_by_tid(self->ckpt, tid);
	if (!task)
		return leave_none(self);
	crit_task_info(task, &out, NULL);
	return leave(self, PyLong_FromUnsignedLong(out.pid));
}

PyObject *task_load(struct checkpoint *self, PyObject *args)
{
	struct crit_task *task = enter_task_arg(self, args);
	struct crit_error err;
	enum crit_status status;

	if (!task)
		return NULL;
	WITHOUT_GIL(status = crit_task_load(task, &err));
	return status == CRIT_OK ? leave_none(self) : fail(self, &err);
}

PyObject *task_machine(struct checkpoint *self, PyObject *args)
{
	struct crit_task *task = enter_task_arg(self, args);

	if (!task)
		return NULL;
	return leave(self, Py_BuildValue("{s:N,s:I,s:N}", "arch",
					 text_to_python(crit_task_arch(task)), "page_size",
					 (unsigned int)crit_task_page_size(task), "big_endian",
					 PyBool_FromLong(crit_task_big_endian(task))));
}

PyObject *task_notes(struct checkpoint *self, PyObject *args)
{
	struct crit_task *task = enter_task_arg(self, args);
	PyObject *list = task ? PyList_New(0) : NULL;

	if (!task)
		return NULL;
	for (size_t i = 0; list; i++) {
		const char *note;

		WITHOUT_GIL(note = crit_task_note_at(task, i));
		if (!note)
			break;
		if (!append(list, text_to_python(note)))
			Py_CLEAR(list);
	}
	return leave(self, list);
}

static PyObject *one_thread(struct crit_thread *thread)
{
	struct crit_thread_state state;
	struct crit_error err;
	enum crit_status status;

	WITHOUT_GIL(status = crit_thread_state(thread, &state, &err));
	return thread_to_python(thread, &state, status == CRIT_OK ? NULL : &err);
}

PyObject *task_threads(struct checkpoint *self, PyObject *args)
{
	struct crit_task *task = enter_task_arg(self, args);
	struct crit_thread *thread;

	if (!task)
		return NULL;
	PyObject *list = PyList_New(0);
	for (size_t i = 0; list && (thread = crit_thread_at(task, i)); i++) {
		if (!append(list, one_thread(thread)) || PyErr_CheckSignals())
			Py_CLEAR(list);
	}
	return leave(self, list);
}

static PyObject *thread_registers(struct crit_task *task, struct crit_thread *thread,
				  struct crit_error *err)
{
	PyObject *list = PyList_New(0);
	struct crit_register reg;

	for (size_t i = 0; list && i < crit_register_count(task); i++) {
		if (crit_register_get(thread, i, &reg, err) != CRIT_OK) {
			Py_DECREF(list);
			return NULL;
		}
		if (!append(list, register_to_python(&reg)))
			Py_CLEAR(list);
	}
	return list;
}

PyObject *task_registers(struct checkpoint *self, PyObject *args)
{
	struct crit_error err = { 0 };
	unsigned int pid, tid;
	struct crit_thread *thread;

	if (!PyArg_ParseTuple(args, "II", &pid, &tid) || !(thread = enter_thread(self, pid, tid)))
		return NULL;
	PyObject *list = thread_registers(crit_task_find(self->ckpt, pid), thread, &err);
	return list || PyErr_Occurred() ? leave(self, list) : fail(self, &err);
}

/* ---- Files ---------------------------------------------------------------------------------- */

PyObject *task_exe(struct checkpoint *self, PyObject *args)
{
	struct crit_task *task = enter_task_arg(self, args);
	struct crit_file file;
	struct crit_error err;
	enum crit_status status;

	if (!task)
		return NULL;
	WITHOUT_GIL(status = crit_task_exe(task, &file, &err));
	return status == CRIT_OK ? leave(self, file_to_python(&file)) : fail(self, &err);
}

PyObject *task_files(struct checkpoint *self, PyObject *args)
{
	struct crit_task *task = enter_task_arg(self, args);
	struct crit_file file;
	bool more;

	if (!task)
		return NULL;
	PyObject *list = PyList_New(0);
	for (size_t i = 0; list; i++) {
		WITHOUT_GIL(more = crit_task_file_at(task, i, &file));
		if (!more)
			break;
		if (!append(list, file_to_python(&file)) || PyErr_CheckSignals())
			Py_CLEAR(list);
	}
	return leave(self, list);
}
