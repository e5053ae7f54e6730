/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * checkpoint.h - the model: what the public handles are made of.
 *
 * Everything is loaded on demand and kept until the checkpoint is closed. Which file fills what:
 *
 *	tree.c     pstree.img               tasks, threads
 *	core.c     core-TID.img             state, names, registers
 *	mm.c       mm-PID.img               mappings, auxiliary vector
 *	stores.c   pagemap-PID.img          which of the task's own pages are where
 *	pre_dump.c pagemap-PID.img          tasks of a folder that has no more than those
 *	levels.c   parent                   the checkpoints that this one builds on
 *	shmem.c    pagemap-shmem-ID.img, ipcns-shm-N.img     shared memory
 *	ids.c      ids-PID.img              what tasks share
 *	mounts.c   -                        whose names a task's file names are
 *	task.c     -                        all of that as one process
 *
 * Pages and mapped files are the layers below, pages/ and files/. Where the byte at an address
 * comes from is asked a layer above: memory/.
 */
#ifndef CRIT_CHECKPOINT_H
#define CRIT_CHECKPOINT_H

#include <pthread.h>

#include "arch/arch.h"
#include "checkpoint/debug.h"
#include "critcore.h"
#include "files/files.h"
#include "image/image.h"
#include "memory.pb-c.h"
#include "pages/store.h"
#include "pstree.pb-c.h"

struct crit_thread {
	struct crit_task *task;
	uint32_t tid;
	bool loaded;	 /* name and regs are what the core image says */
	char *name;	 /* NULL if it has none */
	struct arch_regs regs; /* empty for a zombie */
	const char *lacking; /* why the core image has no registers; NULL: it has, or was not
				loaded. Static storage */
	uint64_t sas_start, sas_len; /* the alternate signal stack; len 0: none, or not recorded */
};

struct shm_object;

struct mapping {
	struct crit_mapping pub;
	bool own_pages;	       /* its pages are in the task's pagemap */
	struct mapped_file *file; /* NULL: none, or unknown */
	struct shm_object *object; /* shared memory behind it; NULL: none, or unknown */
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
	uint32_t mtype; /* CRIU's number of its CPU */
	bool mips;   /* its signals have numbers of their own */
	bool arm;    /* the kernel's words have 4 bytes */
	bool compat; /* i386: the task's have 4 bytes, the kernel's 8 */
	bool ids_noted;
	uint32_t vm_id;	   /* equal: shared memory; 0 if not recorded, as the others here */
	uint32_t files_id; /* table of descriptors */
	uint32_t ipc_ns, mnt_ns; /* namespaces */
	struct arch_layout *layout; /* NULL: not loaded, or a zombie */
	struct arch_space space;
	bool settled; /* the layout is what it is with space known, and so are registers */

	bool mm_loaded; /* task_load_mappings() */
	bool loaded;
	uint32_t page_size;
	uint32_t exe_file_id;
	struct mapping *mappings; /* by address, not overlapping */
	size_t nr_mappings;
	struct guard *guards; /* by address */
	size_t nr_guards;
	uint8_t *auxv;
	size_t auxv_len;
	uint64_t args_start, args_end, env_start, env_end; /* addresses */
	struct page_store *pages; /* private memory */
	struct mapped_file **files; /* the different ones, in address order */
	size_t nr_files;
	char **notes;
	size_t nr_notes;
	bool notes_made;
	void *tls; /* of tls/; to be freed. NULL until somebody asks */
};

/** What a layer above keeps with a checkpoint. */
struct attachment {
	void *data; /* NULL: nothing yet */
	void (*free)(void *data);
};

struct crit_checkpoint {
	pthread_mutex_t turn; /* crit_checkpoint_lock() */
	struct source *src;
	struct chain chain;
	struct shmem *shmem; /* NULL until some mapping needs it */
	struct crit_checkpoint_info info;
	bool pre_dump; /* crit_pre_dump_open(): its tasks have a pid and pages alone */
	struct crit_task *tasks;
	size_t nr_tasks;
	struct crit_task **by_pid; /* sorted */
	struct crit_task **mm_holders; /* that have an mm image, by vm_id; NULL until mm_owner() */
	size_t nr_mm_holders;

