// SPDX-License-Identifier: LGPL-2.1-or-later
/* window.c - see window.h. */
#include "util/window.h"

#include <string.h>

void window_close(struct window *w, const void *file)
{
	if (file && w->file != file)
		return;
	guard_unmap(w->region);
	memset(w, 0, sizeof(*w));
}

static bool is_in(const struct window *w, const void *file, uint64_t off)
{
	return w->region && w->file == file && off >= w->off && off - w->off < w->len;
}

static bool move_to(struct window *w, const void *file, int fd, uint64_t size, uint64_t off)
{
	window_close(w, NULL);
	w->off = off / WINDOW_LEN * WINDOW_LEN;
	w->len = size - w->off < WINDOW_LEN ? size - w->off : WINDOW_LEN;
	if (guard_map(fd, w->off, (size_t)w->len, &w->region, NULL)) {
		w->region = NULL;
		return false;
	}
	w->file = file;
	return true;
}

bool window_read(struct window *w, const void *file, int fd, uint64_t size, uint64_t off, void *buf,
		 size_t len)
{
	uint8_t *to = buf;

	while (len) {
		uint64_t part;

		if (!is_in(w, file, off) && !move_to(w, file, fd, size, off))
			return false;
		part = w->off + w->len - off;
		if (part > len)
			part = len;
		memcpy(to, (const uint8_t *)guard_data(w->region) + (off - w->off), (size_t)part);
		if (!guard_intact(w->region)) {
			window_close(w, NULL);
			return false;
		}
		to += part;
		off += part;
		len -= (size_t)part;
	}
	return true;
}
