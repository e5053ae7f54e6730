// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * socket_options.c - options of sockets, by the names of setsockopt(2). Most are fields of records
 * with a value each, which tables name; those of TCP stand in three places, depending on the
 * version of CRIU, of which the first that says something counts.
 */
#include <stdio.h>
#include <string.h>

#include "fds/fds.h"
#include "fds/socket_options.h"
#include "util/buf.h"

enum {
	ALWAYS = 0, /* has_off of a field that is never absent */
	MAX_GROUPS = 4096, /* of netlink; Linux has some forty */
};

/* A field of 32 bits; switches are of the type that protobuf-c has for them, which is as large. */
struct row {
	const char *name;
	size_t off, has_off; /* in the message */
	bool is_switch;
	uint32_t usual;
};

#define NUMBER(type, field, name, usual) \
	{ name, offsetof(type, field), offsetof(type, has_##field), false, usual }
#define SWITCH(type, field, name) \
	{ name, offsetof(type, field), offsetof(type, has_##field), true, 0 }
#define REQUIRED_NUMBER(type, field, name) { name, offsetof(type, field), ALWAYS, false, 0 }
#define REQUIRED_SWITCH(type, field, name) { name, offsetof(type, field), ALWAYS, true, 0 }

_Static_assert(sizeof(protobuf_c_boolean) == sizeof(uint32_t), "read as one");

/* Without sizes and timeouts. */
static const struct row common_rows[] = {
	SWITCH(Criu__SkOptsEntry, reuseaddr, "SO_REUSEADDR"),
	SWITCH(Criu__SkOptsEntry, so_reuseport, "SO_REUSEPORT"),
	SWITCH(Criu__SkOptsEntry, so_broadcast, "SO_BROADCAST"),
	SWITCH(Criu__SkOptsEntry, so_keepalive, "SO_KEEPALIVE"),
	SWITCH(Criu__SkOptsEntry, so_oobinline, "SO_OOBINLINE"),
	SWITCH(Criu__SkOptsEntry, so_dontroute, "SO_DONTROUTE"),
	SWITCH(Criu__SkOptsEntry, so_no_check, "SO_NO_CHECK"),
	SWITCH(Criu__SkOptsEntry, so_passcred, "SO_PASSCRED"),
	SWITCH(Criu__SkOptsEntry, so_passsec, "SO_PASSSEC"),
	NUMBER(Criu__SkOptsEntry, so_linger, "SO_LINGER", UINT32_MAX), // recorded when it is on
	NUMBER(Criu__SkOptsEntry, so_priority, "SO_PRIORITY", 0),
	NUMBER(Criu__SkOptsEntry, so_rcvlowat, "SO_RCVLOWAT", 1),
	NUMBER(Criu__SkOptsEntry, so_mark, "SO_MARK", 0),
	NUMBER(Criu__SkOptsEntry, so_buf_lock, "SO_BUF_LOCK", 0),
};

/* Older CRIUs have these among the common ones. */
static const struct row old_tcp_rows[] = {
	NUMBER(Criu__SkOptsEntry, tcp_keepcnt, "TCP_KEEPCNT", 9),
	NUMBER(Criu__SkOptsEntry, tcp_keepidle, "TCP_KEEPIDLE", 7200),
	NUMBER(Criu__SkOptsEntry, tcp_keepintvl, "TCP_KEEPINTVL", 75),
};

static const struct row tcp_rows[] = {
	SWITCH(Criu__TcpOptsEntry, nodelay, "TCP_NODELAY"),
	SWITCH(Criu__TcpOptsEntry, cork, "TCP_CORK"),
	NUMBER(Criu__TcpOptsEntry, keepcnt, "TCP_KEEPCNT", 9),
	NUMBER(Criu__TcpOptsEntry, keepidle, "TCP_KEEPIDLE", 7200),
	NUMBER(Criu__TcpOptsEntry, keepintvl, "TCP_KEEPINTVL", 75),
};

static const struct row stream_rows[] = {
	SWITCH(Criu__TcpStreamEntry, nodelay, "TCP_NODELAY"),
	SWITCH(Criu__TcpStreamEntry, cork, "TCP_CORK"),
};

static const struct row ip_rows[] = {
	SWITCH(Criu__IpOptsEntry, freebind, "IP_FREEBIND"),
	SWITCH(Criu__IpOptsEntry, pktinfo, "IP_PKTINFO"),
	NUMBER(Criu__IpOptsEntry, tos, "IP_TOS", 0),
	NUMBER(Criu__IpOptsEntry, ttl, "IP_TTL", 64),
};

static const struct row raw_rows[] = {
	SWITCH(Criu__IpOptsRawEntry, hdrincl, "IP_HDRINCL"),
	SWITCH(Criu__IpOptsRawEntry, nodefrag, "IP_NODEFRAG"),
	SWITCH(Criu__IpOptsRawEntry, checksum, "IPV6_CHECKSUM"),
};

static const struct row inet_rows[] = {
	SWITCH(Criu__InetSkEntry, v6only, "IPV6_V6ONLY"),
};

static const struct row packet_rows[] = {
	REQUIRED_SWITCH(Criu__PacketSockEntry, aux_data, "PACKET_AUXDATA"),
	REQUIRED_SWITCH(Criu__PacketSockEntry, orig_dev, "PACKET_ORIGDEV"),
	REQUIRED_SWITCH(Criu__PacketSockEntry, vnet_hdr, "PACKET_VNET_HDR"),
	REQUIRED_SWITCH(Criu__PacketSockEntry, loss, "PACKET_LOSS"),
	REQUIRED_NUMBER(Criu__PacketSockEntry, version, "PACKET_VERSION"),
	REQUIRED_NUMBER(Criu__PacketSockEntry, reserve, "PACKET_RESERVE"),
	REQUIRED_NUMBER(Criu__PacketSockEntry, timestamp, "PACKET_TIMESTAMP"),
	REQUIRED_NUMBER(Criu__PacketSockEntry, copy_thresh, "PACKET_COPY_THRESH"),
	NUMBER(Criu__PacketSockEntry, fanout, "PACKET_FANOUT", UINT32_MAX),
};

static struct crit_socket_option *add(struct socket_options *o, const char *name)
{
	for (size_t i = 0; i < o->nr; i++)
		if (!strcmp(o->list[i].name, name))
			return NULL;
	if (o->nr == MAX_SOCKET_OPTIONS)
		return NULL;
	o->list[o->nr] = (struct crit_socket_option){ .name = name };
	return &o->list[o->nr++];
}

static void add_number(struct socket_options *o, const char *name, uint64_t value, bool usual)
{
	struct crit_socket_option *option = add(o, name);

	if (!option)
		return;
	option->value = value;
	option->usual = usual;
}

static void add_text(struct socket_options *o, const char *name, const char *text, bool usual)
{
	struct crit_socket_option *option = add(o, name);

	if (!option)
		return;
	option->text = arena_text(o->strings, text, strlen(text));
	option->usual = usual;
	o->failed |= !option->text;
}

static uint32_t word_at(const void *msg, size_t off)
{
	uint32_t word;

	memcpy(&word, (const char *)msg + off, sizeof(word));
	return word;
}

static void add_rows(struct socket_options *o, const void *msg, const struct row *rows, size_t nr)
{
	for (size_t i = 0; msg && i < nr; i++) {
		struct crit_socket_option *option = NULL;

		if (rows[i].has_off == ALWAYS || word_at(msg, rows[i].has_off))
			option = add(o, rows[i].name);
		if (!option)
			continue;
		option->value = word_at(msg, rows[i].off);
		option->is_switch = rows[i].is_switch;
		if (option->is_switch)
			option->value = option->value != 0;
		option->usual = option->value == rows[i].usual;
	}
}

#define ADD_ROWS(o, msg, rows) add_rows(o, msg, rows, sizeof(rows) / sizeof((rows)[0]))

static void add_timeout(struct socket_options *o, const char *name, uint64_t sec, uint64_t usec)
{
	uint64_t all;

	if (__builtin_mul_overflow(sec, 1000000ull, &all) ||
	    __builtin_add_overflow(all, usec, &all))
		all = UINT64_MAX;
	add_number(o, name, all, !all);
}

enum { LOCKED_SNDBUF = 1, LOCKED_RCVBUF = 2 }; /* of SO_BUF_LOCK */

void socket_options_common(struct socket_options *o, const Criu__SkOptsEntry *opts)
{
	uint32_t lock = opts->has_so_buf_lock ? opts->so_buf_lock : 0;

	o->snd_buf = opts->so_sndbuf;
	o->rcv_buf = opts->so_rcvbuf;
	// The kernel chooses these sizes, unless the program did.
	add_number(o, "SO_SNDBUF", opts->so_sndbuf, !(lock & LOCKED_SNDBUF));
	add_number(o, "SO_RCVBUF", opts->so_rcvbuf, !(lock & LOCKED_RCVBUF));
	add_timeout(o, "SO_SNDTIMEO", opts->so_snd_tmo_sec, opts->so_snd_tmo_usec);
	add_timeout(o, "SO_RCVTIMEO", opts->so_rcv_tmo_sec, opts->so_rcv_tmo_usec);
	ADD_ROWS(o, opts, common_rows);
	if (opts->so_bound_dev)
		add_text(o, "SO_BINDTODEVICE", opts->so_bound_dev, false);
	if (opts->n_so_filter)
		add_number(o, "SO_ATTACH_FILTER", opts->n_so_filter, false);
}

void socket_options_inet(struct socket_options *o, const Criu__InetSkEntry *sk)
{
	ADD_ROWS(o, sk->tcp_opts, tcp_rows);
	ADD_ROWS(o, sk->opts, old_tcp_rows);
	ADD_ROWS(o, sk, inet_rows);
	ADD_ROWS(o, sk->ip_opts, ip_rows);
	if (sk->ip_opts)
		ADD_ROWS(o, sk->ip_opts->raw, raw_rows);
	if (sk->ifname)
		add_text(o, "sin6_scope_id", sk->ifname, false);
}

void socket_options_stream(struct socket_options *o, const Criu__TcpStreamEntry *stream)
{
	static const char *const names[] = { "timestamps", "sack", "wscale", "ecn", "ecn_seen",
					     "syn_data" };
	char text[80] = "";
	size_t len = 0;

	ADD_ROWS(o, stream, stream_rows);
	add_number(o, "TCP_MAXSEG", stream->mss_clamp, true);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (stream->opt_mask >> i & 1)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
						len ? " " : "", names[i]);
	add_text(o, "tcpi_options", text, true);
	add_number(o, "tcpi_snd_wscale", stream->snd_wscale, true);
	if (stream->has_rcv_wscale)
		add_number(o, "tcpi_rcv_wscale", stream->rcv_wscale, true);
	if (stream->has_unsq_len)
		add_number(o, "tcpi_notsent_bytes", stream->unsq_len, true);
}

/** "1 34": bit n - 1 is group n. */
static void add_groups(struct socket_options *o, const uint32_t *words, size_t nr)
{
	struct buf text;

	buf_init(&text);
	for (size_t i = 0; i < nr && i < MAX_GROUPS / 32; i++)
		for (unsigned int bit = 0; bit < 32; bit++)
			if (words[i] >> bit & 1)
				buf_printf(&text, "%s%zu", text.len ? " " : "", i * 32 + bit + 1);
	if (nr > MAX_GROUPS / 32)
		buf_add_str(&text, " ...");
	buf_add_byte(&text, '\0');
	if (text.failed)
		o->failed = true;
	else if (*text.data)
		add_text(o, "NETLINK_ADD_MEMBERSHIP", (const char *)text.data, false);
	buf_deinit(&text);
}

void socket_options_netlink(struct socket_options *o, const Criu__NetlinkSkEntry *sk)
{
	add_groups(o, sk->groups, sk->n_groups);
}

static void add_ring(struct socket_options *o, const char *name, const Criu__PacketRing *ring)
{
	if (ring)
		add_number(o, name, (uint64_t)ring->block_size * ring->block_nr, false);
}

void socket_options_packet(struct socket_options *o, const Criu__PacketSockEntry *sk)
{
	ADD_ROWS(o, sk, packet_rows);
	if (sk->n_mclist)
		add_number(o, "PACKET_ADD_MEMBERSHIP", sk->n_mclist, false);
	add_ring(o, "PACKET_RX_RING", sk->rx_ring);
	add_ring(o, "PACKET_TX_RING", sk->tx_ring);
}
