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
 *	levels.c   parent                   the checkpoints that this one builds on
 *	shmem.c    pagemap-shmem-ID.img, memfd.img, ipcns-shm-N.img     shared memory
 *	files.c    files.img and friends    which file a mapping is of
 *	lookup.c   -                        that file on this machine, verified
 *	checksum.c -                        its checksum, where one is recorded
 *	ghost.c    ghost-file-N.img         the contents of a file that had no name any more
 *	contents.c -                        where a byte of a mapped file is
 *	mounts.c   ids-PID.img              whose names a task's file names are
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
#include "memory.pb-c.h"
#include "pages/store.h"
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
	uint32_t vm_id; /* equal: shared memory; 0 if not recorded */
	uint32_t ipc_ns; /* IPC namespace; 0 if not recorded */
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
	uint64_t args_start, args_end, env_start, env_end; /* addresses */
	struct page_store *pages; /* private memory */
	struct mapped_file **files; /* the different ones, in address order */
	size_t nr_files;
	char **notes;
	size_t nr_notes;
	bool notes_made;
};

/** How a file is kept that had no name any more. */
enum remap {
	REMAP_NONE,
	REMAP_LINKED, /* under another name, that of another record */
	REMAP_GHOST,  /* in an image of its own */
	REMAP_OTHER,  /* not at all */
};

/** Bytes of a ghost file that stand in a row in its image. */
struct ghost_chunk {
	uint64_t start, end; /* in the file */
	uint64_t off;	     /* of start in the image */
};

/** A ghost-file image. Read when the first file that is kept in it is looked up. */
struct ghost {
	uint32_t id; /* remap_file_path_entry.remap_id */
	bool loaded, sound;
	char name[32];
	char *problem; /* why it is not sound, one line */
	struct stat st;
	uint64_t size; /* of the file */
	struct ghost_chunk *chunks; /* by offset; zeros between them */
	size_t nr_chunks;
};

/** A file of files.img that some task maps, and what was found for it here. */
struct mapped_file {
	struct crit_file pub;
	uint8_t build_id[ELFID_MAX];
	uint32_t checksum_config, checksum_parameter; /* as recorded */
	bool regular;	/* has a name worth looking up */
	enum remap remap;
	uint32_t remap_id;
	struct ghost *ghost; /* of REMAP_GHOST */
	bool own_mounts; /* mapped by a task in a mount namespace of its own */
	bool memfd;	/* it is one */
	uint64_t memfd_inode; /* in memfd.img */
	bool zeros;	/* /dev/zero: a private mapping of it is anonymous memory */
	bool looked_up;
	struct stat local; /* of what its bytes are read from: how that is known again */
	int fd;		/* open for a while after a use, else -1 */
	uint64_t listed_by; /* the last crit_checkpoint.nr_listings that has it */
	char *path;	/* pub.path */
	char *local_path;
	uint8_t local_build_id[ELFID_MAX];
};

