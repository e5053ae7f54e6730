// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * details.c - what the kernel knew of a process and its threads, as plain Python data: the methods
 * details(), thread_details() and namespaces() of Checkpoint. Keys have the names of the structs'
 * members; what is not recorded is None.
 */
#include "checkpoint.h"
#include "convert.h"

static PyObject *none(void)
{
	Py_INCREF(Py_None);
	return Py_None;
}

static PyObject *number(bool has, unsigned long long value)
{
	return has ? PyLong_FromUnsignedLongLong(value) : none();
}

static PyObject *flags(enum crit_flag_kind kind, uint64_t bits)
{
	char text[2048];

	crit_flag_text(kind, bits, text, sizeof(text));
	return text_to_python(text);
}

/* The numbers in a set, with their names: [[2, "SIGINT"], ...]. */
static PyObject *signals(const struct crit_task *task, const struct crit_sigset *set)
{
	PyObject *list = PyList_New(0);

	for (unsigned int signo = 1; list && signo <= 128; signo++) {
		uint64_t word = signo <= 64 ? set->low : set->high;

		if (word >> (signo - 1) % 64 & 1 &&
		    !append(list, Py_BuildValue("[Is]", signo, crit_signal_name(task, signo))))
			Py_CLEAR(list);
	}
	return list;
}

static const char *siginfo_name(enum crit_siginfo_kind kind)
{
	static const char *const names[] = {
		[CRIT_SIGINFO_PLAIN] = "plain",	  [CRIT_SIGINFO_SENDER] = "sender",
		[CRIT_SIGINFO_QUEUED] = "queued", [CRIT_SIGINFO_TIMER] = "timer",
		[CRIT_SIGINFO_FAULT] = "fault",	  [CRIT_SIGINFO_CHILD] = "child",
		[CRIT_SIGINFO_POLL] = "poll",	  [CRIT_SIGINFO_SYSCALL] = "syscall",
	};

	return (size_t)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "plain";
}

static PyObject *pending_signal(const struct crit_task *task, const struct crit_pending *signal)
{
	enum crit_siginfo_kind kind = signal->kind;
	bool sender = kind == CRIT_SIGINFO_SENDER || kind == CRIT_SIGINFO_QUEUED ||
		      kind == CRIT_SIGINFO_CHILD;
	bool timer = kind == CRIT_SIGINFO_TIMER, poll = kind == CRIT_SIGINFO_POLL;
	bool call = kind == CRIT_SIGINFO_SYSCALL;

	return Py_BuildValue(
		"{s:I,s:s,s:i,s:i,s:s,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N}",
		"signo", signal->signo, "name", crit_signal_name(task, signal->signo),
		"code", signal->code, "errno", signal->os_errno, "kind", siginfo_name(kind),
		"pid", number(sender, signal->pid), "uid", number(sender, signal->uid),
		"value", number(kind == CRIT_SIGINFO_QUEUED || timer, signal->value),
		"timer_id", number(timer, signal->timer_id),
		"overrun", number(timer, signal->overrun),
		"addr", number(kind == CRIT_SIGINFO_FAULT || call, signal->addr),
		"status", kind == CRIT_SIGINFO_CHILD ? PyLong_FromLong(signal->status) : none(),
		"band", poll ? PyLong_FromLongLong(signal->band) : none(),
		"fd", poll ? PyLong_FromLong(signal->fd) : none(),
		"call_nr", call ? PyLong_FromLong(signal->call_nr) : none());
}

static PyObject *pending(const struct crit_task *task, bool has, const struct crit_pending *queue,
			 size_t nr)
{
	PyObject *list = has ? PyList_New(0) : none();

	for (size_t i = 0; has && list && i < nr; i++)
		if (!append(list, pending_signal(task, &queue[i])))
			Py_CLEAR(list);
	return list;
}

static PyObject *actions(const struct crit_task *task, const struct crit_task_details *details)
{
	PyObject *list = details->nr_actions ? PyList_New(0) : none();

	for (size_t i = 0; list && i < details->nr_actions; i++) {
		const struct crit_sigaction *action = &details->actions[i];

		if (!append(list, Py_BuildValue(
				"{s:I,s:s,s:K,s:N,s:K,s:N}",
				"signo", action->signo,
				"name", crit_signal_name(task, action->signo),
				"handler", (unsigned long long)action->handler,
				"flags", flags(action->flag_kind, action->flags),
				"restorer", (unsigned long long)action->restorer,
				"mask", signals(task, &action->mask))))
			Py_CLEAR(list);
	}
	return list;
}

