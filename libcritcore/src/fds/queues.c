// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * queues.c - bytes that wait in sockets. Packets of UNIX sockets are in sk-queues.img, each with
 * the id of the socket that is to read it; the two queues of a TCP connection are in
 * tcp-stream-INO.img. Nothing is recorded of what waits in UDP, netlink and packet sockets.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "fds/fds.h"
#include "fds/socket_options.h"
#include "util/array.h"

enum { LISTENING = 10 }; /* crit_socket.state */

static enum crit_status read_queues(struct open_files *all, struct image *img,
				    struct crit_error *err)
{
	Criu__SkPacketEntry *packet;
	enum crit_status status;
	struct arena arena;
	size_t cap = 0;

	arena_init(&arena, 0);
	while (!(status = image_next_message(img, &criu__sk_packet_entry__descriptor, &arena,
					     &packet, err))) {
		status = image_skip(img, packet->length, err);
		if (!status &&
		    !array_grow(&all->queues, all->nr_queues, &cap, sizeof(struct queue)))
			status = error_no_memory(err);
		if (status)
			break;
		all->queues[all->nr_queues++] = (struct queue){ packet->id_for, packet->length };
		arena_reset(&arena, 0);
	}
	arena_deinit(&arena);
	return status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

static int compare_queues(const void *a, const void *b)
{
	uint32_t ia = ((const struct queue *)a)->id, ib = ((const struct queue *)b)->id;

	return (ia > ib) - (ia < ib);
}

/** One for each socket. */
static void join_queues(struct open_files *all)
{
	size_t nr = 0;

	if (!all->nr_queues)
		return;
	qsort(all->queues, all->nr_queues, sizeof(*all->queues), compare_queues);
	for (size_t i = 1; i < all->nr_queues; i++) {
		if (all->queues[i].id == all->queues[nr].id)
			all->queues[nr].len += all->queues[i].len;
		else
			all->queues[++nr] = all->queues[i];
	}
	all->nr_queues = nr + 1;
}

/** Once. Without an image nothing waited; of a damaged one nothing is known. */
static void load_queues(struct open_files *all)
{
	struct image *img = NULL;
	enum crit_status status;

	if (all->queues_loaded)
		return;
	all->queues_loaded = true;
	status = image_open(all->ckpt->src, "sk-queues.img", IMG_SK_QUEUES, &img, NULL);
	if (!status)
		status = read_queues(all, img, NULL);
	else if (status == CRIT_NOT_FOUND)
		status = CRIT_OK;
	image_close(img);
	all->queues_known = status == CRIT_OK;
	if (all->queues_known)
		join_queues(all);
}

static void note_packets(struct open_files *all, uint32_t id, struct crit_socket *socket)
{
	struct queue key = { .id = id }, *found = NULL;

	load_queues(all);
	if (!all->queues_known)
		return;
	if (all->nr_queues)
		found = bsearch(&key, all->queues, all->nr_queues, sizeof(key), compare_queues);
	socket->has_queues = true;
	socket->rcv_len = found ? found->len : 0;
}

static void note_stream(struct open_files *all, struct crit_socket *socket,
			struct socket_options *options)
{
	Criu__TcpStreamEntry *stream;
	struct image *img = NULL;
	struct arena arena;
	char name[40];

	snprintf(name, sizeof(name), "tcp-stream-%llx.img", (unsigned long long)socket->ino);
	if (image_open(all->ckpt->src, name, IMG_TCP_STREAM, &img, NULL))
		return;
	arena_init(&arena, 0);
	if (!image_next_message(img, &criu__tcp_stream_entry__descriptor, &arena, &stream, NULL)) {
		socket->has_queues = true;
		socket->rcv_len = stream->inq_len;
		socket->snd_len = stream->outq_len;
		socket_options_stream(options, stream);
	}
	arena_deinit(&arena);
	image_close(img);
}

void queues_note(struct open_files *all, uint32_t id, struct crit_socket *socket,
		 struct socket_options *options)
{
	if (socket->kind == CRIT_FD_UNIXSK)
		note_packets(all, id, socket);
	else if (socket->kind == CRIT_FD_INETSK && socket->type == SOCK_STREAM &&
		 socket->state != LISTENING) // which have no stream
		note_stream(all, socket, options);
}
