// SPDX-License-Identifier: LGPL-2.1-or-later
/* sockets.c - unix sockets: the other end, names; what is queued in sockets of any kind. */
#include "check/check.h"
#include "fdtable.pb-c.h"

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
	struct keys inodes = { 0 };

	collect_inodes(c, &inodes);
	for (size_t i = 0; i < files->nr && goes_on(c); i++) {
		const struct item *at = &files->items[i];
		const Criu__UnixSkEntry *usk = file_body(at, CRIU__FD_TYPES__UNIXSK);

		if (usk)
			check_unix(c, at, usk, &inodes);
	}
	for (size_t i = 0; i < queues->nr && goes_on(c); i++)
		check_queue(c, &queues->items[i], queues->items[i].msg);
	keys_deinit(&inodes);
}
