// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * siginfo.c - siginfo_t. Images have it as a tracer of the kernel's own word size reads it, in its
 * byte order:
 *
 *	i32 signo, errno, code        MIPS: signo, code, errno
 *	[ 4 bytes of padding ]        where a word has 8 bytes
 *	union, by signo and code:
 *	    sender     i32 pid, u32 uid
 *	    queued     i32 pid, u32 uid, word value
 *	    timer      i32 id, i32 overrun, word value
 *	    child      i32 pid, u32 uid, i32 status, ...
 *	    fault      word address, ...
 *	    poll       word band, i32 fd
 *	    syscall    word address, i32 number, ...
 *
 * So an i386 task's has 8-byte words, which a debugger of that task does not expect:
 * crit_thread_siginfo() gives it the words of its own.
 */
#include "process/siginfo.h"

#include <string.h>

#include "util/endian.h"

enum { HEAD_LEN = 12, UNION_LEN = 24 };

/* What the kernel's own codes of a signal say; of others it is the sender. */
static enum crit_siginfo_kind kind_of_signal(bool mips, uint32_t signo)
{
	static const uint8_t kinds[2][32] = {
		{
			[4] = CRIT_SIGINFO_FAULT, // SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV
			[5] = CRIT_SIGINFO_FAULT, [7] = CRIT_SIGINFO_FAULT,
			[8] = CRIT_SIGINFO_FAULT, [11] = CRIT_SIGINFO_FAULT,
			[17] = CRIT_SIGINFO_CHILD, [29] = CRIT_SIGINFO_POLL,
			[31] = CRIT_SIGINFO_SYSCALL,
		},
		{
			[4] = CRIT_SIGINFO_FAULT, [5] = CRIT_SIGINFO_FAULT,
			[8] = CRIT_SIGINFO_FAULT, [10] = CRIT_SIGINFO_FAULT,
			[11] = CRIT_SIGINFO_FAULT, [12] = CRIT_SIGINFO_SYSCALL,
			[18] = CRIT_SIGINFO_CHILD, [22] = CRIT_SIGINFO_POLL,
		},
	};
	unsigned int kind = signo < 32 ? kinds[mips][signo] : CRIT_SIGINFO_PLAIN;

	return kind ? (enum crit_siginfo_kind)kind : CRIT_SIGINFO_SENDER;
}

static enum crit_siginfo_kind kind_of(bool mips, uint32_t signo, int32_t code)
{
	enum { TIMER = -2, MIPS_TIMER = -3, SIGIO = -5, TKILL = -6, KERNEL = 0x80 };

	if (code > 0 && code < KERNEL)
		return kind_of_signal(mips, signo);
	if (code >= 0 || code == TKILL)
		return CRIT_SIGINFO_SENDER;
	if (code == (mips ? MIPS_TIMER : TIMER))
		return CRIT_SIGINFO_TIMER;
	return code == SIGIO ? CRIT_SIGINFO_POLL : CRIT_SIGINFO_QUEUED;
}

/* A place in a siginfo_t that is read or written. */
struct cursor {
	uint8_t *at;
	size_t word;
	bool big;
};

static uint64_t take(struct cursor *in, size_t size)
{
	uint64_t value = endian_get(in->at, size, in->big);

	in->at += size;
	return value;
}

static int32_t take_int(struct cursor *in)
{
	return (int32_t)take(in, 4);
}

/* Signed, as a band is; of addresses the caller wants the low bits only. */
static int64_t take_word(struct cursor *in)
{
	uint64_t value = take(in, in->word);

	return in->word == 4 ? (int32_t)value : (int64_t)value;
}

static uint64_t take_address(struct cursor *in)
{
	return take(in, in->word);
}

static void take_union(struct cursor *in, struct crit_pending *out)
{
	switch (out->kind) {
	case CRIT_SIGINFO_PLAIN:
		break;
	case CRIT_SIGINFO_SENDER:
	case CRIT_SIGINFO_QUEUED:
	case CRIT_SIGINFO_CHILD:
		out->pid = (uint32_t)take_int(in);
		out->uid = (uint32_t)take_int(in);
		if (out->kind == CRIT_SIGINFO_QUEUED)
			out->value = take_address(in);
		if (out->kind == CRIT_SIGINFO_CHILD)
			out->status = take_int(in);
		break;
	case CRIT_SIGINFO_TIMER:
		out->timer_id = (uint32_t)take_int(in);
		out->overrun = (uint32_t)take_int(in);
		out->value = take_address(in);
		break;
	case CRIT_SIGINFO_FAULT:
		out->addr = take_address(in);
		break;
	case CRIT_SIGINFO_POLL:
		out->band = take_word(in);
		out->fd = take_int(in);
		break;
	case CRIT_SIGINFO_SYSCALL:
		out->addr = take_address(in);
		out->call_nr = take_int(in);
		break;
	}
}

