// SPDX-License-Identifier: LGPL-2.1-or-later
/* sockets.c - sockets: the other end, what is queued, addresses, connections. */
#include <stdio.h>

#include "check/check.h"
#include "fdtable.pb-c.h"
#include "inventory.pb-c.h"

/* Linux's numbers, also on machines that are not. */
enum { INET = 2, INET6 = 10, STREAM = 1, DGRAM = 2, TCP = 6 };
enum { ESTABLISHED = 1, CLOSE = 7, LISTEN = 10 };
enum { SCM_RIGHTS_TYPE = 1, UNIX_NAME_MAX = 108 };
/* unix_sk_entry.uflags */
enum { EXTERNAL = 1, CALLBACK = 2 };

/* ---- unix sockets --------------------------------------------------------------------------- */

static void collect_inodes(struct check *c, struct keys *inodes)
{
	const struct items *set = &c->sets[SET_FILES];

	for (size_t i = 0; i < set->nr && goes_on(c); i++) {
		const Criu__UnixSkEntry *usk = file_body(&set->items[i], CRIU__FD_TYPES__UNIXSK);

		if (usk && !keys_add(inodes, 0, usk->ino, &set->items[i]))
			check_no_memory(c);
	}
	keys_sort(inodes);
}

static void check_peer(struct check *c, const struct item *at, const Criu__UnixSkEntry *e,
		       const struct keys *inodes)
{
	const struct key *key = keys_find(inodes, 0, e->peer);
	const Criu__UnixSkEntry *peer =
		key ? file_body(key->item, CRIU__FD_TYPES__UNIXSK) : NULL;

	if (!e->peer)
		return;
	if (!peer)
		found(c, RULE_SOCKET_PEER, at, "usk.peer",
		      "socket %u is connected to %u, which is not in files.img", e->ino, e->peer);
	else if (peer->type != e->type)
		found(c, RULE_SOCKET_PEER, at, "usk.peer",
		      "socket %u of type %u is connected to %u of type %u", e->ino, e->type,
		      peer->ino, peer->type);
	else if (peer->uflags & EXTERNAL)
		found(c, RULE_NEEDS_OPTION, at, "usk.peer",
		      "needs --ext-unix-sk: the other end is a socket outside");
}

static void check_unix(struct check *c, const struct item *at, const Criu__UnixSkEntry *e,
		       const struct keys *inodes)
{
	check_peer(c, at, e, inodes);
	if (e->name.len > UNIX_NAME_MAX)
		found(c, RULE_SOCKET_ADDRESS, at, "usk.name", "a name of %zu bytes, at most %d fit",
		      e->name.len, UNIX_NAME_MAX);
	if (e->uflags & CALLBACK)
		found(c, RULE_NEEDS_PLUGIN, at, "usk.uflags",
		      "the socket is brought back by a plugin");
}

/* ---- inet sockets --------------------------------------------------------------------------- */

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

static void check_stream(struct check *c, const struct item *at, const Criu__TcpStreamEntry *e)
{
	if (!e->has_unsq_len)
		found(c, RULE_SOCKET_STREAM, at, "unsq_len", "the field is not there");
	else if (e->unsq_len > e->outq_len)
		found(c, RULE_SOCKET_STREAM, at, "unsq_len",
		      "%u bytes were never sent, of %u in the queue", e->unsq_len, e->outq_len);
}

static void check_inet(struct check *c, const struct item *at, const Criu__InetSkEntry *e)
{
	check_address(c, at, e);
	check_connection(c, at, e);
	if (e->type != STREAM && e->state == LISTEN)
		found(c, RULE_SOCKET_STREAM, at, "isk.state", "type %u cannot listen", e->type);
	if (e->state == LISTEN && e->proto != TCP)
		found(c, RULE_SOCKET_STREAM, at, "isk.proto", "protocol %u cannot listen",
		      e->proto);
}

/* ---- queues --------------------------------------------------------------------------------- */

static void check_rights(struct check *c, const struct item *at, const Criu__SkPacketEntry *e)
{
	if (e->n_scm > 1)
		found(c, RULE_SOCKET_QUEUE, at, "scm", "%zu control messages with one packet",
		      e->n_scm);
	for (size_t i = 0; i < e->n_scm; i++) {
		const Criu__ScmEntry *scm = e->scm[i];

		if (scm->type != SCM_RIGHTS_TYPE)
			found(c, RULE_SOCKET_QUEUE, at, "scm.type", "control message of type %u",
			      scm->type);
		for (size_t k = 0; k < scm->n_rights; k++)
			if (!keys_find(&c->file_ids, 0, scm->rights[k]))
				found(c, RULE_SOCKET_QUEUE, at, "scm.rights",
				      "the file %u that was sent along is not in files.img",
				      scm->rights[k]);
	}
}

static void check_queue(struct check *c, const struct item *at, const Criu__SkPacketEntry *e)
{
	static const int sockets[] = { CRIU__FD_TYPES__UNIXSK, CRIU__FD_TYPES__INETSK,
				       CRIU__FD_TYPES__NETLINKSK, CRIU__FD_TYPES__PACKETSK };

	check_rights(c, at, e);
	for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++)
		if (file_find(c, sockets[i], e->id_for))
			return;
	found(c, RULE_SOCKET_QUEUE, at, "id_for", "no socket with id %u is in files.img",
	      e->id_for);
}

void check_sockets(struct check *c)
{
	const struct items *files = &c->sets[SET_FILES], *queues = &c->sets[SET_QUEUES];
	const struct items *streams = &c->sets[SET_TCP_STREAM];
	struct keys inodes = { 0 };

	collect_inodes(c, &inodes);
	for (size_t i = 0; i < files->nr && goes_on(c); i++) {
		const struct item *at = &files->items[i];
		const Criu__UnixSkEntry *usk = file_body(at, CRIU__FD_TYPES__UNIXSK);
		const Criu__InetSkEntry *isk = file_body(at, CRIU__FD_TYPES__INETSK);

		if (usk)
			check_unix(c, at, usk, &inodes);
		if (isk)
			check_inet(c, at, isk);
	}
	for (size_t i = 0; i < queues->nr && goes_on(c); i++)
		check_queue(c, &queues->items[i], queues->items[i].msg);
	for (size_t i = 0; i < streams->nr && goes_on(c); i++)
		check_stream(c, &streams->items[i], streams->items[i].msg);
	keys_deinit(&inodes);
}
