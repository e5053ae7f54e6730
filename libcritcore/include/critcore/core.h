/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* core.h - core files. A part of critcore.h. */
#ifndef CRITCORE_CORE_H
#define CRITCORE_CORE_H

#include "critcore/dump.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a core file is written. All zero is fine. */
struct crit_core_options {
	bool full; /* with the bytes of mapped files that are on this machine under the names that
		      the process knew: else debuggers read them there. Others are always in it */
	bool zstd; /* compressed, as a zstd frame */
	/** Hears of every range of bytes that are missing, in address order, once the rest is
	 *  written. */
	void (*gap)(void *ctx, const struct crit_dump_gap *gap);
	crit_keep_going_fn keep_going; /* of bytes */
	void *ctx; /* for both */
};

/** What went into a core file. */
struct crit_core_result {
	uint64_t len;	   /* bytes of the file, with holes; of what it holds, when compressed */
	uint64_t image;	   /* bytes of memory in it: of images and of files */
	uint64_t zero;	   /* that were never written to: holes, or behind the bytes of a segment */
	uint64_t in_files; /* left to the mapped files */
	uint64_t missing;  /* not there, and so in no segment */
	uint64_t never;	   /* of the kernel, and guard pages: in no core file */
	uint64_t nr_segments; /* with memory */
	size_t nr_threads, nr_lacking; /* lacking: left out, for they have no registers */
};

/**
 * Write an ELF core file of a process: threads, registers, signals, auxiliary vector, names of
 * mapped files, memory. Bytes that are not there are in no segment, so that a debugger cannot read
 * them; what was never written to reads as zeros.
 *
 * @param out      Written in order. One of crit_output_create() is begun anew when it turns out
 *                 half-way that pages are damaged; of others compressed pages are tried first, and
 *                 damage that still comes unexpected is a failure.
 * @param options  NULL: all zero.
 * @param result   [out] May be NULL.
 * @return CRIT_OK; CRIT_NOT_DUMPED: a zombie, or no thread has registers; CRIT_UNSUPPORTED: more
 *         memory than such a file can have; CRIT_CORRUPT; CRIT_INTERRUPTED; CRIT_OS;
 *         CRIT_NO_MEMORY; or as crit_task_load().
 */
CRIT_API enum crit_status crit_core_write(struct crit_task *task, struct crit_output *out,
					  const struct crit_core_options *options,
					  struct crit_core_result *result, struct crit_error *err);

/**
 * The same to a file, which takes its name when it is complete.
 * @return also CRIT_INVALID: @p path is an image of the checkpoint itself.
 */
CRIT_API enum crit_status crit_core_write_file(struct crit_task *task, const char *path,
					       const struct crit_core_options *options,
					       struct crit_core_result *result,
					       struct crit_error *err);

#ifdef __cplusplus
}
#endif

#endif