/* An unlimited one is None; JSON has no word for it. */
static PyObject *rlimits(const struct crit_task_details *details)
{
	PyObject *list = details->nr_rlimits ? PyList_New(0) : none();

	for (size_t i = 0; list && i < details->nr_rlimits; i++) {
		const struct crit_rlimit *limit = &details->rlimits[i];

		if (!append(list, Py_BuildValue("{s:s,s:N,s:N,s:s}", "name", limit->name,
						"soft", number(~limit->soft, limit->soft),
						"hard", number(~limit->hard, limit->hard),
						"unit", limit->unit)))
			Py_CLEAR(list);
	}
	return list;
}

static PyObject *itimers(const struct crit_task *task, const struct crit_task_details *details)
{
	PyObject *list = details->has_itimers ? PyList_New(0) : none();

	for (size_t i = 0; details->has_itimers && list && i < 3; i++) {
		const struct crit_itimer *timer = &details->itimers[i];

		if (!append(list, Py_BuildValue("{s:s,s:s,s:K,s:K}", "name", timer->name,
						"signal", crit_signal_name(task, timer->signo),
						"interval", (unsigned long long)timer->interval,
						"left", (unsigned long long)timer->left)))
			Py_CLEAR(list);
	}
	return list;
}

static PyObject *posix_timer(const struct crit_task *task, const struct crit_posix_timer *timer)
{
	return Py_BuildValue("{s:I,s:i,s:N,s:I,s:s,s:I,s:N,s:N,s:K,s:I,s:K,s:K}",
			     "id", timer->id, "clock", (int)timer->clock,
			     "clock_name", text_to_python(timer->clock_name),
			     "signo", timer->signo,
			     "signal", crit_signal_name(task, timer->signo),
			     "notify", timer->notify,
			     "notify_name", text_to_python(timer->notify_name),
			     "notify_tid", number(timer->notify_tid > 0,
						  (unsigned long long)timer->notify_tid),
			     "value", (unsigned long long)timer->value,
			     "overrun", timer->overrun,
			     "interval", (unsigned long long)timer->interval,
			     "left", (unsigned long long)timer->left);
}

static PyObject *posix_timers(const struct crit_task *task,
			      const struct crit_task_details *details)
{
	PyObject *list = details->has_posix_timers ? PyList_New(0) : none();

	for (size_t i = 0; list && i < details->nr_posix_timers; i++)
		if (!append(list, posix_timer(task, &details->posix_timers[i])))
			Py_CLEAR(list);
	return list;
}

static PyObject *task_to_dict(const struct crit_task *task,
			      const struct crit_task_details *details)
{
	return Py_BuildValue(
		"{s:I,s:N,s:I,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N}",
		"personality", details->personality,
		"personality_names", flags(CRIT_FLAGS_PERSONALITY, details->personality),
		"flags", details->flags,
		"loginuid", number(details->has_loginuid, details->loginuid),
		"oom_score_adj", details->has_oom_score_adj ?
					 PyLong_FromLong(details->oom_score_adj) : none(),
		"child_subreaper", details->has_child_subreaper ?
					   PyBool_FromLong(details->child_subreaper) : none(),
		"membarrier", details->has_membarrier ?
				      flags(CRIT_FLAGS_MEMBARRIER, details->membarrier) : none(),
		"pending", pending(task, details->has_pending, details->pending,
				   details->nr_pending),
		"actions", actions(task, details),
		"rlimits", rlimits(details),
		"itimers", itimers(task, details),
		"posix_timers", posix_timers(task, details));
}

PyObject *task_details(struct checkpoint *self, PyObject *args)
{
	struct crit_task *task = enter_task_arg(self, args);
	struct crit_task_details *details;
	struct crit_error err;
	enum crit_status status;

	if (!task)
		return NULL;
	WITHOUT_GIL(status = crit_task_details_read(task, &details, &err));
	if (status != CRIT_OK)
		return fail(self, &err);
	PyObject *dict = task_to_dict(task, details);
	crit_task_details_free(details);
	return leave(self, dict);
}

/* ---- A thread ------------------------------------------------------------------------------- */

static PyObject *groups(const struct crit_creds *creds)
{
	PyObject *list = PyList_New(0);

	for (size_t i = 0; list && i < creds->nr_groups; i++)
		if (!append(list, PyLong_FromUnsignedLong(creds->groups[i])))
			Py_CLEAR(list);
	return list;
}

/* What it has, and what it has not of all that have a name. */
static PyObject *capability_set(uint64_t set)
{
	uint64_t all = 0;

	for (unsigned int i = 0; i < 64 && crit_capability_name(i); i++)
		all |= UINT64_C(1) << i;
	return Py_BuildValue("{s:K,s:N,s:N}", "bits", (unsigned long long)set,
			     "names", flags(CRIT_FLAGS_CAPABILITIES, set),
			     "lacking", flags(CRIT_FLAGS_CAPABILITIES, all & ~set));
}

