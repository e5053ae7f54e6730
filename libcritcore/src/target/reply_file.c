// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Files ("Host I/O Packets", "File-I/O Remote Protocol Extension"):
 *
 *	reply = 'F' number [ ';' bytes ]	success; the bytes' length is the number
 *	      | "F-1," errno			failure; both numbers in hex
 *	stat  = dev ino mode nlink uid gid rdev		4 bytes each
 *	        size blksize blocks			8 bytes each
 *	        atime mtime ctime			4 bytes each, all big-endian
 *
 * The protocol has error numbers of its own, which are Linux's where both have one.
 */
#include "target/server.h"

#include <errno.h>

#include "util/endian.h"

enum {
	STAT_LEN = 64,
	/* O_WRONLY, O_RDWR, O_APPEND, O_CREAT, O_TRUNC */
	WRITE_FLAGS = 0x1 | 0x2 | 0x8 | 0x200 | 0x400,
	FILEIO_EUNKNOWN = 9999,
};

/* Only what hostio.c and opening and reading a file can fail with. */
static unsigned int protocol_error(int error)
{
	switch (error) {
	case EPERM:
	case ENOENT:
	case EBADF:
	case EACCES:
	case EISDIR:
	case EINVAL:
	case ENFILE:
	case EMFILE:
	case EROFS:
		return (unsigned int)error;
	}
	return FILEIO_EUNKNOWN;
}

/* "F" and a result of hostio.c. */
static void add_result(struct server *s, int64_t result)
{
	if (result < 0)
		buf_printf(&s->reply, "F-1,%x", protocol_error((int)-result));
	else
		buf_printf(&s->reply, "F%llx", (unsigned long long)result);
}

static void add_result_bytes(struct server *s, const void *bytes, size_t len)
{
	add_result(s, (int64_t)len);
	buf_add_byte(&s->reply, ';');
	buf_add(&s->reply, bytes, len);
}

/* Whose file system is meant; there is only the one of our process. */
void reply_file_root(struct server *s, const struct request *req)
{
	add_result(s, server_is_our_pid(s, req->process.pid) ? 0 : -ENOENT);
}

void reply_file_open(struct server *s, const struct request *req)
{
	if (req->file.flags & WRITE_FLAGS)
		add_result(s, -EROFS);
	else
		add_result(s, hostio_open(&s->hostio, req->file.path));
}

void reply_file_close(struct server *s, const struct request *req)
{
	add_result(s, hostio_close(&s->hostio, req->file.handle));
}

void reply_file_read(struct server *s, const struct request *req)
{
	uint64_t len = req->file.len < PACKET_MAX ? req->file.len : PACKET_MAX;
	int64_t nread = hostio_read(&s->hostio, req->file.handle, req->file.off, s->scratch,
				    (size_t)len);

	if (nread < 0)
		add_result(s, nread);
	else
		add_result_bytes(s, s->scratch, (size_t)nread);
}

static uint8_t *put(uint8_t *at, size_t size, uint64_t value)
{
	endian_put(at, size, true, value);
	return at + size;
}

static void encode_stat(const struct stat *st, uint8_t out[STAT_LEN])
{
	uint8_t *at = out;

	at = put(at, 4, st->st_dev);
	at = put(at, 4, st->st_ino);
	at = put(at, 4, st->st_mode);
	at = put(at, 4, st->st_nlink);
	at = put(at, 4, st->st_uid);
	at = put(at, 4, st->st_gid);
	at = put(at, 4, st->st_rdev);
	at = put(at, 8, (uint64_t)st->st_size);
	at = put(at, 8, (uint64_t)st->st_blksize);
	at = put(at, 8, (uint64_t)st->st_blocks);
	at = put(at, 4, (uint64_t)st->st_atime);
	at = put(at, 4, (uint64_t)st->st_mtime);
	put(at, 4, (uint64_t)st->st_ctime);
}

void reply_file_stat(struct server *s, const struct request *req)
{
	uint8_t bytes[STAT_LEN];
	struct stat st;
	int status = hostio_stat(&s->hostio, req->file.handle, &st);

	if (status < 0) {
		add_result(s, status);
		return;
	}
	encode_stat(&st, bytes);
	add_result_bytes(s, bytes, sizeof(bytes));
}

void reply_file_readlink(struct server *s, const struct request *req)
{
	struct buf target = { 0 };
	int status = hostio_readlink(&s->hostio, req->file.path, &target);

	if (status < 0)
		add_result(s, status);
	else
		add_result_bytes(s, target.data, target.len);
	buf_deinit(&target);
}
