// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * lookup.c - a file of the checkpoint on this machine: found, and verified to be the same one.
 *
 * The bytes of a clean page are only in the file, so a wrong file is a lie about memory. The same
 * file has the recorded size and build-id, and the checksum if there is one. Where neither a
 * build-id nor a checksum of the whole file is recorded, two more things must hold: it must not be
 * newer than the images, and its name must be one of the machine's and not of a container.
 *
 * A file that had no name any more when it was dumped is in a ghost image, or has another name.
 */
#include "files/files.h"

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

/** Does the recorded checksum speak of every byte? Then it says more than a time does. */
static bool is_whole(const struct checksum_rule *rule, const struct crit_file *pub)
{
	return pub->has_size && rule->stride == 1 && rule->len == pub->local_size;
}

/** What is known of a file beyond its name and size. */
struct proof {
	bool differs; /* the checksum does */
	bool whole;   /* build-id or checksum prove it the same; if they do not differ */
};

static struct proof prove(struct mapped_file *file)
{
	struct proof proof = { .whole = file->pub.build_id != NULL };
	struct checksum_rule rule;

	if (!file->pub.has_checksum)
		return proof;
	proof.differs = file->pub.checksum != file->pub.local_checksum;
	if (checksum_rule(file, file->pub.local_size, &rule))
		proof.whole |= is_whole(&rule, &file->pub);
	return proof;
}

