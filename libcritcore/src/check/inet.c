// SPDX-License-Identifier: LGPL-2.1-or-later
/* inet.c - sockets of networks: IPv4 and IPv6 with addresses and connections, netlink, packets. */
#include <stdio.h>

#include "check/check.h"
#include "fdtable.pb-c.h"
#include "inventory.pb-c.h"

/* Linux's numbers, also on machines that are not. */
enum { INET = 2, INET6 = 10, STREAM = 1, DGRAM = 2, RAW = 3, OLD_PACKET = 10, TCP = 6 };
enum { CLOSE = 7, LISTEN = 10 };
/* MPTCP is 262. */
enum { MAX_PROTOCOL = 262, MAX_NETLINK = 31, MAX_PACKET_VERSION = 2 };
/* tcp_stream_entry.opt_mask */
enum { OPT_TIMESTAMPS = 1, OPT_WSCALE = 4, MAX_WSCALE = 14 };

enum { USEC = 1000000 };

static void check_options(struct check *c, const struct item *at, const char *field,
			  const Criu__SkOptsEntry *e)
{
	if (e && (e->so_snd_tmo_usec >= USEC || e->so_rcv_tmo_usec >= USEC))
		found(c, RULE_SOCKET_KIND, at, field,
		      "a timeout of a million microseconds or more");
}

static void check_address(struct check *c, const struct item *at, const Criu__InetSkEntry *e)
{
	size_t src = e->n_src_addr, dst = e->n_dst_addr;

	if (e->family != INET && e->family != INET6)
		found(c, RULE_SOCKET_ADDRESS, at, "isk.family", "family %u is not IPv4 or IPv6",
		      e->family);
	else if (e->family == INET ? src < 1 || dst < 1 : src != 4 || dst != 4)
		found(c, RULE_SOCKET_ADDRESS, at, "isk.src_addr",
		      "addresses of %zu and %zu words in family %u", src, dst, e->family);
}

static void check_connection(struct check *c, const struct item *at, const Criu__InetSkEntry *e)
{
	const struct item *inventory = item_numbered(c, SET_INVENTORY, 0);
	char name[48];

	if (e->proto != TCP || e->state == LISTEN || e->state == CLOSE)
		return;
	snprintf(name, sizeof(name), "tcp-stream-%x.img", e->ino);
	found(c, RULE_NEEDS_OPTION, at, "isk.state",
	      "needs --tcp-established (or --tcp-close): a TCP connection");
	// What --tcp-close leaves out at the dump is restored closed.
	if (!source_has(c->src, name) &&
	    !(inventory && ((const Criu__InventoryEntry *)inventory->msg)->tcp_close))
		found(c, RULE_SOCKET_STREAM, at, "isk.ino", "there is no %s", name);
}

/** Is a sequence number behind another one? They begin anew after 2^32. */
static bool is_after(uint32_t seq, uint32_t other)
{
	return (int32_t)(seq - other) > 0;
}

/** What the kernel wants of TCP_REPAIR_WINDOW, when all that was received has a place again. It
 *  has a word on snd_wl1, too, but a restore with another one succeeds. */
static void check_window(struct check *c, const struct item *at, const Criu__TcpStreamEntry *e)
{
	if (!e->has_snd_wnd)
		return;
	if (e->max_window < e->snd_wnd)
		found(c, RULE_SOCKET_STREAM, at, "max_window", "%u, below snd_wnd, %u",
		      e->max_window, e->snd_wnd);
	if (is_after(e->rcv_wup, e->inq_seq))
		found(c, RULE_SOCKET_STREAM, at, "rcv_wup", "%u is behind inq_seq, %u",
		      e->rcv_wup, e->inq_seq);
}

static void check_stream(struct check *c, const struct item *at, const Criu__TcpStreamEntry *e)
{
	const struct found_as as = { CRIT_CHECK_WARNING, NULL, at->image, true, at->index, at->off,
				     "unsq_len" };

	if (!e->has_unsq_len)
		found(c, RULE_SOCKET_STREAM, at, "unsq_len", "the field is not there");
	else if (e->unsq_len > e->outq_len)
		found_as(c, RULE_SOCKET_STREAM, &as,
			 "%u bytes were never sent, of %u in the queue", e->unsq_len, e->outq_len);
	if (e->opt_mask & OPT_WSCALE && !e->has_rcv_wscale)
		found(c, RULE_SOCKET_STREAM, at, "rcv_wscale", "the field is not there");
	if (e->opt_mask & OPT_WSCALE && (e->snd_wscale > MAX_WSCALE || e->rcv_wscale > MAX_WSCALE))
		found(c, RULE_SOCKET_STREAM, at, "snd_wscale",
		      "windows scaled by 2^%u and 2^%u, at most by 2^%d", e->snd_wscale,
		      e->rcv_wscale, MAX_WSCALE);
	if (e->opt_mask & OPT_TIMESTAMPS && !e->has_timestamp)
		found(c, RULE_SOCKET_STREAM, at, "timestamp", "the field is not there");
	check_window(c, at, e);
}

