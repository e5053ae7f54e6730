// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * sk.c - sockets: a table for each process that has some.
 *
 *	PID
 *	FD  Socket  State  Recv-Q  Send-Q  Local  Peer  Options
 *
 * Recv-Q and Send-Q are bytes, "-" where CRIU records none. A UNIX socket is called by its name and
 * [inode]; behind its peer stands (PID:FD), where somebody in the checkpoint has it open. Options
 * are those that are not as usual.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "explore/explore.h"
#include "report/table.h"

/** In small letters. */
static void add_name(struct buf *b, const char *name, uint32_t number)
{
	if (!name) {
		buf_printf(b, "%u", number);
		return;
	}
	for (; *name; name++)
		buf_add_byte(b, (uint8_t)tolower((unsigned char)*name));
}

enum { INET6 = 10 };

/** "tcp6", "unix stream", "netlink route", "packet raw all". */
static void add_kind(const struct explore *x, struct buf *b, const struct crit_socket *sk)
{
	uint32_t ethernet = explore_packet_protocol(x, sk);

	switch (sk->kind) {
	case CRIT_FD_INETSK:
		add_name(b, explore_protocol(sk->protocol), sk->protocol);
		if (sk->family == INET6)
			buf_add_str(b, "6");
		break;
	case CRIT_FD_NETLINKSK:
		buf_add_str(b, "netlink ");
		add_name(b, explore_netlink(sk->protocol), sk->protocol);
		break;
	case CRIT_FD_UNIXSK:
		buf_add_str(b, "unix ");
		add_name(b, explore_type(sk->type), sk->type);
		break;
	case CRIT_FD_PACKETSK:
		buf_add_str(b, "packet ");
		add_name(b, explore_type(sk->type), sk->type);
		buf_add_byte(b, ' ');
		add_name(b, explore_ethernet(ethernet), ethernet);
		break;
	default:
		buf_add_str(b, "not in the images");
		break;
	}
}

static void add_address(struct buf *b, const struct crit_socket *sk, const char *addr,
			uint32_t port)
{
	const char *shown = *addr ? addr : "?";

	buf_printf(b, sk->family == INET6 ? "[%s]:%u" : "%s:%u", shown, port);
}

/** "@abstract", "/a/path", "path in /a/folder"; nothing: it has none. */
static void add_unix_name(struct buf *b, const struct crit_socket *sk)
{
	size_t len = sk->name_len;

	if (len && sk->name[0] && !sk->name[len - 1])
		len--;
	for (size_t i = 0; i < len; i++)
		buf_add_byte(b, sk->name[i] ? (uint8_t)sk->name[i] : '@');
	if (len && sk->name[0] && sk->name[0] != '/' && sk->name_dir)
		buf_printf(b, " in %s", sk->name_dir);
	if (sk->name_deleted)
		buf_add_str(b, " (deleted)");
}

static void add_local(struct buf *b, const struct crit_socket *sk)
{
	switch (sk->kind) {
	case CRIT_FD_INETSK:
		add_address(b, sk, sk->src_addr, sk->src_port);
		break;
	case CRIT_FD_UNIXSK:
		add_unix_name(b, sk);
		buf_printf(b, "%s[%llu]", b->len ? " " : "", (unsigned long long)sk->ino);
		break;
	case CRIT_FD_NETLINKSK:
		buf_printf(b, "port %u", sk->port_id);
		break;
	case CRIT_FD_PACKETSK:
		buf_printf(b, sk->ifindex ? "device %u" : "any device", sk->ifindex);
		break;
	default:
		break;
	}
}

static void add_peer(struct explore *x, struct buf *b, const struct crit_socket *sk)
{
	const struct peer *holder = explore_peer(x, sk->peer);

	if (sk->kind == CRIT_FD_INETSK && sk->dst_port)
		add_address(b, sk, sk->dst_addr, sk->dst_port);
	else if (sk->kind == CRIT_FD_NETLINKSK && sk->dst_port_id)
		buf_printf(b, "port %u", sk->dst_port_id);
	else if (sk->kind == CRIT_FD_UNIXSK && sk->peer)
		buf_printf(b, "[%llu]", (unsigned long long)sk->peer);
	if (holder)
		buf_printf(b, " (%u:%u)", holder->pid, holder->fd);
}

