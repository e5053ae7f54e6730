// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * run.c - is a process the same program in both checkpoints, and the same run of it? The kernel
 * gives each run an auxiliary vector with other addresses and, where these are not random, 16 bytes
 * that are.
 */
#include <string.h>

#include "checkpoint/debug.h"
#include "diff/diff.h"
#include "util/error.h"

enum { AUXV_RANDOM = 25, RANDOM_LEN = 16 };

static uint64_t word_at(const struct arch *arch, const uint8_t *bytes, bool big_endian)
{
	uint64_t word = 0;

	for (size_t i = 0; i < arch->word_size; i++)
		word = word << 8 | bytes[big_endian ? i : arch->word_size - 1u - i];
	return word;
}

/** The random bytes that a run began with. @return false: not known. */
static bool random_bytes(struct crit_task *task, uint8_t out[RANDOM_LEN])
{
	const struct arch *arch = task_layout(task)->arch;
	bool big_endian = crit_task_big_endian(task);
	size_t pair = 2u * arch->word_size, len, nread;
	const uint8_t *auxv;
	const void *found;

	if (crit_task_auxv(task, &found, &len, NULL))
		return false;
	auxv = found;
	for (size_t at = 0; at + pair <= len; at += pair)
		if (word_at(arch, auxv + at, big_endian) == AUXV_RANDOM)
			return !crit_mem_read(task,
					      word_at(arch, auxv + at + pair / 2, big_endian),
					      RANDOM_LEN, out, &nread, NULL);
	return false;
}

/** Both loaded. */
static bool is_rerun(struct crit_task *const tasks[2])
{
	uint8_t random[2][RANDOM_LEN];
	const void *auxv[2] = { NULL, NULL };
	size_t len[2] = { 0, 0 };

	for (int s = OLD; s <= NEW; s++)
		crit_task_auxv(tasks[s], &auxv[s], &len[s], NULL);
	if (len[OLD] != len[NEW] || (len[NEW] && memcmp(auxv[OLD], auxv[NEW], len[NEW])))
		return true;
	return random_bytes(tasks[OLD], random[OLD]) && random_bytes(tasks[NEW], random[NEW]) &&
	       memcmp(random[OLD], random[NEW], RANDOM_LEN) != 0;
}

/** Do both run the same file, by its name? What is not known is not another one. */
static bool same_exe(struct crit_task *const tasks[2], struct crit_file exe[2])
{
	for (int s = OLD; s <= NEW; s++)
		if (crit_task_exe(tasks[s], &exe[s], NULL))
			return true;
	return !strcmp(exe[OLD].path, exe[NEW].path);
}

bool diff_program(struct diff *d, const struct crit_difference *of)
{
	struct crit_task *const tasks[2] = { d->sides[OLD].task, d->sides[NEW].task };
	struct crit_file exe[2];
	bool same = same_exe(tasks, exe);

	d->rerun = is_rerun(tasks);
	if (!same)
		diff_text(d, of, "program", exe[OLD].path, exe[NEW].path);
	else if (d->rerun)
		diff_text(d, of, "run", "started once", "started again");
	return same;
}

/** Registers that are not the same ones: dumped on another CPU. */
static bool same_registers(const struct arch_layout *a, const struct arch_layout *b)
{
	bool same = a->arch == b->arch && a->nr_regs == b->nr_regs;

	for (size_t i = 0; same && i < a->nr_regs; i++)
		same = a->reg[i] == b->reg[i];
	return same;
}

enum crit_status crit_diff_same_run(struct crit_task *before, struct crit_task *after,
				    struct crit_error *err)
{
	struct crit_task *const tasks[2] = { before, after };
	enum crit_status status = CRIT_OK;
	struct crit_file exe[2];

	for (int s = OLD; s <= NEW && !status; s++)
		status = crit_task_load(tasks[s], err);
	if (status)
		return status;
	if (!same_exe(tasks, exe))
		return error_set(err, CRIT_INVALID, "it is another program there");
	if (is_rerun(tasks))
		return error_set(err, CRIT_INVALID, "the program was started again in between");
	if (!same_registers(task_layout(before), task_layout(after)))
		return error_set(err, CRIT_INVALID, "the CPU has other registers there");
	return CRIT_OK;
}
