// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * lookup.c - a file of the checkpoint on this machine: found, and verified to be the same one.
 *
 * The bytes of a clean page are only in the file, so a wrong file is a lie about memory. The same
 * file has the recorded size and build-id; where no build-id is recorded, it must not have been
 * modified after the images were written.
 */
#include "checkpoint/checkpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/hostfile.h"

/** The recorded id is padded to words with zeros; the local one is not. */
static bool same_build_id(const uint8_t *recorded, size_t recorded_len, const uint8_t *local,
			  size_t local_len)
{
	if (local_len > recorded_len || recorded_len - local_len > 3)
		return false;
	for (size_t i = local_len; i < recorded_len; i++)
		if (recorded[i])
			return false;
	return !memcmp(recorded, local, local_len);
}

static enum crit_file_verdict judge(const struct crit_checkpoint *ckpt,
				    const struct mapped_file *file, const struct stat *st)
{
	const struct crit_file *pub = &file->pub;

	if (ckpt->trust_files)
		return CRIT_FILE_USED;
	if (pub->build_id && !same_build_id(pub->build_id, pub->build_id_len,
					    file->local_build_id, pub->local_build_id_len))
		return CRIT_FILE_BUILD_ID_DIFFERS;
	if (pub->has_size && pub->size != pub->local_size)
		return CRIT_FILE_SIZE_DIFFERS;
	if (!pub->build_id && !pub->has_size)
		return CRIT_FILE_UNVERIFIED;
	// One second for file systems that keep whole seconds.
	if (!pub->build_id && st->st_mtime > ckpt->info.written + 1)
		return CRIT_FILE_CHANGED;
	return CRIT_FILE_USED;
}

static bool offer_fits(const struct mapped_file *file, const struct offered_file *offer)
{
	const struct crit_file *pub = &file->pub;

	if (pub->has_size && pub->size != offer->size)
		return false;
	return pub->build_id && same_build_id(pub->build_id, pub->build_id_len, offer->build_id,
					      offer->build_id_len);
}

static int open_offered(struct crit_checkpoint *ckpt, struct mapped_file *file, struct stat *st)
{
	for (size_t i = 0; i < ckpt->nr_offered; i++) {
		int fd;

		if (!offer_fits(file, &ckpt->offered[i]))
			continue;
		fd = hostfile_open(-1, ckpt->offered[i].path, st);
		if (fd < 0)
			continue;
		file->local_path = strdup(ckpt->offered[i].path);
		return fd;
	}
	return -ENOENT;
}

/** In a sysroot the name shown is where the file really is: gdb would follow links out of it. */
static int open_by_name(struct crit_checkpoint *ckpt, struct mapped_file *file, struct stat *st)
{
	char name[4096];
	int fd;

	if (file->path[0] != '/')
		return -ENOENT;
	fd = hostfile_open(ckpt->root_fd, file->path, st);
	if (fd >= 0 && ckpt->sysroot && hostfile_name(fd, name, sizeof(name)))
		file->local_path = strdup(name);
	else if (fd >= 0)
		file->local_path = strdup(file->path);
	return fd;
}

static void note_local(struct mapped_file *file, int fd, const struct stat *st)
{
	size_t len = elfid_read(fd, file->local_build_id);

	file->pub.local_path = file->local_path;
	file->pub.local_size = (uint64_t)st->st_size;
	file->pub.local_build_id = len ? file->local_build_id : NULL;
	file->pub.local_build_id_len = len;
}

/** The file that was opened longest ago makes room. */
static void keep_open(struct crit_checkpoint *ckpt, struct mapped_file *file, int fd)
{
	struct mapped_file **slot = &ckpt->open_files[ckpt->next_open++ % MAX_OPEN_FILES];

	if (*slot) {
		close((*slot)->fd);
		(*slot)->fd = -1;
	}
	*slot = file;
	file->fd = fd;
}

void file_look_up(struct crit_checkpoint *ckpt, struct mapped_file *file)
{
	struct stat st;
	int fd;

	if (file->looked_up)
		return;
	file->looked_up = true;
	file->pub.verdict = file->regular ? CRIT_FILE_DELETED : CRIT_FILE_NOT_REGULAR;
	if (!file->regular || file->deleted)
		return;
	fd = open_offered(ckpt, file, &st);
	if (fd < 0)
		fd = open_by_name(ckpt, file, &st);
	if (fd < 0 || !file->local_path) {
		bool gone = fd == -ENOENT || fd == -ENOTDIR;

		file->pub.verdict = gone ? CRIT_FILE_MISSING : CRIT_FILE_UNREADABLE;
		file->pub.os_errno = gone || fd >= 0 ? 0 : -fd;
		if (fd >= 0)
			close(fd);
		return;
	}
	note_local(file, fd, &st);
	file->local = st;
	file->pub.verdict = judge(ckpt, file, &st);
	if (file->pub.verdict == CRIT_FILE_USED)
		keep_open(ckpt, file, fd);
	else
		close(fd);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

int file_open(struct crit_checkpoint *ckpt, struct mapped_file *file)
{
	struct stat st;
	int fd;

	if (file->fd >= 0)
		return file->fd;
	// local_path has no links left to follow when there is a sysroot: no root is needed.
	fd = hostfile_open(-1, file->local_path, &st);
	if (fd >= 0 && !is_same_file(&st, &file->local)) {
		close(fd);
		return -ESTALE;
	}
	if (fd >= 0)
		keep_open(ckpt, file, fd);
	return fd;
}

const char *crit_file_verdict_text(enum crit_file_verdict verdict)
{
	static const char *const texts[] = {
		[CRIT_FILE_USED] = "used",
		[CRIT_FILE_MISSING] = "not on this machine",
		[CRIT_FILE_UNREADABLE] = "cannot be read",
		[CRIT_FILE_SIZE_DIFFERS] = "its size differs",
		[CRIT_FILE_BUILD_ID_DIFFERS] = "its build-id differs",
		[CRIT_FILE_UNVERIFIED] = "the images have neither its size nor its build-id",
		[CRIT_FILE_CHANGED] = "modified after the checkpoint was written",
		[CRIT_FILE_CHECKSUM_DIFFERS] = "its checksum differs",
		[CRIT_FILE_NAMESPACE] = "of the container; `set sysroot` says where its root is",
		[CRIT_FILE_DELETED] = "deleted before the checkpoint was taken",
		[CRIT_FILE_GHOST] = "deleted; its contents are in the images",
		[CRIT_FILE_NOT_REGULAR] = "not a regular file",
	};

	if ((size_t)verdict >= sizeof(texts) / sizeof(texts[0]))
		return "unknown";
	return texts[verdict];
}
