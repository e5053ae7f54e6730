// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * threads.c - threads and their registers. A register that points into code has the function's name
 * with it, where the program or library is here and has symbols.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff/diff.h"
#include "util/buf.h"

enum { SYMBOL_TEXT = 256, VALUE_TEXT = 2 * 256 + 3 };

/* ---- Registers ------------------------------------------------------------------------------ */

/** A register as a number, however wide. */
static void value_text(struct diff *d, int side, const struct crit_register *reg,
		       char out[VALUE_TEXT])
{
	bool big_endian = crit_task_big_endian(d->sides[side].task);
	const uint8_t *bytes = reg->bytes;
	size_t at = 2, len = reg->size < 256 ? reg->size : 256;

	memcpy(out, "0x", 3);
	for (size_t i = 0; i < len; i++) {
		uint8_t byte = bytes[big_endian ? i : len - 1 - i];

		if (byte || at > 2 || i + 1 == len)
			at += (size_t)snprintf(out + at, VALUE_TEXT - at, at > 2 ? "%02x" : "%x",
					       byte);
	}
}

static bool address_of(struct diff *d, int side, const struct crit_register *reg, uint64_t *out)
{
	bool big_endian = crit_task_big_endian(d->sides[side].task);
	const uint8_t *bytes = reg->bytes;

	*out = 0;
	if (reg->size != 4 && reg->size != 8)
		return false;
	for (size_t i = 0; i < reg->size; i++)
		*out = *out << 8 | bytes[big_endian ? i : reg->size - 1u - i];
	return true;
}

/** "main+0x12" for an address of code. @return @p out; NULL: not known. */
static const char *symbol_text(struct diff *d, int side, uint64_t addr, char out[SYMBOL_TEXT])
{
	struct side *s = &d->sides[side];
	const struct code_range *range;
	const struct symbol *symbol;
	const struct code_map *map;

	if (objects_map(&s->objects, s->task, &map, NULL))
		return NULL;
	range = code_map_find(map, addr);
	if (!range || !range->object)
		return NULL;
	symbol = object_symbol(range->object, addr - range->bias);
	if (!symbol)
		return NULL;
	snprintf(out, SYMBOL_TEXT, "%s+0x%" PRIx64, names_get(&range->object->names, symbol->name),
		 addr - range->bias - symbol->vaddr);
	return out;
}

static void tell_register(struct diff *d, uint32_t tid, const struct crit_register reg[2])
{
	char value[2][VALUE_TEXT], symbol[2][SYMBOL_TEXT];
	struct crit_difference out = {
		.what = CRIT_DIFF_REGISTER,
		.how = CRIT_DIFF_CHANGED,
		.tid = tid,
		.name = reg[NEW].name,
		.before = value[OLD],
		.after = value[NEW],
	};
	uint64_t addr;

	value_text(d, OLD, &reg[OLD], value[OLD]);
	value_text(d, NEW, &reg[NEW], value[NEW]);
	if (address_of(d, OLD, &reg[OLD], &addr))
		out.before_symbol = symbol_text(d, OLD, addr, symbol[OLD]);
	if (address_of(d, NEW, &reg[NEW], &addr))
		out.after_symbol = symbol_text(d, NEW, addr, symbol[NEW]);
	diff_tell(d, &out);
}

static void compare_register(struct diff *d, struct crit_thread *threads[2], uint32_t tid,
			     const struct crit_register *after)
{
	struct crit_difference of = { .what = CRIT_DIFF_REGISTER, .tid = tid, .name = after->name };
	struct crit_task *old_task = d->sides[OLD].task;
	struct crit_register reg[2] = { [NEW] = *after };
	size_t i = crit_register_index(old_task, after->name);

	if (i == crit_register_count(old_task) ||
	    crit_register_get(threads[OLD], i, &reg[OLD], NULL) || !reg[OLD].available) {
		if (after->available)
			diff_unknown(d, &of, "not recorded in the old one");
		return;
	}
	if (!after->available)
		diff_unknown(d, &of, "not recorded in the new one");
	else if (reg[OLD].size != after->size || memcmp(reg[OLD].bytes, after->bytes, after->size))
		tell_register(d, tid, reg);
}

