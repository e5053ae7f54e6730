// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * convert.c - see convert.h. A key has the name of the struct's member; enums become words, what is
 * unknown becomes None. Py_BuildValue() takes the reference of every "N", also when it fails.
 */
#include "convert.h"

#include <string.h>

static PyObject *none(void)
{
	Py_INCREF(Py_None);
	return Py_None;
}

PyObject *text_to_python(const char *text)
{
	return text ? PyUnicode_DecodeFSDefault(text) : none();
}

static PyObject *bytes_or_none(const void *bytes, size_t len)
{
	return bytes ? PyBytes_FromStringAndSize(bytes, (Py_ssize_t)len) : none();
}

static PyObject *hex_or_none(const uint8_t *bytes, size_t len)
{
	PyObject *raw = bytes_or_none(bytes, len);

	if (!raw || raw == Py_None)
		return raw;
	PyObject *hex = PyObject_CallMethod(raw, "hex", NULL);
	Py_DECREF(raw);
	return hex;
}

static PyObject *count_or_none(bool known, uint64_t count)
{
	return known ? PyLong_FromUnsignedLongLong(count) : none();
}

bool append(PyObject *list, PyObject *item)
{
	bool ok = item && !PyList_Append(list, item);

	Py_XDECREF(item);
	return ok;
}

PyObject *checkpoint_to_python(const struct crit_checkpoint_info *info)
{
	return Py_BuildValue("{s:N,s:I,s:N,s:N,s:N,s:L,s:n}",
			     "path", text_to_python(info->path),
			     "img_version", info->img_version,
			     "compressed", PyBool_FromLong(info->compressed),
			     "has_parent", PyBool_FromLong(info->has_parent),
			     "big_endian", PyBool_FromLong(info->big_endian),
			     "written", (long long)info->written,
			     "nr_tasks", (Py_ssize_t)info->nr_tasks);
}

PyObject *level_to_python(const struct crit_level *level)
{
	return Py_BuildValue("{s:N,s:N,s:N}",
			     "path", text_to_python(level->path),
			     "problem", text_to_python(level->problem),
			     "in_pages_dir", PyBool_FromLong(level->in_pages_dir));
}

PyObject *task_to_python(const struct crit_task_info *info, const struct crit_error *err)
{
	return Py_BuildValue("{s:I,s:I,s:I,s:I,s:s,s:I,s:I,s:N,s:n,s:I,s:N}",
			     "pid", info->pid,
			     "ppid", info->ppid,
			     "pgid", info->pgid,
			     "sid", info->sid,
			     "state", crit_task_state_name(info->state),
			     "exit_code", info->exit_code,
			     "stop_signo", info->stop_signo,
			     "comm", text_to_python(info->comm),
			     "nr_threads", (Py_ssize_t)info->nr_threads,
			     "depth", info->depth,
			     "error", text_to_python(err ? err->message : NULL));
}

static const char *activity_name(enum crit_thread_activity activity)
{
	static const char *const names[] = {
		[CRIT_THREAD_UNKNOWN] = "unknown", [CRIT_THREAD_RUNNING] = "running",
		[CRIT_THREAD_IN_CALL] = "in-call", [CRIT_THREAD_SLEEPING] = "sleeping",
		[CRIT_THREAD_DEAD] = "dead",
	};

	return (size_t)activity < sizeof(names) / sizeof(names[0]) ? names[activity] : "unknown";
}

/* The arguments of a known system call, or None; the first is None where it is lost. */
static PyObject *args_to_python(const struct crit_thread_state *state)
{
	if (state->call_nr < 0)
		return none();
	return Py_BuildValue("[NKKKKK]", count_or_none(state->has_first_arg, state->args[0]),
			     (unsigned long long)state->args[1],
			     (unsigned long long)state->args[2],
			     (unsigned long long)state->args[3],
			     (unsigned long long)state->args[4],
			     (unsigned long long)state->args[5]);
}

PyObject *thread_to_python(struct crit_thread *thread, const struct crit_thread_state *state,
			   const struct crit_error *err)
{
	char text[CRIT_STATE_TEXT_MAX];

	crit_thread_state_text(thread, state, text, sizeof(text));
	return Py_BuildValue("{s:I,s:N,s:N,s:s,s:N,s:N,s:N,s:N,s:N,s:N}",
			     "tid", crit_thread_tid(thread),
			     "name", text_to_python(crit_thread_name(thread)),
			     "state", text_to_python(*text ? text : NULL),
			     "activity", activity_name(state->activity),
			     "call", text_to_python(state->call_name),
			     "call_nr", count_or_none(state->call_nr >= 0,
						      (uint64_t)state->call_nr),
			     "args", args_to_python(state),
			     "stopped_by", count_or_none(state->stop_signo, state->stop_signo),
			     "on_altstack", PyBool_FromLong(state->on_altstack),
			     "error", text_to_python(err ? err->message : NULL));
}

static const char *verdict_name(enum crit_file_verdict verdict)
{
	static const char *const names[] = {
		[CRIT_FILE_USED] = "used",
		[CRIT_FILE_MISSING] = "missing",
		[CRIT_FILE_UNREADABLE] = "unreadable",
		[CRIT_FILE_SIZE_DIFFERS] = "size-differs",
		[CRIT_FILE_BUILD_ID_DIFFERS] = "build-id-differs",
		[CRIT_FILE_UNVERIFIED] = "unverified",
		[CRIT_FILE_CHANGED] = "changed",
		[CRIT_FILE_CHECKSUM_DIFFERS] = "checksum-differs",
		[CRIT_FILE_NAMESPACE] = "namespace",
		[CRIT_FILE_DELETED] = "deleted",
		[CRIT_FILE_GHOST] = "ghost",
		[CRIT_FILE_NOT_REGULAR] = "not-regular",
		[CRIT_FILE_OTHER_CPU] = "other-cpu",
	};

	return (size_t)verdict < sizeof(names) / sizeof(names[0]) ? names[verdict] : "unknown";
}

