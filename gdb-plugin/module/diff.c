// SPDX-License-Identifier: LGPL-2.1-or-later
/* diff.c - methods that compare two checkpoints, and reading a pre-dump. */
#include "checkpoint.h"
#include "convert.h"

/** Begin with the other one, too; false with an exception set, and @p self is left. */
static bool enter_other(struct checkpoint *self, struct checkpoint *other)
{
	if (enter(other)) // turns itself away when it is the same one
		return true;
	leave(self, NULL);
	return false;
}

/** The other checkpoint is the old one, unless it is said to be newer. */
static enum crit_status run(struct checkpoint *self, struct checkpoint *other, bool newer,
			    const struct crit_diff_options *options,
			    bool (*found)(void *ctx, const struct crit_difference *d),
			    struct crit_error *err)
{
	return newer ? crit_diff(self->ckpt, other->ckpt, options, found, NULL, err)
		     : crit_diff(other->ckpt, self->ckpt, options, found, NULL, err);
}

PyObject *checkpoint_diff(struct checkpoint *self, PyObject *args)
{
	struct crit_diff_options options = { 0 };
	struct checkpoint *other;
	enum crit_status status;
	struct report report;
	struct crit_error err;
	int json, newer, bytes;
	PyObject *write;

	if (!PyArg_ParseTuple(args, "O!OpIpp", state_of(self)->checkpoint_type, &other, &write,
			      &json, &options.pid, &newer, &bytes) ||
	    !report_begin(self, &report, write, json, false))
		return NULL;
	if (!enter_other(self, other)) {
		crit_output_close(report.out);
		return NULL;
	}
	options.ranges = options.bytes = bytes;
	if (newer)
		status = crit_diff_report(self->ckpt, other->ckpt, &options, &report.options,
					  report.out, NULL, &err);
	else
		status = crit_diff_report(other->ckpt, self->ckpt, &options, &report.options,
					  report.out, NULL, &err);
	leave(other, NULL);
	return report_end(self, &report, status, &err);
}

struct collecting {
	PyObject *list; /* NULL: it failed */
	bool newer;
};

static bool note_range(void *ctx, const struct crit_difference *d)
{
	struct collecting *c = ctx;
	uint64_t here = c->newer ? d->old_start : d->new_start;
	uint64_t there = c->newer ? d->new_start : d->old_start;

	if (d->what != CRIT_DIFF_RANGE || d->how != CRIT_DIFF_CHANGED)
		return true;
	if (!append(c->list, Py_BuildValue("KKK", (unsigned long long)here,
					   (unsigned long long)(here + (d->new_end - d->new_start)),
					   (unsigned long long)there)))
		Py_CLEAR(c->list);
	return c->list;
}

PyObject *checkpoint_diff_ranges(struct checkpoint *self, PyObject *args)
{
	struct crit_diff_options options = { .ranges = true, .keep_going = until_exception };
	struct collecting c = { 0 };
	struct checkpoint *other;
	enum crit_status status;
	struct crit_error err;
	int newer;

	options.only = 1u << CRIT_DIFF_MEMORY | 1u << CRIT_DIFF_RANGE;
	if (!PyArg_ParseTuple(args, "O!Ip", state_of(self)->checkpoint_type, &other, &options.pid,
			      &newer) ||
	    !enter(self) || !enter_other(self, other))
		return NULL;
	c.newer = newer;
	c.list = PyList_New(0);
	options.ctx = &c;
	status = c.list ? run(self, other, newer, &options, note_range, &err) : CRIT_OK;
	leave(other, NULL);
	if (PyErr_Occurred())
		Py_CLEAR(c.list);
	if (!status || PyErr_Occurred())
		return leave(self, c.list);
	Py_CLEAR(c.list);
	return fail(self, &err);
}

PyObject *checkpoint_same_run(struct checkpoint *self, PyObject *args)
{
	struct crit_task *task, *other_task;
	struct checkpoint *other;
	enum crit_status status;
	struct crit_error err;
	unsigned int pid;

	if (!PyArg_ParseTuple(args, "O!I", state_of(self)->checkpoint_type, &other, &pid) ||
	    !(task = enter_task(self, pid)))
		return NULL;
	other_task = enter_task(other, pid);
	if (!other_task)
		return leave(self, NULL);
	WITHOUT_GIL(status = crit_diff_same_run(task, other_task, &err));
	leave(other, NULL);
	return status ? fail(self, &err) : leave_none(self);
}

PyObject *checkpoint_read_pages(struct checkpoint *self, PyObject *args)
{
	unsigned long long vaddr;
	unsigned int pid, page_size;
	struct crit_task *task;
	struct crit_error err;
	enum crit_status status;
	Py_ssize_t len;
	PyObject *bytes;

	if (!PyArg_ParseTuple(args, "IIKn", &pid, &page_size, &vaddr, &len) ||
	    !(task = enter_task(self, pid)))
		return NULL;
	bytes = PyBytes_FromStringAndSize(NULL, len);
	if (!bytes)
		return leave(self, NULL);
	WITHOUT_GIL(status = crit_pre_dump_read(task, page_size, vaddr, (size_t)len,
						PyBytes_AsString(bytes), NULL, &err));
	if (!status)
		return leave(self, bytes);
	Py_DECREF(bytes);
	return fail(self, &err);
}
