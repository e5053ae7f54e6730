// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * server.c - the Python type Server: the handle of a serve_thread. The server reads a checkpoint it
 * opened itself, or that another server did, so it does not share one with Python; but for another
 * checkpoint that is shown for a while, which Python cannot use meanwhile.
 */
#include "checkpoint.h"
#include "convert.h"
#include "open.h"
#include "serve_thread.h"

struct server {
	PyObject ob_base;
	struct serve_thread *serve; /* NULL once closed */
	struct checkpoint *shown;   /* whose contents gdb sees, entered; NULL: the server's own */
};

/* What the user chose about files; see critcore.h. The bytes objects are borrowed. */
struct choices {
	const char *sysroot;
	PyObject *files; /* a tuple of bytes */
	const char *pages; /* NULL: no second folder */
	PyObject *parents; /* a tuple of bytes */
	int trust;
};

static enum crit_status apply(struct crit_checkpoint *ckpt, const struct choices *choices,
			      struct crit_error *err)
{
	enum crit_status status = crit_checkpoint_set_sysroot(ckpt, choices->sysroot, err);

	for (Py_ssize_t i = 0; status == CRIT_OK && i < PyTuple_Size(choices->files); i++) {
		const char *path = PyBytes_AsString(PyTuple_GetItem(choices->files, i));
		status = crit_checkpoint_offer_file(ckpt, path, err);
	}
	if (status == CRIT_OK && choices->pages)
		status = crit_checkpoint_set_pages_dir(ckpt, choices->pages, err);
	crit_checkpoint_set_trust_files(ckpt, choices->trust);
	return status;
}

static enum crit_status serve_task(struct crit_checkpoint *ckpt, unsigned int pid,
				   struct serve_thread **out, struct crit_error *err)
{
	struct crit_task *task = crit_task_find(ckpt, pid);
	enum crit_status status;

	if (!task) {
		*err = (struct crit_error){ .status = CRIT_NOT_FOUND,
					    .message = "no such process" };
		return CRIT_NOT_FOUND;
	}
	status = crit_task_load(task, err);
	return status == CRIT_OK ? serve_thread_create(ckpt, task, out, err) : status;
}

/* On success the server owns the checkpoint it opened. */
static enum crit_status start(const char *path, unsigned int pid, const struct choices *choices,
			      struct serve_thread **out, struct crit_error *err)
{
	struct crit_checkpoint *ckpt;
	enum crit_status status;

	status = open_checkpoint(path, choices->parents, NULL, &ckpt, err);
	if (status != CRIT_OK)
		return status;
	status = apply(ckpt, choices, err);
	if (status == CRIT_OK) {
		Py_BEGIN_ALLOW_THREADS
		status = serve_task(ckpt, pid, out, err);
		Py_END_ALLOW_THREADS
	}
	if (status != CRIT_OK)
		crit_checkpoint_close(ckpt);
	return status;
}

static PyObject *wrap(const struct module_state *state, struct serve_thread *serve)
{
	struct server *self = (struct server *)PyType_GenericAlloc(state->server_type, 0);

	if (self)
		self->serve = serve;
	else
		serve_thread_destroy(serve, NULL);
	return (PyObject *)self;
}

/* `serve` with its arguments decoded; takes no reference. */
static PyObject *start_server(const struct module_state *state, const char *path, unsigned int pid,
			      const struct choices *choices)
{
	struct serve_thread *serve;
	struct crit_error err;

	if (start(path, pid, choices, &serve, &err) != CRIT_OK)
		return PyErr_Occurred() ? NULL : raise_error(state, &err);
	return wrap(state, serve);
}

PyObject *server_start(PyObject *module, PyObject *args)
{
	PyObject *path, *sysroot, *paths, *pages = NULL, *parents = NULL, *server = NULL;
	struct choices choices;
	unsigned int pid;

	if (!PyArg_ParseTuple(args, "O&IO&Op|O&O", PyUnicode_FSConverter, &path, &pid,
			      PyUnicode_FSConverter, &sysroot, &paths, &choices.trust,
			      PyUnicode_FSConverter, &pages, &parents))
		return NULL;
	choices.sysroot = PyBytes_AsString(sysroot);
	choices.pages = pages && PyBytes_Size(pages) ? PyBytes_AsString(pages) : NULL;
	choices.parents = encode_paths(parents);
	choices.files = encode_paths(paths);
	if (choices.files && choices.parents)
		server = start_server(PyModule_GetState(module), PyBytes_AsString(path), pid,
				      &choices);
	Py_XDECREF(choices.files);
	Py_XDECREF(choices.parents);
	Py_XDECREF(pages);
	Py_DECREF(sysroot);
	Py_DECREF(path);
	return server;
}