PyObject *file_to_python(const struct crit_file *file)
{
	bool local = file->local_path;

	return Py_BuildValue("{s:I,s:N,s:N,s:s,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N}",
			     "id", file->id,
			     "path", text_to_python(file->path),
			     "local_path", text_to_python(file->local_path),
			     "verdict", verdict_name(file->verdict),
			     "verdict_text", text_to_python(crit_file_verdict_text(file->verdict)),
			     "size", count_or_none(file->has_size, file->size),
			     "local_size", count_or_none(local, file->local_size),
			     "build_id", hex_or_none(file->build_id, file->build_id_len),
			     "local_build_id",
			     hex_or_none(file->local_build_id, file->local_build_id_len),
			     "ghost", text_to_python(file->ghost),
			     "checksum", count_or_none(file->has_checksum, file->checksum),
			     "local_checksum",
			     count_or_none(file->has_checksum && local, file->local_checksum),
			     "reason",
			     text_to_python(file->os_errno ? strerror(file->os_errno) : NULL));
}

PyObject *mapping_to_python(const struct crit_mapping *mapping)
{
	return Py_BuildValue("{s:K,s:K,s:I,s:I,s:I,s:K,s:K,s:s,s:N,s:N,s:N,s:N}",
			     "start", (unsigned long long)mapping->start,
			     "end", (unsigned long long)mapping->end,
			     "prot", mapping->prot,
			     "flags", mapping->flags,
			     "status", mapping->status,
			     "pgoff", (unsigned long long)mapping->pgoff,
			     "shmid", (unsigned long long)mapping->shmid,
			     "kind", crit_mapping_kind_name(mapping->kind),
			     "heap", PyBool_FromLong(mapping->heap),
			     "stack", PyBool_FromLong(mapping->stack),
			     "path", text_to_python(mapping->path),
			     "name", text_to_python(mapping->name));
}

static const char *const origin_names[] = {
	[CRIT_ORIGIN_UNMAPPED] = "unmapped",
	[CRIT_ORIGIN_IMAGE] = "image",
	[CRIT_ORIGIN_ZERO] = "zero",
	[CRIT_ORIGIN_FILE] = "file",
	[CRIT_ORIGIN_UNAVAILABLE] = "unavailable",
};

enum { NR_ORIGINS = sizeof(origin_names) / sizeof(origin_names[0]) };

static const char *origin_name(enum crit_origin_kind kind)
{
	return (size_t)kind < NR_ORIGINS ? origin_names[kind] : "unknown";
}

bool origin_from_python(PyObject *word, enum crit_origin_kind *out)
{
	for (int kind = 0; PyUnicode_Check(word) && kind < NR_ORIGINS; kind++) {
		if (!PyUnicode_CompareWithASCIIString(word, origin_names[kind])) {
			*out = kind;
			return true;
		}
	}
	PyErr_Format(PyExc_ValueError, "no such origin: %R", word);
	return false;
}

/* The LZ4 block an answer is about, or None. */
static PyObject *block_to_python(const struct crit_origin *origin)
{
	if (!origin->block_len)
		return none();
	return Py_BuildValue("{s:K,s:I,s:I,s:I}",
			     "index", (unsigned long long)origin->block_index,
			     "len", origin->block_len,
			     "mem_len", origin->block_mem_len,
			     "pos", origin->block_pos);
}

PyObject *origin_to_python(const struct crit_origin *origin)
{
	bool stored = origin->kind == CRIT_ORIGIN_IMAGE || origin->kind == CRIT_ORIGIN_FILE;
	const char *why = NULL;

	if (origin->kind == CRIT_ORIGIN_UNAVAILABLE)
		why = crit_why_text(origin->why);
	return Py_BuildValue("{s:s,s:N,s:K,s:K,s:N,s:N,s:N,s:N,s:N,s:N}",
			     "origin", origin_name(origin->kind),
			     "why", text_to_python(why),
			     "vaddr", (unsigned long long)origin->vaddr,
			     "len", (unsigned long long)origin->len,
			     "source", text_to_python(origin->source),
			     "off", count_or_none(stored, origin->off),
			     "mapping", count_or_none(origin->mapping != SIZE_MAX, origin->mapping),
			     "shared", PyBool_FromLong(origin->shared),
			     "level", count_or_none(origin->in_image, origin->level),
			     "block", block_to_python(origin));
}

PyObject *totals_to_python(const struct crit_mem_totals *totals)
{
	return Py_BuildValue("{s:K,s:K,s:K,s:K,s:K,s:K,s:K,s:K}",
			     "image", (unsigned long long)totals->image,
			     "zero", (unsigned long long)totals->zero,
			     "file", (unsigned long long)totals->file,
			     "unavailable", (unsigned long long)totals->unavailable,
			     "parent", (unsigned long long)totals->parent,
			     "compressed", (unsigned long long)totals->compressed,
			     "shared", (unsigned long long)totals->shared,
			     "lazy", (unsigned long long)totals->lazy);
}

PyObject *register_to_python(const struct crit_register *reg)
{
	return Py_BuildValue("{s:s,s:I,s:N}",
			     "name", reg->name,
			     "size", (unsigned int)reg->size,
			     "bytes", bytes_or_none(reg->available ? reg->bytes : NULL, reg->size));
}