static void add_options(struct buf *b, const struct crit_socket *sk)
{
	static const char *const directions[] = { "", "read", "write", "both" };

	if (sk->backlog)
		buf_printf(b, " backlog=%u", sk->backlog);
	if (sk->has_shutdown && sk->shutdown >= 1 && sk->shutdown <= 3)
		buf_printf(b, " shutdown=%s", directions[sk->shutdown]);
	for (size_t i = 0; i < sk->nr_options; i++) {
		const struct crit_socket_option *option = &sk->options[i];

		if (option->usual)
			continue;
		buf_printf(b, " %s", option->name);
		if (option->text)
			buf_printf(b, "=%s", option->text);
		else if (!option->is_switch)
			buf_printf(b, "=%llu", (unsigned long long)option->value);
	}
}

/** What is in @p b as a cell; "-" when that is nothing. */
static void cell_of(struct table *t, struct buf *b)
{
	const char *text;

	buf_add_byte(b, '\0');
	text = b->failed ? "" : (const char *)b->data;
	text += *text == ' ';
	table_safe(t, *text ? text : NULL);
	buf_clear(b);
}

static void queue_cell(struct table *t, const struct crit_socket *sk, uint64_t len)
{
	if (sk->has_queues)
		table_printf(t, "%llu", (unsigned long long)len);
	else
		table_safe(t, NULL);
}

static void add_row(struct explore *x, struct table *t, struct buf *work, const struct crit_fd *fd,
		    const struct crit_socket *sk)
{
	table_printf(t, "%u", fd->fd);
	add_kind(x, work, sk);
	cell_of(t, work);
	if (sk->has_state && sk->state)
		table_safe(t, crit_socket_state_name(sk->state));
	else
		table_safe(t, NULL);
	queue_cell(t, sk, sk->rcv_len);
	queue_cell(t, sk, sk->snd_len);
	add_local(work, sk);
	cell_of(t, work);
	add_peer(x, work, sk);
	cell_of(t, work);
	add_options(work, sk);
	cell_of(t, work);
}

static void begin_table(struct table *t)
{
	table_init(t);
	table_column(t, "FD", TABLE_RIGHT);
	table_column(t, "Socket", TABLE_LEFT);
	table_column(t, "State", TABLE_LEFT);
	table_column(t, "Recv-Q", TABLE_RIGHT);
	table_column(t, "Send-Q", TABLE_RIGHT);
	table_column(t, "Local", TABLE_LEFT);
	table_column(t, "Peer", TABLE_LEFT);
	table_column(t, "Options", TABLE_LEFT);
}

static void list_text(struct explore *x, struct crit_task *task)
{
	struct crit_socket sk;
	struct crit_fd fd;
	struct table table;
	struct buf work;
	size_t index = 0;

	if (!explore_next_socket(task, &index, &fd, &sk))
		return;
	lines_printf(x->text, "%u\n", task->pid);
	buf_init(&work);
	begin_table(&table);
	do
		add_row(x, &table, &work, &fd, &sk);
	while (explore_next_socket(task, &index, &fd, &sk));
	table_write(&table, x->text);
	buf_deinit(&work);
}

static void list_json(struct explore *x, struct crit_task *task,
		      const struct explore_errors *errors)
{
	struct crit_socket sk;
	struct crit_fd fd;
	size_t index = 0;
	bool more = explore_next_socket(task, &index, &fd, &sk);

	if (!more && !*errors->text)
		return;
	json_writer_object(&x->json, NULL);
	json_writer_uint(&x->json, "pid", task->pid);
	json_writer_list(&x->json, "sockets");
	for (; more && !lines_failed(x->text); more = explore_next_socket(task, &index, &fd, &sk))
		explore_socket_json(x, &fd, &sk);
	json_writer_end(&x->json);
	explore_json_errors(x, errors);
	json_writer_end(&x->json);
}

void explore_sk(struct explore *x, struct crit_task *task)
{
	struct explore_errors errors = { 0 };
	struct crit_error err;

	if (crit_fd_load(task, &err))
		explore_problem(x, &err, &errors);
	if (x->is_json)
		list_json(x, task, &errors);
	else
		list_text(x, task);
}