static enum crit_file_verdict judge(const struct files *files, struct mapped_file *file,
				    const struct stat *st)
{
	const struct crit_file *pub = &file->pub;
	struct proof proof = prove(file);

	if (files->trust)
		return CRIT_FILE_USED;
	if (!proof.whole && file->own_mounts && !files->sysroot)
		return CRIT_FILE_NAMESPACE;
	if (pub->build_id && !same_build_id(pub->build_id, pub->build_id_len,
					    file->local_build_id, pub->local_build_id_len))
		return CRIT_FILE_BUILD_ID_DIFFERS;
	if (pub->has_size && pub->size != pub->local_size)
		return CRIT_FILE_SIZE_DIFFERS;
	if (proof.differs)
		return CRIT_FILE_CHECKSUM_DIFFERS;
	if (!pub->build_id && !pub->has_size)
		return CRIT_FILE_UNVERIFIED;
	// One second for file systems that keep whole seconds.
	if (!proof.whole && st->st_mtime > files->written + 1)
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

static int open_offered(struct files *files, struct mapped_file *file, struct stat *st)
{
	for (size_t i = 0; i < files->nr_offered; i++) {
		int fd;

		if (!offer_fits(file, &files->offered[i]))
			continue;
		fd = hostfile_open(-1, files->offered[i].path, st);
		if (fd < 0)
			continue;
		file->local_path = strdup(files->offered[i].path);
		return fd;
	}
	return -ENOENT;
}

/** The record that has the name a deleted file was given; it must have a name itself. */
static struct mapped_file *linked(struct files *files, const struct mapped_file *file)
{
	struct mapped_file *other = NULL;

	if (files_find(files, file->remap_id, &other, NULL) || !other || other == file)
		return NULL;
	return other->regular && other->remap == REMAP_NONE ? other : NULL;
}

/** What is recorded with the new name counts where nothing is with the old one. */
static void take_over(struct mapped_file *file, const struct mapped_file *other)
{
	if (!file->pub.has_size && other->pub.has_size) {
		file->pub.has_size = true;
		file->pub.size = other->pub.size;
	}
	if (!file->pub.build_id && other->pub.build_id) {
		file->pub.build_id = other->pub.build_id;
		file->pub.build_id_len = other->pub.build_id_len;
	}
}

static const char *name_to_open(struct files *files, struct mapped_file *file)
{
	struct mapped_file *other;

	if (file->remap == REMAP_NONE)
		return file->path;
	other = file->remap == REMAP_LINKED ? linked(files, file) : NULL;
	if (!other)
		return NULL;
	take_over(file, other);
	return other->path;
}

/** In a sysroot the name shown is where the file really is: gdb would follow links out of it. */
static int open_by_name(struct files *files, struct mapped_file *file, const char *path,
			struct stat *st)
{
	char name[4096];
	int fd;

	if (!path || path[0] != '/')
		return -ENOENT;
	fd = hostfile_open(files->root_fd, path, st);
	if (fd >= 0 && files->sysroot && hostfile_name(fd, name, sizeof(name)))
		file->local_path = strdup(name);
	else if (fd >= 0)
		file->local_path = strdup(path);
	return fd;
}

/** @return 0, or -errno of what could not be read of it. */
static int note_local(struct mapped_file *file, int fd, const struct stat *st)
{
	size_t len = elfid_read(fd, file->local_build_id);
	struct checksum_rule rule;

	file->pub.local_path = file->local_path;
	file->pub.local_size = (uint64_t)st->st_size;
	file->pub.local_build_id = len ? file->local_build_id : NULL;
	file->pub.local_build_id_len = len;
	file->local = *st;
	if (!file->pub.has_checksum)
		return 0;
	file->pub.has_checksum = checksum_rule(file, file->pub.local_size, &rule);
	if (!file->pub.has_checksum)
		return 0;
	// Of a file of another size it would be for nothing.
	if (file->pub.has_size && file->pub.size != file->pub.local_size)
		return 0;
	return checksum_file(fd, &rule, &file->pub.local_checksum);
}

void file_close(struct mapped_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	member_close(file->image);
	file->fd = -1;
	file->image = NULL;
}

/** The file that was opened longest ago makes room. @param image  Of a ghost, which has no fd. */
static void keep_open(struct files *files, struct mapped_file *file, int fd, struct member *image)
{
	struct mapped_file **slot = &files->open[files->next_open++ % MAX_OPEN_FILES];

	if (*slot)
		file_close(*slot);
	*slot = file;
	file->fd = fd;
	file->image = image;
}

static void cannot_open(struct mapped_file *file, int why)
{
	bool gone = why == ENOENT || why == ENOTDIR;

	file->pub.verdict = gone ? CRIT_FILE_MISSING : CRIT_FILE_UNREADABLE;
	if (gone && file->remap != REMAP_NONE)
		file->pub.verdict = CRIT_FILE_DELETED;
	file->pub.os_errno = gone ? 0 : why;
}

static void look_for(struct files *files, struct mapped_file *file)
{
	const char *name = name_to_open(files, file);
	struct stat st;
	int fd, failed;

	fd = open_offered(files, file, &st);
	if (fd < 0)
		fd = open_by_name(files, file, name, &st);
	if (fd < 0) {
		cannot_open(file, -fd);
		return;
	}
	failed = file->local_path ? note_local(file, fd, &st) : -ENOMEM;
	if (failed)
		cannot_open(file, -failed);
	else
		file->pub.verdict = judge(files, file, &st);
	if (file->pub.verdict == CRIT_FILE_USED)
		keep_open(files, file, fd, NULL);
	else
		close(fd);
}

/** Are its bytes in the images? A size that is recorded tells a ghost that was cut short. */
static bool use_ghost(struct files *files, struct mapped_file *file)
{
	struct ghost *ghost = ghost_find(files, file->remap_id);

	if (!ghost)
		return false;
	file->pub.ghost = ghost->name;
	if (!ghost->sound || (file->pub.has_size && file->pub.size != ghost->size))
		return false;
	file->ghost = ghost;
	file->pub.verdict = CRIT_FILE_GHOST;
	return true;
}

void file_look_up(struct files *files, struct mapped_file *file)
{
	if (file->looked_up)
		return;
	file->looked_up = true;
	file->pub.verdict = CRIT_FILE_NOT_REGULAR;
	if (!file->regular)
		return;
	if (file->remap != REMAP_GHOST || !use_ghost(files, file))
		look_for(files, file);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/** As it was when it was looked up? Who trusts files wants them as they are. */
static bool is_unchanged(const struct files *files, const struct mapped_file *file, int fd)
{
	struct stat st;

	return files->trust || (fstat(fd, &st) == 0 && is_same_file(&st, &file->local));
}

static int open_again(struct mapped_file *file)
{
	struct stat st;
	int fd;

	// local_path has no links left to follow when there is a sysroot: no root is needed.
	fd = hostfile_open(-1, file->local_path, &st);
	if (fd >= 0 && !is_same_file(&st, &file->local)) {
		close(fd);
		return -ESTALE;
	}
	return fd;
}

int file_open(struct files *files, struct mapped_file *file)
{
	int fd = file->fd;

	if (fd < 0) {
		fd = open_again(file);
		if (fd < 0)
			return fd;
		keep_open(files, file, fd, NULL);
	}
	return is_unchanged(files, file, fd) ? fd : -ESTALE;
}

int file_open_ghost(struct files *files, struct mapped_file *file, const struct member **out)
{
	const struct member *first = &file->ghost->first;
	struct member *m = file->image;
	struct crit_error err;

	if (!m) {
		if (source_open_member(files->src, file->ghost->name, &m, &err))
			return err.os_errno ? -err.os_errno : -ESTALE;
		keep_open(files, file, -1, m);
	}
	if (!member_same(m, first) || m->size != first->size || member_modified(m, first))
		return -ESTALE;
	*out = m;
	return 0;
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
		[CRIT_FILE_CHANGED] = "newer than the images, and no build-id to know it by",
		[CRIT_FILE_CHECKSUM_DIFFERS] = "its checksum differs",
		[CRIT_FILE_NAMESPACE] = "of the container; `set sysroot` says where its root is",
		[CRIT_FILE_DELETED] = "deleted before the checkpoint was taken",
		[CRIT_FILE_GHOST] = "deleted; its contents are in the images",
		[CRIT_FILE_NOT_REGULAR] = "not a regular file",
		[CRIT_FILE_OTHER_CPU] =
			"for another CPU than the registers in the core image are of",
	};

	if ((size_t)verdict >= sizeof(texts) / sizeof(texts[0]))
		return "unknown";
	return texts[verdict];
}
