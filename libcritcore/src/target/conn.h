/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * conn.h - packets over file descriptors: buffered reading, acknowledgements, and a server thread
 * that is awake when the next request comes.
 */
#ifndef CRIT_TARGET_CONN_H
#define CRIT_TARGET_CONN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "target/packet.h"
#include "util/buf.h"

enum conn_event {
	CONN_REQUEST, /* a request is in reader.payload, reader.len */
	CONN_DAMAGED, /* a request came that cannot be read and will not be sent again: answer
			 with an error, or the client waits for ever */
	CONN_CLOSED,  /* the client is gone */
	CONN_FAILED,  /* reading failed; see os_errno */
};

struct conn {
	int in_fd, out_fd;
	bool out_socket;
	bool spin;	/* wait awake for a moment before sleeping */
	bool no_ack;	/* packets are no longer acknowledged */
	bool replied;	/* since the last read */
	bool lost;	/* writing failed; the client is gone, or see os_errno */
	int os_errno;	/* of a failed read or write; 0 when the client merely went away */
	size_t in_pos, in_len;
	uint8_t in[4096];
	struct packet_reader reader;
	struct buf frame; /* the last packet sent, in case the client asks for it again */
	bool sigpipe_blocked;
};

/** Borrows the descriptors. Big: allocate it. Ends with conn_deinit(), in the same thread. */
void conn_init(struct conn *c, int in_fd, int out_fd);
void conn_deinit(struct conn *c);

/** Wait for the next request. */
enum conn_event conn_read(struct conn *c);
/** Send a reply. A failure shows in c->lost. */
void conn_send(struct conn *c, const void *payload, size_t len);
/** Tell a waiting client that the reply takes longer. A failure shows in c->lost. */
void conn_keep_alive(struct conn *c);

#endif
