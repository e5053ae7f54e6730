/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* diff.h - what differs between two checkpoints. A part of critcore.h. */
#ifndef CRITCORE_DIFF_H
#define CRITCORE_DIFF_H

#include "critcore/memory.h"
#include "critcore/report.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a difference is about. Of one process they come in this order. */
enum crit_diff_what {
	CRIT_DIFF_PROCESS,  /* it as a whole, its relatives, its program */
	CRIT_DIFF_STATE,    /* what the kernel knew of it: signals, timers, limits, directories */
	CRIT_DIFF_THREAD,   /* it as a whole, its name, what it was doing, credentials */
	CRIT_DIFF_REGISTER, /* of the thread before */
	CRIT_DIFF_FD,	    /* a descriptor: of files, and of all else */
	CRIT_DIFF_SOCKET,   /* what is behind a descriptor that is a socket in both */
	CRIT_DIFF_MAPPING,
	CRIT_DIFF_MEMORY,   /* how much of a mapping's contents */
	CRIT_DIFF_RANGE,    /* which of it; these come before it */
};

enum crit_diff_how {
	CRIT_DIFF_CHANGED,
	CRIT_DIFF_ADDED,   /* only in the new one */
	CRIT_DIFF_GONE,	   /* only in the old one */
	CRIT_DIFF_MOVED,   /* a mapping: at another address */
	CRIT_DIFF_UNKNOWN, /* cannot be compared; why says why */
};

/** Short names ("register", "changed"); never NULL. Static storage. */
CRIT_API const char *crit_diff_what_name(enum crit_diff_what what);
CRIT_API const char *crit_diff_how_name(enum crit_diff_how how);

/** Contents of memory, in bytes, whole pages. */
struct crit_diff_memory {
	uint64_t changed;
	uint64_t added, gone; /* pages that the images of only one have: of mappings that only one
				 has; compared with a pre-dump, of all */
	uint64_t unknown;     /* cannot be compared: not there in one of them */
};

/** A difference. Pointers live during the call. Texts out of images may hold any bytes. */
struct crit_difference {
	enum crit_diff_what what;
	enum crit_diff_how how;
	uint32_t pid;
	const char *comm;    /* command name of the process; "" if unknown */
	uint32_t tid;	     /* THREAD, REGISTER; else 0 */
	uint32_t fd;	     /* FD, SOCKET */
	const char *name;    /* of the register, mapping ("" if it has none), file; else NULL */
	const char *field;   /* what of it ("state", "offset", "prot"); NULL: it as a whole. Of a
				MAPPING "part": it has grown (ADDED) or shrunk (GONE) by the range;
				of MEMORY "all pages": both are pre-dumps, which have no mappings */
	const char *before, *after; /* in words; NULL: not there, or not said */
	const char *before_symbol, *after_symbol; /* REGISTER: the function it points into, as
						     "main+0x12"; NULL: none, or not known */
	const char *why;     /* of what cannot be compared */
	/* MAPPING, MEMORY, RANGE: addresses, in the old one and in the new one. Both 0 where it is
	   not in that one, or where that one is a pre-dump, which has no mappings. */
	uint64_t old_start, old_end, new_start, new_end;
	struct crit_diff_memory memory; /* MEMORY */
	uint32_t same_as; /* MEMORY: shared memory, told of this process in full; 0: not */
	uint64_t nr_bytes; /* RANGE, with crit_diff_options.bytes: how many of them differ or stand
			      between such; 0: whole pages are meant */
	const uint8_t *old_bytes, *new_bytes; /* the first of them, up to CRIT_DIFF_BYTES */
};

enum { CRIT_DIFF_BYTES = 16 };

/** What was met in all. */
struct crit_diff_totals {
	uint64_t same, changed, added, gone; /* processes */
	uint64_t unsure; /* processes of which nothing is known to differ, but not all could be
			    compared */
	uint64_t nr_differences; /* of any kind, but MEMORY's ranges */
	uint64_t nr_unknown;	 /* of kind UNKNOWN, memory included */
	struct crit_diff_memory memory; /* shared memory once */
};