static void compare_registers(struct diff *d, struct crit_thread *threads[2], uint32_t tid)
{
	struct crit_difference of = { .what = CRIT_DIFF_REGISTER, .tid = tid, .name = "registers" };
	struct crit_task *task = d->sides[NEW].task;
	struct crit_register reg;
	struct crit_error err;

	for (int s = OLD; s <= NEW; s++)
		if (crit_register_count(d->sides[s].task) &&
		    crit_register_get(threads[s], 0, &reg, &err)) {
			diff_unknown(d, &of, err.message);
			return;
		}
	for (size_t i = 0; i < crit_register_count(task) && !d->ended; i++)
		if (!crit_register_get(threads[NEW], i, &reg, NULL))
			compare_register(d, threads, tid, &reg);
}

/* ---- What the kernel knew ------------------------------------------------------------------- */

/** "4, 24, 27" */
static bool groups_text(const struct crit_creds *c, struct buf *out)
{
	for (size_t i = 0; i < c->nr_groups; i++)
		buf_printf(out, "%s%u", i ? ", " : "", c->groups[i]);
	buf_add_byte(out, '\0');
	return !out->failed;
}

static void compare_groups(struct diff *d, const struct crit_difference *of,
			   const struct crit_creds *a, const struct crit_creds *b)
{
	struct buf text[2];

	buf_init(&text[OLD]);
	buf_init(&text[NEW]);
	if (groups_text(a, &text[OLD]) && groups_text(b, &text[NEW]))
		diff_text(d, of, "groups", (const char *)text[OLD].data,
			  (const char *)text[NEW].data);
	else
		d->no_memory = true;
	buf_deinit(&text[OLD]);
	buf_deinit(&text[NEW]);
}

static void compare_creds(struct diff *d, const struct crit_difference *of,
			  const struct crit_creds *a, const struct crit_creds *b)
{
	diff_number(d, of, "saved uid", "%llu", a->suid, b->suid);
	diff_number(d, of, "file system uid", "%llu", a->fsuid, b->fsuid);
	diff_number(d, of, "saved gid", "%llu", a->sgid, b->sgid);
	diff_number(d, of, "file system gid", "%llu", a->fsgid, b->fsgid);
	compare_groups(d, of, a, b);
	diff_number(d, of, "inheritable capabilities", "0x%llx", a->inheritable, b->inheritable);
	diff_maybe(d, of, "ambient capabilities", "0x%llx", a->has_ambient, a->ambient,
		   b->has_ambient, b->ambient);
	diff_number(d, of, "securebits", "0x%llx", a->securebits, b->securebits);
	diff_number(d, of, "uid", "%llu", a->uid, b->uid);
	diff_number(d, of, "euid", "%llu", a->euid, b->euid);
	diff_number(d, of, "gid", "%llu", a->gid, b->gid);
	diff_number(d, of, "egid", "%llu", a->egid, b->egid);
	diff_number(d, of, "permitted capabilities", "0x%llx", a->permitted, b->permitted);
	diff_number(d, of, "effective capabilities", "0x%llx", a->effective, b->effective);
	diff_number(d, of, "bounding capabilities", "0x%llx", a->bounding, b->bounding);
	diff_maybe(d, of, "no_new_privs", "%llu", a->has_no_new_privs, a->no_new_privs,
		   b->has_no_new_privs, b->no_new_privs);
	diff_text(d, of, "security label", a->lsm_profile ? a->lsm_profile : "",
		  b->lsm_profile ? b->lsm_profile : "");
}

