// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * module.c - the Python module `_critcore`: checkpoints as plain Python data, and a server for gdb.
 * It prints nothing, knows no gdb, and decides nothing; the package critgdb is its only caller.
 */
#include "module.h"

#include "convert.h"

/* Attributes: status (name of the crit_status), image, off, errno; None where there is none. */
static int describe(PyObject *error, const struct crit_error *err)
{
	PyObject *details = Py_BuildValue(
		"{s:s,s:N,s:N,s:N}",
		"status", crit_status_name(err->status),
		"image", text_to_python(err->image[0] ? err->image : NULL),
		"off", err->has_off ? PyLong_FromUnsignedLongLong(err->off) : Py_BuildValue(""),
		"errno", err->os_errno ? PyLong_FromLong(err->os_errno) : Py_BuildValue(""));
	PyObject *key, *value;
	Py_ssize_t pos = 0;
	int failed = !details;

	while (!failed && PyDict_Next(details, &pos, &key, &value))
		failed = PyObject_SetAttr(error, key, value);
	Py_XDECREF(details);
	return failed;
}

PyObject *raise_error(const struct module_state *state, const struct crit_error *err)
{
	PyObject *text = text_to_python(err->message);
	PyObject *error = text ? PyObject_CallFunctionObjArgs(state->error, text, NULL) : NULL;

	if (error && !describe(error, err))
		PyErr_SetObject(state->error, error);
	Py_XDECREF(error);
	Py_XDECREF(text);
	return NULL;
}

static PyObject *version(PyObject *module, PyObject *ignored)
{
	(void)module, (void)ignored;
	return text_to_python(crit_version());
}

static PyMethodDef methods[] = {
	{ "compress", checkpoint_compress, METH_VARARGS,
	  "compress(dir, block_len, acceleration, in_place, report) -> 'done' | 'already' | "
	  "'no pagemaps'; report() gets {pagemap, nr_pages, len_before, len_after, nr_kept}" },
	{ "decompress", checkpoint_decompress, METH_VARARGS,
	  "decompress(dir, in_place, report) -> as compress()" },
	{ "image_decode", image_decode, METH_VARARGS,
	  "image_decode(path, to, write, note, indented, pretty, no_payload) -> None, or what "
	  "was not understood; to a file, or to write() when `to` is None" },
	{ "image_encode", image_encode, METH_VARARGS, "image_encode(path, to, note) -> None" },
	{ "image_info", image_info, METH_VARARGS, "image_info(path) -> {magic, count, kept}" },
	{ "list", list_checkpoints, METH_VARARGS,
	  "list(paths, write, problem, json): a report to write(bytes); problem(str)" },
	{ "open", checkpoint_open, METH_VARARGS,
	  "open(path[, parents, progress]) -> Checkpoint; parents: paths, the nearest first; "
	  "progress(done, total): of unpacking it" },
	{ "open_pre_dump", pre_dump_open, METH_VARARGS,
	  "open_pre_dump(path) -> Checkpoint, good for diff(), diff_ranges() and read_pages()" },
	{ "serve", server_start, METH_VARARGS,
	  "serve(path, pid, sysroot, files, trust[, pages, parents]) -> Server; see Server" },
	{ "version", version, METH_NOARGS, "version() -> str: of the library" },
	{ 0 },
};

static PyTypeObject *add_type(PyObject *module, PyType_Spec *spec)
{
	PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);

	if (type && PyModule_AddType(module, type))
		Py_CLEAR(type);
	return type;
}

static int execute(PyObject *module)
{
	struct module_state *state = PyModule_GetState(module);

	state->error = PyErr_NewExceptionWithDoc(
		"_critcore.Error",
		"What the library says: one line, with status, image, off, errno.", NULL, NULL);
	if (!state->error || PyModule_AddObjectRef(module, "Error", state->error))
		return -1;
	state->checkpoint_type = add_type(module, &checkpoint_spec);
	state->server_type = add_type(module, &server_spec);
	state->view_type = add_type(module, &view_spec);
	return state->checkpoint_type && state->server_type && state->view_type ? 0 : -1;
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
	struct module_state *state = PyModule_GetState(module);

	Py_VISIT(state->error);
	Py_VISIT(state->checkpoint_type);
	Py_VISIT(state->server_type);
	Py_VISIT(state->view_type);
	return 0;
}

static int clear(PyObject *module)
{
	struct module_state *state = PyModule_GetState(module);

	Py_CLEAR(state->error);
	Py_CLEAR(state->checkpoint_type);
	Py_CLEAR(state->server_type);
	Py_CLEAR(state->view_type);
	return 0;
}

static PyModuleDef_Slot slots[] = {
	{ Py_mod_exec, execute },
	{ 0 },
};

static struct PyModuleDef definition = {
	PyModuleDef_HEAD_INIT,
	.m_name = "_critcore",
	.m_doc = "CRIU checkpoints as plain Python data.",
	.m_size = sizeof(struct module_state),
	.m_methods = methods,
	.m_slots = slots,
	.m_traverse = traverse,
	.m_clear = clear,
};

PyMODINIT_FUNC PyInit__critcore(void); // Python looks it up by this name

PyMODINIT_FUNC PyInit__critcore(void)
{
	return PyModuleDef_Init(&definition);
}
