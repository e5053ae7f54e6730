// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fuzz_checkpoint.c - a whole checkpoint from one input, opened and asked everything.
 *
 *	input = { u8 which name below, u24 length (little-endian), bytes }
 *
 * Later files of the same name replace earlier ones. tests/fuzz/seed.py packs a folder of images.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "critcore.h"

static const char *const names[] = {
	"inventory.img", "pstree.img",	  "core-5.img",	 "core-6.img",	"core-9.img",
	"mm-5.img",	 "pagemap-5.img", "pages-1.img", "files.img",	"remap-fpath.img",
	"reg-files.img",
};

enum { NR_NAMES = sizeof(names) / sizeof(names[0]) };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_files(int dir, const uint8_t *data, size_t size)
{
	while (size >= 4) {
		size_t len = data[1] | data[2] << 8 | (size_t)data[3] << 16;
		const char *name = names[data[0] % NR_NAMES];
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

static void ask_memory(struct crit_task *task)
{
	struct crit_mem_totals totals;
	struct crit_mapping mapping;
	struct crit_origin at;
	char bytes[64];

	crit_mem_totals(task, 0, UINT64_MAX, &totals, NULL);
	for (size_t i = 0; crit_mapping_at(task, i, &mapping); i++) {
		size_t nread = 0;

		crit_mem_read(task, mapping.start, sizeof(bytes), bytes, &nread, NULL);
		crit_mem_read(task, mapping.end - 8, sizeof(bytes), bytes, &nread, NULL);
		if (crit_mem_locate(task, mapping.end - 1, &at, NULL) == CRIT_OK &&
		    at.kind == CRIT_ORIGIN_UNMAPPED)
			abort();
	}
	crit_mem_read(task, UINT64_MAX - 3, 8, bytes, NULL, NULL);
}

static void ask_task(struct crit_task *task)
{
	struct crit_task_info info;
	struct crit_register reg;
	struct crit_file file;
	const void *auxv;
	size_t len;

	crit_task_info(task, &info, NULL);
	if (crit_task_load(task, NULL))
		return;
	for (size_t t = 0; t < crit_thread_count(task) && t < 8; t++)
		for (size_t i = 0; i < crit_register_count(task); i++)
			crit_register_get(crit_thread_at(task, t), i, &reg, NULL);
	crit_task_auxv(task, &auxv, &len, NULL);
	crit_task_exe(task, &file, NULL);
	for (size_t i = 0; crit_task_file_at(task, i, &file); i++)
		;
	for (size_t i = 0; crit_task_note_at(task, i); i++)
		;
	ask_memory(task);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[64];
	struct crit_checkpoint *ckpt;
	struct crit_error err;
	int dir;

	if (!*path) {
		// In memory where there is such a place: files are made by the thousand.
		strcpy(path, access("/dev/shm", W_OK) ? "/tmp/critcore-fuzz-XXXXXX"
						      : "/dev/shm/critcore-fuzz-XXXXXX");
		if (!mkdtemp(path))
			abort();
	}
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	write_files(dir, data, size);
	if (!crit_checkpoint_open(path, &ckpt, &err)) {
		for (size_t i = 0; i < crit_task_count(ckpt) && i < 8; i++)
			ask_task(crit_task_at(ckpt, i));
		crit_checkpoint_close(ckpt);
	} else if (!*err.message) {
		abort(); // a failure without a word
	}
	for (size_t i = 0; i < NR_NAMES; i++)
		unlinkat(dir, names[i], 0);
	close(dir);
	rmdir(path);
	*path = '\0';
	return 0;
}
