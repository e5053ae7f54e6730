/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fds.h - what tasks have open.
 *
 *	fs.c	   fs-PID.img			directories of a task
 *	index.c	   files.img, or the older	where each open file is described
 *		   images, one for each kind
 *	table.c	   fdinfo-N.img			descriptors of a task
 *	link.c	   -				an open file as /proc/PID/fd shows it
 *	tty.c	   tty-info.img			terminals whose path is not recorded
 *	socket.c   -				sockets
 *	socket_options.c -			their options
 *	queues.c   sk-queues.img, tcp-stream-*	bytes on their way
 *	ipc.c	   ipcns-{shm,sem,msg}-N.img	System V IPC
 */
#ifndef CRIT_FDS_FDS_H
#define CRIT_FDS_FDS_H

#include "checkpoint/checkpoint.h"
#include "fdtable.pb-c.h"

/** An open file. What is made of its record stays with it, so that many descriptors (and files that
 *  name another for their path) share one text. */
struct open_file {
	int type;    /* CRIU's fd_types */
	uint32_t id; /* of that type */
	unsigned int image; /* index of open_files.img */
	struct record at;   /* its place; no data */
	bool made;	    /* pub is filled */
	struct crit_fd pub; /* fd, cloexec: of no meaning here */
	struct crit_socket *socket; /* NULL: not asked for */
};

struct fd_entry {
	uint32_t fd, id, flags;
	int type;
};

struct fd_table {
	bool loaded;
	struct fd_entry *entries; /* by fd */
	size_t nr;
};

/** What waits in a socket that is not of TCP. */
struct queue {
	uint32_t id;
	uint64_t len; /* in bytes */
};

/** A pseudo terminal. */
struct pty {
	uint32_t id;	/* tty_info_entry.id */
	uint32_t index; /* /dev/pts/<index> */
	bool master;	/* the other end of it: /dev/ptmx */
};

enum { MAX_OPEN_IMAGES = 18 };

struct open_files {
	struct crit_checkpoint *ckpt;
	struct crit_error failed; /* why there is nothing in it; status CRIT_OK: there is */
	struct image *img[MAX_OPEN_IMAGES]; /* by row of the table in index.c; NULL: none */
	struct open_file *files; /* by type, then id */
	size_t nr_files;
	struct fd_table *tables; /* one for each task */
	struct queue *queues;	 /* by id */
	size_t nr_queues;
	struct pty *ptys; /* by id */
	size_t nr_ptys;
	bool queues_loaded, queues_known, ptys_loaded;
	struct arena strings;
};

/** Those of a checkpoint, indexed. */
enum crit_status open_files_get(struct crit_checkpoint *ckpt, struct open_files **out,
				struct crit_error *err);
/** NULL if the images do not have it. @param type  CRIU's fd_types. */
struct open_file *open_file_find(struct open_files *all, int type, uint32_t id);
/** The record, in today's form; the field that belongs to its type may be missing. */
enum crit_status open_file_decode(struct open_files *all, const struct open_file *file,
				  struct arena *arena, const Criu__FileEntry **out,
				  struct crit_error *err);
/** The record of what is behind a descriptor. @return also CRIT_NOT_FOUND: the images lack it. */
enum crit_status fd_record(struct crit_task *task, size_t index, struct arena *arena,
			   const Criu__FileEntry **out, struct crit_error *err);
/** Make pub. A record that cannot be read is one that is not known. @return also CRIT_NO_MEMORY */
enum crit_status open_file_make(struct open_files *all, struct open_file *file,
				struct crit_error *err);
/** The same from its record, which the caller has. */
enum crit_status open_file_take(struct open_files *all, struct open_file *file,
				const Criu__FileEntry *entry, struct crit_error *err);
/** Make file->socket. @return CRIT_OK; CRIT_NOT_FOUND: it is none; as open_file_decode(). */
enum crit_status socket_make(struct open_files *all, struct open_file *file,
			     struct crit_error *err);
/** "/dev/pts/3"; "" when the images do not say, NULL when memory is out. */
const char *tty_link_without_path(struct open_files *all, uint32_t tty_info_id);
/** The public kind of CRIU's type. */
enum crit_fd_kind fd_kind_of(int type);

struct socket_options;

/** Fill has_queues, rcv_len and snd_len of a socket whose other fields are filled, and add what
 *  tcp-stream-* says to its options; images that are damaged leave them.
 *  @param id  Of the open file. */
void queues_note(struct open_files *all, uint32_t id, struct crit_socket *socket,
		 struct socket_options *options);

#endif
