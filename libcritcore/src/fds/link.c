// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * link.c - an open file as the link /proc/PID/fd/N shows it (proc(5)), and what all kinds have in
 * common. Files without a name are called by their kind: "pipe:[156673]", "anon_inode:[eventfd]".
 */
#include <stdio.h>
#include <string.h>

#include "fds/fds.h"

/* By CRIU's number of the type, each with a kind of its own. */
static const struct {
	int type;
	enum crit_fd_kind kind;
	const char *name;
	const char *link; /* of those that are all called the same */
} kinds[] = {
	{ CRIU__FD_TYPES__REG, CRIT_FD_REG, "REG", NULL },
	{ CRIU__FD_TYPES__PIPE, CRIT_FD_PIPE, "PIPE", NULL },
	{ CRIU__FD_TYPES__FIFO, CRIT_FD_FIFO, "FIFO", NULL },
	{ CRIU__FD_TYPES__INETSK, CRIT_FD_INETSK, "INETSK", NULL },
	{ CRIU__FD_TYPES__UNIXSK, CRIT_FD_UNIXSK, "UNIXSK", NULL },
	{ CRIU__FD_TYPES__PACKETSK, CRIT_FD_PACKETSK, "PACKETSK", "socket:[?]" },
	{ CRIU__FD_TYPES__NETLINKSK, CRIT_FD_NETLINKSK, "NETLINKSK", NULL },
	{ CRIU__FD_TYPES__EVENTFD, CRIT_FD_EVENTFD, "EVENTFD", "anon_inode:[eventfd]" },
	{ CRIU__FD_TYPES__EVENTPOLL, CRIT_FD_EVENTPOLL, "EVENTPOLL", "anon_inode:[eventpoll]" },
	{ CRIU__FD_TYPES__SIGNALFD, CRIT_FD_SIGNALFD, "SIGNALFD", "anon_inode:[signalfd]" },
	{ CRIU__FD_TYPES__TIMERFD, CRIT_FD_TIMERFD, "TIMERFD", "anon_inode:[timerfd]" },
	{ CRIU__FD_TYPES__INOTIFY, CRIT_FD_INOTIFY, "INOTIFY", "anon_inode:inotify" },
	{ CRIU__FD_TYPES__FANOTIFY, CRIT_FD_FANOTIFY, "FANOTIFY", "anon_inode:[fanotify]" },
	{ CRIU__FD_TYPES__TTY, CRIT_FD_TTY, "TTY", NULL },
	{ CRIU__FD_TYPES__NS, CRIT_FD_NS, "NS", NULL },
	{ CRIU__FD_TYPES__TUNF, CRIT_FD_TUNF, "TUNF", "/dev/net/tun" },
	{ CRIU__FD_TYPES__MEMFD, CRIT_FD_MEMFD, "MEMFD", NULL },
	{ CRIU__FD_TYPES__BPFMAP, CRIT_FD_BPFMAP, "BPFMAP", "anon_inode:bpf-map" },
	{ CRIU__FD_TYPES__PIDFD, CRIT_FD_PIDFD, "PIDFD", "anon_inode:[pidfd]" },
	{ CRIU__FD_TYPES__EXT, CRIT_FD_EXT, "EXT", "" },
	{ CRIU__FD_TYPES__CTL_TTY, CRIT_FD_CTL_TTY, "CTL_TTY", "" },
	{ CRIU__FD_TYPES__AUTOFS_PIPE, CRIT_FD_AUTOFS_PIPE, "AUTOFS_PIPE", "" },
};

enum { NR_KINDS = sizeof(kinds) / sizeof(kinds[0]) };

enum crit_fd_kind fd_kind_of(int type)
{
	for (size_t i = 0; i < NR_KINDS; i++)
		if (kinds[i].type == type)
			return kinds[i].kind;
	return CRIT_FD_UNKNOWN;
}

const char *crit_fd_kind_name(enum crit_fd_kind kind)
{
	for (size_t i = 0; i < NR_KINDS; i++)
		if (kinds[i].kind == kind)
			return kinds[i].name;
	return "UNKNOWN";
}

static const char *common_link(enum crit_fd_kind kind)
{
	for (size_t i = 0; i < NR_KINDS; i++)
		if (kinds[i].kind == kind)
			return kinds[i].link;
	return "";
}

