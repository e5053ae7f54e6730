/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * diff.h - comparing two checkpoints: what the files of this folder share.
 *
 *	diff.c	    which processes belong together, in which order
 *	run.c	    is a process the same program, the same run of it?
 *	state.c	    what the kernel knew of a process
 *	threads.c   threads and registers
 *	fds.c	    descriptors and sockets
 *	records.c   what images say of an open file besides
 *	pieces.c    which address of one is which of the other; mappings
 *	side.c	    where a byte of either is, and whether it is the same one of the same image
 *	memory.c    contents
 *	ranges.c    putting together what was found there
 *	tell.c	    handing differences to the caller
 *	report*.c   as text, as JSON
 */
#ifndef CRIT_DIFF_DIFF_H
#define CRIT_DIFF_DIFF_H

#include "diff/ranges.h"
#include "diff/side.h"

enum { OLD, NEW };

struct diff {
	struct side sides[2];
	const struct crit_diff_options *options;
	bool (*found)(void *ctx, const struct crit_difference *d);
	struct crit_diff_totals totals;
	uint32_t pid;	/* of the process at hand */
	const char *comm; /* its name */
	bool differs, unsure; /* it does; something of it cannot be compared */
	bool ended;	/* the caller has heard enough */
	bool interrupted; /* keep_going() said so */
	bool no_memory;
	bool rerun;	/* both are runs of one program, but not the same run */
	struct ranges ranges;
	uint64_t done, total; /* bytes of memory */
	void *shared;	/* what was compared of shared memory: a tree of tsearch() */
};

/* ---- tell.c ---- */

/** Did the caller ask for this? */
bool diff_wants(const struct diff *d, enum crit_diff_what what);

/** Hand a difference to the caller; pid and comm are filled in. */
void diff_tell(struct diff *d, struct crit_difference *difference);
/** A field of something whose @p what, tid, fd and name are in @p of; told when the texts differ.
 *  NULL: not recorded, which cannot be compared with what is. */
void diff_text(struct diff *d, const struct crit_difference *of, const char *field,
	       const char *before, const char *after);
/** Likewise numbers, printed with a format like "%llu". */
void diff_number(struct diff *d, const struct crit_difference *of, const char *field,
		 const char *format, uint64_t before, uint64_t after);
/** Numbers that an image need not have. */
void diff_maybe(struct diff *d, const struct crit_difference *of, const char *field,
		const char *format, bool has_before, uint64_t before, bool has_after,
		uint64_t after);
/** Something that only one of them has. */
void diff_only(struct diff *d, const struct crit_difference *of, enum crit_diff_how how,
	       const char *text);
/** It cannot be compared. */
void diff_unknown(struct diff *d, const struct crit_difference *of, const char *why);
/** False: the caller has heard enough, or asked to stop, which is CRIT_INTERRUPTED at the end. */
bool diff_goes_on(struct diff *d);

/* ---- parts of a process; both sides have it ---- */

/** Is it the same program? Also finds out whether it is another run of it. */
bool diff_program(struct diff *d, const struct crit_difference *of);
void diff_state(struct diff *d);
void diff_threads(struct diff *d);
void diff_fds(struct diff *d);
/** What is behind a descriptor, the same file in both, by its fields. @param index  Of
 *  crit_fd_at(). */
void diff_records(struct diff *d, const struct crit_difference *of, const size_t index[2]);
/** Mappings and memory. @return CRIT_OK; CRIT_NO_MEMORY; CRIT_INTERRUPTED. */
enum crit_status diff_memory(struct diff *d, struct crit_error *err);

#endif
