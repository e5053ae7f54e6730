// SPDX-License-Identifier: LGPL-2.1-or-later
/* explore.c - Checkpoint.explore(): the listings of `critcore x`, piece by piece to Python. */
#include "checkpoint.h"
#include "convert.h"

struct listing {
	struct crit_explore_options options;
	struct report report;
	PyObject *problem; /* takes a line */
};

static void say_problem(void *ctx, const struct crit_error *err)
{
	const struct listing *listing = ctx;

	if (!PyErr_Occurred())
		call_function(listing->problem, text_to_python(err->message));
}

static bool parse(PyObject *args, struct listing *listing, enum crit_explore_what *what,
		  PyObject **write, int *json)
{
	int with_args, env, threads, state;
	const char *word;

	if (!PyArg_ParseTuple(args, "sIpppppOO", &word, &listing->options.pid, &with_args, &env,
			      &threads, &state, json, write, &listing->problem))
		return false;
	if (!crit_explore_find(word, what)) {
		PyErr_SetString(PyExc_ValueError, "not one of ps, fds, mems, rss, sk");
		return false;
	}
	listing->options.args = with_args;
	listing->options.env = env;
	listing->options.threads = threads;
	listing->options.state = state;
	return true;
}

PyObject *checkpoint_explore(struct checkpoint *self, PyObject *args)
{
	struct listing listing = { .problem = NULL };
	enum crit_explore_what what;
	struct crit_error err;
	enum crit_status status;
	PyObject *write;
	int json;

	if (!parse(args, &listing, &what, &write, &json))
		return NULL;
	if (!report_begin(self, &listing.report, write, json, false))
		return NULL;
	listing.options.report = listing.report.options;
	listing.options.problem = say_problem;
	listing.options.problem_ctx = &listing;
	status = crit_explore(self->ckpt, what, &listing.options, listing.report.out, NULL, &err);
	return report_end(self, &listing.report, status, &err);
}