/** What the kernel makes sockets of. */
static void check_kind(struct check *c, const struct item *at, const Criu__InetSkEntry *e)
{
	if (e->type != STREAM && e->type != DGRAM && e->type != RAW)
		found(c, RULE_SOCKET_KIND, at, "isk.type", "type %u is none of IPv4 or IPv6",
		      e->type);
	else if (e->type != RAW && (e->proto == TCP) != (e->type == STREAM))
		found(c, RULE_SOCKET_KIND, at, "isk.proto", "protocol %u with type %u", e->proto,
		      e->type);
	if (e->proto > MAX_PROTOCOL)
		found(c, RULE_SOCKET_KIND, at, "isk.proto", "no protocol has number %u", e->proto);
}

static void check_inet(struct check *c, const struct item *at, const Criu__InetSkEntry *e)
{
	char name[48];

	check_address(c, at, e);
	check_kind(c, at, e);
	check_connection(c, at, e);
	check_options(c, at, "isk.opts", e->opts);
	snprintf(name, sizeof(name), "tcp-stream-%x.img", e->ino);
	if (e->state == LISTEN && source_has(c->src, name))
		found(c, RULE_SOCKET_STREAM, at, "isk.state", "it listens, but there is a %s",
		      name);
	if (e->type != STREAM && e->state == LISTEN)
		found(c, RULE_SOCKET_STREAM, at, "isk.state", "type %u cannot listen", e->type);
	if (e->state == LISTEN && e->proto != TCP)
		found(c, RULE_SOCKET_STREAM, at, "isk.proto", "protocol %u cannot listen",
		      e->proto);
}

/* ---- others --------------------------------------------------------------------------------- */

static void check_netlink(struct check *c, const struct item *at, const Criu__NetlinkSkEntry *e)
{
	if (e->protocol > MAX_NETLINK)
		found(c, RULE_SOCKET_KIND, at, "nlsk.protocol", "no protocol of netlink is %u",
		      e->protocol);
	for (size_t i = 1; i < e->n_groups; i++)
		if (e->groups[i]) {
			found(c, RULE_SOCKET_KIND, at, "nlsk.groups",
			      "groups above 32, which CRIU cannot restore");
			break;
		}
	check_options(c, at, "nlsk.opts", e->opts);
}

static void check_packet(struct check *c, const struct item *at, const Criu__PacketSockEntry *e)
{
	if (e->type != RAW && e->type != DGRAM && e->type != OLD_PACKET)
		found(c, RULE_SOCKET_KIND, at, "psk.type", "type %u is none of packet sockets",
		      e->type);
	if (e->version > MAX_PACKET_VERSION)
		found(c, RULE_SOCKET_KIND, at, "psk.version", "rings of version %u", e->version);
	check_options(c, at, "psk.opts", e->opts);
}

void check_networks(struct check *c)
{
	const struct items *files = &c->sets[SET_FILES], *streams = &c->sets[SET_TCP_STREAM];

	for (size_t i = 0; i < files->nr && goes_on(c); i++) {
		const struct item *at = &files->items[i];
		const Criu__InetSkEntry *inet = file_body(at, CRIU__FD_TYPES__INETSK);
		const Criu__NetlinkSkEntry *netlink = file_body(at, CRIU__FD_TYPES__NETLINKSK);
		const Criu__PacketSockEntry *packet = file_body(at, CRIU__FD_TYPES__PACKETSK);

		if (inet)
			check_inet(c, at, inet);
		if (netlink)
			check_netlink(c, at, netlink);
		if (packet)
			check_packet(c, at, packet);
	}
	for (size_t i = 0; i < streams->nr && goes_on(c); i++)
		check_stream(c, &streams->items[i], streams->items[i].msg);
}
