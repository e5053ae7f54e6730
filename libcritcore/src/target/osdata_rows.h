/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * osdata_rows.h - what the tables of `info os` are made of.
 *
 *	osdata.c	 which tables there are
 *	osdata_tasks.c	 processes, process groups, threads
 *	osdata_objects.c files, sockets, System V IPC
 */
#ifndef CRIT_TARGET_OSDATA_ROWS_H
#define CRIT_TARGET_OSDATA_ROWS_H

#include "checkpoint/checkpoint.h"
#include "util/buf.h"

void osdata_begin_item(struct buf *out);
/** Text of any origin. */
void osdata_add(struct buf *out, const char *column, const char *text);
void osdata_add_number(struct buf *out, const char *column, uint64_t number);
/** @return 0; -E2BIG: the table is too long by now. */
int osdata_end_item(struct buf *out);
/** The name of a process; "" if it is not known. */
const char *osdata_command(struct crit_task *task);
/** Call @p add for each process until it fails. */
int osdata_each_task(struct crit_checkpoint *ckpt, struct buf *out,
		     int (*add)(struct crit_task *task, struct buf *out));

/* The items of one table each. @return 0 or -errno */
int osdata_processes(struct crit_checkpoint *ckpt, struct buf *out);
int osdata_groups(struct crit_checkpoint *ckpt, struct buf *out);
int osdata_threads(struct crit_checkpoint *ckpt, struct buf *out);
int osdata_files(struct crit_checkpoint *ckpt, struct buf *out);
int osdata_sockets(struct crit_checkpoint *ckpt, struct buf *out);
int osdata_shm(struct crit_checkpoint *ckpt, struct buf *out);
int osdata_semaphores(struct crit_checkpoint *ckpt, struct buf *out);
int osdata_queues(struct crit_checkpoint *ckpt, struct buf *out);

#endif
