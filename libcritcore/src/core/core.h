/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * core.h - writing ELF core files: what the files of this folder share.
 *
 *	ELF header
 *	program headers     PT_NOTE, a PT_LOAD for each segment
 *	section header      one, when there are more than 65,534 of them: it has their number
 *	notes		    notes.c (the process), thread_notes.c (its threads)
 *	bytes of segments   each begins at a page of the file
 *
 *	parts.c     what is to be done with each range of memory
 *	segments.c  which segments that makes
 *	headers.c   what stands before the bytes
 *	data.c      the bytes
 *	sink.c      small pieces of them together
 *	packed.c    all of it compressed
 *	core.c      one after the other
 *
 * gdb reads zeros where a segment is longer than its bytes in the file (13.1 to 18.1; ELF wants it
 * so). So what was never written to may be there, and nothing that is not known.
 */
#ifndef CRIT_CORE_CORE_H
#define CRIT_CORE_CORE_H

#include "checkpoint/checkpoint.h"
#include "util/buf.h"
#include "util/output.h"

/** A program header. */
struct segment {
	uint64_t start, len; /* memory */
	uint64_t file_len;   /* of its beginning, in the file; behind it are zeros */
	uint64_t off;	     /* in the file */
	uint32_t prot;
};

/** Bytes that turned out to be unreadable. */
struct bad {
	uint64_t start, end;
	char *why; /* one clause */
};

struct core {
	struct crit_task *task;
	const struct arch *arch;
	const struct crit_core_options *options;
	struct crit_core_result result;
	uint64_t align; /* of segments, in bytes */
	uint64_t max_hole; /* more zeros than that are not in the file, in bytes */
	struct segment *segments;
	size_t nr_segments, cap_segments;
	struct buf notes;
	struct bad *bads; /* by address, not overlapping */
	size_t nr_bads, cap_bads;
	bool again;	  /* the file does not hold what its headers say */
	uint64_t done, total; /* bytes of segments, for keep_going */
};

enum part_kind {
	PART_DATA,    /* bytes to copy */
	PART_ZERO,
	PART_IN_FILE, /* a debugger finds them in the mapped file */
	PART_NEVER,   /* in no core file: pages of the kernel, guard pages */
	PART_GONE,    /* not there */
};

/** A range of memory for which the same is to be done. */
struct part {
	enum part_kind kind;
	uint64_t start, len;
	const char *why; /* of PART_GONE: one clause */
	struct crit_origin at; /* what crit_mem_locate() says of start */
};

/* parts.c */
/** The part that begins at an address of a mapping; at most up to @p end, the mapping's or less. */
enum crit_status part_at(struct core *core, uint64_t vaddr, uint64_t end, struct part *out,
			 struct crit_error *err);
/** Would a debugger that finds a part neither in the core file nor in the file that is mapped there
 *  say that it is not there, and else find the right bytes? */
bool part_may_be_named(const struct part *part);
/** Remember that some bytes cannot be read. False: out of memory. */
bool bad_add(struct core *core, uint64_t start, uint64_t end, const char *why);

/* segments.c */
/** Make the segments, and the result's figures; again, if there are some. Offsets are not set. */
enum crit_status segments_make(struct core *core, struct crit_error *err);
/** Tell options->gap what is not there. */
enum crit_status gaps_tell(struct core *core, struct crit_error *err);

/* notes.c */
/** Make them, anew if there are some. */
enum crit_status notes_make(struct core *core, struct crit_error *err);
/** Append a note. */
void note_add(struct core *core, const char *owner, uint32_t type, const void *desc, size_t len);

/* thread_notes.c */
/**
 * Append the notes of a thread: first of all that of its general registers.
 *
 * @param between  What to append behind that one; NULL: nothing.
 * @param lacking  [out] It has no registers: nothing was appended.
 */
enum crit_status thread_notes_add(struct core *core, struct crit_thread *thread,
				  enum crit_status (*between)(struct core *core,
							      struct crit_error *err),
				  bool *lacking, struct crit_error *err);

/* headers.c */
/** Give the segments their places. */
enum crit_status headers_lay_out(struct core *core, struct crit_error *err);
/** Write everything before the bytes of the first segment. */
enum crit_status headers_write(struct core *core, struct crit_output *out, struct crit_error *err);

/* data.c */
/** Write the bytes of all segments. core->again is set when some could not be had: zeros stand in
 *  their place and they are among the bad ones.
 *  @param out  NULL: only try the compressed ones. */
enum crit_status data_write(struct core *core, struct crit_output *out, struct crit_error *err);

/* packed.c */
struct packed;
/** @param out  [out] What is written there goes to @p to as a zstd frame. */
enum crit_status packed_open(struct crit_output *to, struct packed **packed,
			     struct crit_output **out, struct crit_error *err);
/** End the frame, if all went well so far; @p status is how it went. @return what failed first. */
enum crit_status packed_finish(struct packed *packed, enum crit_status status,
			       struct crit_error *err);
/** NULL is fine. Closes its output, too. */
void packed_close(struct packed *packed);

#endif
