// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * checkpoint.c - the Python type Checkpoint: opening and closing it, its settings, and the table of
 * its methods, one per question of critcore.h. Most of them are in files of their own.
 */
#include "checkpoint.h"

#include <string.h>

#include "convert.h"
#include "open.h"

const struct module_state *state_of(struct checkpoint *self)
{
	return PyType_GetModuleState(Py_TYPE((PyObject *)self));
}

bool enter(struct checkpoint *self)
{
	if (!self->ckpt)
		PyErr_SetString(PyExc_ValueError, "the checkpoint is closed");
	else if (self->busy)
		PyErr_SetString(PyExc_RuntimeError, "the checkpoint is in use by another thread");
	else
		self->busy = true;
	return !PyErr_Occurred();
}

PyObject *leave(struct checkpoint *self, PyObject *result)
{
	self->busy = false;
	return result;
}

PyObject *fail(struct checkpoint *self, const struct crit_error *err)
{
	return leave(self, raise_error(state_of(self), err));
}

PyObject *leave_none(struct checkpoint *self)
{
	return leave(self, Py_BuildValue(""));
}

struct crit_task *enter_task(struct checkpoint *self, unsigned int pid)
{
	if (!enter(self))
		return NULL;
	struct crit_task *task = crit_task_find(self->ckpt, pid);
	if (!task) {
		PyErr_Format(PyExc_LookupError, "no process %u", pid);
		leave(self, NULL);
	}
	return task;
}

struct crit_thread *enter_thread(struct checkpoint *self, unsigned int pid, unsigned int tid)
{
	struct crit_task *task = enter_task(self, pid);
	struct crit_thread *thread = task ? crit_thread_find(task, tid) : NULL;

	if (task && !thread) {
		PyErr_Format(PyExc_LookupError, "process %u has no thread %u", pid, tid);
		leave(self, NULL);
	}
	return thread;
}

struct crit_task *enter_task_arg(struct checkpoint *self, PyObject *args)
{
	unsigned int pid;

	return PyArg_ParseTuple(args, "I", &pid) ? enter_task(self, pid) : NULL;
}

/* ---- The checkpoint ------------------------------------------------------------------------- */

/** A new object that owns @p ckpt; NULL with an exception set, and it is closed. */
static PyObject *make(const struct module_state *state, struct crit_checkpoint *ckpt)
{
	struct checkpoint *self =
		(struct checkpoint *)PyType_GenericAlloc(state->checkpoint_type, 0);
	if (!self) {
		crit_checkpoint_close(ckpt);
		return NULL;
	}
	self->ckpt = ckpt;
	return (PyObject *)self;
}

PyObject *checkpoint_open(PyObject *module, PyObject *args)
{
	const struct module_state *state = PyModule_GetState(module);
	PyObject *path, *parents = NULL, *progress = NULL, *encoded;
	struct crit_checkpoint *ckpt;
	struct crit_error err;
	enum crit_status status;

	if (!PyArg_ParseTuple(args, "O&|OO", PyUnicode_FSConverter, &path, &parents, &progress))
		return NULL;
	encoded = encode_paths(parents);
	if (!encoded) {
		Py_DECREF(path);
		return NULL;
	}
	status = open_checkpoint(PyBytes_AsString(path), encoded, progress, &ckpt, &err);
	Py_DECREF(encoded);
	Py_DECREF(path);
	if (status)
		return PyErr_Occurred() ? NULL : raise_error(state, &err);
	return make(state, ckpt);
}

PyObject *pre_dump_open(PyObject *module, PyObject *args)
{
	const struct module_state *state = PyModule_GetState(module);
	struct crit_checkpoint *ckpt;
	struct crit_error err;
	enum crit_status status;
	PyObject *path;

	if (!PyArg_ParseTuple(args, "O&", PyUnicode_FSConverter, &path))
		return NULL;
	WITHOUT_GIL(status = crit_pre_dump_open(PyBytes_AsString(path), &ckpt, &err));
	Py_DECREF(path);
	return status ? raise_error(state, &err) : make(state, ckpt);
}

static PyObject *close_checkpoint(struct checkpoint *self, PyObject *ignored)
{
	(void)ignored;
	if (!self->ckpt)
		return Py_BuildValue("");
	if (!enter(self))
		return NULL;
	crit_checkpoint_close(self->ckpt);
	self->ckpt = NULL;
	return leave_none(self);
}

static void dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	crit_checkpoint_close(((struct checkpoint *)object)->ckpt);
	PyObject_Free(object);
	Py_DECREF(type);
}

static PyObject *info(struct checkpoint *self, PyObject *ignored)
{
	struct crit_checkpoint_info out;

	(void)ignored;
	if (!enter(self))
		return NULL;
	crit_checkpoint_info(self->ckpt, &out);
	return leave(self, checkpoint_to_python(&out));
}

