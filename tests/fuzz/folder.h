/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * folder.h - a folder of images as one input of a fuzz harness. tests/fuzz/seed.py packs one.
 *
 *	input = { u8 which name, u24 length (little-endian), bytes }
 *
 * Later files of the same name replace earlier ones.
 */
#ifndef FUZZ_FOLDER_H
#define FUZZ_FOLDER_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

struct folder_file {
	uint8_t which; /* modulo the number of names */
	const uint8_t *data;
	size_t len;
};

/** Take the next file off the input; false at its end. */
static inline bool folder_next(const uint8_t **data, size_t *size, struct folder_file *out)
{
	const uint8_t *p = *data;

	if (*size < 4)
		return false;
	out->which = p[0];
	out->len = p[1] | p[2] << 8 | (size_t)p[3] << 16;
	out->data = p + 4;
	if (out->len > *size - 4)
		out->len = *size - 4;
	*data += 4 + out->len;
	*size -= 4 + out->len;
	return true;
}

/** Write the input's files to the folder @p dir. */
static inline void folder_write(int dir, const char *const *names, size_t nr_names,
				const uint8_t *data, size_t size)
{
	struct folder_file file;

	while (folder_next(&data, &size, &file)) {
		const char *name = names[file.which % nr_names];
		int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

		if (fd < 0 || write(fd, file.data, file.len) != (ssize_t)file.len)
			abort();
		close(fd);
	}
}

#endif
