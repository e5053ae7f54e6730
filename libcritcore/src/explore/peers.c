// SPDX-License-Identifier: LGPL-2.1-or-later
/* peers.c - who has a UNIX socket open: for each of them its inode and its first descriptor. */
#include <stdlib.h>

#include "explore/explore.h"
#include "util/array.h"

bool explore_next_socket(struct crit_task *task, size_t *index, struct crit_fd *fd,
			 struct crit_socket *socket)
{
	while (crit_fd_at(task, *index, fd)) {
		size_t i = (*index)++;

		if (fd->kind != CRIT_FD_INETSK && fd->kind != CRIT_FD_UNIXSK &&
		    fd->kind != CRIT_FD_NETLINKSK && fd->kind != CRIT_FD_PACKETSK)
			continue;
		if (crit_fd_socket(task, i, socket, NULL))
			*socket = (struct crit_socket){ .kind = CRIT_FD_UNKNOWN };
		return true;
	}
	return false;
}

static bool note_task(struct explore *x, struct crit_task *task, size_t *cap)
{
	struct crit_socket sk;
	struct crit_fd fd;
	size_t index = 0;

	while (explore_next_socket(task, &index, &fd, &sk)) {
		if (sk.kind != CRIT_FD_UNIXSK)
			continue;
		if (!array_grow(&x->peers, x->nr_peers, cap, sizeof(*x->peers)))
			return false;
		x->peers[x->nr_peers++] = (struct peer){ sk.ino, task->pid, fd.fd };
	}
	return true;
}

static int compare_peers(const void *a, const void *b)
{
	const struct peer *pa = a, *pb = b;

	if (pa->ino != pb->ino)
		return pa->ino < pb->ino ? -1 : 1;
	if (pa->pid != pb->pid)
		return pa->pid < pb->pid ? -1 : 1;
	return (pa->fd > pb->fd) - (pa->fd < pb->fd);
}

static void make_peers(struct explore *x)
{
	bool going = true;
	size_t cap = 0;

	x->peers_made = true;
	for (size_t i = 0; i < x->ckpt->nr_tasks && going; i++)
		going = note_task(x, &x->ckpt->tasks[i], &cap);
	if (x->nr_peers)
		qsort(x->peers, x->nr_peers, sizeof(*x->peers), compare_peers);
}

const struct peer *explore_peer(struct explore *x, uint64_t ino)
{
	size_t low = 0, high;

	if (!ino)
		return NULL;
	if (!x->peers_made)
		make_peers(x);
	for (high = x->nr_peers; low < high;) {
		size_t mid = low + (high - low) / 2;

		if (x->peers[mid].ino < ino)
			low = mid + 1;
		else
			high = mid;
	}
	return low < x->nr_peers && x->peers[low].ino == ino ? &x->peers[low] : NULL;
}