static const char *keep(struct open_files *all, const char *before, const char *s,
			const char *behind)
{
	size_t len = strlen(before) + strlen(s) + strlen(behind) + 1;
	char *copy = arena_alloc(&all->strings, len);

	if (copy)
		snprintf(copy, len, "%s%s%s", before, s, behind);
	return copy;
}

/* "socket:[156675]" */
static const char *numbered(struct open_files *all, const char *word, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	return keep(all, word, text, "]");
}

static const char *path_link(struct open_files *all, struct crit_fd *fd, const Criu__FileEntry *e)
{
	fd->path = keep(all, "", e->reg->name, "");
	fd->deleted = files_is_deleted(&all->ckpt->files, e->id);
	return fd->path && fd->deleted ? keep(all, fd->path, " (deleted)", "") : fd->path;
}

static const char *memfd_link(struct open_files *all, const Criu__FileEntry *e)
{
	struct mapped_file *file = NULL;

	if (files_find(&all->ckpt->files, e->id, &file, NULL) || !file || !file->path)
		return "";
	return file->path;
}

/* Of the regular file that has the path of another one. */
static const char *link_of_other(struct open_files *all, uint32_t id)
{
	struct open_file *file = open_file_find(all, CRIU__FD_TYPES__REG, id);

	return file && !open_file_make(all, file, NULL) ? file->pub.link : "";
}

static const char *namespace_of(uint32_t flag)
{
	static const struct {
		uint32_t flag;
		const char *link;
	} rows[] = {
		{ 0x00000080, "time:[?]" }, { 0x00020000, "mnt:[?]" },
		{ 0x02000000, "cgroup:[?]" }, { 0x04000000, "uts:[?]" },
		{ 0x08000000, "ipc:[?]" }, { 0x10000000, "user:[?]" },
		{ 0x20000000, "pid:[?]" }, { 0x40000000, "net:[?]" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].flag == flag)
			return rows[i].link;
	return "";
}

static const char *tty_link(struct open_files *all, const Criu__FileEntry *e)
{
	return e->tty->has_regf_id ? link_of_other(all, e->tty->regf_id) :
				     tty_link_without_path(all, e->tty->tty_info_id);
}

/* Is the field there that the type promises? */
static bool is_whole(const Criu__FileEntry *e)
{
	const void *fields[] = {
		[CRIT_FD_REG] = e->reg,	    [CRIT_FD_PIPE] = e->pipe,
		[CRIT_FD_FIFO] = e->fifo,   [CRIT_FD_INETSK] = e->isk,
		[CRIT_FD_UNIXSK] = e->usk,  [CRIT_FD_PACKETSK] = e->psk,
		[CRIT_FD_NETLINKSK] = e->nlsk, [CRIT_FD_EVENTFD] = e->efd,
		[CRIT_FD_EVENTPOLL] = e->epfd, [CRIT_FD_SIGNALFD] = e->sgfd,
		[CRIT_FD_TIMERFD] = e->tfd, [CRIT_FD_INOTIFY] = e->ify,
		[CRIT_FD_FANOTIFY] = e->ffy, [CRIT_FD_TTY] = e->tty,
		[CRIT_FD_NS] = e->nsf,	    [CRIT_FD_TUNF] = e->tunf,
		[CRIT_FD_MEMFD] = e->memfd, [CRIT_FD_BPFMAP] = e->bpf,
		[CRIT_FD_PIDFD] = e->pidfd, [CRIT_FD_EXT] = e->ext,
		[CRIT_FD_AUTOFS_PIPE] = NULL, // the last one
	};

	return fields[fd_kind_of(e->type)];
}

static uint64_t inode_of(const Criu__FileEntry *e, enum crit_fd_kind kind)
{
	switch (kind) {
	case CRIT_FD_PIPE:
		return e->pipe->pipe_id;
	case CRIT_FD_FIFO:
		return e->fifo->pipe_id;
	case CRIT_FD_INETSK:
		return e->isk->ino;
	case CRIT_FD_UNIXSK:
		return e->usk->ino;
	case CRIT_FD_NETLINKSK:
		return e->nlsk->ino;
	default:
		return 0;
	}
}

