// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Tables of `info os`: what the processes have open, and System V IPC. Users are numbers: whose
 * names they are is a matter of the machine that was dumped.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "target/osdata_rows.h"
#include "util/array.h"

static int add_files(struct crit_task *task, struct buf *out)
{
	struct crit_fd fd;
	int status = 0;

	for (size_t i = 0; !status && crit_fd_at(task, i, &fd); i++) {
		osdata_begin_item(out);
		osdata_add_number(out, "pid", task->pid);
		osdata_add(out, "command", osdata_command(task));
		osdata_add_number(out, "file descriptor", fd.fd);
		osdata_add(out, "name", fd.link);
		status = osdata_end_item(out);
	}
	return status;
}

int osdata_files(struct crit_checkpoint *ckpt, struct buf *out)
{
	return osdata_each_task(ckpt, out, add_files);
}

/* ---- sockets ------------------------------------------------------------------------------ */

enum { FAMILY_INET = 2, TYPE_STREAM = 1, TYPE_DGRAM = 2 };

static int add_socket(const struct crit_socket *sk, struct buf *out)
{
	char user[16] = "";

	if (sk->has_uid)
		snprintf(user, sizeof(user), "%" PRIu32, sk->uid);
	osdata_begin_item(out);
	osdata_add(out, "local address", sk->src_addr);
	osdata_add_number(out, "local port", sk->src_port);
	osdata_add(out, "remote address", sk->dst_addr);
	osdata_add_number(out, "remote port", sk->dst_port);
	osdata_add(out, "state", crit_socket_state_name(sk->state));
	osdata_add(out, "user", user);
	osdata_add(out, "family", sk->family == FAMILY_INET ? "INET" : "INET6");
	osdata_add(out, "protocol",
		   sk->type == TYPE_STREAM ? "STREAM" : sk->type == TYPE_DGRAM ? "DGRAM" : "RAW");
	return osdata_end_item(out);
}

/* A descriptor of a socket; many may be of the same one. */
struct socket_ref {
	uint32_t file_id;
	struct crit_task *task;
	size_t index;
};

struct socket_refs {
	struct socket_ref *refs;
	size_t nr, cap;
};

static bool note_sockets(struct crit_task *task, struct socket_refs *all)
{
	struct crit_fd fd;

	for (size_t i = 0; crit_fd_at(task, i, &fd); i++) {
		if (fd.kind != CRIT_FD_INETSK || !fd.known)
			continue;
		if (!array_grow(&all->refs, all->nr, &all->cap, sizeof(*all->refs)))
			return false;
		all->refs[all->nr++] = (struct socket_ref){ fd.file_id, task, i };
	}
	return true;
}

static int compare_refs(const void *a, const void *b)
{
	uint32_t ia = ((const struct socket_ref *)a)->file_id;
	uint32_t ib = ((const struct socket_ref *)b)->file_id;

	return (ia > ib) - (ia < ib);
}

static int add_sockets(const struct socket_refs *all, struct buf *out)
{
	int status = 0;

	for (size_t i = 0; i < all->nr && !status && !out->failed; i++) {
		const struct socket_ref *ref = &all->refs[i];
		struct crit_socket sk;

		if (i && ref->file_id == ref[-1].file_id)
			continue;
		if (crit_fd_socket(ref->task, ref->index, &sk, NULL) == CRIT_OK)
			status = add_socket(&sk, out);
	}
	return status;
}

int osdata_sockets(struct crit_checkpoint *ckpt, struct buf *out)
{
	struct socket_refs all = { 0 };
	bool noted = true;
	int status = -ENOMEM;

	for (size_t i = 0; i < ckpt->nr_tasks && noted; i++)
		noted = note_sockets(&ckpt->tasks[i], &all);
	if (all.nr)
		qsort(all.refs, all.nr, sizeof(*all.refs), compare_refs);
	if (noted)
		status = add_sockets(&all, out);
	free(all.refs);
	return status;
}

/* ---- System V IPC ------------------------------------------------------------------------- */

static void begin_ipc(const struct crit_ipc *ipc, const char *id_name, struct buf *out)
{
	osdata_begin_item(out);
	buf_printf(out, "<column name=\"key\">%" PRId32 "</column>", (int32_t)ipc->key);
	osdata_add_number(out, id_name, ipc->id);
	buf_printf(out, "<column name=\"permissions\">%" PRIo32 "</column>", ipc->mode & 0777);
}

static int end_ipc(const struct crit_ipc *ipc, struct buf *out)
{
	osdata_add_number(out, "user", ipc->uid);
	osdata_add_number(out, "group", ipc->gid);
	osdata_add_number(out, "creator user", ipc->cuid);
	osdata_add_number(out, "creator group", ipc->cgid);
	return osdata_end_item(out);
}

static int add_shm(const struct crit_ipc *ipc, struct buf *out)
{
	begin_ipc(ipc, "shmid", out);
	osdata_add_number(out, "size", ipc->size);
	return end_ipc(ipc, out);
}

static int add_semaphores(const struct crit_ipc *ipc, struct buf *out)
{
	begin_ipc(ipc, "semid", out);
	osdata_add_number(out, "num semaphores", ipc->number);
	return end_ipc(ipc, out);
}

static int add_queue(const struct crit_ipc *ipc, struct buf *out)
{
	begin_ipc(ipc, "msqid", out);
	osdata_add_number(out, "num used bytes", ipc->size);
	osdata_add_number(out, "num messages", ipc->number);
	return end_ipc(ipc, out);
}

static int each_ipc(struct crit_checkpoint *ckpt, struct buf *out, enum crit_ipc_kind kind,
		    int (*add)(const struct crit_ipc *ipc, struct buf *out))
{
	enum crit_status loaded = crit_ipc_load(ckpt, NULL);
	struct crit_ipc ipc;
	int status = 0;

	// An empty table would say that there are none.
	if (loaded != CRIT_OK)
		return loaded == CRIT_NOT_FOUND ? -ENOENT : -EIO;
	for (size_t i = 0; !status && !out->failed && crit_ipc_at(ckpt, i, &ipc); i++)
		if (ipc.kind == kind)
			status = add(&ipc, out);
	return status;
}

int osdata_shm(struct crit_checkpoint *ckpt, struct buf *out)
{
	return each_ipc(ckpt, out, CRIT_IPC_SHM, add_shm);
}

int osdata_semaphores(struct crit_checkpoint *ckpt, struct buf *out)
{
	return each_ipc(ckpt, out, CRIT_IPC_SEM, add_semaphores);
}

int osdata_queues(struct crit_checkpoint *ckpt, struct buf *out)
{
	return each_ipc(ckpt, out, CRIT_IPC_MSG, add_queue);
}
