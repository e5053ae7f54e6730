/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * module.h - what the files of the Python module `_critcore` share.
 *
 * One build serves every gdb: only Python's limited API of 3.11 is used, so the same file loads
 * into gdb 13 (Python 3.11) and all later ones.
 */
#ifndef MODULE_MODULE_H
#define MODULE_MODULE_H

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>

#include <stdbool.h>

#include <critcore.h>

struct module_state {
	PyObject *error; /* the exception _critcore.Error */
	PyTypeObject *checkpoint_type;
	PyTypeObject *server_type;
	PyTypeObject *view_type;
};

/** Raise _critcore.Error with what the library said. @return NULL, so that it can be returned. */
PyObject *raise_error(const struct module_state *state, const struct crit_error *err);

/* callbacks.c: to Python, with the GIL held. An exception, Ctrl-C among them, ends the work. */
/** Call a function; @p argument is released, and may be NULL with an exception set. @return false
 *  with an exception set. */
bool call_function(PyObject *function, PyObject *argument);
/** For crit_output_from_function(): @p write is a Python function that takes bytes. */
bool write_to_function(void *write, const void *data, size_t len);
/** A crit_keep_going_fn. */
bool until_exception(void *ctx, uint64_t done, uint64_t total);

/* The types; each is made once per module. */
extern PyType_Spec checkpoint_spec;
extern PyType_Spec server_spec;
extern PyType_Spec view_spec;

/** _critcore.open(path) -> Checkpoint */
PyObject *checkpoint_open(PyObject *module, PyObject *args);

/** _critcore.list(paths, write, problem, json) */
PyObject *list_checkpoints(PyObject *module, PyObject *args);

/** _critcore.open_pre_dump(path) -> Checkpoint */
PyObject *pre_dump_open(PyObject *module, PyObject *args);

/** _critcore.serve(path, pid, sysroot, files, trust[, pages]) -> Server */
PyObject *server_start(PyObject *module, PyObject *args);

/** _critcore.image_decode(path, to, write, note, indented, pretty, no_payload) -> None | str */
PyObject *image_decode(PyObject *module, PyObject *args);
/** _critcore.image_encode(path, to, note) -> None | str */
PyObject *image_encode(PyObject *module, PyObject *args);
/** _critcore.image_info(path) -> {magic, count, kept} */
PyObject *image_info(PyObject *module, PyObject *args);

/** _critcore.compress(dir, block_len, acceleration, in_place, report) -> "done", ... */
PyObject *checkpoint_compress(PyObject *module, PyObject *args);
/** _critcore.decompress(dir, in_place, report) -> "done", ... */
PyObject *checkpoint_decompress(PyObject *module, PyObject *args);

#endif
