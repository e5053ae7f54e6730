/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stats.h - what is in a checkpoint, in numbers, and what CRIU counted while it was made. A part of
 * critcore.h.
 */
#ifndef CRITCORE_STATS_H
#define CRITCORE_STATS_H

#include "critcore/files.h"
#include "critcore/memory.h"
#include "critcore/report.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A number of stats-dump or stats-restore. */
struct crit_counter {
	const char *name; /* the field's, which is podman's too: "frozen_time". Static storage */
	bool is_time;	  /* in microseconds, CRIU keeps 32 bits of them; else a count */
	bool is_pages;	  /* a count of pages */
	bool recorded;
	uint64_t value;
};

/** One of these images. */
struct crit_counters {
	const char *source; /* where it was found: "stats-dump", "../stats-dump"; NULL: nowhere */
	struct crit_counter values[16]; /* in the order of the fields */
	size_t nr;	    /* 14 of a dump, 5 of a restore; 0 when there is no such image */
};

/** Open files of one kind. */
struct crit_fd_count {
	enum crit_fd_kind kind;
	uint64_t nr_fds;   /* descriptors; a table that processes share counts once */
	uint64_t nr_files; /* open files behind them */
};

/** Sockets that are alike. Numbers are those of Linux, see struct crit_socket. */
struct crit_socket_count {
	uint32_t family, type;
	bool has_state;
	uint32_t state;
	uint64_t nr; /* sockets, however many descriptors they have */
};

/** Memory by where its bytes are. In bytes; the first four add up to what is mapped. */
struct crit_mem_kinds {
	uint64_t image;	      /* in images of the checkpoint, and of those it builds on */
	uint64_t zero;	      /* never written, or stored as zeros */
	uint64_t file;	      /* in mapped files, which are on this machine */
	uint64_t unavailable; /* not here: see why[] */
	uint64_t parent;      /* of image: in a parent checkpoint */
	uint64_t compressed;  /* of image: in LZ4 blocks */
	uint64_t shared;      /* of image: in images of shared memory */
	uint64_t why[CRIT_WHY_UNKNOWN + 1]; /* of unavailable, by enum crit_why */
};

/** A mapping with much in the images. */
struct crit_big_mapping {
	uint32_t pid;
	const char *comm;
	struct crit_mapping mapping;
	uint64_t image;	    /* bytes of it that are in images */
	uint64_t nr_tasks;  /* processes that map the same part of the same memory */
};

/** Images of one kind. */
struct crit_image_count {
	const char *kind; /* CRIU's name ("PAGEMAP"), or what is in it ("page contents"); NULL: no
			     image of CRIU's. Static storage */
	uint64_t nr;
	uint64_t len; /* bytes, holes included */
};

/** One checkpoint of an incremental chain. Counts are of pages, of all its pagemap images. */
struct crit_level_stats {
	struct crit_level level;
	uint64_t nr_new;       /* stored at this level */
	uint64_t nr_inherited; /* unchanged: they are at the level below */
	uint64_t nr_punched;   /* of nr_new: punched out of the image, a later level has them */
	uint64_t nr_lazy;      /* left with a page server */
	uint64_t nr_zero;      /* of nr_new: blocks of zeros, which take no room. 0 when the level
				  is not compressed: images do not tell then */
	uint64_t pages_len;    /* bytes of its pages images that are described */
	bool compressed;       /* some of its pages are in LZ4 blocks */
	struct crit_counters dump; /* stats-dump of that level */
};

/** What the same contents in several places cost. Counts are of pages in pages images. */
struct crit_duplicates {
	uint64_t nr_pages;    /* looked at; shared memory once */
	uint64_t nr_zero;     /* of them: nothing but zeros; these are no duplicates */
	uint64_t nr_distinct; /* contents among the others */
	uint64_t nr_same;     /* further pages with contents that came first in the same process */
	uint64_t nr_across;   /* further pages with contents that came first in another one */
	uint64_t nr_unread;   /* that could not be read */
	bool estimated;	      /* there were too many: nr_distinct, nr_same and nr_across are from a
				 sample */
};

struct crit_stats {
	struct crit_counters dump, restore;

	uint64_t nr_tasks, nr_threads; /* zombies have no threads */
	uint64_t nr_by_state[CRIT_TASK_ZOMBIE + 1]; /* processes, by enum crit_task_state */

	uint64_t nr_fds, nr_files;
	struct crit_fd_count *fds; /* by kind */
	size_t nr_fd_kinds;
	struct crit_socket_count *sockets; /* by family, type, state */
	size_t nr_socket_kinds;

	uint32_t page_size; /* in bytes; 0: no process could be loaded, nothing below is known */
	struct crit_mem_kinds memory_each; /* what each process sees, added up */
	struct crit_mem_kinds memory_once; /* what processes share counted once */
	struct crit_big_mapping *biggest; /* most bytes in images first */
	size_t nr_biggest;
	struct crit_level_stats *levels; /* the checkpoint first, then its parents */
	size_t nr_levels;

	struct crit_image_count *images; /* biggest first */
	size_t nr_image_kinds;
	uint64_t nr_images, images_len;

	bool has_duplicates; /* they were asked for */
	struct crit_duplicates duplicates;

	char **problems; /* one line on each thing that could not be counted; the first few */
	size_t nr_problems, nr_more_problems;
};

struct crit_stats_options {
	const char *work_dir; /* a further folder where stats-dump and stats-restore may be: the one
				 of CRIU's -W. NULL: none */
	size_t max_biggest;   /* 0: 10 */
	bool duplicates;      /* reads all pages that are in images; in at most 300 MiB of memory */
	crit_keep_going_fn keep_going; /* of that reading, in bytes. May be NULL */
	void *ctx;
};

/**
 * Count what is in a checkpoint. Reads the metadata of all of it and the first bytes of all images,
 * no page unless it is asked for duplicates. What is damaged or missing is left out, and told in
 * problems.
 *
 * @param out  [out] Release it with crit_stats_free(). Its texts live until the checkpoint is
 *             closed.
 * @return CRIT_OK; CRIT_INTERRUPTED; CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_stats_read(struct crit_checkpoint *ckpt,
					  const struct crit_stats_options *options,
					  struct crit_stats **out, struct crit_error *err);
/** NULL is fine. */
CRIT_API void crit_stats_free(struct crit_stats *stats);

/** How many times smaller the stored pages of a level are; 0: nothing is compressed. */
CRIT_API double crit_level_ratio(const struct crit_level_stats *level, uint32_t page_size);

/**
 * crit_stats_read() as a report.
 * @param options  Its keep_going and ctx are not used: those of @p how are.
 * @return as crit_stats_read(); the first problem's CRIT_CORRUPT, CRIT_NOT_FOUND, ...: all of the
 *         report was written, without what the message says.
 */
CRIT_API enum crit_status crit_stats_write(struct crit_checkpoint *ckpt,
					   const struct crit_stats_options *options,
					   const struct crit_report_options *how,
					   struct crit_output *out, struct crit_error *err);

#ifdef __cplusplus
}
#endif

#endif
