/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* files.h - mapped files; open files, sockets, System V IPC. A part of critcore.h. */
#ifndef CRITCORE_FILES_H
#define CRITCORE_FILES_H

#include "critcore/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Mapped files ---------------------------------------------------------------------------- */

enum crit_file_verdict {
	CRIT_FILE_USED,		  /* found, and size and build-id agree (or are trusted) */
	CRIT_FILE_MISSING,	  /* no such file here */
	CRIT_FILE_UNREADABLE,	  /* there, but not allowed, not a regular file, ... */
	CRIT_FILE_SIZE_DIFFERS,
	CRIT_FILE_BUILD_ID_DIFFERS,
	CRIT_FILE_UNVERIFIED,	  /* neither size nor build-id are recorded (old images) */
	CRIT_FILE_CHANGED,	  /* no build-id recorded; modified after the images were written */
	CRIT_FILE_CHECKSUM_DIFFERS,
	CRIT_FILE_NAMESPACE,	  /* no build-id recorded, and a file of the task's own mount
				     namespace while no sysroot says where that is */
	CRIT_FILE_DELETED,	  /* had no name any more when the checkpoint was taken, and the
				     images do not have it either */
	CRIT_FILE_GHOST,	  /* had no name any more; its contents are in an image of the
				     checkpoint: used */
	CRIT_FILE_NOT_REGULAR,	  /* a memfd, a device: never looked for on this machine */
	CRIT_FILE_OTHER_CPU,	  /* of crit_task_exe() only: it is the executable, and for another
				     CPU than the one that the core image has registers of */
};

struct crit_file {
	uint32_t id;		      /* in files.img */
	const char *path;	      /* absolute, as it was in the checkpoint; "" of what has none,
					 as a socket */
	const char *local_path;	      /* the file looked at here; NULL if none was found */
	enum crit_file_verdict verdict;
	bool has_size;		      /* size is recorded */
	uint64_t size, local_size;    /* in bytes; local_size 0 when there is no local_path */
	const uint8_t *build_id;      /* as recorded; NULL if not */
	size_t build_id_len;	      /* in bytes */
	const uint8_t *local_build_id; /* of local_path; NULL if it has none */
	size_t local_build_id_len;
	int os_errno;		      /* why it is CRIT_FILE_UNREADABLE, else 0 */
	const char *ghost;	      /* the image with its contents ("ghost-file-1.img"), when it
					 was deleted and the images name one; else NULL */
	bool has_checksum;	      /* recorded: CRC32C over parts of the file */
	uint32_t checksum, local_checksum; /* local: 0 when there is no local_path */
	bool deleted;		      /* had no name any more: path is the one it had last */
};

/** One sentence for a verdict ("its build-id differs"); never NULL. Static storage. */
CRIT_API const char *crit_file_verdict_text(enum crit_file_verdict verdict);

/**
 * The executable of a task: the file behind mm_entry.exe_file_id, looked up on this machine.
 * @return CRIT_OK whatever the verdict; CRIT_NOT_FOUND: the images do not name one; or as
 *         crit_task_load().
 */
CRIT_API enum crit_status crit_task_exe(struct crit_task *task, struct crit_file *out,
					struct crit_error *err);

/** How many different files are mapped by the task. Loads the task; 0 if that fails. */
CRIT_API size_t crit_task_file_count(struct crit_task *task);
/** The @p index-th of them in address order; false past the end. Looks the file up. */
CRIT_API bool crit_task_file_at(struct crit_task *task, size_t index, struct crit_file *out);

/* ---- Open files ------------------------------------------------------------------------------ */

/** Where a task stands in the file system. */
struct crit_task_dirs {
	const char *cwd, *root; /* absolute, from the root of its mount namespace; NULL when the
				   images do not say */
	bool has_umask;		/* recorded */
	uint32_t umask;
};