static void compare_details(struct diff *d, const struct crit_difference *of,
			    const struct crit_thread_details *a,
			    const struct crit_thread_details *b)
{
	if (a->has_creds && b->has_creds)
		compare_creds(d, of, &a->creds, &b->creds);
	diff_maybe(d, of, "blocked signals", "0x%llx", a->has_blocked, a->blocked.low,
		   b->has_blocked, b->blocked.low);
	diff_maybe(d, of, "alternate signal stack", "0x%llx", a->has_altstack, a->altstack_start,
		   b->has_altstack, b->altstack_start);
	diff_maybe(d, of, "size of the alternate signal stack", "%llu", a->has_altstack,
		   a->altstack_len, b->has_altstack, b->altstack_len);
	diff_maybe(d, of, "signal at the parent's end", "%llu", a->has_pdeath_signal,
		   a->pdeath_signal, b->has_pdeath_signal, b->pdeath_signal);
	diff_maybe(d, of, "timer slack", "%llu ns", a->has_timerslack, a->timerslack,
		   b->has_timerslack, b->timerslack);
	diff_number(d, of, "list of robust futexes", "0x%llx", a->robust_list, b->robust_list);
	diff_maybe(d, of, "rseq area", "0x%llx", a->has_rseq, a->rseq, b->has_rseq, b->rseq);
	diff_maybe(d, of, "nice", "%lld", a->has_nice, (uint64_t)(int64_t)a->nice, b->has_nice,
		   (uint64_t)(int64_t)b->nice);
	diff_maybe(d, of, "scheduling policy", "%llu", a->has_policy, a->policy, b->has_policy,
		   b->policy);
	diff_maybe(d, of, "priority", "%llu", a->has_priority, a->priority, b->has_priority,
		   b->priority);
	diff_maybe(d, of, "signals waiting", "%llu", a->has_pending, a->nr_pending,
		   b->has_pending, b->nr_pending);
	diff_number(d, of, "seccomp mode", "%llu", a->seccomp, b->seccomp);
}

static void compare_thread(struct diff *d, struct crit_thread *threads[2])
{
	uint32_t tid = crit_thread_tid(threads[NEW]);
	struct crit_difference of = { .what = CRIT_DIFF_THREAD, .tid = tid };
	struct crit_thread_details *details[2] = { NULL, NULL };
	char state[2][CRIT_STATE_TEXT_MAX];
	struct crit_thread_state st;

	of.name = crit_thread_name(threads[NEW]);
	if (tid != d->pid) // the leader's is the process's
		diff_text(d, &of, "name", crit_thread_name(threads[OLD]), of.name);
	for (int s = OLD; s <= NEW; s++) {
		crit_thread_state(threads[s], &st, NULL);
		crit_thread_state_text(threads[s], &st, state[s], sizeof(state[s]));
		crit_thread_details_read(threads[s], &details[s], NULL);
	}
	diff_text(d, &of, "state", *state[OLD] ? state[OLD] : NULL,
		  *state[NEW] ? state[NEW] : NULL);
	if (details[OLD] && details[NEW])
		compare_details(d, &of, details[OLD], details[NEW]);
	if (diff_wants(d, CRIT_DIFF_REGISTER))
		compare_registers(d, threads, tid);
	crit_thread_details_free(details[OLD]);
	crit_thread_details_free(details[NEW]);
}

static int by_tid(const void *a, const void *b)
{
	uint32_t ta = crit_thread_tid(*(struct crit_thread *const *)a);
	uint32_t tb = crit_thread_tid(*(struct crit_thread *const *)b);

	return (ta > tb) - (ta < tb);
}

static struct crit_thread **sorted(struct crit_task *task)
{
	size_t nr = crit_thread_count(task);
	struct crit_thread **list = calloc(nr + 1, sizeof(struct crit_thread *));

	for (size_t i = 0; list && i < nr; i++)
		list[i] = crit_thread_at(task, i);
	if (list)
		qsort(list, nr, sizeof(*list), by_tid);
	return list;
}

static void tell_one(struct diff *d, struct crit_thread *thread, enum crit_diff_how how)
{
	struct crit_difference of = {
		.what = CRIT_DIFF_THREAD,
		.tid = crit_thread_tid(thread),
		.name = crit_thread_name(thread),
	};

	diff_only(d, &of, how, NULL);
}

static void merge(struct diff *d, struct crit_thread **a, struct crit_thread **b)
{
	while ((*a || *b) && diff_goes_on(d)) {
		int order = !*a ? 1 : !*b ? -1 : by_tid(a, b);

		if (order < 0)
			tell_one(d, *a, CRIT_DIFF_GONE);
		else if (order > 0)
			tell_one(d, *b, CRIT_DIFF_ADDED);
		else
			compare_thread(d, (struct crit_thread *[2]){ *a, *b });
		a += order <= 0;
		b += order >= 0;
	}
}

void diff_threads(struct diff *d)
{
	struct crit_thread **a = sorted(d->sides[OLD].task), **b = sorted(d->sides[NEW].task);

	if (a && b)
		merge(d, a, b);
	else
		d->no_memory = true;
	free(a);
	free(b);
}