/* Of the tracer: it has the kernel's words, also for a task with smaller ones. */
static size_t image_word(const struct crit_task *task)
{
	return task->arm ? 4 : 8;
}

void siginfo_decode(const struct crit_task *task, const void *raw, size_t len,
		    struct crit_pending *out)
{
	uint8_t bytes[HEAD_LEN + 4 + UNION_LEN];
	struct cursor in = { bytes, image_word(task), task->ckpt->info.big_endian };

	*out = (struct crit_pending){ .raw = raw, .raw_len = len };
	if (len < sizeof(bytes))
		return;
	memcpy(bytes, raw, sizeof(bytes));
	out->signo = (uint32_t)take_int(&in);
	int32_t second = take_int(&in), third = take_int(&in);
	out->os_errno = task->mips ? third : second;
	out->code = task->mips ? second : third;
	out->kind = kind_of(task->mips, out->signo, out->code);
	in.at = bytes + HEAD_LEN + (in.word == 8 ? 4 : 0);
	take_union(&in, out);
}

enum crit_status siginfo_queue(const struct crit_task *task, Criu__SiginfoEntry **entries,
			       size_t nr, struct arena *arena, const struct crit_pending **out,
			       struct crit_error *err)
{
	struct crit_pending *queue = records_alloc(arena, nr, sizeof(*queue));

	if (nr && !queue)
		return error_no_memory(err);
	for (size_t i = 0; i < nr; i++)
		siginfo_decode(task, entries[i]->siginfo.data, entries[i]->siginfo.len, &queue[i]);
	*out = queue;
	return CRIT_OK;
}

/* ---- For a debugger ------------------------------------------------------------------------- */

static void put(struct cursor *out, uint64_t value)
{
	endian_put(out->at, 4, out->big, value);
	out->at += 4;
}

/* The few words of an i386 siginfo_t that its kind fills. */
static void make_compat(const struct crit_pending *signal, uint8_t *bytes)
{
	struct cursor out = { bytes, 4, false };

	memset(bytes, 0, CRIT_SIGINFO_MAX);
	put(&out, signal->signo);
	put(&out, (uint32_t)signal->os_errno);
	put(&out, (uint32_t)signal->code);
	switch (signal->kind) {
	case CRIT_SIGINFO_PLAIN:
		break;
	case CRIT_SIGINFO_SENDER:
	case CRIT_SIGINFO_QUEUED:
	case CRIT_SIGINFO_CHILD:
		put(&out, signal->pid);
		put(&out, signal->uid);
		put(&out, signal->kind == CRIT_SIGINFO_CHILD ? (uint32_t)signal->status :
							       signal->value);
		break;
	case CRIT_SIGINFO_TIMER:
		put(&out, signal->timer_id);
		put(&out, signal->overrun);
		put(&out, signal->value);
		break;
	case CRIT_SIGINFO_FAULT:
		put(&out, signal->addr);
		break;
	case CRIT_SIGINFO_POLL:
		put(&out, (uint64_t)signal->band);
		put(&out, (uint32_t)signal->fd);
		break;
	case CRIT_SIGINFO_SYSCALL:
		put(&out, signal->addr);
		put(&out, (uint32_t)signal->call_nr);
		break;
	}
}

static enum crit_status first_pending(struct crit_thread *thread, struct crit_thread_details *own,
				      struct crit_task_details **shared,
				      const struct crit_pending **out, struct crit_error *err)
{
	struct crit_task *task = thread->task;
	enum crit_status status = CRIT_OK;

	*out = own->nr_pending ? own->pending : NULL;
	if (!*out && thread == &task->threads[0]) {
		status = crit_task_details_read(task, shared, err);
		*out = !status && (*shared)->nr_pending ? (*shared)->pending : NULL;
	}
	if (!status && !*out)
		return error_set(err, CRIT_NOT_FOUND, "no signal waits for thread %u", thread->tid);
	return status;
}

enum crit_status crit_thread_siginfo(struct crit_thread *thread, uint8_t out[CRIT_SIGINFO_MAX],
				     size_t *len, struct crit_error *err)
{
	struct crit_thread_details *own = NULL;
	struct crit_task_details *shared = NULL;
	const struct crit_pending *signal;
	enum crit_status status = crit_thread_details_read(thread, &own, err);

	if (!status)
		status = first_pending(thread, own, &shared, &signal, err);
	if (!status && thread->task->compat) {
		make_compat(signal, out);
		*len = CRIT_SIGINFO_MAX;
	} else if (!status) {
		*len = signal->raw_len < CRIT_SIGINFO_MAX ? signal->raw_len : CRIT_SIGINFO_MAX;
		memcpy(out, signal->raw, *len);
	}
	crit_thread_details_free(own);
	crit_task_details_free(shared);
	return status;
}
