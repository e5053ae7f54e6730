/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * debug.h - what the target layer asks of a checkpoint beyond critcore.h: whole register files
 * and their layout, which the public interface hands out one register at a time.
 */
#ifndef CRIT_CHECKPOINT_DEBUG_H
#define CRIT_CHECKPOINT_DEBUG_H

#include <sys/types.h>

#include "arch/arch.h"
#include "critcore.h"

/** The checkpoint that a task is of. */
struct crit_checkpoint *task_checkpoint(const struct crit_task *task);

/** What a checkpoint was opened with. Borrowed; paths are as they were given. */
struct checkpoint_places {
	const char *path;
	dev_t dev;	     /* of path, or of the archive it begins with */
	ino_t ino;
	const char *sysroot; /* NULL: this machine's root */
	const char *pages;   /* the second folder; NULL: none, or not looked into yet */
	const char *file;    /* the first file that was offered; NULL: none */
	bool trust_files;
};
void task_places(const struct crit_task *task, struct checkpoint_places *out);
/** The n-th of crit_open_options.parents, from 0; NULL: there are no more. */
const char *task_given_parent(const struct crit_task *task, size_t n);

/** How a loaded task's registers are laid out; NULL before crit_task_load() succeeded. */
const struct arch_layout *task_layout(const struct crit_task *task);

/** The task a thread is of. */
struct crit_task *thread_task(const struct crit_thread *thread);

/**
 * All registers of a thread. Valid as long as the checkpoint.
 * @return as crit_register_get().
 */
enum crit_status thread_regs(struct crit_thread *thread, const struct arch_regs **out,
			     struct crit_error *err);

/**
 * A new descriptor of a mapped file that was found and verified: of the very file, even if its name
 * means another one by now. The caller closes it.
 *
 * @param file_id  crit_file.id
 * @return The descriptor, or -errno; -ENOENT: the file is not used.
 */
int task_file_open(struct crit_task *task, uint32_t file_id);

/* A deleted file whose contents are in a ghost image (CRIT_FILE_GHOST). */

/** Its size in bytes, or -errno. */
int64_t task_ghost_size(struct crit_task *task, uint32_t file_id);
/** Bytes read from @p off on, 0 at the end of the file, or -errno. */
int64_t task_ghost_read(struct crit_task *task, uint32_t file_id, uint64_t off, void *buf,
			size_t len);

#endif
