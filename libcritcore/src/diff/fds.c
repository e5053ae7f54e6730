// SPDX-License-Identifier: LGPL-2.1-or-later
/* fds.c - descriptors, by number, and the sockets behind them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "diff/diff.h"
#include "util/buf.h"

/** "REG /etc/passwd". @return the caller's, in @p b; NULL when memory is out. */
static const char *describe(struct buf *b, const struct crit_fd *fd)
{
	buf_clear(b);
	buf_printf(b, "%s%s%s", crit_fd_kind_name(fd->kind), *fd->link ? " " : "", fd->link);
	buf_add_byte(b, '\0');
	return b->failed ? NULL : (const char *)b->data;
}

static void tell_one(struct diff *d, const struct crit_fd *fd, enum crit_diff_how how)
{
	struct crit_difference of = { .what = CRIT_DIFF_FD, .fd = fd->fd, .name = fd->link };
	struct buf text;

	buf_init(&text);
	diff_only(d, &of, how, describe(&text, fd));
	buf_deinit(&text);
}

/* ---- Sockets -------------------------------------------------------------------------------- */

enum { ADDRESS_TEXT = 80 };

static void address_text(const char *addr, uint32_t port, char out[ADDRESS_TEXT])
{
	snprintf(out, ADDRESS_TEXT, strchr(addr, ':') ? "[%s]:%u" : "%s:%u", addr, port);
}

static void compare_addresses(struct diff *d, const struct crit_difference *of,
			      const struct crit_socket *a, const struct crit_socket *b)
{
	char before[ADDRESS_TEXT], after[ADDRESS_TEXT];

	address_text(a->src_addr, a->src_port, before);
	address_text(b->src_addr, b->src_port, after);
	diff_text(d, of, "local address", before, after);
	address_text(a->dst_addr, a->dst_port, before);
	address_text(b->dst_addr, b->dst_port, after);
	diff_text(d, of, "peer", before, after);
}

static const struct crit_socket_option *find_option(const struct crit_socket *s, const char *name)
{
	for (size_t i = 0; i < s->nr_options; i++)
		if (!strcmp(s->options[i].name, name))
			return &s->options[i];
	return NULL;
}

/** @param a, b  NULL: not recorded. */
static void compare_option(struct diff *d, const struct crit_difference *of, const char *name,
			   const struct crit_socket_option *a, const struct crit_socket_option *b)
{
	if ((a && a->text) || (b && b->text))
		diff_text(d, of, name, a && a->text ? a->text : NULL,
			  b && b->text ? b->text : NULL);
	else
		diff_maybe(d, of, name, "%llu", a, a ? a->value : 0, b, b ? b->value : 0);
}

static void compare_options(struct diff *d, const struct crit_difference *of,
			    const struct crit_socket *a, const struct crit_socket *b)
{
	for (size_t i = 0; i < a->nr_options; i++)
		compare_option(d, of, a->options[i].name, &a->options[i],
			       find_option(b, a->options[i].name));
	for (size_t i = 0; i < b->nr_options; i++)
		if (!find_option(a, b->options[i].name))
			compare_option(d, of, b->options[i].name, NULL, &b->options[i]);
}

static void compare_sockets(struct diff *d, const struct crit_difference *of,
			    const struct crit_socket *a, const struct crit_socket *b)
{
	diff_number(d, of, "type", "%llu", a->type, b->type);
	diff_number(d, of, "protocol", "%llu", a->protocol, b->protocol);
	diff_maybe(d, of, "shutdown", "%llu", a->has_shutdown, a->shutdown, b->has_shutdown,
		   b->shutdown);
	diff_number(d, of, "port", "%llu", a->port_id, b->port_id);
	diff_number(d, of, "peer's port", "%llu", a->dst_port_id, b->dst_port_id);
	diff_number(d, of, "device", "%llu", a->ifindex, b->ifindex);
	diff_text(d, of, "state", a->has_state ? crit_socket_state_name(a->state) : NULL,
		  b->has_state ? crit_socket_state_name(b->state) : NULL);
	if (b->kind == CRIT_FD_INETSK)
		compare_addresses(d, of, a, b);
	diff_number(d, of, "peer inode", "%llu", a->peer, b->peer);
	diff_maybe(d, of, "receive queue", "%llu bytes", a->has_queues, a->rcv_len, b->has_queues,
		   b->rcv_len);
	diff_maybe(d, of, "send queue", "%llu bytes", a->has_queues, a->snd_len, b->has_queues,
		   b->snd_len);
	diff_number(d, of, "backlog", "%llu", a->backlog, b->backlog);
	compare_options(d, of, a, b);
}

