/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * inspect.h - what the files of this folder share.
 *
 *	inspect.c     one checkpoint after the other
 *	json.c        one as JSON, with the names of checkpointctl
 *	json_inside.c its processes, files and sockets
 *	text.c        one as a tree
 *	text_inside.c its processes, files and sockets
 */
#ifndef CRIT_INSPECT_INSPECT_H
#define CRIT_INSPECT_INSPECT_H

#include "checkpoint/checkpoint.h"
#include "report/json_writer.h"
#include "report/tree.h"

/** One checkpoint. */
struct inspect {
	const struct crit_inspect_options *options;
	const struct crit_container *container;
	struct crit_checkpoint *ckpt; /* NULL: nothing inside is wanted, or it cannot be opened */
	struct crit_task *from;	      /* options->pid; NULL: all */
	struct crit_counters dump;    /* if asked for */
	struct json_writer *json;
	struct tree *tree; /* one of the two is used */
	enum crit_status status; /* what ends it: CRIT_NO_MEMORY, CRIT_INTERRUPTED */
};

/** Tell of something that could not be read. */
void inspect_problem(struct inspect *in, const struct crit_error *why);
/** Its name, state and so on, or as much as pstree.img says. */
void inspect_task(struct inspect *in, struct crit_task *task, struct crit_task_info *out);
/** The process tree, as crit_tree_walk(). */
void inspect_walk(struct inspect *in, crit_tree_fn fn);

/** Arguments as a line, or the environment as it is, of a process that has memory: free() it; NULL:
 *  cannot be had, which is told. @param len  [out] */
char *inspect_strings(struct inspect *in, struct crit_task *task, bool env, size_t *len);

void inspect_json(struct inspect *in);
void inspect_json_inside(struct inspect *in);
/** A member of an object whose names came from others. */
void inspect_json_named(struct json_writer *w, const char *name, const char *value);
void inspect_text(struct inspect *in);
void inspect_text_inside(struct inspect *in);

/** "TCP", "UNIX"; of others the number. */
enum { PROTOCOL_LEN = 24 };
const char *inspect_protocol(const struct crit_socket *sk, char buf[PROTOCOL_LEN]);
/** The address of a UNIX socket: "@" stands for the NUL that an abstract one begins with.
 *  @return free() it; NULL: memory is out. */
char *inspect_unix_name(const struct crit_socket *sk);

#endif