/* enter() for methods whose one argument is a path: its bytes, or NULL with an exception set. */
static PyObject *enter_path_arg(struct checkpoint *self, PyObject *args)
{
	PyObject *path;

	if (!PyArg_ParseTuple(args, "O&", PyUnicode_FSConverter, &path))
		return NULL;
	if (enter(self))
		return path;
	Py_DECREF(path);
	return NULL;
}

static PyObject *set_sysroot(struct checkpoint *self, PyObject *args)
{
	PyObject *path = enter_path_arg(self, args);
	struct crit_error err;

	if (!path)
		return NULL;
	enum crit_status status =
		crit_checkpoint_set_sysroot(self->ckpt, PyBytes_AsString(path), &err);
	Py_DECREF(path);
	return status == CRIT_OK ? leave_none(self) : fail(self, &err);
}

static PyObject *offer_file(struct checkpoint *self, PyObject *args)
{
	PyObject *path = enter_path_arg(self, args);
	struct crit_error err;
	enum crit_status status;

	if (!path)
		return NULL;
	WITHOUT_GIL(status = crit_checkpoint_offer_file(self->ckpt, PyBytes_AsString(path), &err));
	Py_DECREF(path);
	return status == CRIT_OK ? leave_none(self) : fail(self, &err);
}

static PyObject *set_pages_dir(struct checkpoint *self, PyObject *args)
{
	PyObject *path = enter_path_arg(self, args);
	struct crit_error err;
	enum crit_status status;

	if (!path)
		return NULL;
	const char *dir = PyBytes_AsString(path);
	WITHOUT_GIL(status = crit_checkpoint_set_pages_dir(self->ckpt, dir, &err));
	Py_DECREF(path);
	return status == CRIT_OK ? leave_none(self) : fail(self, &err);
}

static PyObject *levels(struct checkpoint *self, PyObject *ignored)
{
	struct crit_level level;
	size_t nr;

	(void)ignored;
	if (!enter(self))
		return NULL;
	WITHOUT_GIL(nr = crit_level_count(self->ckpt));
	PyObject *list = PyList_New(0);
	for (size_t i = 0; list && i < nr && crit_level_at(self->ckpt, i, &level); i++) {
		if (!append(list, level_to_python(&level)))
			Py_CLEAR(list);
	}
	return leave(self, list);
}

static PyObject *trust_files(struct checkpoint *self, PyObject *args)
{
	int trust;

	if (!PyArg_ParseTuple(args, "p", &trust) || !enter(self))
		return NULL;
	crit_checkpoint_set_trust_files(self->ckpt, trust);
	return leave_none(self);
}

/* ---- The type ------------------------------------------------------------------------------- */

#define METHOD(name, function, flags, doc) \
	{ name, (PyCFunction)(void (*)(void))(function), flags, doc }

