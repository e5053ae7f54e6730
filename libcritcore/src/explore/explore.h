/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * explore.h - what the listings share.
 *
 *	explore.c  one listing after the other process; what is wrong
 *	tree.c     the process tree, whatever pstree.img says
 *	ps.c       processes
 *	ps_json.c  the same as JSON
 *	strings.c  arguments and environment
 *	fds.c      descriptors
 *	mems.c     mappings
 *	runs.c     entries of pagemaps
 *	rss.c      the same as a listing
 *	sk.c       sockets as a table
 *	sk_json.c  the same as JSON
 *	sk_names.c words for its numbers
 *	peers.c    who has the other end of a socket
 *	ids.c      small numbers for shared memory
 */
#ifndef CRIT_EXPLORE_EXPLORE_H
#define CRIT_EXPLORE_EXPLORE_H

#include "checkpoint/checkpoint.h"
#include "report/json_writer.h"

/** Numbers from 1 on, in the order that ids are first asked for. Zeroed: none yet. */
struct small_ids {
	struct small_id {
		uint64_t id;
		uint32_t number; /* 0: a free place */
	} *places;
	size_t nr, nr_places; /* nr_places: a power of two */
};

/** @return 0: memory is out. */
uint32_t small_id(struct small_ids *ids, uint64_t id);
void small_ids_free(struct small_ids *ids);

/** A descriptor of a UNIX socket. */
struct peer {
	uint64_t ino;
	uint32_t pid, fd;
};

struct explore {
	struct crit_checkpoint *ckpt;
	const struct crit_explore_options *options;
	bool is_json;
	struct json_writer json;
	struct lines *text; /* of json: one of the two is used */
	size_t nr_problems;
	struct small_ids shared; /* of mems */
	bool peers_made;	 /* of sk */
	struct peer *peers;	 /* by ino */
	size_t nr_peers;
};

/** What could not be listed of a process, for its object in JSON. */
struct explore_errors {
	char text[2 * sizeof(((struct crit_error *)0)->message)]; /* one line; "": nothing */
};

/** Count something that cannot be listed, tell the user of TEXT, and keep it for JSON. */
void explore_problem(struct explore *x, const struct crit_error *err,
		     struct explore_errors *errors);
/** The member "error" of the object at hand, if there is something to say. */
void explore_json_errors(struct explore *x, const struct explore_errors *errors);

/* Listings: all of ps, one process of the others. What fails is a problem. */
enum crit_status explore_ps(struct explore *x, struct crit_task *from, struct crit_error *err);
void explore_fds(struct explore *x, struct crit_task *task);
void explore_mems(struct explore *x, struct crit_task *task);
void explore_rss(struct explore *x, struct crit_task *task);
void explore_sk(struct explore *x, struct crit_task *task);
/** Give the shared memory of a process that is not listed its numbers. */
void explore_mems_note(struct explore *x, struct crit_task *task);

/** Where a listing of ps as JSON is; see ps_json.c. */
struct ps_json {
	unsigned int level; /* open objects */
	bool is_list_open[JSON_WRITER_DEPTH]; /* by level: its list of processes below it */
	bool others; /* a root after the first one: in that one's "other_roots" */
};

void explore_ps_json(struct explore *x, struct ps_json *ps, struct crit_task *task,
		     const struct crit_task_info *info, unsigned int depth,
		     const struct explore_errors *errors);
void explore_ps_json_end(struct explore *x, struct ps_json *ps);
/** What a thread was doing: crit_thread_state_text(). */
void explore_doing(struct crit_thread *thread, char out[CRIT_STATE_TEXT_MAX]);

/** Arguments or environment of a task. */
struct strings {
	char *text; /* terminated ones, one after the other; NULL: not available, see why */
	size_t len; /* in bytes; padding behind the last one is left out */
	struct crit_error why;
};

/** What cannot be had for another reason than that it was not dumped is counted as a problem.
 *  @param get  crit_task_args() or crit_task_env(). */
void explore_strings(struct explore *x, struct crit_task *task,
		     enum crit_status (*get)(struct crit_task *task, char **out, size_t *len,
					     struct crit_error *err),
		     struct strings *out);
/** The next one; NULL: no more. @param pos  0 at first. */
const char *explore_next_string(const struct strings *strings, size_t *pos);

/** A mapped file as CRIT calls it: its path as recorded, without " (deleted)". */
const char *explore_file(const struct explore *x, const struct crit_task *task, uint32_t file_id);
/** What a file is called whose record is not there: by CRIT, in JSON by go-criu. */
const char *explore_unknown(const struct explore *x);

/** The sockets of a task, one after the other, from *index on; false: no more. */
bool explore_next_socket(struct crit_task *task, size_t *index, struct crit_fd *fd,
			 struct crit_socket *socket);
void explore_socket_json(struct explore *x, const struct crit_fd *fd,
			 const struct crit_socket *socket);
/** How much of a UNIX socket's name there is without the NUL that ends a path. */
size_t explore_name_len(const struct crit_socket *socket);
/** Who has the socket with this inode open; the first one of several, NULL: nobody. */
const struct peer *explore_peer(struct explore *x, uint64_t ino);

/* Names as go-criu has them; NULL: none. */
const char *explore_family(uint32_t family);
const char *explore_type(uint32_t type);
/** Of an IP protocol. */
const char *explore_protocol(uint32_t protocol);
/** Of a protocol of netlink. */
const char *explore_netlink(uint32_t protocol);
/** Of a packet socket's protocol, ETH_P_*. */
const char *explore_ethernet(uint32_t protocol);
/** That protocol in the machine's byte order. */
uint32_t explore_packet_protocol(const struct explore *x, const struct crit_socket *socket);

#endif