/**
 * A task's current directory, root and umask, from fs-PID.img.
 * @return CRIT_OK; CRIT_NOT_FOUND: there is no such image, as of a zombie; CRIT_CORRUPT, CRIT_OS,
 *         CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_task_dirs(struct crit_task *task, struct crit_task_dirs *out,
					 struct crit_error *err);

enum crit_fd_kind {
	CRIT_FD_UNKNOWN = 0,
	CRIT_FD_REG, /* a regular file, directory or device */
	CRIT_FD_PIPE,
	CRIT_FD_FIFO,
	CRIT_FD_INETSK, /* sockets: see crit_fd_socket() */
	CRIT_FD_UNIXSK,
	CRIT_FD_PACKETSK,
	CRIT_FD_NETLINKSK,
	CRIT_FD_EVENTFD,
	CRIT_FD_EVENTPOLL,
	CRIT_FD_SIGNALFD,
	CRIT_FD_TIMERFD,
	CRIT_FD_INOTIFY,
	CRIT_FD_FANOTIFY,
	CRIT_FD_TTY,
	CRIT_FD_NS,   /* of a namespace */
	CRIT_FD_TUNF, /* of a tun or tap device */
	CRIT_FD_MEMFD,
	CRIT_FD_BPFMAP,
	CRIT_FD_PIDFD,
	CRIT_FD_EXT, /* supplied by a plugin on restore */
	CRIT_FD_CTL_TTY,     /* these two CRIU uses for itself; there is nothing more on them */
	CRIT_FD_AUTOFS_PIPE,
};

/** CRIU's name ("REG", "INETSK"); never NULL. Static storage. */
CRIT_API const char *crit_fd_kind_name(enum crit_fd_kind kind);

/** A file descriptor of a task. */
struct crit_fd {
	uint32_t fd;
	uint32_t file_id;	/* of the open file; descriptors that have it in common share offset
				   and flags */
	enum crit_fd_kind kind;
	bool cloexec;
	bool known;		/* the images have the open file; else what is above is all */
	const char *link;	/* as the link /proc/PID/fd/N had it: "/etc/passwd",
				   "pipe:[156673]", "anon_inode:[eventfd]"; '?' stands for a number
				   that is not recorded. "" when nothing is known */
	const char *path;	/* of REG: as recorded; NULL otherwise */
	bool deleted;		/* of REG: had no name any more */
	bool has_flags;		/* recorded */
	uint32_t flags;		/* O_*, in the numbering of the dumped machine */
	bool has_pos;		/* recorded, as of files that have one */
	uint64_t pos;		/* offset, in bytes */
	uint64_t ino;		/* inode of a pipe, fifo or socket; 0: not recorded */
};

/**
 * Read a task's table of descriptors (fdinfo-N.img). The other functions do it on demand.
 * @return CRIT_OK; CRIT_NOT_FOUND: there is none, as of a zombie; CRIT_CORRUPT, CRIT_OS,
 *         CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_fd_load(struct crit_task *task, struct crit_error *err);
/** How many descriptors; 0 if they cannot be read. */
CRIT_API size_t crit_fd_count(struct crit_task *task);
/** The @p index-th, by number; false past the end. */
CRIT_API bool crit_fd_at(struct crit_task *task, size_t index, struct crit_fd *out);
/** The index of a descriptor; crit_fd_count() if there is none. */
CRIT_API size_t crit_fd_find(struct crit_task *task, uint32_t fd);

/** A socket's option, by the name that setsockopt(2) has for it. */
struct crit_socket_option {
	const char *name; /* "SO_REUSEADDR", "TCP_NODELAY"; "tcpi_..." and "sin6_scope_id" are
			     members of Linux's structs. Static storage */
	const char *text; /* of one that is no number: a device, groups; NULL otherwise */
	uint64_t value;	  /* of a switch 0 or 1; sizes are in bytes, timeouts in microseconds */
	bool is_switch;
	bool usual; /* as nearly all sockets have it */
};