static PyMethodDef methods[] = {
	METHOD("close", close_checkpoint, METH_NOARGS,
	       "Release it; every other method then fails."),
	METHOD("info", info, METH_NOARGS, "info() -> dict of the whole checkpoint"),
	METHOD("set_sysroot", set_sysroot, METH_VARARGS, "set_sysroot(path); \"\": this machine"),
	METHOD("offer_file", offer_file, METH_VARARGS, "offer_file(path)"),
	METHOD("trust_files", trust_files, METH_VARARGS, "trust_files(bool)"),
	METHOD("set_pages_dir", set_pages_dir, METH_VARARGS, "set_pages_dir(path)"),
	METHOD("levels", levels, METH_NOARGS,
	       "levels() -> list of dicts: path, problem, in_pages_dir; the checkpoint first"),
	METHOD("tasks", task_list, METH_NOARGS, "tasks() -> list of dicts, the root first"),
	METHOD("task", task_find, METH_VARARGS, "task(pid) -> dict, or None; 0 is the root"),
	METHOD("task_of_tid", task_of_tid, METH_VARARGS, "task_of_tid(tid) -> pid or None"),
	METHOD("load", task_load, METH_VARARGS, "load(pid): fail now rather than later"),
	METHOD("machine", task_machine, METH_VARARGS,
	       "machine(pid) -> dict: arch, page_size, big_endian"),
	METHOD("notes", task_notes, METH_VARARGS, "notes(pid) -> list of str; load first"),
	METHOD("threads", task_threads, METH_VARARGS,
	       "threads(pid) -> list of dicts: tid, name, state"),
	METHOD("details", task_details, METH_VARARGS,
	       "details(pid) -> dict: signals, timers, limits, ..."),
	METHOD("thread_details", thread_details, METH_VARARGS,
	       "thread_details(pid, tid) -> dict: signals, creds, ..."),
	METHOD("namespaces", task_namespaces, METH_VARARGS,
	       "namespaces(pid) -> list of dicts: kind, id, own, known"),
	METHOD("registers", task_registers, METH_VARARGS, "registers(pid, tid) -> list of dicts"),
	METHOD("stacks", thread_stacks, METH_VARARGS,
	       "stacks(pid, limit, past_main, group, found): found(dict) for each; pid 0: all"),
	METHOD("exe", task_exe, METH_VARARGS, "exe(pid) -> dict of the executable"),
	METHOD("files", task_files, METH_VARARGS, "files(pid) -> list of dicts: the mapped files"),
	METHOD("mappings", memory_mappings, METH_VARARGS, "mappings(pid) -> list of dicts"),
	METHOD("totals", memory_totals, METH_VARARGS,
	       "totals(pid[, start, end]) -> dict of byte counts"),
	METHOD("locate", memory_locate, METH_VARARGS,
	       "locate(pid, vaddr) -> dict: where the byte is"),
	METHOD("next", memory_next, METH_VARARGS,
	       "next(pid, vaddr, origins) -> as locate(), of the next range from one of these, "
	       "or None"),
	METHOD("read", memory_read, METH_VARARGS, "read(pid, vaddr, len) -> bytes"),
	METHOD("view", memory_view, METH_VARARGS,
	       "view(pid, vaddr, len) -> memoryview, of a View where the bytes lie in a row in a "
	       "file, else of bytes"),
	METHOD("args", memory_args, METH_VARARGS, "args(pid) -> bytes: a NUL behind each"),
	METHOD("env", memory_env, METH_VARARGS, "env(pid) -> bytes: a NUL behind each"),
	METHOD("tls_modules", tls_modules, METH_VARARGS,
	       "tls_modules(pid) -> list of dicts: number, link_map, dynamic, name, plain; in the "
	       "order of the dynamic linker's list"),
	METHOD("tls_address", tls_address, METH_VARARGS,
	       "tls_address(pid, tid, link_map, offset) -> int"),
	METHOD("find", memory_find, METH_VARARGS,
	       "find(pid, kind, pattern, found, skipped[, ignore_case, utf16, size, start, end, "
	       "align, most, overlapping, context]) -> number of matches; pid 0: all processes; "
	       "kind: text, hex, int, regex; found(dict) hears of each, None: only count; "
	       "skipped(why)"),
	METHOD("check", checkpoint_check, METH_VARARGS,
	       "check(write, json, colour, files, no_cpu[, sysroot, pages, parent]): a report to "
	       "write(bytes)"),
	METHOD("container", checkpoint_container, METH_VARARGS,
	       "container(write, problem, json): a report to write(bytes); problem(str)"),
	METHOD("stats", checkpoint_stats, METH_VARARGS,
	       "stats(write, json[, top, work_dir, duplicates]): a report to write(bytes)"),
	METHOD("dump", memory_dump, METH_VARARGS,
	       "dump(pid, start, end, to, hex, fill, gap) -> bytes that are missing; to: a path or "
	       "a function of bytes; gap(start, end, why)"),
	METHOD("explore", checkpoint_explore, METH_VARARGS,
	       "explore(what, pid, args, env, threads, state, json, write, problem): write(bytes) "
	       "hears the listing, problem(line) what could not be listed; pid 0: all processes"),
	METHOD("core", task_core, METH_VARARGS,
	       "core(pid, path, full, zstd, gap) -> dict: len, image, zero, in_files, missing, "
	       "threads, lacking; gap(start, end, why)"),
	METHOD("diff", checkpoint_diff, METH_VARARGS,
	       "diff(other, write, json, pid, newer, bytes): the report of what differs, in "
	       "pieces to write(bytes); newer: the other one is; pid 0: all"),
	METHOD("diff_ranges", checkpoint_diff_ranges, METH_VARARGS,
	       "diff_ranges(other, pid, newer) -> list of (start, end, start in the other one): "
	       "pages that both have and that changed"),
	METHOD("same_run", checkpoint_same_run, METH_VARARGS,
	       "same_run(other, pid): fail, and say why, unless both are the same run of a "
	       "program"),
	METHOD("read_pages", checkpoint_read_pages, METH_VARARGS,
	       "read_pages(pid, page_size, vaddr, len) -> bytes, of a pre-dump"),
	{ 0 },
};

static PyType_Slot slots[] = {
	{ Py_tp_doc, (void *)"A checkpoint: a directory or an archive. Made by open()." },
	{ Py_tp_dealloc, dealloc },
	{ Py_tp_methods, methods },
	{ 0 },
};

PyType_Spec checkpoint_spec = {
	.name = "_critcore.Checkpoint",
	.basicsize = sizeof(struct checkpoint),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
	.slots = slots,
};
