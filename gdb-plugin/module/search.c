// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * search.c - Checkpoint.find(): every match goes to a Python function. The search runs without the
 * GIL and takes it for a match, and now and then to see whether somebody pressed Ctrl-C.
 */
#include "checkpoint.h"
#include "convert.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHECK_MS = 50, MAX_UNREADABLE = 8 /* ranges that are told of */ };

struct find {
	PyObject *found, *skipped;
	PyThreadState *thread; /* while the GIL is not held */
	bool failed;	       /* an exception is set */
	uint64_t check_at_ms;
	uint64_t context; /* bytes before and behind a match */
	uint64_t nr, nr_unreadable;
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Hex digits, "??" for a byte that is not there. */
static PyObject *hex_of(struct crit_task *task, uint64_t vaddr, uint64_t len)
{
	char *text = malloc(2 * len + 1);
	PyObject *out;
	uint8_t byte;

	if (!text)
		return PyErr_NoMemory();
	for (uint64_t i = 0; i < len; i++)
		if (crit_mem_read(task, vaddr + i, 1, &byte, NULL, NULL))
			memcpy(text + 2 * i, "??", 2);
		else
			for (int k = 0; k < 2; k++)
				text[2 * i + k] = "0123456789abcdef"[k ? byte & 15 : byte >> 4];
	out = PyUnicode_FromStringAndSize(text, (Py_ssize_t)(2 * len));
	free(text);
	return out;
}

static PyObject *context_of(const struct crit_match *match, uint64_t context)
{
	uint64_t start = match->vaddr > context ? match->vaddr - context : 0, end;

	if (!context)
		return Py_BuildValue("");
	if (__builtin_add_overflow(match->vaddr + match->len, context, &end))
		end = UINT64_MAX;
	return Py_BuildValue("{s:K,s:N}", "vaddr", (unsigned long long)start, "bytes",
			     hex_of(match->task, start, end - start));
}

static PyObject *match_to_python(const struct crit_match *match, uint64_t context)
{
	struct crit_mapping mapping = { 0 };
	struct crit_task_info info;
	PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)match->len);

	if (!bytes)
		return NULL;
	crit_mem_read(match->task, match->vaddr, (size_t)match->len, PyBytes_AsString(bytes), NULL,
		      NULL);
	crit_task_info(match->task, &info, NULL);
	crit_mapping_at(match->task, match->mapping, &mapping);
	return Py_BuildValue("{s:I,s:K,s:K,s:N,s:N,s:N}", "pid", info.pid, "vaddr",
			     (unsigned long long)match->vaddr, "len",
			     (unsigned long long)match->len, "bytes", bytes, "mapping",
			     mapping_to_python(&mapping), "context", context_of(match, context));
}

static bool found(void *ctx, const struct crit_match *match)
{
	struct find *f = ctx;

	f->nr++;
	PyEval_RestoreThread(f->thread);
	if (f->found != Py_None)
		f->failed = !call_function(f->found, match_to_python(match, f->context));
	f->thread = PyEval_SaveThread();
	return !f->failed;
}

static void skipped(void *ctx, struct crit_task *task, const struct crit_error *why)
{
	struct find *f = ctx;

	(void)task;
	if (f->failed)
		return;
	PyEval_RestoreThread(f->thread);
	f->failed = !call_function(f->skipped, text_to_python(why->message));
	f->thread = PyEval_SaveThread();
}

static void unreadable(void *ctx, struct crit_task *task, uint64_t vaddr, uint64_t len,
		       const struct crit_error *why)
{
	struct find *f = ctx;

	(void)vaddr, (void)len;
	if (f->nr_unreadable++ < MAX_UNREADABLE)
		skipped(ctx, task, why);
}

static bool keep_going(void *ctx, uint64_t done, uint64_t total)
{
	struct find *f = ctx;
	uint64_t now = now_ms();

	(void)done, (void)total;
	if (now < f->check_at_ms || f->failed)
		return !f->failed;
	f->check_at_ms = now + CHECK_MS;
	PyEval_RestoreThread(f->thread);
	f->failed = PyErr_CheckSignals() != 0;
	f->thread = PyEval_SaveThread();
	return !f->failed;
}

static PyObject *run(struct checkpoint *self, unsigned int pid, const struct crit_pattern *pattern,
		     struct crit_search_options *options, struct find *f)
{
	struct crit_task *task = NULL;
	enum crit_status status;
	struct crit_error err;

	if (pid ? !(task = enter_task(self, pid)) : !enter(self))
		return NULL;
	options->keep_going = keep_going;
	options->unreadable = unreadable;
	options->ctx = f;
	f->thread = PyEval_SaveThread();
	status = task ? crit_search(task, pattern, options, found, &err) :
			crit_search_all(self->ckpt, pattern, options, found, skipped, &err);
	PyEval_RestoreThread(f->thread);
	if (f->failed)
		return leave(self, NULL);
	return status ? fail(self, &err) : leave(self, PyLong_FromUnsignedLongLong(f->nr));
}

static bool kind_of(const char *name, enum crit_pattern_kind *out)
{
	static const char *const names[] = { "text", "hex", "int", "regex" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i])) {
			*out = CRIT_PATTERN_TEXT + i;
			return true;
		}
	PyErr_Format(PyExc_ValueError, "no such kind of pattern: %s", name);
	return false;
}

/* What a call asks for. */
struct wanted {
	unsigned int pid; /* 0: all processes */
	enum crit_pattern_kind kind;
	const char *text;
	Py_ssize_t len;
	struct crit_pattern_options how;
	struct crit_search_options options;
};

static bool parse(PyObject *args, struct wanted *out, struct find *f)
{
	unsigned long long start = 0, end = 0, align = 0, most = 0, context = 0;
	int ignore_case = 0, utf16 = 0, overlapping = 0;
	const char *kind;

	memset(out, 0, sizeof(*out));
	if (!PyArg_ParseTuple(args, "Isy#OO|ppIKKKKpK", &out->pid, &kind, &out->text, &out->len,
			      &f->found, &f->skipped, &ignore_case, &utf16, &out->how.int_size,
			      &start, &end, &align, &most, &overlapping, &context))
		return false;
	out->how.ignore_case = ignore_case;
	out->how.utf16 = utf16;
	out->options = (struct crit_search_options){ .start = start, .end = end, .align = align,
						     .max_matches = most,
						     .overlapping = overlapping };
	f->context = context;
	return kind_of(kind, &out->kind);
}

PyObject *memory_find(struct checkpoint *self, PyObject *args)
{
	struct crit_checkpoint_info info;
	struct crit_pattern *pattern;
	struct find f = { 0 };
	struct wanted wanted;
	struct crit_error err;
	PyObject *out;

	if (!parse(args, &wanted, &f) || !enter(self))
		return NULL;
	crit_checkpoint_info(self->ckpt, &info);
	leave(self, NULL);
	wanted.how.big_endian = info.big_endian;
	if (crit_pattern_new(wanted.kind, wanted.text, (size_t)wanted.len, &wanted.how, &pattern,
			     &err))
		return raise_error(state_of(self), &err);
	out = run(self, wanted.pid, pattern, &wanted.options, &f);
	crit_pattern_free(pattern);
	return out;
}
