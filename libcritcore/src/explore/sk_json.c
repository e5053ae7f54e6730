// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * sk_json.c - a socket as go-criu has it, with members of ours behind its own. As there, what is 0
 * or "" is left out of those.
 */
#include <stdio.h>

#include "explore/explore.h"

enum { UNIT = 1024 };

/** A name, or the number where there is none. */
static void put_name(struct json_writer *w, const char *key, const char *name, uint32_t number)
{
	char text[16];

	if (!name)
		snprintf(text, sizeof(text), "%u", number);
	json_writer_text(w, key, name ? name : text);
}

static void put_some(struct json_writer *w, const char *key, uint64_t value)
{
	if (value)
		json_writer_uint(w, key, value);
}

/** "2.5 KB", as go-criu counts. */
static void put_size(struct json_writer *w, const char *key, uint32_t bytes)
{
	static const char units[] = "KMG";
	double value = bytes / (double)UNIT;
	char text[32];
	size_t unit = 0;

	for (; value >= UNIT; unit++)
		value /= UNIT;
	if (bytes < UNIT)
		snprintf(text, sizeof(text), "%u B", bytes);
	else
		snprintf(text, sizeof(text), "%.1f %cB", value, units[unit]);
	json_writer_text(w, key, text);
}

size_t explore_name_len(const struct crit_socket *sk)
{
	size_t len = sk->name_len;

	return len && sk->name[0] && !sk->name[len - 1] ? len - 1 : len;
}

static void put_protocol(struct explore *x, const struct crit_socket *sk)
{
	uint32_t ethernet = explore_packet_protocol(x, sk);
	struct json_writer *w = &x->json;

	if (sk->kind == CRIT_FD_INETSK)
		put_name(w, "protocol", explore_protocol(sk->protocol), sk->protocol);
	else if (sk->kind == CRIT_FD_NETLINKSK)
		put_name(w, "protocol", explore_netlink(sk->protocol), sk->protocol);
	else if (sk->kind == CRIT_FD_PACKETSK)
		put_name(w, "protocol", explore_ethernet(ethernet), ethernet);
	if (sk->kind != CRIT_FD_NETLINKSK) // CRIU does not record it of those
		put_name(w, "type", explore_type(sk->type), sk->type);
}

static void put_state(struct json_writer *w, const struct crit_socket *sk)
{
	const char *state = crit_socket_state_name(sk->state);

	if (sk->has_state && sk->state)
		put_name(w, "state", *state == '?' ? NULL : state, sk->state);
}

static void put_addresses(struct json_writer *w, const struct crit_socket *sk)
{
	if (sk->kind == CRIT_FD_UNIXSK && sk->name_len)
		json_writer_text_n(w, "src_addr", sk->name, explore_name_len(sk));
	if (*sk->src_addr)
		json_writer_text(w, "src_addr", sk->src_addr);
	put_some(w, "src_port", sk->src_port);
	if (*sk->dst_addr)
		json_writer_text(w, "dest_addr", sk->dst_addr);
	put_some(w, "dest_port", sk->dst_port);
	put_size(w, "send_buf", sk->snd_buf);
	put_size(w, "recv_buf", sk->rcv_buf);
}

static void put_unix(struct explore *x, const struct crit_socket *sk)
{
	const struct peer *holder = explore_peer(x, sk->peer);
	struct json_writer *w = &x->json;

	put_some(w, "peer", sk->peer);
	if (holder) {
		json_writer_uint(w, "peer_pid", holder->pid);
		json_writer_uint(w, "peer_fd", holder->fd);
	}
	if (sk->name_dir)
		json_writer_text(w, "name_dir", sk->name_dir);
	if (sk->name_deleted)
		json_writer_bool(w, "name_deleted", true);
}

static void put_others(struct explore *x, const struct crit_socket *sk)
{
	struct json_writer *w = &x->json;

	put_some(w, "ino", sk->ino);
	put_some(w, "ns_id", sk->ns_id);
	put_some(w, "backlog", sk->backlog);
	if (sk->has_uid)
		json_writer_uint(w, "uid", sk->uid);
	if (sk->has_queues) {
		json_writer_uint(w, "recv_queue", sk->rcv_len);
		json_writer_uint(w, "send_queue", sk->snd_len);
	}
	if (sk->has_shutdown)
		json_writer_uint(w, "shutdown", sk->shutdown);
	if (sk->kind == CRIT_FD_UNIXSK)
		put_unix(x, sk);
	put_some(w, "port_id", sk->port_id);
	put_some(w, "dest_port_id", sk->dst_port_id);
	put_some(w, "ifindex", sk->ifindex);
}

static void put_options(struct json_writer *w, const struct crit_socket *sk)
{
	json_writer_object(w, "options");
	for (size_t i = 0; i < sk->nr_options; i++) {
		const struct crit_socket_option *option = &sk->options[i];

		if (option->text)
			json_writer_text(w, option->name, option->text);
		else if (option->is_switch)
			json_writer_bool(w, option->name, option->value);
		else
			json_writer_uint(w, option->name, option->value);
	}
	json_writer_end(w);
}

void explore_socket_json(struct explore *x, const struct crit_fd *fd, const struct crit_socket *sk)
{
	struct json_writer *w = &x->json;

	json_writer_object(w, NULL);
	json_writer_uint(w, "fd", fd->fd);
	json_writer_text(w, "fd_type", crit_fd_kind_name(fd->kind));
	if (sk->kind == CRIT_FD_UNKNOWN) {
		json_writer_bool(w, "known", false);
	} else {
		put_name(w, "family", explore_family(sk->family), sk->family);
		put_protocol(x, sk);
		put_state(w, sk);
		put_addresses(w, sk);
		put_others(x, sk);
		put_options(w, sk);
	}
	json_writer_end(w);
}