/* "" when the images do not say, NULL when memory is out. */
static const char *link_of(struct open_files *all, const Criu__FileEntry *e, struct crit_fd *fd)
{
	switch (fd->kind) {
	case CRIT_FD_REG:
		return path_link(all, fd, e);
	case CRIT_FD_MEMFD:
		return memfd_link(all, e);
	case CRIT_FD_FIFO:
		return fd->link;
	case CRIT_FD_TTY:
		return tty_link(all, e);
	case CRIT_FD_NS:
		return namespace_of(e->nsf->ns_cflag);
	case CRIT_FD_PIPE:
		return numbered(all, "pipe:[", fd->ino);
	case CRIT_FD_INETSK:
	case CRIT_FD_UNIXSK:
	case CRIT_FD_NETLINKSK:
		return numbered(all, "socket:[", fd->ino);
	default:
		return common_link(fd->kind);
	}
}

#define TAKE_FLAGS(message)                                                                        \
	if (message) {                                                                             \
		fd->has_flags = true;                                                              \
		fd->flags = (message)->flags;                                                      \
	}

static void take_flags(const Criu__FileEntry *e, struct crit_fd *fd)
{
	TAKE_FLAGS(e->reg);
	TAKE_FLAGS(e->isk);
	TAKE_FLAGS(e->nsf);
	TAKE_FLAGS(e->psk);
	TAKE_FLAGS(e->nlsk);
	TAKE_FLAGS(e->efd);
	TAKE_FLAGS(e->epfd);
	TAKE_FLAGS(e->sgfd);
	TAKE_FLAGS(e->tfd);
	TAKE_FLAGS(e->ify);
	TAKE_FLAGS(e->ffy);
	TAKE_FLAGS(e->usk);
	TAKE_FLAGS(e->pipe);
	TAKE_FLAGS(e->tty);
	TAKE_FLAGS(e->memfd);
	TAKE_FLAGS(e->bpf);
	TAKE_FLAGS(e->pidfd);
}

static void take_pos(const Criu__FileEntry *e, struct crit_fd *fd)
{
	fd->has_pos = e->reg || e->memfd;
	if (fd->has_pos)
		fd->pos = e->reg ? e->reg->pos : e->memfd->pos;
}

/* A fifo is described in two records: that of the pipe, and of the file it was opened by. */
static void take_opened(struct open_files *all, uint32_t id, struct crit_fd *fd)
{
	struct open_file *file = open_file_find(all, CRIU__FD_TYPES__REG, id);

	if (!file || open_file_make(all, file, NULL))
		return;
	fd->link = file->pub.link;
	fd->has_flags = file->pub.has_flags;
	fd->flags = file->pub.flags;
}

static enum crit_status fill(struct open_files *all, const Criu__FileEntry *e, struct crit_fd *fd,
			     struct crit_error *err)
{
	*fd = (struct crit_fd){ .kind = fd_kind_of(e->type), .link = "" };
	if (!is_whole(e))
		return CRIT_OK;
	fd->known = true;
	take_flags(e, fd);
	take_pos(e, fd);
	fd->ino = inode_of(e, fd->kind);
	if (fd->kind == CRIT_FD_FIFO && e->fifo->has_regf_id)
		take_opened(all, e->fifo->regf_id, fd);
	fd->link = link_of(all, e, fd);
	return fd->link ? CRIT_OK : error_no_memory(err);
}

enum crit_status open_file_take(struct open_files *all, struct open_file *file,
				const Criu__FileEntry *entry, struct crit_error *err)
{
	enum crit_status status;

	if (file->made)
		return CRIT_OK;
	status = fill(all, entry, &file->pub, err);
	file->made = status == CRIT_OK;
	return status;
}

enum crit_status open_file_make(struct open_files *all, struct open_file *file,
				struct crit_error *err)
{
	const Criu__FileEntry *entry;
	struct arena arena;
	enum crit_status status;

	if (file->made)
		return CRIT_OK;
	arena_init(&arena, 0);
	status = open_file_decode(all, file, &arena, &entry, err);
	if (!status)
		status = open_file_take(all, file, entry, err);
	arena_deinit(&arena);
	return status;
}
