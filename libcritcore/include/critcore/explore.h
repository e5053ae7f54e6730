/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * explore.h - listings of a whole checkpoint: its processes, and what each has open, mapped, in
 * memory and on the network. A part of critcore.h.
 */
#ifndef CRITCORE_EXPLORE_H
#define CRITCORE_EXPLORE_H

#include "critcore/files.h"
#include "critcore/memory.h"
#include "critcore/report.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Hears of a process. @param depth  0: a root. @return false to stop. */
typedef bool (*crit_tree_fn)(void *ctx, struct crit_task *task, unsigned int depth);

/**
 * Walk over the process tree, parents before their children, children in pstree.img order. Roots
 * are the processes whose parent is not in the checkpoint; if some are each other's ancestors, the
 * first of them is one. Every process is heard of once.
 *
 * @param from  Only this process and what is below it; NULL: all.
 * @return CRIT_OK, also when it was stopped; CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_tree_walk(struct crit_checkpoint *ckpt, struct crit_task *from,
					 crit_tree_fn fn, void *ctx, struct crit_error *err);

enum crit_run_place {
	CRIT_RUN_HERE,	  /* in the pages image beside the pagemap */
	CRIT_RUN_PARENT,  /* in the parent checkpoint */
	CRIT_RUN_LAZY,	  /* left with the page server */
	CRIT_RUN_UNKNOWN, /* flags that contradict each other or are not known */
};

/** "here", "parent", "lazy", "unknown"; never NULL. Static storage. */
CRIT_API const char *crit_run_place_name(enum crit_run_place place);

/** An entry of a pagemap: adjacent pages of private memory that were there at the dump. */
struct crit_run {
	uint64_t vaddr;	   /* of the first */
	uint64_t nr_pages; /* of crit_run.page_size bytes */
	uint32_t page_size;
	enum crit_run_place place;
	uint32_t flags;	   /* PE_* of CRIU: 1 parent, 2 lazy, 4 present */
	bool compressed;   /* in LZ4 blocks */
};

/** Hears of a run. @return false to stop. */
typedef bool (*crit_run_fn)(void *ctx, const struct crit_run *run);

/**
 * Read the pagemap of a task, run by run, in address order. The number of pages is right for old
 * images, too.
 * @return CRIT_OK, also when it was stopped; CRIT_NOT_DUMPED: a zombie; CRIT_NOT_FOUND: no pagemap,
 *         or no mm image; CRIT_CORRUPT, also after some runs; CRIT_UNSUPPORTED, CRIT_OS,
 *         CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_run_walk(struct crit_task *task, crit_run_fn fn, void *ctx,
					struct crit_error *err);

enum crit_explore_what {
	CRIT_EXPLORE_PS,   /* the process tree */
	CRIT_EXPLORE_FDS,  /* descriptors, current directory, root */
	CRIT_EXPLORE_MEMS, /* mappings */
	CRIT_EXPLORE_RSS,  /* which pages there are */
	CRIT_EXPLORE_SK,   /* sockets */
};

/** What a word of CRIT's or go-criu's command line means: "ps", "fd", "fds", "mem", "mems", "rss",
 *  "sk". @return false: none of them. */
CRIT_API bool crit_explore_find(const char *word, enum crit_explore_what *out);

/** All zero: every process, as CRIT lists it. */
struct crit_explore_options {
	struct crit_report_options report; /* progress is counted in processes */
	uint32_t pid;		/* only this process (of PS: and what is below it); 0: all */
	bool args, env, threads, state; /* of PS: also list these */
	/* TEXT: hears of what could not be listed, one line each. JSON: it stands in the listing,
	   as members "error". May be NULL. */
	void (*problem)(void *ctx, const struct crit_error *err);
	void *problem_ctx;
};

/**
 * Write a listing; docs/explore.md has the forms. Text is what CRIT 4.3 prints wherever that is
 * right. Dead processes, which have nothing, are left out, except of PS.
 *
 * @param nr_problems  [out] How many images were missing or damaged, so that something is not in
 *                     the listing. May be NULL.
 * @return CRIT_OK, also with problems; CRIT_NOT_FOUND: no process options->pid; CRIT_NOT_DUMPED:
 *         it is a zombie; CRIT_INTERRUPTED; CRIT_OS: writing failed; CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_explore(struct crit_checkpoint *ckpt, enum crit_explore_what what,
				       const struct crit_explore_options *options,
				       struct crit_output *out, size_t *nr_problems,
				       struct crit_error *err);

#ifdef __cplusplus
}
#endif

#endif
