// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fuzz_checkpoint.c - a whole checkpoint from one input, opened and asked everything.
 * The input is a folder of images: see folder.h.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "critcore.h"
#include "folder.h"

static const char *const names[] = {
	"inventory.img", "pstree.img",	  "core-5.img",	 "core-6.img",	"core-9.img",
	"mm-5.img",	 "pagemap-5.img", "pages-1.img", "files.img",	"remap-fpath.img",
	"reg-files.img",
};

enum { NR_NAMES = sizeof(names) / sizeof(names[0]) };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
	folder_write(dir, names, NR_NAMES, data, size);
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
