/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* open_files.h - what must be true of the open files and IPC objects of any checkpoint. */
#ifndef FUZZ_OPEN_FILES_H
#define FUZZ_OPEN_FILES_H

#include "checkpoint_folder.h"
#include "critcore.h"

enum { MAX_FDS = 2000 }; /* looked at in a task */

static bool is_socket(enum crit_fd_kind kind)
{
	return kind == CRIT_FD_INETSK || kind == CRIT_FD_UNIXSK || kind == CRIT_FD_PACKETSK ||
	       kind == CRIT_FD_NETLINKSK;
}

static void check_socket(struct crit_task *task, size_t index, const struct crit_fd *fd)
{
	struct crit_error err = { 0 };
	struct crit_socket sk;
	enum crit_status status = crit_fd_socket(task, index, &sk, &err);

	require((status == CRIT_OK) == (fd->known && is_socket(fd->kind)));
	require(!status || *err.message);
	if (status)
		return;
	require(sk.kind == fd->kind && sk.ino == fd->ino);
	require(strlen(sk.src_addr) < sizeof(sk.src_addr) &&
		strlen(sk.dst_addr) < sizeof(sk.dst_addr));
	require((sk.kind == CRIT_FD_UNIXSK) == (sk.name != NULL));
	require(!sk.name || !sk.name[sk.name_len]); // the one behind it can be read
	require(sk.has_queues || (!sk.rcv_len && !sk.snd_len));
	require(*crit_socket_state_name(sk.state));
}

static void check_fds(struct crit_task *task)
{
	struct crit_error err = { 0 };
	struct crit_task_dirs dirs;
	struct crit_fd fd;
	size_t nr = crit_fd_count(task), i;
	uint32_t last = 0;

	require(!crit_fd_load(task, &err) || (*err.message && !nr));
	require(!crit_task_dirs(task, &dirs, &err) || *err.message);
	for (i = 0; i < MAX_FDS && crit_fd_at(task, i, &fd); i++) {
		size_t found = crit_fd_find(task, fd.fd);

		require(fd.fd >= last && fd.link && strlen(fd.link) < MAX_FILE);
		require(found < nr);
		require(fd.known || (!*fd.link && !fd.has_flags && !fd.has_pos && !fd.ino));
		require(*crit_fd_kind_name(fd.kind));
		check_socket(task, i, &fd);
		last = fd.fd;
	}
	require(i == MAX_FDS || i == nr);
}

static void check_ipc(struct crit_checkpoint *ckpt)
{
	struct crit_error err = { 0 };
	struct crit_ipc ipc, before = { 0 };
	size_t nr = crit_ipc_count(ckpt);

	require(!crit_ipc_load(ckpt, &err) || (*err.message && !nr));
	for (size_t i = 0; crit_ipc_at(ckpt, i, &ipc); i++) {
		require(i < nr && ipc.kind >= before.kind);
		require(ipc.kind != before.kind || ipc.ns >= before.ns);
		before = ipc;
	}
}

#endif
