/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * window.h - reading large pieces of files through a mapping that moves along.
 *
 * Copying out of a mapped file takes half the time of pread(), where the mapping need not be made
 * for each piece. Small pieces are left to pread(): they would fault pages in one by one.
 */
#ifndef CRIT_UTIL_WINDOW_H
#define CRIT_UTIL_WINDOW_H

#include "util/guard.h"

enum {
	WINDOW_LEN = 16 * 1024 * 1024,
	WINDOW_FROM = 128 * 1024, /* shorter pieces are better read with pread() */
};

/** A zeroed one is ready to use. */
struct window {
	struct guarded *region; /* NULL: nothing is mapped */
	const void *file;
	uint64_t off, len; /* what is mapped of it */
};

/**
 * Copy a piece of a file.
 *
 * @param file  Any pointer that stands for the file.
 * @param fd    Its descriptor.
 * @param size  Its size when it was opened; off + len is not beyond.
 * @return false: read it with pread(), which also says what is wrong, if something is.
 */
bool window_read(struct window *w, const void *file, int fd, uint64_t size, uint64_t off, void *buf,
		 size_t len);
/** Forget a file before its pointer stands for another one; NULL: whatever it is. */
void window_close(struct window *w, const void *file);

#endif
