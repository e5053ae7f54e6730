/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * checkpoint_folder.h - a checkpoint with parents, a second folder and a sysroot as one input of
 * fuzz_checkpoint.c: the folder of folder.h, where names that begin with "../" are beside it. A
 * link is one byte, which place it leads to. Files of memory are large and dull, so they are
 * pieces:
 *
 *	piece = { u8 0, u16 length, bytes } | { u8 1, u16 length, u8 seed of a pattern } |
 *	        { u8 2, u16 length of a hole }
 */
#ifndef FUZZ_CHECKPOINT_FOLDER_H
#define FUZZ_CHECKPOINT_FOLDER_H

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "folder.h"

static const char *const names[] = {
	"inventory.img", "pstree.img",	  "core-5.img",	 "core-6.img",	"core-9.img",
	"mm-5.img",	 "pagemap-5.img", "pages-1.img", "files.img",	"remap-fpath.img",
	"reg-files.img", "core-7.img",	  "mm-7.img",	 "pagemap-7.img",
	"pages-2.img",	 "pages-3.img",	  "pages-4.img", "pagemap-shmem-77.img",
	"pagemap-shmem-88.img", "pagemap-shmem-12.img", "memfd.img", "ipcns-shm-6.img",
	"ids-5.img",	 "ghost-file-1.img", "ghost-file-2a.img", "parent",
	"../one/pagemap-5.img", "../one/pages-1.img", "../one/pages-7.img",
	"../one/pagemap-shmem-77.img", "../one/pages-2.img", "../one/parent",
	"../two/pagemap-5.img", "../two/pages-3.img", "../two/parent",
	"../server/pagemap-5.img", "../server/pages-65537.img", "../server/parent",
	"../sr/whole",	 "../sr/first",
	"fdinfo-2.img",	 "fdinfo-5.img",  "fs-5.img",	 "sk-queues.img", "tcp-stream-47.img",
	"tty-info.img",	 "unixsk.img",	  "tty.img",	 "ipcns-var-6.img",
	"ipcns-msg-6.img", "ipcns-sem-6.img",
	"seccomp.img",	 "creds-5.img",	  "rlimit-5.img", "itimers-5.img", "posix-timers-5.img",
	"sigacts-5.img", "signal-s-5.img", "signal-p-6.img", "pidns-9.img", "utsns-12.img",
	"userns-14.img", "timens-0.img", "mountpoints-13.img", "netdev-10.img",
	"requests", /* of a debugger, one a line: fuzz_serve.c */
};

static const char *const folders[] = { "img", "one", "two", "server", "sr" };
static const char *const targets[] = { "../one", "../two", "../img", "../server", "../gone" };

enum {
	NR_NAMES = sizeof(names) / sizeof(names[0]),
	NR_FOLDERS = sizeof(folders) / sizeof(folders[0]),
	NR_TARGETS = sizeof(targets) / sizeof(targets[0]),
	MAX_FILE = 1 << 20, /* in bytes */
};

/* What must be true of any input. */
#define require(holds) ((holds) ? (void)0 : fail(__LINE__, #holds))

static void fail(int line, const char *what)
{
	fprintf(stderr, "line %d: %s\n", line, what);
	abort();
}

static size_t min_len(uint64_t len, size_t most)
{
	return len < most ? (size_t)len : most;
}

static bool is_memory(const char *name)
{
	return strstr(name, "pages-") || !strncmp(name, "../sr/", 6);
}

static void write_pattern(int fd, uint16_t len, uint8_t seed)
{
	static uint8_t bytes[UINT16_MAX];

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(seed + i * 7 + (i >> 8));
	require(write(fd, bytes, len) == len);
}

static void write_pieces(int fd, const uint8_t *p, size_t left)
{
	off_t end = 0;

	while (left >= 4 && end < MAX_FILE) {
		uint16_t len = (uint16_t)(p[1] | p[2] << 8);
		size_t used = p[0] % 3 == 0 ? min_len(len, left - 3) : p[0] % 3 == 1;

		if (p[0] % 3 == 0)
			require(write(fd, p + 3, used) == (ssize_t)used);
		else if (p[0] % 3 == 1)
			write_pattern(fd, len, p[3]);
		else
			lseek(fd, len, SEEK_CUR);
		p += 3 + used;
		left -= 3 + used;
		end = lseek(fd, 0, SEEK_CUR);
	}
	require(!ftruncate(fd, end));
}

static void make_file(int dir, const char *name, const struct folder_file *file)
{
	static const struct timespec old[2] = { { 1000000000, 0 }, { 1000000000, 0 } };
	int fd;

	if (!strcmp(name + strlen(name) - 6, "parent")) {
		unlinkat(dir, name, 0);
		require(!symlinkat(targets[file->len ? file->data[0] % NR_TARGETS : 0], dir, name));
		return;
	}
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	require(fd >= 0);
	if (is_memory(name))
		write_pieces(fd, file->data, file->len);
	else
		require(write(fd, file->data, file->len) == (ssize_t)file->len);
	require(!futimens(fd, old));
	close(fd);
}

/* The folders live as long as the process: mostly one file changes from input to input. */
static struct {
	char path[64];
	int dir; /* of the images */
	struct {
		bool there;
		uint8_t *data; /* as in the input */
		size_t len;
	} files[NR_NAMES];
} disk;

static void remove_folders(void)
{
	char name[128];

	for (size_t i = 0; i < NR_NAMES; i++) {
		unlinkat(disk.dir, names[i], 0);
		free(disk.files[i].data);
	}
	for (size_t i = 0; i < NR_FOLDERS; i++) {
		snprintf(name, sizeof(name), "%s/%s", disk.path, folders[i]);
		rmdir(name);
	}
	rmdir(disk.path);
}

static void make_folders(void)
{
	char name[128];

	// In memory where there is such a place: files are made by the thousand.
	strcpy(disk.path, access("/dev/shm", W_OK) ? "/tmp/critcore-fuzz-XXXXXX"
						   : "/dev/shm/critcore-fuzz-XXXXXX");
	require(mkdtemp(disk.path));
	for (size_t i = 0; i < NR_FOLDERS; i++) {
		snprintf(name, sizeof(name), "%s/%s", disk.path, folders[i]);
		require(!mkdir(name, 0700));
	}
	snprintf(name, sizeof(name), "%s/%s", disk.path, folders[0]);
	disk.dir = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	require(!atexit(remove_folders));
}

static void update_file(size_t i, const struct folder_file *file)
{
	bool was_there = disk.files[i].there;

	disk.files[i].there = file->data;
	if (!file->data) {
		require(!was_there || !unlinkat(disk.dir, names[i], 0));
		return;
	}
	if (was_there && disk.files[i].len == file->len &&
	    !memcmp(disk.files[i].data, file->data, file->len))
		return;
	disk.files[i].data = realloc(disk.files[i].data, file->len + 1);
	disk.files[i].len = file->len;
	memcpy(disk.files[i].data, file->data, file->len);
	make_file(disk.dir, names[i], file);
}

/** @return whether there is a second folder. */
static bool update_files(const uint8_t *data, size_t size)
{
	struct folder_file files[NR_NAMES] = { 0 }, file;
	bool second = false;

	while (folder_next(&data, &size, &file))
		files[file.which % NR_NAMES] = file;
	for (size_t i = 0; i < NR_NAMES; i++) {
		update_file(i, &files[i]);
		second |= files[i].data && !strncmp(names[i], "../server/", 10);
	}
	return second;
}

#endif
