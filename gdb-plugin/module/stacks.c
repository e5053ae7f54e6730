// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * stacks.c - Checkpoint.stacks(): the stack of each thread, or of each group of threads that have
 * the same one, goes to a Python function as soon as it is known.
 */
#include "checkpoint.h"
#include "convert.h"

static PyObject *frame_to_python(const struct crit_frame *frame)
{
	return Py_BuildValue(
		"{s:K,s:K,s:N,s:N,s:K,s:N,s:K,s:N,s:I,s:O,s:O,s:O,s:O}", "pc",
		(unsigned long long)frame->pc, "sp", (unsigned long long)frame->sp, "function",
		text_to_python(frame->function), "symbol", text_to_python(frame->symbol),
		"function_off", (unsigned long long)frame->function_off, "object",
		text_to_python(frame->object), "object_addr",
		(unsigned long long)frame->object_addr, "file", text_to_python(frame->file),
		"line", frame->line, "inlined", frame->inlined ? Py_True : Py_False, "in_exe",
		frame->in_exe ? Py_True : Py_False, "signal", frame->signal ? Py_True : Py_False,
		"guessed", frame->guessed ? Py_True : Py_False);
}

static PyObject *frames_to_python(const struct crit_stack *stack)
{
	PyObject *list = PyList_New(0);

	for (size_t i = 0; list && i < stack->nr_frames; i++)
		if (!append(list, frame_to_python(&stack->frames[i])))
			Py_CLEAR(list);
	return list;
}

static PyObject *stack_to_python(const struct crit_stack *stack, unsigned int pid)
{
	struct crit_thread_state state;
	char text[CRIT_STATE_TEXT_MAX];

	crit_thread_state(stack->thread, &state, NULL);
	crit_thread_state_text(stack->thread, &state, text, sizeof(text));
	return Py_BuildValue("{s:I,s:I,s:N,s:N,s:N,s:s,s:N}", "pid", pid, "tid",
			     crit_thread_tid(stack->thread), "name",
			     text_to_python(crit_thread_name(stack->thread)), "state",
			     text_to_python(*text ? text : NULL), "frames",
			     frames_to_python(stack), "end", crit_stack_end_name(stack->end), "why",
			     text_to_python(stack->why));
}

static PyObject *group_to_python(const struct crit_stack_group *group)
{
	PyObject *tids = PyList_New(0);

	for (size_t i = 0; tids && i < group->nr_threads; i++)
		if (!append(tids, PyLong_FromUnsignedLong(crit_thread_tid(group->threads[i]))))
			Py_CLEAR(tids);
	return Py_BuildValue("{s:K,s:N,s:N,s:N,s:s,s:N}", "count",
			     (unsigned long long)group->nr_threads, "tids", tids, "label",
			     text_to_python(group->label), "frames",
			     frames_to_python(group->stack), "end",
			     crit_stack_end_name(group->stack->end), "why",
			     text_to_python(group->stack->why));
}

/** Give a new reference to a function. @return false with an exception set. */
static bool hand_over(PyObject *function, PyObject *argument)
{
	return call_function(function, argument) && !PyErr_CheckSignals();
}

static bool walk_task(struct crit_stacks *stacks, struct crit_task *task, PyObject *found)
{
	struct crit_task_info info;
	struct crit_stack stack;
	bool going = true;

	crit_task_info(task, &info, NULL);
	for (size_t i = 0; i < crit_thread_count(task) && going; i++) {
		if (info.state == CRIT_TASK_ZOMBIE)
			break;
		WITHOUT_GIL(crit_stack_walk(stacks, crit_thread_at(task, i), &stack, NULL));
		going = hand_over(found, stack_to_python(&stack, info.pid));
	}
	return going;
}

struct waiting {
	PyThreadState *thread; /* while the GIL is not held */
};

static bool keep_going(void *ctx, uint64_t done, uint64_t total)
{
	struct waiting *waiting = ctx;
	bool going;

	(void)total;
	if (done % 256)
		return true;
	PyEval_RestoreThread(waiting->thread);
	going = PyErr_CheckSignals() == 0;
	waiting->thread = PyEval_SaveThread();
	return going;
}

static bool group_all(struct checkpoint *self, struct crit_stacks *stacks, struct crit_task *task,
		      PyObject *found)
{
	struct waiting waiting = { PyEval_SaveThread() };
	struct crit_stack_groups *groups;
	struct crit_stack_group group;
	struct crit_error err;
	enum crit_status status = crit_stacks_group(stacks, task, keep_going, &waiting, &groups,
						    &err);
	bool going = true;

	PyEval_RestoreThread(waiting.thread);
	if (status) {
		if (!PyErr_Occurred())
			raise_error(state_of(self), &err);
		return false;
	}
	for (size_t i = 0; going && crit_stack_group_at(groups, i, &group); i++)
		going = hand_over(found, group_to_python(&group));
	crit_stack_groups_free(groups);
	return going;
}

PyObject *thread_stacks(struct checkpoint *self, PyObject *args)
{
	struct crit_stack_options options = { 0 };
	unsigned long long limit;
	struct crit_task *task = NULL;
	struct crit_stacks *stacks;
	struct crit_error err;
	int past_main, group;
	bool going = true;
	unsigned int pid;
	PyObject *found;

	if (!PyArg_ParseTuple(args, "IKppO", &pid, &limit, &past_main, &group, &found))
		return NULL;
	options.max_frames = (size_t)limit;
	options.past_main = past_main;
	if (pid)
		task = enter_task(self, pid);
	if (pid ? !task : !enter(self))
		return NULL;
	if (crit_stacks_open(self->ckpt, &options, &stacks, &err))
		return fail(self, &err);
	if (group)
		going = group_all(self, stacks, task, found);
	else if (task)
		going = walk_task(stacks, task, found);
	for (size_t i = 0; !group && !task && going && i < crit_task_count(self->ckpt); i++)
		going = walk_task(stacks, crit_task_at(self->ckpt, i), found);
	crit_stacks_close(stacks);
	return going ? leave_none(self) : leave(self, NULL);
}
