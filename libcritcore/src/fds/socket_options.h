/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* socket_options.h - collecting the options of one socket out of its records. */
#ifndef CRIT_FDS_SOCKET_OPTIONS_H
#define CRIT_FDS_SOCKET_OPTIONS_H

#include "critcore.h"
#include "sockets.pb-c.h"
#include "util/arena.h"

enum { MAX_SOCKET_OPTIONS = 48 };

struct socket_options {
	struct arena *strings; /* texts go there */
	uint32_t snd_buf, rcv_buf; /* bytes */
	bool failed; /* memory is out */
	size_t nr;
	struct crit_socket_option list[MAX_SOCKET_OPTIONS]; /* each name once */
};

/* In this order; an option that is there already stays. */
void socket_options_common(struct socket_options *o, const Criu__SkOptsEntry *opts);
void socket_options_inet(struct socket_options *o, const Criu__InetSkEntry *sk);
void socket_options_netlink(struct socket_options *o, const Criu__NetlinkSkEntry *sk);
void socket_options_packet(struct socket_options *o, const Criu__PacketSockEntry *sk);
/** Of an established connection of TCP. */
void socket_options_stream(struct socket_options *o, const Criu__TcpStreamEntry *stream);

#endif
