/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * proc.h - entries of /proc/PID, made from a checkpoint.
 *
 *	proc.c		which there are, and the short ones
 *	proc_maps.c	maps, smaps
 *	proc_status.c	stat, status, limits
 */
#ifndef CRIT_TARGET_PROC_H
#define CRIT_TARGET_PROC_H

#include "critcore.h"
#include "util/buf.h"

/**
 * Append the text of an entry.
 *
 * @param thread  Whose: /proc/PID/task/TID/NAME; NULL for /proc/PID/NAME.
 * @param name    "maps".
 * @return 0; -ENOENT: no such entry, or nothing of it is recorded; -EIO: the images that have it
 *         cannot be read. Memory that ran out shows in @p out.
 */
int proc_read(struct crit_task *task, struct crit_thread *thread, const char *name,
	      struct buf *out);

/** Append what the link "exe", "cwd", "root" or "fd/N" leads to. @return as proc_read(). */
int proc_readlink(struct crit_task *task, const char *name, struct buf *out);

/* Of the files above. These return what proc_read() does. */
int proc_maps(struct crit_task *task, struct crit_thread *thread, struct buf *out);
int proc_smaps(struct crit_task *task, struct crit_thread *thread, struct buf *out);
int proc_stat(struct crit_task *task, struct crit_thread *thread, struct buf *out);
int proc_status(struct crit_task *task, struct crit_thread *thread, struct buf *out);
int proc_limits(struct crit_task *task, struct crit_thread *thread, struct buf *out);

#endif
