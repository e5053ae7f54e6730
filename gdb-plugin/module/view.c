// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * view.c - the Python type View: memory of a process that is looked at where it lies in a file, for
 * memoryview(). Read-only.
 *
 * Should the file be cut short meanwhile, what is gone reads as zeros (the library sees to it that
 * gdb lives on). Python must not run in a signal handler, but it can be asked to raise an exception
 * as soon as it may: BufferError, right behind the operation that read the zeros. Zeros up to the
 * end of a page that was cut in the middle give no signal; for them `intact` turns False, the next
 * memoryview() fails, and the end of the last one warns.
 */
#include "checkpoint.h"

struct view {
	PyObject ob_base;
	struct crit_view *view;
};

static const char cut_short[] = "the file was cut short while its memory was looked at";

static int raise_cut_short(void *ignored)
{
	(void)ignored;
	PyErr_SetString(PyExc_BufferError, cut_short);
	return -1;
}

/* In the signal handler: CPython does the same in its own. */
static void on_loss(void *ignored)
{
	Py_AddPendingCall(raise_cut_short, ignored);
}

static int get_buffer(PyObject *object, Py_buffer *buffer, int flags)
{
	const struct crit_view *view = ((struct view *)object)->view;

	if (!crit_view_intact(view)) {
		buffer->obj = NULL;
		PyErr_SetString(PyExc_BufferError, cut_short);
		return -1;
	}
	return PyBuffer_FillInfo(buffer, object, (void *)crit_view_data(view),
				 (Py_ssize_t)crit_view_len(view), 1, flags);
}

static void release_buffer(PyObject *object, Py_buffer *buffer)
{
	PyObject *type, *value, *traceback;

	(void)buffer;
	if (crit_view_intact(((struct view *)object)->view))
		return;
	// It may be released because of an exception, which stays what it is.
	PyErr_Fetch(&type, &value, &traceback);
	if (PyErr_WarnEx(PyExc_RuntimeWarning, cut_short, 1))
		PyErr_WriteUnraisable(object);
	PyErr_Restore(type, value, traceback);
}

static void dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	crit_view_close(((struct view *)object)->view);
	PyObject_Free(object);
	Py_DECREF(type);
}

static PyObject *get_intact(PyObject *object, void *ignored)
{
	(void)ignored;
	return PyBool_FromLong(crit_view_intact(((struct view *)object)->view));
}

static PyObject *wrap(const struct module_state *state, struct crit_view *view)
{
	struct view *self = (struct view *)PyType_GenericAlloc(state->view_type, 0);
	PyObject *memory;

	if (!self) {
		crit_view_close(view);
		return NULL;
	}
	self->view = view;
	crit_view_on_loss(view, on_loss, NULL);
	memory = PyMemoryView_FromObject((PyObject *)self);
	Py_DECREF(self);
	return memory;
}

/* Where the bytes do not lie in a row: a copy of them. */
static PyObject *copy(struct checkpoint *self, PyObject *args)
{
	PyObject *bytes = memory_read(self, args);
	PyObject *memory = bytes ? PyMemoryView_FromObject(bytes) : NULL;

	Py_XDECREF(bytes);
	return memory;
}

PyObject *memory_view(struct checkpoint *self, PyObject *args)
{
	unsigned long long vaddr;
	struct crit_view *view;
	struct crit_error err;
	enum crit_status status;
	struct crit_task *task;
	unsigned int pid;
	Py_ssize_t len;

	if (!PyArg_ParseTuple(args, "IKn", &pid, &vaddr, &len))
		return NULL;
	if (len <= 0)
		return copy(self, args); // of no bytes, or it says what is wrong
	if (!(task = enter_task(self, pid)))
		return NULL;
	WITHOUT_GIL(status = crit_mem_view(task, vaddr, (size_t)len, &view, &err));
	if (status == CRIT_OK)
		return leave(self, wrap(state_of(self), view));
	if (status != CRIT_UNSUPPORTED)
		return fail(self, &err);
	leave(self, NULL);
	return copy(self, args);
}

static PyGetSetDef getset[] = {
	{ "intact", get_intact, NULL, "False once the file was found to be cut short", NULL },
	{ 0 },
};

static PyType_Slot slots[] = {
	{ Py_tp_doc, (void *)"Memory where it lies in a file. Made by Checkpoint.view()." },
	{ Py_tp_dealloc, dealloc },
	{ Py_tp_getset, getset },
	{ Py_bf_getbuffer, get_buffer },
	{ Py_bf_releasebuffer, release_buffer },
	{ 0 },
};

PyType_Spec view_spec = {
	.name = "_critcore.View",
	.basicsize = sizeof(struct view),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
	.slots = slots,
};
