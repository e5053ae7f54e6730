/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * input.h - bytes that come in order: a file, a pipe, memory. Behind struct crit_input.
 *
 * A window on the bytes moves forward. Memory grows with the bytes that are really there, never
 * with what somebody claims is there: ask for a gigabyte of a ten-byte pipe and ten bytes are
 * allocated.
 *
 *	0 ......... base ......... base+pos ........ base+len ........ (size, if known)
 *	  gone       data[0]        data[pos], next    read so far
 */
#ifndef CRIT_UTIL_INPUT_H
#define CRIT_UTIL_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct crit_input {
	char *name;	/* for messages: the file's name without directory, or "<stdin>" */
	char *path;	/* as it was opened; NULL: not by name */
	int fd;		/* -1: memory */
	bool close_fd;
	uint64_t start; /* where byte 0 is in the file behind fd; size is known then, and the file
			   may go on behind it */
	bool seekable;	/* a regular file: input_seek() works */
	bool eof;	/* nothing is left to read behind the window */
	uint8_t *data;	/* the window */
	size_t cap;	/* 0: data is not ours */
	size_t pos, len;
	uint64_t base;	/* offset of data[0] */
	uint64_t size;	/* of the whole; UINT64_MAX: not known yet */
	uint64_t hold;	/* bytes from here on stay in the window, so that input_seek() can go back
			   there also in a pipe; UINT64_MAX: none */
	bool (*keep_going)(void *ctx, uint64_t done, uint64_t total); /* NULL: always */
	void *ctx;
};

/** crit_input_open(), of a file of its own. @return also CRIT_NOT_FOUND with ENOTDIR: what is in
 *  front of the last "/" is no directory. */
enum crit_status input_open_file(const char *path, struct crit_input **out,
				 struct crit_error *err);
/** @p len bytes of a file from @p start on. @param fd  Taken over, also on failure. */
enum crit_status input_open_part(int fd, uint64_t start, uint64_t len, const char *path,
				 struct crit_input **out, struct crit_error *err);

/** Offset of the next byte. */
static inline uint64_t input_off(const struct crit_input *in)
{
	return in->base + in->pos;
}

/** Bytes in the window from the next one on. */
static inline size_t input_have(const struct crit_input *in)
{
	return in->len - in->pos;
}

/**
 * Get at least @p want bytes into the window if the input has them; pointers into it become stale.
 * @return CRIT_OK, also when the input ends before: ask input_have(). CRIT_OS; CRIT_NO_MEMORY;
 *         CRIT_INTERRUPTED: keep_going() said so.
 */
enum crit_status input_fill(struct crit_input *in, size_t want, struct crit_error *err);

/** input_fill(), when there are fewer than @p want in the window. */
static inline enum crit_status input_need(struct crit_input *in, size_t want,
					  struct crit_error *err)
{
	return input_have(in) >= want || in->eof ? CRIT_OK : input_fill(in, want, err);
}

/**
 * Are there @p len bytes from the next one on? A pipe that would have to be held in memory for the
 * answer is copied to a file without a name first; the input is seekable then.
 * @return as input_fill().
 */
enum crit_status input_has(struct crit_input *in, uint64_t len, bool *has, struct crit_error *err);

/** Continue at an offset. Only for seekable inputs, or inside the window. */
enum crit_status input_seek(struct crit_input *in, uint64_t off, struct crit_error *err);

#endif