static PyObject *creds_to_dict(const struct crit_creds *creds)
{
	return Py_BuildValue(
		"{s:[IIII],s:[IIII],s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N}",
		"uids", creds->uid, creds->euid, creds->suid, creds->fsuid,
		"gids", creds->gid, creds->egid, creds->sgid, creds->fsgid,
		"groups", groups(creds),
		"inheritable", capability_set(creds->inheritable),
		"permitted", capability_set(creds->permitted),
		"effective", capability_set(creds->effective),
		"bounding", capability_set(creds->bounding),
		"ambient", creds->has_ambient ? capability_set(creds->ambient) : none(),
		"securebits", flags(CRIT_FLAGS_SECUREBITS, creds->securebits),
		"no_new_privs", creds->has_no_new_privs ?
					PyBool_FromLong(creds->no_new_privs) : none(),
		"lsm_profile", text_to_python(creds->lsm_profile),
		"lsm_sockcreate", text_to_python(creds->lsm_sockcreate));
}

static PyObject *altstack(const struct crit_thread_details *details)
{
	if (!details->has_altstack)
		return none();
	return Py_BuildValue("{s:K,s:K,s:N}",
			     "start", (unsigned long long)details->altstack_start,
			     "len", (unsigned long long)details->altstack_len,
			     "flags", flags(CRIT_FLAGS_ALTSTACK, details->altstack_flags));
}

static PyObject *rseq(const struct crit_thread_details *details)
{
	if (!details->has_rseq)
		return none();
	return Py_BuildValue("{s:K,s:I,s:I,s:N}",
			     "address", (unsigned long long)details->rseq,
			     "len", details->rseq_len,
			     "signature", details->rseq_signature,
			     "critical_section", number(details->rseq_cs, details->rseq_cs));
}

static const char *seccomp_name(enum crit_seccomp_mode mode)
{
	static const char *const names[] = { "none", "strict", "filter" };

	return (size_t)mode < sizeof(names) / sizeof(names[0]) ? names[mode] : "unknown";
}

static PyObject *thread_to_dict(const struct crit_task *task, uint32_t tid,
				const struct crit_thread_details *details)
{
	return Py_BuildValue(
		"{s:I,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:K,s:N,s:s,s:N}",
		"tid", tid,
		"blocked", details->has_blocked ? signals(task, &details->blocked) : none(),
		"altstack", altstack(details),
		"pending", pending(task, details->has_pending, details->pending,
				   details->nr_pending),
		"creds", details->has_creds ? creds_to_dict(&details->creds) : none(),
		"nice", details->has_nice ? PyLong_FromLong(details->nice) : none(),
		"policy", number(details->has_policy, details->policy),
		"policy_name", text_to_python(details->has_policy ? details->policy_name : NULL),
		"priority", number(details->has_priority, details->priority),
		"pdeath_signal", number(details->has_pdeath_signal, details->pdeath_signal),
		"timerslack", number(details->has_timerslack, details->timerslack),
		"robust_list", (unsigned long long)details->robust_list,
		"rseq", rseq(details),
		"seccomp", seccomp_name(details->seccomp),
		"seccomp_filters", number(details->has_seccomp_filters,
					  details->nr_seccomp_filters));
}

PyObject *thread_details(struct checkpoint *self, PyObject *args)
{
	struct crit_thread_details *details;
	struct crit_error err;
	enum crit_status status;
	unsigned int pid, tid;
	struct crit_thread *thread;

	if (!PyArg_ParseTuple(args, "II", &pid, &tid) || !(thread = enter_thread(self, pid, tid)))
		return NULL;
	WITHOUT_GIL(status = crit_thread_details_read(thread, &details, &err));
	if (status != CRIT_OK)
		return fail(self, &err);
	PyObject *dict = thread_to_dict(crit_task_find(self->ckpt, pid), tid, details);
	crit_thread_details_free(details);
	return leave(self, dict);
}

/* ---- Namespaces ----------------------------------------------------------------------------- */

PyObject *task_namespaces(struct checkpoint *self, PyObject *args)
{
	struct crit_task *task = enter_task_arg(self, args);
	struct crit_namespace *rows;
	struct crit_error err;
	enum crit_status status;
	size_t nr;

	if (!task)
		return NULL;
	WITHOUT_GIL(status = crit_namespaces_read(task, &rows, &nr, &err));
	if (status != CRIT_OK)
		return fail(self, &err);
	PyObject *list = PyList_New(0);
	for (size_t i = 0; list && i < nr; i++)
		if (!append(list, Py_BuildValue(
				"{s:s,s:N,s:N,s:N}", "kind", rows[i].kind,
				"id", number(rows[i].has_id, rows[i].id),
				"own", rows[i].has_own ? PyBool_FromLong(rows[i].own) : none(),
				"known", text_to_python(rows[i].known))))
			Py_CLEAR(list);
	crit_namespaces_free(rows);
	return leave(self, list);
}