/** Where files.img describes a file; decoded when somebody asks. */
struct file_ref {
	uint32_t id;
	enum remap remap;
	uint32_t remap_id;
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
	struct chain chain;
	struct shmem *shmem; /* NULL until some mapping needs it */
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
	struct ghost *ghosts; /* by id */
	size_t nr_ghosts;
	bool mounts_known;
	uint32_t mounts; /* mount namespace that the dump was made from; 0: not recorded */
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

/* stores.c */
/** Open the store of the task's private memory and those of the shared memory it maps. */
enum crit_status stores_open(struct crit_task *task, struct crit_error *err);

/* shmem.c */
/** The object with contents in pagemap-shmem-<id>.img. Its store is opened.
 *  @param sysv  The task whose IPC namespace it is a System V segment of; else NULL. */
enum crit_status shm_find(struct crit_task *task, uint64_t id, bool sysv, struct shm_object **out,
			  struct crit_error *err);
/** Likewise of a memfd; *out is NULL if memfd.img does not know the inode. */
enum crit_status shm_find_memfd(struct crit_task *task, uint64_t inode_id,
				struct shm_object **out, struct crit_error *err);
/** Its name, without "memfd:"; NULL if memfd.img does not know the inode or cannot be read. */
const char *shm_memfd_name(struct crit_checkpoint *ckpt, uint64_t inode_id);
void shmem_free(struct crit_checkpoint *ckpt);
/** Where the byte at offset @p pos of the object is. */
void shm_locate(struct shm_object *object, uint64_t pos, struct crit_origin *out);
/** As page_store_read() and page_store_fd(). */
enum crit_status shm_read(struct shm_object *object, uint64_t pos, const struct crit_origin *at,
			  void *buf, size_t max, size_t *nread, struct crit_error *err);
int shm_fd(struct shm_object *object, const struct crit_origin *at);
/** One line on what is wrong with its images; NULL: nothing. */
const char *shm_problem(const struct shm_object *object);

/* files.c, lookup.c, checksum.c, ghost.c, contents.c, mounts.c */
enum crit_status files_load(struct crit_checkpoint *ckpt, struct crit_error *err);
/** Needs files_load(). *out is borrowed, NULL if the images do not know the id. */
enum crit_status files_find(struct crit_checkpoint *ckpt, uint32_t id, struct mapped_file **out,
			    struct crit_error *err);
void files_free(struct crit_checkpoint *ckpt);

/** Fill pub, once. */
void file_look_up(struct crit_checkpoint *ckpt, struct mapped_file *file);
/** A descriptor of a file with verdict CRIT_FILE_USED, or of the image of one with CRIT_FILE_GHOST.
 *  Borrowed until the next call; or -errno, -ESTALE: it is another file by now. */
int file_open(struct crit_checkpoint *ckpt, struct mapped_file *file);

/** Which bytes of a file its checksum is made of. */
struct checksum_rule {
	uint64_t stride; /* the first byte, and every stride-th from there on */
	uint64_t len;	 /* of the part at the file's beginning that counts */
};

/** @return false: nothing is recorded, in a way that is not known, or it would take too long. */
bool checksum_rule(const struct mapped_file *file, uint64_t size, struct checksum_rule *out);
/** @return 0 or -errno. */
int checksum_file(int fd, const struct checksum_rule *rule, uint32_t *out);

/** Fill ghost->name, and remember the id of one that nobody asked for yet. */
enum crit_status ghost_add(struct crit_checkpoint *ckpt, size_t *cap, uint32_t id,
			   struct crit_error *err);
/** After the last ghost_add(): makes ghost_find() possible. */
void ghost_index(struct crit_checkpoint *ckpt);
/** The ghost with this id, read; NULL if no remap names it. */
struct ghost *ghost_find(struct crit_checkpoint *ckpt, uint32_t id);
void ghosts_free(struct crit_checkpoint *ckpt);
/** Where the byte at @p off is. There are zeros up to @p end behind the file's last byte. */
void ghost_locate(const struct ghost *ghost, uint64_t off, uint64_t end, struct crit_origin *out);
/** A new descriptor of its image, or -errno. */
int ghost_open(struct crit_checkpoint *ckpt, const struct ghost *ghost);

/**
 * Where the byte at @p off of a mapped file is. Looks the file up first.
 *
 * @param page_size  Behind the end come zeros up to the end of the last page, then nothing.
 * @param out        Holds the range asked about; its kind, why, source, off and in_image are set
 *                   and its len is narrowed.
 */
void file_locate(struct crit_checkpoint *ckpt, struct mapped_file *file, uint64_t off,
		 uint32_t page_size, struct crit_origin *out);
/** Read bytes that file_locate() said are in kind FILE or IMAGE: @p len from at->off on.
 *  @return CRIT_OK; CRIT_CORRUPT: it was cut short or changed meanwhile; CRIT_OS. */
enum crit_status file_read(struct crit_checkpoint *ckpt, struct mapped_file *file,
			   const struct crit_origin *at, void *buf, size_t len,
			   struct crit_error *err);
/** The descriptor of at->source for such an answer, borrowed until the next call; or -errno. */
int file_descriptor(struct crit_checkpoint *ckpt, struct mapped_file *file,
		    const struct crit_origin *at);

/** Mark a task's mapped files and its executable when it was in a mount namespace of its own, so
 *  that their names are not this machine's. Does nothing when the images do not say. */
void mounts_note(struct crit_task *task);

#endif
