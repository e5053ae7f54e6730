/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stats.h - what the files of this folder share.
 *
 *	stats.c       all of it together
 *	criu.c        stats-dump, stats-restore
 *	census.c      processes, open files, sockets
 *	mem_kinds.c   memory by where its bytes are
 *	spans.c       -: which parts of files and shared memory several processes map
 *	biggest.c     -: the mappings with most in the images
 *	read_pages.c  all pages, for
 *	duplicates.c  pages with the same contents
 *	levels.c      pagemap images, level by level
 *	images.c      images by kind
 *	write.c       the report; write_text.c its lines, write_json.c its JSON
 */
#ifndef CRIT_STATS_STATS_H
#define CRIT_STATS_STATS_H

#include "checkpoint/checkpoint.h"

/** Counting under way. */
struct collect {
	struct crit_checkpoint *ckpt;
	const struct crit_stats_options *options;
	struct crit_stats *out;
	struct crit_error first; /* problem; status CRIT_OK: none yet */
};

/** Something could not be counted. @return CRIT_OK, or CRIT_NO_MEMORY. */
enum crit_status collect_problem(struct collect *c, const struct crit_error *why,
				 struct crit_error *err);

/** crit_stats_read(). @param first  [out] What problems[0] is about; status CRIT_OK: nothing. */
enum crit_status stats_collect(struct crit_checkpoint *ckpt,
			       const struct crit_stats_options *options, struct crit_stats **out,
			       struct crit_error *first, struct crit_error *err);

/* criu.c */
/** Read stats-dump of a parent, if it is there; what is damaged is a problem. */
enum crit_status counters_of_level(struct collect *c, struct source *src, struct crit_counters *out,
				   struct crit_error *err);
enum crit_status collect_criu(struct collect *c, struct crit_error *err);
/** stats-dump alone, in the folder of the images or the one around it.
 *  @return CRIT_OK; CRIT_NOT_FOUND; CRIT_CORRUPT, CRIT_OS, CRIT_NO_MEMORY. */
enum crit_status stats_read_dump(struct crit_checkpoint *ckpt, struct crit_counters *out,
				 struct crit_error *err);

/* census.c */
enum crit_status collect_tasks(struct collect *c, struct crit_error *err);
enum crit_status collect_fds(struct collect *c, struct crit_error *err);

/* mem_kinds.c */
enum crit_status collect_memory(struct collect *c, struct crit_error *err);
/** Add @p len bytes of what @p at says, @p times. */
void mem_kinds_add(const struct crit_checkpoint *ckpt, struct crit_mem_kinds *kinds,
		   const struct crit_origin *at, uint64_t len, uint64_t times);

/* spans.c */

/** Where some mapping of a file or of shared memory begins or ends. */
struct span_edge {
	const void *object; /* struct shm_object or struct mapped_file */
	bool is_file;
	int64_t delta; /* processes that map it from here on, more or (negative) fewer */
	uint64_t pos;	/* in the object, in bytes */
	uint64_t image; /* spans_add_up() made it: bytes of the object before it that are mapped and
			   in images */
};

/** A zeroed one is ready to use. */
struct spans {
	struct span_edge *edges;
	size_t nr, cap;
	size_t nr_joined; /* at the beginning: in order, no two the same */
};

void spans_deinit(struct spans *spans);
/** @p times processes map [pos, pos + len) of an object; with 0 only the places become known to
 *  spans_image(). @return false: out of memory. */
bool spans_add(struct spans *spans, const void *object, bool is_file, uint64_t pos, uint64_t len,
	       uint64_t times);
/** Add all of it to @p each as often as it is mapped, and to @p once. */
void spans_add_up(struct spans *spans, struct collect *c, struct crit_mem_kinds *each,
		  struct crit_mem_kinds *once);
/** Bytes in images between two places where spans that were added begin or end. */
uint64_t spans_image(const struct spans *spans, const void *object, uint64_t start, uint64_t end);

/* read_pages.c */
/** @param times  As in mem_kinds.c: 0 for processes whose memory another one has.
 *  @param spans  Added up. */
enum crit_status collect_duplicates(struct collect *c, const uint64_t *times,
				    const struct spans *spans, struct crit_error *err);

/* biggest.c */

/** The biggest so far. */
struct biggest {
	struct crit_big_mapping *list; /* most bytes in images first */
	const void **objects; /* shared memory behind each; NULL: none */
	size_t nr, max;
};

bool biggest_init(struct biggest *b, size_t max);
void biggest_deinit(struct biggest *b);
/** @param object  Shared memory behind it; NULL: none. */
void biggest_add(struct biggest *b, struct crit_task *task, const struct mapping *m,
		 const void *object, uint64_t image, uint64_t times);

/* levels.c, images.c */
enum crit_status collect_levels(struct collect *c, struct crit_error *err);
enum crit_status collect_images(struct collect *c, struct crit_error *err);

#endif
