// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * socket.c - sockets. Addresses of inet_sk_entry are words as they were in the memory of the
 * machine that dumped, where they stand in network byte order.
 */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "fds/fds.h"
#include "fds/socket_options.h"
#include "image/names.h"
#include "util/endian.h"

static void take_address(const uint32_t *words, size_t nr, uint32_t family, bool big_endian,
			 char out[48])
{
	size_t len = family == AF_INET ? 1 : 4;
	uint8_t bytes[16];

	if ((family != AF_INET && family != AF_INET6) || nr < len)
		return;
	for (size_t i = 0; i < len; i++)
		endian_put(bytes + i * 4, 4, big_endian, words[i]);
	inet_ntop((int)family, bytes, out, 48);
}

static void take_inet(struct open_files *all, const Criu__InetSkEntry *sk, struct crit_socket *out)
{
	bool big_endian = all->ckpt->info.big_endian;

	out->family = sk->family;
	out->type = sk->type;
	out->protocol = sk->proto;
	out->has_state = true;
	out->state = sk->state;
	out->ns_id = sk->has_ns_id ? sk->ns_id : 0;
	out->backlog = sk->backlog;
	out->has_uid = sk->has_uid;
	out->uid = sk->has_uid ? sk->uid : 0;
	out->has_shutdown = sk->has_shutdown;
	out->shutdown = sk->has_shutdown ? sk->shutdown : 0;
	out->src_port = sk->src_port;
	out->dst_port = sk->dst_port;
	take_address(sk->src_addr, sk->n_src_addr, sk->family, big_endian, out->src_addr);
	take_address(sk->dst_addr, sk->n_dst_addr, sk->family, big_endian, out->dst_addr);
}

static bool take_unix(struct open_files *all, const Criu__UnixSkEntry *sk, struct crit_socket *out)
{
	out->family = AF_UNIX;
	out->type = sk->type;
	out->has_state = true;
	out->state = sk->state;
	out->ns_id = sk->has_ns_id ? sk->ns_id : 0;
	// For one that does not listen CRIU keeps another number in the field.
	out->backlog = sk->state == 10 ? sk->backlog : 0;
	out->peer = sk->peer;
	out->name_len = sk->name.len;
	out->name = arena_text(&all->strings, sk->name.data, sk->name.len);
	if (sk->name_dir)
		out->name_dir = arena_text(&all->strings, sk->name_dir, strlen(sk->name_dir));
	out->name_deleted = sk->has_deleted && sk->deleted;
	out->has_shutdown = sk->has_shutdown;
	out->shutdown = sk->has_shutdown ? sk->shutdown : 0;
	return out->name && (out->name_dir || !sk->name_dir);
}

static void take_netlink(const Criu__NetlinkSkEntry *sk, struct crit_socket *out)
{
	out->family = AF_NETLINK;
	out->type = SOCK_RAW; // or SOCK_DGRAM: the kernel treats both alike, and CRIU keeps neither
	out->protocol = sk->protocol;
	out->has_state = true;
	out->state = sk->state;
	out->ns_id = sk->has_ns_id ? sk->ns_id : 0;
	out->port_id = sk->portid;
	out->dst_port_id = sk->dst_portid;
}

static void take_packet(const Criu__PacketSockEntry *sk, struct crit_socket *out)
{
	out->family = AF_PACKET;
	out->type = sk->type;
	out->protocol = sk->protocol;
	out->ns_id = sk->has_ns_id ? sk->ns_id : 0;
	out->ifindex = sk->ifindex;
}

static enum crit_status fill(struct open_files *all, const Criu__FileEntry *e,
			     struct crit_socket *out, struct socket_options *options,
			     struct crit_error *err)
{
	bool kept = true;

	switch (out->kind) {
	case CRIT_FD_INETSK:
		take_inet(all, e->isk, out);
		socket_options_common(options, e->isk->opts);
		socket_options_inet(options, e->isk);
		break;
	case CRIT_FD_UNIXSK:
		kept = take_unix(all, e->usk, out);
		socket_options_common(options, e->usk->opts);
		break;
	case CRIT_FD_NETLINKSK:
		take_netlink(e->nlsk, out);
		socket_options_common(options, e->nlsk->opts);
		socket_options_netlink(options, e->nlsk);
		break;
	default:
		take_packet(e->psk, out);
		socket_options_common(options, e->psk->opts);
		socket_options_packet(options, e->psk);
		break;
	}
	return kept ? CRIT_OK : error_no_memory(err);
}

static enum crit_status keep_options(struct open_files *all, const struct socket_options *options,
				     struct crit_socket *out, struct crit_error *err)
{
	size_t len = options->nr * sizeof(options->list[0]);
	struct crit_socket_option *copy = arena_alloc(&all->strings, len);

	if (!copy || options->failed)
		return error_no_memory(err);
	memcpy(copy, options->list, len);
	out->options = copy;
	out->nr_options = options->nr;
	out->snd_buf = options->snd_buf;
	out->rcv_buf = options->rcv_buf;
	return CRIT_OK;
}

static bool is_socket(const struct crit_fd *fd)
{
	return fd->known && (fd->kind == CRIT_FD_INETSK || fd->kind == CRIT_FD_UNIXSK ||
			     fd->kind == CRIT_FD_NETLINKSK || fd->kind == CRIT_FD_PACKETSK);
}

static enum crit_status make(struct open_files *all, struct open_file *file,
			     const Criu__FileEntry *entry, struct crit_error *err)
{
	struct socket_options options = { .strings = &all->strings };
	enum crit_status status = open_file_take(all, file, entry, err);
	struct crit_socket *socket;

	if (status)
		return status;
	if (!is_socket(&file->pub))
		return error_set(err, CRIT_NOT_FOUND, "open file %u is not a socket", file->id);
	socket = arena_alloc(&all->strings, sizeof(*socket));
	if (!socket)
		return error_no_memory(err);
	*socket = (struct crit_socket){ .kind = file->pub.kind, .ino = file->pub.ino };
	status = fill(all, entry, socket, &options, err);
	if (status)
		return status;
	queues_note(all, file->id, socket, &options);
	status = keep_options(all, &options, socket, err);
	if (!status)
		file->socket = socket;
	return status;
}

enum crit_status socket_make(struct open_files *all, struct open_file *file,
			     struct crit_error *err)
{
	const Criu__FileEntry *entry;
	struct arena arena;
	enum crit_status status;

	if (file->socket)
		return CRIT_OK;
	arena_init(&arena, 0);
	status = open_file_decode(all, file, &arena, &entry, err);
	if (!status)
		status = make(all, file, entry, err);
	arena_deinit(&arena);
	return status;
}

const char *crit_socket_state_name(uint32_t state)
{
	static const struct name more[] = { // that CRIT has no names for
		{ 11, 7, "CLOSING" },
		{ 12, 12, "NEW_SYN_RECV" },
	};
	const struct names *known = names_of(NAMES_SK_STATE);

	for (size_t i = 0; i < known->nr_rows; i++)
		if (known->rows[i].value == state)
			return known->rows[i].name;
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++)
		if (more[i].value == state)
			return more[i].name;
	return "?";
}