static void compare_behind(struct diff *d, const struct crit_difference *fd,
			   const size_t index[2])
{
	struct crit_difference of = *fd;
	struct crit_socket sockets[2];

	for (int s = OLD; s <= NEW; s++)
		if (crit_fd_socket(d->sides[s].task, index[s], &sockets[s], NULL))
			return;
	of.what = CRIT_DIFF_SOCKET;
	if (sockets[OLD].kind == sockets[NEW].kind)
		compare_sockets(d, &of, &sockets[OLD], &sockets[NEW]);
}

/* ---- Descriptors ---------------------------------------------------------------------------- */

static void compare_fd(struct diff *d, const struct crit_fd fd[2], const size_t index[2])
{
	struct crit_difference of = {
		.what = CRIT_DIFF_FD,
		.fd = fd[NEW].fd,
		.name = fd[NEW].link,
	};
	struct buf text[2];

	buf_init(&text[OLD]);
	buf_init(&text[NEW]);
	if (fd[OLD].known && fd[NEW].known)
		diff_text(d, &of, "file", describe(&text[OLD], &fd[OLD]),
			  describe(&text[NEW], &fd[NEW]));
	else if (fd[OLD].known != fd[NEW].known)
		diff_unknown(d, &of, fd[OLD].known ? "the new one's images do not have it"
						   : "the old one's images do not have it");
	if (fd[OLD].kind == fd[NEW].kind) {
		diff_maybe(d, &of, "offset", "%llu", fd[OLD].has_pos, fd[OLD].pos,
			   fd[NEW].has_pos, fd[NEW].pos);
		diff_maybe(d, &of, "flags", "0%llo", fd[OLD].has_flags, fd[OLD].flags,
			   fd[NEW].has_flags, fd[NEW].flags);
	}
	diff_number(d, &of, "close-on-exec", "%llu", fd[OLD].cloexec, fd[NEW].cloexec);
	if (fd[OLD].kind == fd[NEW].kind && !strcmp(fd[OLD].link, fd[NEW].link))
		diff_records(d, &of, index);
	compare_behind(d, &of, index);
	buf_deinit(&text[OLD]);
	buf_deinit(&text[NEW]);
}

/** Can the tables be read? A process that has none in both is no difference. */
static bool load(struct diff *d)
{
	struct crit_difference of = { .what = CRIT_DIFF_STATE, .field = "open files" };
	enum crit_status status[2];
	struct crit_error err[2];

	for (int s = OLD; s <= NEW; s++)
		status[s] = crit_fd_load(d->sides[s].task, &err[s]);
	if (status[OLD] && (status[OLD] != CRIT_NOT_FOUND || status[NEW] != CRIT_NOT_FOUND))
		diff_unknown(d, &of, err[OLD].message);
	else if (status[NEW] && !status[OLD])
		diff_unknown(d, &of, err[NEW].message);
	return !status[OLD] && !status[NEW];
}

void diff_fds(struct diff *d)
{
	size_t i[2] = { 0, 0 };
	struct crit_fd fd[2];

	if (!load(d))
		return;
	while (diff_goes_on(d)) {
		bool a = crit_fd_at(d->sides[OLD].task, i[OLD], &fd[OLD]);
		bool b = crit_fd_at(d->sides[NEW].task, i[NEW], &fd[NEW]);

		if (!a && !b)
			break;
		if (a && (!b || fd[OLD].fd < fd[NEW].fd)) {
			tell_one(d, &fd[OLD], CRIT_DIFF_GONE);
			i[OLD]++;
		} else if (!a || fd[NEW].fd < fd[OLD].fd) {
			tell_one(d, &fd[NEW], CRIT_DIFF_ADDED);
			i[NEW]++;
		} else {
			compare_fd(d, fd, i);
			i[OLD]++;
			i[NEW]++;
		}
	}
}
