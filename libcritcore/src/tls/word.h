/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* word.h - memory of a loaded task as words of its CPU: pointers and sizes. */
#ifndef CRIT_TLS_WORD_H
#define CRIT_TLS_WORD_H

#include "checkpoint/debug.h"
#include "util/endian.h"

static inline size_t word_size(const struct crit_task *task)
{
	return task_layout(task)->arch->word_size;
}

/** An address as the CPU counts: sums wrap round at the top of the address space. */
static inline uint64_t word_wrap(const struct crit_task *task, uint64_t value)
{
	return word_size(task) == 4 ? (uint32_t)value : value;
}

/** A word that is a signed number. */
static inline int64_t word_signed(const struct crit_task *task, uint64_t value)
{
	return word_size(task) == 4 ? (int32_t)value : (int64_t)value;
}

/** The integer in @p size (1 to 8) bytes of a buffer, in the task's byte order. */
static inline uint64_t word_get(const struct crit_task *task, const void *bytes, size_t size)
{
	return endian_get(bytes, size, task_layout(task)->arch->big_endian);
}

/** Read one word. @return as crit_mem_read(). */
static inline enum crit_status word_read(struct crit_task *task, uint64_t vaddr, uint64_t *out,
					 struct crit_error *err)
{
	uint8_t bytes[8];
	enum crit_status status = crit_mem_read(task, word_wrap(task, vaddr), word_size(task),
						bytes, NULL, err);

	if (!status)
		*out = word_get(task, bytes, word_size(task));
	return status;
}

#endif
