/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * buf.h - a growable run of bytes. A failed allocation is remembered, later calls do nothing, and
 * the one who wants the bytes asks `failed` once at the end.
 */
#ifndef CRIT_UTIL_BUF_H
#define CRIT_UTIL_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct buf {
	uint8_t *data; /* NULL while empty */
	size_t len;
	size_t cap;
	bool failed; /* an allocation failed; data is incomplete */
};

/** A zeroed struct buf is ready to use; this makes one so. */
void buf_init(struct buf *b);
void buf_deinit(struct buf *b);
/** Forget the bytes, keep the storage and clear `failed`. */
void buf_clear(struct buf *b);
/** Make room for @p len more bytes; false when memory is out. */
bool buf_reserve(struct buf *b, size_t len);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_add_byte(struct buf *b, uint8_t byte);
void buf_add_str(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);

#endif