/* another(pid) -> Server */
static PyObject *another(PyObject *object, PyObject *args)
{
	const struct module_state *state = PyType_GetModuleState(Py_TYPE(object));
	struct serve_thread *serve = ((struct server *)object)->serve;
	struct serve_thread *out;
	struct crit_error err;
	unsigned int pid;

	if (!PyArg_ParseTuple(args, "I", &pid))
		return NULL;
	if (!serve) {
		PyErr_SetString(PyExc_ValueError, "the server is closed");
		return NULL;
	}
	// With the GIL: nobody may close this server meanwhile. It only waits for a request's end.
	if (serve_thread_another(serve, pid, &out, &err) != CRIT_OK)
		return raise_error(state, &err);
	return wrap(state, out);
}

/* ---- Another checkpoint's contents ---------------------------------------------------------- */

/* The thread is told, or has ended. */
static void let_go_of_shown(struct server *self)
{
	struct checkpoint *shown = self->shown;

	self->shown = NULL;
	if (!shown)
		return;
	leave(shown, NULL);
	Py_DECREF((PyObject *)shown);
}

static void show_own(struct server *self)
{
	if (self->serve)
		serve_thread_show(self->serve, NULL);
	let_go_of_shown(self);
}

/* show([checkpoint, pid]) */
static PyObject *show(PyObject *object, PyObject *args)
{
	const struct module_state *state = PyType_GetModuleState(Py_TYPE(object));
	struct server *self = (struct server *)object;
	struct checkpoint *other = NULL;
	struct crit_task *task;
	enum crit_status status;
	struct crit_error err;
	unsigned int pid = 0;

	if (!PyArg_ParseTuple(args, "|O!I", state->checkpoint_type, &other, &pid))
		return NULL;
	show_own(self);
	if (!other)
		return Py_BuildValue("");
	if (!self->serve) {
		PyErr_SetString(PyExc_ValueError, "the server is closed");
		return NULL;
	}
	task = enter_task(other, pid);
	if (!task)
		return NULL;
	WITHOUT_GIL(status = crit_task_load(task, &err));
	if (status)
		return fail(other, &err);
	Py_INCREF((PyObject *)other);
	self->shown = other;
	serve_thread_show(self->serve, task);
	return Py_BuildValue("");
}

/* ---- Ending --------------------------------------------------------------------------------- */

/* close() -> None, or the line that says why the server gave up before it was told to. */
static PyObject *close_server(PyObject *object, PyObject *ignored)
{
	struct server *self = (struct server *)object;
	struct serve_thread *serve = self->serve;
	struct crit_error err;
	enum crit_status status;

	(void)ignored;
	self->serve = NULL; // before the GIL goes: nobody else may destroy it
	Py_BEGIN_ALLOW_THREADS
	status = serve_thread_destroy(serve, &err);
	Py_END_ALLOW_THREADS
	let_go_of_shown(self);
	return text_to_python(status == CRIT_OK ? NULL : err.message);
}

static void dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	// The thread never waits for the GIL, so waiting for it with the GIL held is safe.
	serve_thread_destroy(((struct server *)object)->serve, NULL);
	let_go_of_shown((struct server *)object);
	PyObject_Free(object);
	Py_DECREF(type);
}

static PyObject *get_path(PyObject *object, void *ignored)
{
	struct server *self = (struct server *)object;

	(void)ignored;
	return text_to_python(self->serve ? serve_thread_path(self->serve) : NULL);
}

static PyObject *get_tid(PyObject *object, void *ignored)
{
	struct server *self = (struct server *)object;

	(void)ignored;
	return PyLong_FromLong(self->serve ? serve_thread_tid(self->serve) : 0);
}

static PyMethodDef methods[] = {
	{ "another", another, METH_VARARGS,
	  "another(pid) -> Server of another process, of the same open checkpoint" },
	{ "show", show, METH_VARARGS,
	  "show([checkpoint, pid]): from now on gdb reads memory, registers and thread-local "
	  "storage of that process, which Checkpoint.same_run() let pass; without arguments its "
	  "own again" },
	{ "close", close_server, METH_NOARGS,
	  "close() -> None, or why the server gave up. Ends the conversation; may be repeated." },
	{ 0 },
};

static PyGetSetDef getset[] = {
	{ "path", get_path, NULL, "the socket to connect to, once; None after close()", NULL },
	{ "tid", get_tid, NULL, "the kernel's id of the thread while it serves, else 0", NULL },
	{ 0 },
};

static PyType_Slot slots[] = {
	{ Py_tp_doc, (void *)"A thread that serves one process to gdb. Made by serve()." },
	{ Py_tp_dealloc, dealloc },
	{ Py_tp_methods, methods },
	{ Py_tp_getset, getset },
	{ 0 },
};

PyType_Spec server_spec = {
	.name = "_critcore.Server",
	.basicsize = sizeof(struct server),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
	.slots = slots,
};