	struct files files;
	uint32_t mounts; /* mount namespace that the dump was made from; 0: not recorded */
	struct attachment open_files, ipc; /* fds/ */
};

/* tree.c */
enum crit_status tree_load(struct crit_checkpoint *ckpt, struct crit_error *err);
void tree_free(struct crit_checkpoint *ckpt);

/* core.c: core_load() reads the leader's, which says what registers there are, and comes first. */
enum crit_status core_load(struct crit_task *task, struct crit_error *err);
enum crit_status thread_load(struct crit_thread *thread, struct crit_error *err);
/** Finish the layout and the registers once mm.c has filled task->space. */
void registers_settle(struct crit_task *task);
/** Read a thread's core image, anew, into the caller's arena. */
enum crit_status core_read(struct crit_thread *thread, struct arena *arena, Criu__CoreEntry **out,
			   struct crit_error *err);

/* task.c */
/** The part of crit_task_load() that says what is mapped; pagemaps, of which a chain may have large
 *  ones, are left for later. @return as crit_task_load(). */
enum crit_status task_load_mappings(struct crit_task *task, struct crit_error *err);

/* mm.c */
enum crit_status mm_load(struct crit_task *task, struct crit_error *err);
void mm_unload(struct crit_task *task);
/** The mapping that holds @p vaddr or, failing that, the next one; nr_mappings if none. */
size_t mapping_find(const struct crit_task *task, uint64_t vaddr);
/** Likewise for guards. */
size_t guard_find(const struct crit_task *task, uint64_t vaddr);

/* stores.c */
/** Open the store of the task's private memory and those of the shared memory it maps. */
enum crit_status stores_open(struct crit_task *task, struct crit_error *err);

/* levels.c */
/** Is there an image of the checkpoint, or of a parent, at @p path? Such a file is never
 *  written. */
bool levels_have_image(struct crit_task *task, const char *path);

/* shmem.c */
/** The object with contents in pagemap-shmem-<id>.img. Its store is opened.
 *  @param sysv  It is a System V segment: old images may have its contents in another place. */
enum crit_status shm_find(struct crit_task *task, uint64_t id, bool sysv, struct shm_object **out,
			  struct crit_error *err);
/** Likewise of a memfd; *out is NULL if memfd.img does not know the inode. */
enum crit_status shm_find_memfd(struct crit_task *task, uint64_t inode_id,
				struct shm_object **out, struct crit_error *err);
void shmem_free(struct crit_checkpoint *ckpt);
/** Where the byte at offset @p pos of the object is. */
void shm_locate(struct shm_object *object, uint64_t pos, struct crit_origin *out);
/** As page_store_read() and page_store_place(). */
enum crit_status shm_read(struct shm_object *object, uint64_t pos, const struct crit_origin *at,
			  void *buf, size_t max, size_t *nread, struct crit_error *err);
bool shm_place(struct shm_object *object, const struct crit_origin *at, int *fd, uint64_t *off);
/** As page_store_modified(). */
bool shm_modified(struct shm_object *object, const struct crit_origin *at);
/** One line on what is wrong with its images; NULL: nothing. */
const char *shm_problem(const struct shm_object *object);

/* ids.c: fill vm_id and so on, once. A task without an ids image may have the same in its core
 * image: @in_core, NULL if not. core_load() does it. */
void ids_note(struct crit_task *task, const Criu__TaskKobjIdsEntry *in_core);
/** The task that has the mm and pagemap images of this one: itself unless they share memory. */
struct crit_task *mm_owner(struct crit_task *task);

/* mounts.c */
/** Mark a task's mapped files and its executable when it was in a mount namespace of its own, so
 *  that their names are not this machine's. Does nothing when the images do not say. */
void mounts_note(struct crit_task *task);

/** A checkpoint with an open source, of which nothing was read yet. @param options  NULL: none.
 *  @return as source_open_with(); CRIT_NO_MEMORY. */
enum crit_status checkpoint_create(const char *path, const struct crit_open_options *options,
				   struct crit_checkpoint **out, struct crit_error *err);

#endif
