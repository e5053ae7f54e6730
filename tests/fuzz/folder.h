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
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/** Write the input's files to the folder @p dir. */
static void folder_write(int dir, const char *const *names, size_t nr_names, const uint8_t *data,
			 size_t size)
{
	while (size >= 4) {
		size_t len = data[1] | data[2] << 8 | (size_t)data[3] << 16;
		const char *name = names[data[0] % nr_names];
		int fd;

		data += 4;
		size -= 4;
		if (len > size)
			len = size;
		fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (fd < 0 || write(fd, data, len) != (ssize_t)len)
			abort();
		close(fd);
		data += len;
		size -= len;
	}
}

#endif
