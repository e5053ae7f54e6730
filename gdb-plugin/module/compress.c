// SPDX-License-Identifier: LGPL-2.1-or-later
/* compress.c - functions of `_critcore` that rewrite a whole checkpoint: compress, decompress. */
#include "convert.h"

#include <stdbool.h>

/* Reports come when all is done, so an exception in report() changes nothing any more. */
static void report(void *ctx, const struct crit_compress_pages *pages)
{
	PyObject *row;

	if (PyErr_Occurred())
		return;
	row = Py_BuildValue("{s:N,s:K,s:K,s:K,s:K}", "pagemap", text_to_python(pages->pagemap),
			    "nr_pages", (unsigned long long)pages->nr_pages,
			    "len_before", (unsigned long long)pages->len_before,
			    "len_after", (unsigned long long)pages->len_after,
			    "nr_kept", (unsigned long long)pages->nr_kept);
	call_function(ctx, row);
}

static const char *const outcomes[] = {
	[CRIT_COMPRESS_DONE] = "done",
	[CRIT_COMPRESS_ALREADY] = "already",
	[CRIT_COMPRESS_NO_PAGEMAPS] = "no pagemaps",
};

static PyObject *finish(PyObject *module, enum crit_status status,
			enum crit_compress_outcome outcome, const struct crit_error *err)
{
	if (PyErr_Occurred())
		return NULL;
	if (status)
		return raise_error(PyModule_GetState(module), err);
	return text_to_python(outcomes[outcome]);
}

PyObject *checkpoint_compress(PyObject *module, PyObject *args)
{
	struct crit_compress_options options = { .report = report, .keep_going = until_exception };
	enum crit_compress_outcome outcome = CRIT_COMPRESS_DONE;
	enum crit_status status;
	struct crit_error err;
	const char *dir;
	int in_place;

	if (!PyArg_ParseTuple(args, "sIIpO", &dir, &options.block_len, &options.acceleration,
			      &in_place, &options.ctx))
		return NULL;
	options.in_place = in_place;
	status = crit_checkpoint_compress(dir, &options, &outcome, &err);
	return finish(module, status, outcome, &err);
}

PyObject *checkpoint_decompress(PyObject *module, PyObject *args)
{
	struct crit_compress_options options = { .report = report, .keep_going = until_exception };
	enum crit_compress_outcome outcome = CRIT_COMPRESS_DONE;
	enum crit_status status;
	struct crit_error err;
	const char *dir;
	int in_place;

	if (!PyArg_ParseTuple(args, "spO", &dir, &in_place, &options.ctx))
		return NULL;
	options.in_place = in_place;
	status = crit_checkpoint_decompress(dir, &options, &outcome, &err);
	return finish(module, status, outcome, &err);
}