/** A socket. Families, types, protocols and states have the numbers of Linux. */
struct crit_socket {
	enum crit_fd_kind kind;
	uint32_t family; /* AF_* */
	uint32_t type;	 /* SOCK_* */
	uint32_t protocol; /* IPPROTO_*, NETLINK_*, ETH_P_* (as in the image: in network
			      byte order) */
	bool has_state;
	uint32_t state;	   /* TCP_*, used for all families: 1 established, 7 closed, 10 listening */
	uint64_t ino;	   /* 0: not recorded, as of packet sockets */
	uint32_t ns_id;	   /* network namespace, CRIU's number; 0: not recorded */
	uint32_t backlog;  /* of a listening one */
	bool has_uid;
	uint32_t uid;	   /* of who made it */
	bool has_queues;   /* the two below are known */
	uint64_t rcv_len;  /* bytes that wait to be read */
	uint64_t snd_len;  /* bytes that were not sent or not acknowledged */
	uint32_t snd_buf, rcv_buf; /* SO_SNDBUF, SO_RCVBUF: sizes in bytes */
	bool has_shutdown;	   /* recorded */
	uint32_t shutdown;	   /* 1: not read from any more, 2: not written to, 3: both */
	const struct crit_socket_option *options; /* those that are recorded */
	size_t nr_options;
	/* INETSK: numeric addresses, of AF_INET6 without brackets; "" when not recorded. */
	char src_addr[48], dst_addr[48];
	uint32_t src_port, dst_port;
	/* UNIXSK */
	const char *name; /* address, not terminated; NUL first: an abstract one. NULL otherwise */
	size_t name_len;
	const char *name_dir; /* what a relative one starts from; NULL if not recorded */
	bool name_deleted;    /* the file that stands for the name is gone */
	uint64_t peer;	      /* ino of the other end; 0: not connected */
	/* NETLINKSK */
	uint32_t port_id, dst_port_id;
	/* PACKETSK */
	uint32_t ifindex; /* network device; 0: all */
};

/**
 * The socket behind a descriptor.
 * @return CRIT_OK; CRIT_NOT_FOUND: no such descriptor, or it is not of a socket, or the images do
 *         not have it; CRIT_CORRUPT, CRIT_OS, CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_fd_socket(struct crit_task *task, size_t index,
					 struct crit_socket *out, struct crit_error *err);
/** A state's name ("ESTABLISHED"), as netstat(8) has it; "?" for others. Static storage. */
CRIT_API const char *crit_socket_state_name(uint32_t state);

enum crit_ipc_kind {
	CRIT_IPC_SHM, /* segments of shared memory */
	CRIT_IPC_SEM, /* sets of semaphores */
	CRIT_IPC_MSG, /* message queues */
};

/** A System V IPC object. CRIU records those of the IPC namespaces that it dumped. */
struct crit_ipc {
	enum crit_ipc_kind kind;
	uint32_t ns; /* namespace, CRIU's number */
	uint32_t key, id, mode, uid, gid, cuid, cgid;
	uint64_t size;	 /* SHM: bytes; MSG: bytes in the queue */
	uint64_t number; /* SEM: semaphores in the set; MSG: messages in the queue */
};

/** Read them, from ipcns-*.img. The other functions do it on demand.
 *  @return CRIT_OK; CRIT_NOT_FOUND: no IPC namespace was dumped, only that of the machine was in
 *          use, whose objects are not recorded; CRIT_CORRUPT, CRIT_OS, CRIT_NO_MEMORY. */
CRIT_API enum crit_status crit_ipc_load(struct crit_checkpoint *ckpt, struct crit_error *err);
/** By kind, then by namespace, then by id; 0 if they cannot be read. */
CRIT_API size_t crit_ipc_count(struct crit_checkpoint *ckpt);
CRIT_API bool crit_ipc_at(struct crit_checkpoint *ckpt, size_t index, struct crit_ipc *out);
/** False if there is none. */
CRIT_API bool crit_ipc_find(struct crit_checkpoint *ckpt, enum crit_ipc_kind kind, uint32_t ns,
			    uint32_t id, struct crit_ipc *out);

#ifdef __cplusplus
}
#endif

#endif
