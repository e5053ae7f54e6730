/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dump.h - memory to files. A part of critcore.h. */
#ifndef CRITCORE_DUMP_H
#define CRITCORE_DUMP_H

#include "critcore/io.h"
#include "critcore/task.h"

#ifdef __cplusplus
extern "C" {
#endif

struct crit_dump_gap {
	uint64_t start, end; /* addresses of bytes that are not there */
	const char *why;     /* one clause; lives during the call */
};

struct crit_dump_options {
	bool hex;	    /* text, 16 bytes a line, as hexdump -C; "??": a byte is not there */
	uint8_t fill;	    /* for bytes that are not there, when not hex */
	/** Hears of every range of bytes that are not there, in address order. */
	void (*gap)(void *ctx, const struct crit_dump_gap *gap);
	crit_keep_going_fn keep_going;
	void *ctx; /* for both */
};

/**
 * Write the bytes of [start, end) to an output: the byte at @p start first. Where nothing was ever
 * written, or nothing is there and fill is 0, a file gets a hole.
 *
 * @param options  NULL: all zero.
 * @param missing  [out] Bytes that are not there: unmapped or unavailable. May be NULL.
 * @return CRIT_OK, whatever is missing; CRIT_INVALID: end is not behind start; CRIT_INTERRUPTED;
 *         CRIT_OS; CRIT_NO_MEMORY; or as crit_task_load().
 */
CRIT_API enum crit_status crit_mem_dump(struct crit_task *task, uint64_t start, uint64_t end,
					struct crit_output *out,
					const struct crit_dump_options *options, uint64_t *missing,
					struct crit_error *err);

/**
 * The same to a file, and what is not there to a list beside it: PATH.missing, one line for each
 * range, "0xSTART 0xEND REASON". Both take their places when they are complete, the list first;
 * when nothing is missing there is none, and one that an earlier dump left is removed.
 *
 * @param json  The list as JSON: {"start": N, "end": N, "why": "..."} on each line.
 * @return also CRIT_INVALID: @p path is an image of the checkpoint itself.
 */
CRIT_API enum crit_status crit_mem_dump_file(struct crit_task *task, uint64_t start, uint64_t end,
					     const char *path,
					     const struct crit_dump_options *options, bool json,
					     uint64_t *missing, struct crit_error *err);

#ifdef __cplusplus
}
#endif

#endif
