// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fuzz_compress.c - a directory from one input is compressed, or decompressed, and then back.
 * The input is a folder of images: see folder.h.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "critcore.h"
#include "folder.h"

static const char *const names[] = {
	"inventory.img", "pstree.img",	  "core-5.img",	 "core-6.img",	"core-9.img",
	"mm-5.img",	 "pagemap-5.img", "pages-1.img", "files.img",	"pagemap-shmem-7.img",
	"memfd.img",
};

enum { NR_NAMES = sizeof(names) / sizeof(names[0]) };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Only what was there before: nothing hidden, no backups. */
static void check_leftovers(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while ((entry = readdir(dir))) {
		bool known = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");

		for (size_t i = 0; i < NR_NAMES; i++)
			known |= !strcmp(entry->d_name, names[i]);
		if (!known)
			abort();
	}
	closedir(dir);
}

static off_t pages_len(int dir)
{
	struct stat st;

	return fstatat(dir, "pages-1.img", &st, 0) ? -1 : st.st_size;
}

static void convert(const char *path, int dir)
{
	struct crit_compress_options options = { .in_place = true, .nr_threads = 2 };
	enum crit_compress_outcome outcome = CRIT_COMPRESS_NO_PAGEMAPS;
	struct crit_error err = { 0 };
	off_t before = pages_len(dir);
	bool packed = false;

	if (crit_checkpoint_compress(path, &options, &outcome, &err)) {
		if (!*err.message)
			abort(); // a failure without a word
		return;
	}
	if (outcome == CRIT_COMPRESS_ALREADY) {
		packed = true;
		if (crit_checkpoint_decompress(path, &options, &outcome, &err))
			return;
	}
	if (outcome != CRIT_COMPRESS_DONE)
		return;
	// What was written can be read, and plain pages are as many as before.
	if (packed ? crit_checkpoint_compress(path, &options, NULL, NULL)
		   : crit_checkpoint_decompress(path, &options, NULL, NULL))
		abort();
	if (!packed && pages_len(dir) != before)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[64];
	int dir;

	// In memory where there is such a place: files are made by the thousand.
	strcpy(path, access("/dev/shm", W_OK) ? "/tmp/critcore-fuzz-XXXXXX"
					      : "/dev/shm/critcore-fuzz-XXXXXX");
	if (!mkdtemp(path))
		abort();
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	folder_write(dir, names, NR_NAMES, data, size);
	convert(path, dir);
	check_leftovers(path);
	for (size_t i = 0; i < NR_NAMES; i++)
		unlinkat(dir, names[i], 0);
	close(dir);
	rmdir(path);
	return 0;
}
