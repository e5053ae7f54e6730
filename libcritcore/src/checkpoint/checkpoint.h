/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * checkpoint.h - the model: what the public handles are made of.
 *
 * Everything is loaded on demand and kept until the checkpoint is closed. Which file fills what:
 *
 *	tree.c     pstree.img               tasks, threads
 *	core.c     core-TID.img             state, names, registers
 *	mm.c       mm-PID.img               mappings, auxiliary vector
 *	pages.c    pagemap-PID.img, pages   which of the task's own pages are where
 *	files.c    files.img and friends    which file a mapping is of
 *	lookup.c   -                        that file on this machine, verified
 *	task.c     -                        all of that as one process
 *
 * Where the byte at an address comes from is asked a layer above: memory/.
 */
#ifndef CRIT_CHECKPOINT_H
#define CRIT_CHECKPOINT_H

#include <sys/stat.h>
#include <sys/types.h>

#include "arch/arch.h"
#include "checkpoint/debug.h"
#include "critcore.h"
#include "image/image.h"
#include "image/pagemap.h"
#include "memory.pb-c.h"
#include "util/elfid.h"

/* Processes may map thousands of files; descriptors are for the few in use. */
enum { MAX_OPEN_FILES = 32 };

struct crit_thread {
	struct crit_task *task;
	uint32_t tid;
	bool loaded;	 /* name and regs are what the core image says */
	char *name;	 /* NULL if it has none */
	struct arch_regs regs; /* empty for a zombie */
};

/** A hole of the pages image: see CRIT_WHY_PUNCHED. */
struct hole {
	uint64_t start, end;
};

/** A task's own pages. */
struct pages {
	bool have_map;	 /* pagemap-PID.img was there */
	struct pagemap map;
	char name[32];	 /* pages-N.img */
	struct member *member; /* NULL when it is missing */
	struct hole *holes; /* by offset */
	size_t nr_holes;
};

struct mapping {
	struct crit_mapping pub;
	bool own_pages;	       /* its pages are in the task's pagemap */
	struct mapped_file *file; /* NULL: none, or unknown */
};

/** A range without contents inside a mapping: MADV_GUARD pages. */
struct guard {
	uint64_t start, end;
};

struct crit_task {
	struct crit_checkpoint *ckpt;
	uint32_t pid, ppid, pgid, sid;
	unsigned int depth;
	struct crit_thread *threads;
	size_t nr_threads;

	bool core_loaded;
	enum crit_task_state state;
	uint32_t exit_code, stop_signo;
	uint32_t vm_id; /* equal: shared memory; 0 if not recorded */
	struct arch_layout *layout; /* NULL: not loaded, or a zombie */

	bool loaded;
	uint32_t page_size;
	uint32_t exe_file_id;
	struct mapping *mappings; /* by address, not overlapping */
	size_t nr_mappings;
	struct guard *guards; /* by address */
	size_t nr_guards;
	uint8_t *auxv;
	size_t auxv_len;
	struct pages pages;
	struct mapped_file **files; /* the different ones, in address order */
	size_t nr_files;
	char **notes;
	size_t nr_notes;
	bool notes_made;
};

/** A file of files.img that some task maps, and what was found for it here. */
struct mapped_file {
	struct crit_file pub;
	uint8_t build_id[ELFID_MAX];
	bool regular;	/* has a name worth looking up */
	bool deleted;	/* has a remap */
	bool zeros;	/* /dev/zero: a private mapping of it is anonymous memory */
	bool looked_up;
	struct stat local; /* of local_path when it is used: how it is known again */
	int fd;		/* open for a while after a use, else -1 */
	uint64_t listed_by; /* the last crit_checkpoint.nr_listings that has it */
	char *path;	/* pub.path */
	char *local_path;
	uint8_t local_build_id[ELFID_MAX];
};

/** Where files.img describes a file; decoded when somebody asks. */
struct file_ref {
	uint32_t id;
	bool deleted;
	struct record at; /* its place; no data */
	struct mapped_file *file;
};

struct offered_file {
	char *path;
	uint64_t size;
	uint8_t build_id[ELFID_MAX];
	size_t build_id_len;
};

struct crit_checkpoint {
	struct source *src;
	struct crit_checkpoint_info info;
	struct crit_task *tasks;
	size_t nr_tasks;
	struct crit_task **by_pid; /* sorted */

	bool files_loaded;
	bool old_files;	    /* reg-files.img, before CRIU 3.4 */
	struct image *files_img; /* NULL: there is none */
	struct file_ref *files; /* by id */
	size_t nr_files;
	uint64_t nr_listings; /* how often a task's files were listed */
	struct mapped_file *open_files[MAX_OPEN_FILES]; /* a ring */
	size_t next_open;

	char *sysroot; /* NULL: this machine's root */
	int root_fd;   /* of sysroot, else -1 */
	bool trust_files;
	struct offered_file *offered;
	size_t nr_offered;
};

/* tree.c */
enum crit_status tree_load(struct crit_checkpoint *ckpt, struct crit_error *err);
void tree_free(struct crit_checkpoint *ckpt);

/* core.c: core_load() reads the leader's, which says what registers there are, and comes first. */
enum crit_status core_load(struct crit_task *task, struct crit_error *err);
enum crit_status thread_load(struct crit_thread *thread, struct crit_error *err);

/** The task that has the mm and pagemap images of this one: itself unless they share memory. */
struct crit_task *mm_owner(struct crit_task *task);

/* mm.c */
enum crit_status mm_load(struct crit_task *task, struct crit_error *err);
void mm_unload(struct crit_task *task);
/** The mapping that holds @p vaddr or, failing that, the next one; nr_mappings if none. */
size_t mapping_find(const struct crit_task *task, uint64_t vaddr);
/** Likewise for guards. */
size_t guard_find(const struct crit_task *task, uint64_t vaddr);

/* pages.c */
enum crit_status pages_load(struct crit_task *task, struct crit_error *err);
void pages_deinit(struct pages *pages);
/** Origin of an address in the task's own pages; false if no run covers it (out->len then says
 *  how far no run does). @p out holds the range asked about and is narrowed. */
bool pages_locate(const struct pages *pages, uint64_t vaddr, struct crit_origin *out);

/* files.c */
enum crit_status files_load(struct crit_checkpoint *ckpt, struct crit_error *err);
/** Needs files_load(). *out is borrowed, NULL if the images do not know the id. */
enum crit_status files_find(struct crit_checkpoint *ckpt, uint32_t id, struct mapped_file **out,
			    struct crit_error *err);
void files_free(struct crit_checkpoint *ckpt);

/* lookup.c */
/** Fill pub, once. */
void file_look_up(struct crit_checkpoint *ckpt, struct mapped_file *file);
/** A descriptor of a file with verdict CRIT_FILE_USED, borrowed until the next call; or -errno,
 *  -ESTALE: the name means another file by now. */
int file_open(struct crit_checkpoint *ckpt, struct mapped_file *file);

/* An answer about a range: its bytes are not to be had; it ends at @p end at the latest. */
static inline void origin_unavailable(struct crit_origin *out, enum crit_why why)
{
	out->kind = CRIT_ORIGIN_UNAVAILABLE;
	out->why = why;
}

static inline void origin_narrow(struct crit_origin *out, uint64_t end)
{
	if (end - out->vaddr < out->len)
		out->len = end - out->vaddr;
}

#endif