struct crit_diff_options {
	uint32_t pid;	  /* only this process; 0: all */
	/* What is compared: 1 << enum crit_diff_what, or-ed; 0: everything. CRIT_DIFF_PROCESS
	   always is, since another program has nothing else to compare. */
	unsigned int only;
	bool ranges;	  /* tell CRIT_DIFF_RANGE, too, before each mapping's CRIT_DIFF_MEMORY */
	bool bytes;	  /* the changed ones by bytes, else by pages */
	crit_keep_going_fn keep_going; /* bytes of memory done, and of how many; may be NULL */
	void *ctx;		       /* for keep_going and found */
};

/**
 * Open the folder of a pre-dump (`criu pre-dump`): pages of processes, and nothing else of them. It
 * is for crit_diff(); of its tasks there is crit_task_info.pid, and loading one is CRIT_NOT_FOUND.
 *
 * @param out  [out] Release it with crit_checkpoint_close().
 * @return CRIT_OK; CRIT_NOT_FOUND: no such directory, or no pagemap image in it; CRIT_INVALID: it
 *         has processes, so open it with crit_checkpoint_open(); CRIT_OS; CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_pre_dump_open(const char *path, struct crit_checkpoint **out,
					     struct crit_error *err);
/** The same with options; NULL: none. @return also CRIT_INTERRUPTED: keep_going() said so. */
CRIT_API enum crit_status crit_pre_dump_open_with(const char *path,
						  const struct crit_open_options *options,
						  struct crit_checkpoint **out,
						  struct crit_error *err);

/**
 * Read a process's pages of a pre-dump.
 *
 * @param page_size  Of the process, in bytes: no image of a pre-dump says it. The first question
 *                   about the process decides, this one or crit_diff()'s.
 * @return as crit_mem_read(); CRIT_UNMAPPED: the pre-dump does not have the page; CRIT_INVALID: not
 *         of a pre-dump, or no size of pages.
 */
CRIT_API enum crit_status crit_pre_dump_read(struct crit_task *task, uint32_t page_size,
					     uint64_t vaddr, size_t len, void *buf, size_t *nread,
					     struct crit_error *err);

/**
 * Is a process the same run of the same program on the same kind of CPU in both, so that addresses,
 * frames and registers of the one mean the same in the other?
 *
 * @return CRIT_OK: yes; CRIT_INVALID: no, @p err says why; or as crit_task_load().
 */
CRIT_API enum crit_status crit_diff_same_run(struct crit_task *before, struct crit_task *after,
					     struct crit_error *err);

/**
 * Compare two checkpoints, process by process: those with the same pid, threads with the same tid.
 * Mappings are matched by address and file; those at other addresses by file, so that two runs of a
 * program can be compared. Pages that are the same bytes of the same image, as of two checkpoints
 * of one chain, are not read.
 *
 * @param before, after  Different checkpoints, also of one folder. Each may be a pre-dump: then
 *                       memory is compared, and nothing else.
 * @param options  NULL: all zero.
 * @param found    Called for each difference, in order of process; false ends it (CRIT_OK).
 * @param totals   [out] May be NULL. Also set when it was ended before.
 * @return CRIT_OK, whatever differs; CRIT_NOT_FOUND: neither has options->pid; CRIT_INTERRUPTED;
 *         CRIT_NO_MEMORY. What cannot be read is told as UNKNOWN.
 */
CRIT_API enum crit_status crit_diff(struct crit_checkpoint *before, struct crit_checkpoint *after,
				    const struct crit_diff_options *options,
				    bool (*found)(void *ctx, const struct crit_difference *d),
				    struct crit_diff_totals *totals, struct crit_error *err);

/**
 * The same as a report. TEXT begins with a summary; JSON is one object for each difference and a
 * last one with the totals, each on a line of its own, as they are found.
 *
 * @param options  Its keep_going and ctx are not used: @p report has them.
 */
CRIT_API enum crit_status crit_diff_report(struct crit_checkpoint *before,
					   struct crit_checkpoint *after,
					   const struct crit_diff_options *options,
					   const struct crit_report_options *report,
					   struct crit_output *out,
					   struct crit_diff_totals *totals,
					   struct crit_error *err);

#ifdef __cplusplus
}
#endif

#endif
