// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * files.c - what the images say about files: files.img (one record for each open or mapped file of
 * any type), before CRIU 3.4 reg-files.img (regular files only), and remap-fpath.img (those that
 * had no name any more).
 *
 * A checkpoint may have a hundred thousand files, of which a task maps a few dozen: only their
 * places are indexed, a record is decoded when its id is asked for.
 */
#include "checkpoint/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fdtable.pb-c.h"
#include "files.pb-c.h"
#include "util/array.h"
#include "util/endian.h"

static const ProtobufCMessageDescriptor *record_type(const struct crit_checkpoint *ckpt)
{
	return ckpt->old_files ? &criu__reg_file_entry__descriptor : &criu__file_entry__descriptor;
}

static uint32_t record_id(const struct crit_checkpoint *ckpt, const void *msg)
{
	if (ckpt->old_files)
		return ((const Criu__RegFileEntry *)msg)->id;
	return ((const Criu__FileEntry *)msg)->id;
}

static enum crit_status index_records(struct crit_checkpoint *ckpt, struct arena *arena,
				      struct crit_error *err)
{
	struct record rec;
	enum crit_status status;
	size_t cap = 0;

	while (!(status = image_next(ckpt->files_img, &rec, err))) {
		struct file_ref *ref;
		void *msg;

		arena_reset(arena, image_decode_limit(rec.len));
		status = record_decode(&rec, image_name(ckpt->files_img), record_type(ckpt), arena,
				       &msg, err);
		if (status)
			return status;
		if (!array_grow(&ckpt->files, ckpt->nr_files, &cap, sizeof(*ckpt->files)))
			return error_no_memory(err);
		ref = &ckpt->files[ckpt->nr_files++];
		memset(ref, 0, sizeof(*ref));
		ref->id = record_id(ckpt, msg);
		ref->at.off = rec.off;
		ref->at.index = rec.index;
	}
	return status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

static int compare_ids(const void *a, const void *b)
{
	uint32_t ia = ((const struct file_ref *)a)->id, ib = ((const struct file_ref *)b)->id;

	return (ia > ib) - (ia < ib);
}

static struct file_ref *find_ref(struct crit_checkpoint *ckpt, uint32_t id)
{
	struct file_ref key = { .id = id };

	if (!ckpt->nr_files)
		return NULL;
	return bsearch(&key, ckpt->files, ckpt->nr_files, sizeof(key), compare_ids);
}

/** Before CRIU 1.4 there was no type: the highest bit of the id tells a ghost. */
static enum remap remap_of(const Criu__RemapFilePathEntry *entry, uint32_t *id)
{
	const uint32_t old_ghost = 1u << 31;

	*id = entry->remap_id;
	if (!entry->has_remap_type) {
		*id &= ~old_ghost;
		return entry->remap_id & old_ghost ? REMAP_GHOST : REMAP_LINKED;
	}
	switch (entry->remap_type) {
	case CRIU__REMAP_TYPE__LINKED:
		return REMAP_LINKED;
	case CRIU__REMAP_TYPE__GHOST:
		return REMAP_GHOST;
	default:
		return REMAP_OTHER;
	}
}

static enum crit_status add_remap(struct crit_checkpoint *ckpt, size_t *cap,
				  const Criu__RemapFilePathEntry *entry, struct crit_error *err)
{
	struct file_ref *ref = find_ref(ckpt, entry->orig_id);

	if (!ref)
		return CRIT_OK;
	ref->remap = remap_of(entry, &ref->remap_id);
	return ref->remap == REMAP_GHOST ? ghost_add(ckpt, cap, ref->remap_id, err) : CRIT_OK;
}

static enum crit_status read_remaps(struct crit_checkpoint *ckpt, struct arena *arena,
				    struct crit_error *err)
{
	struct image *img = NULL;
	Criu__RemapFilePathEntry *entry;
	enum crit_status status;
	size_t cap = 0;

	status = image_open(ckpt->src, "remap-fpath.img", IMG_REMAP_FPATH, &img, err);
	if (status)
		return status == CRIT_NOT_FOUND ? CRIT_OK : status;
	arena_reset(arena, 0);
	while (!(status = image_next_message(img, &criu__remap_file_path_entry__descriptor, arena,
					     &entry, err))) {
		status = add_remap(ckpt, &cap, entry, err);
		if (status)
			break;
		arena_reset(arena, 0);
	}
	image_close(img);
	ghost_index(ckpt);
	return status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

static enum crit_status open_files(struct crit_checkpoint *ckpt, struct crit_error *err)
{
	enum crit_status status;

	ckpt->old_files = !source_has(ckpt->src, "files.img");
	if (ckpt->old_files)
		status = image_open(ckpt->src, "reg-files.img", IMG_REG_FILES, &ckpt->files_img,
				    err);
	else
		status = image_open(ckpt->src, "files.img", IMG_FILES, &ckpt->files_img, err);
	// Without either, mapped files are unknown, which is said where it matters.
	return status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

enum crit_status files_load(struct crit_checkpoint *ckpt, struct crit_error *err)
{
	struct arena arena;
	enum crit_status status;

	if (ckpt->files_loaded)
		return CRIT_OK;
	arena_init(&arena, 0);
	status = open_files(ckpt, err);
	if (!status && ckpt->files_img)
		status = index_records(ckpt, &arena, err);
	if (!status && ckpt->nr_files)
		qsort(ckpt->files, ckpt->nr_files, sizeof(*ckpt->files), compare_ids);
	if (!status)
		status = read_remaps(ckpt, &arena, err);
	arena_deinit(&arena);
	if (status)
		files_free(ckpt);
	ckpt->files_loaded = status == CRIT_OK;
	return status;
}

static void file_free(struct mapped_file *file)
{
	if (!file)
		return;
	if (file->fd >= 0)
		close(file->fd);
	free(file->path);
	free(file->local_path);
	free(file);
}

void files_free(struct crit_checkpoint *ckpt)
{
	for (size_t i = 0; i < ckpt->nr_files; i++)
		file_free(ckpt->files[i].file);
	free(ckpt->files);
	image_close(ckpt->files_img);
	ghosts_free(ckpt);
	ckpt->files = NULL;
	ckpt->files_img = NULL;
	ckpt->nr_files = 0;
}

/** CRIU copies the note into words of the dumping machine and pads the last one with zeros. */
static void keep_build_id(struct mapped_file *file, const Criu__RegFileEntry *reg, bool big_endian)
{
	size_t len = reg->n_build_id * 4;

	if (!len || len > sizeof(file->build_id))
		return;
	for (size_t i = 0; i < reg->n_build_id; i++)
		endian_put(file->build_id + i * 4, 4, big_endian, reg->build_id[i]);
	file->pub.build_id = file->build_id;
	file->pub.build_id_len = len;
}

static void keep_checksum(struct mapped_file *file, const Criu__RegFileEntry *reg)
{
	file->pub.has_checksum = reg->has_checksum;
	file->pub.checksum = reg->has_checksum ? reg->checksum : 0;
	file->checksum_config = reg->has_checksum_config ? reg->checksum_config : 0;
	file->checksum_parameter = reg->has_checksum_parameter ? reg->checksum_parameter : 0;
}

/** As /proc/PID/maps has it. Shared memory that was opened through /proc/PID/map_files is dumped
 *  as a memfd too; it is of /dev/zero. */
static char *memfd_path(struct crit_checkpoint *ckpt, uint64_t inode_id)
{
	const char *name = shm_memfd_name(ckpt, inode_id);
	char *path;

	if (!name)
		return strdup("memfd");
	if (asprintf(&path, "%s%s (deleted)", strcmp(name, "/dev/zero") ? "/memfd:" : "", name) < 0)
		return NULL;
	return path;
}

static bool fill_file(struct crit_checkpoint *ckpt, const void *msg, struct mapped_file *file)
{
	const Criu__RegFileEntry *reg = ckpt->old_files ? msg : ((const Criu__FileEntry *)msg)->reg;
	const Criu__MemfdFileEntry *memfd =
		ckpt->old_files ? NULL : ((const Criu__FileEntry *)msg)->memfd;

	file->pub.id = record_id(ckpt, msg);
	file->memfd = memfd != NULL;
	file->memfd_inode = memfd ? memfd->inode_id : 0;
	if (reg)
		file->path = strdup(reg->name);
	else if (memfd)
		file->path = memfd_path(ckpt, memfd->inode_id);
	if (!file->path && (reg || memfd))
		return false;
	file->pub.path = file->path;
	file->memfd = memfd != NULL;
	file->memfd_inode = memfd ? memfd->inode_id : 0;
	if (!reg)
		return true;
	file->zeros = !strcmp(reg->name, "/dev/zero") && (!reg->has_mode || S_ISCHR(reg->mode));
	file->regular = !file->zeros && (!reg->has_mode || S_ISREG(reg->mode));
	file->pub.has_size = reg->has_size;
	file->pub.size = reg->has_size ? reg->size : 0;
	keep_build_id(file, reg, ckpt->info.big_endian);
	keep_checksum(file, reg);
	return true;
}

static enum crit_status decode_file(struct crit_checkpoint *ckpt, struct file_ref *ref,
				    struct crit_error *err)
{
	struct mapped_file *file;
	struct arena arena;
	enum crit_status status;
	void *msg;

	arena_init(&arena, 0);
	image_seek(ckpt->files_img, &ref->at);
	status = image_next_message(ckpt->files_img, record_type(ckpt), &arena, &msg, err);
	if (!status) {
		file = calloc(1, sizeof(*file));
		if (file)
			file->fd = -1;
		if (!file || !fill_file(ckpt, msg, file)) {
			file_free(file);
			file = NULL;
			status = error_no_memory(err);
		} else {
			file->remap = ref->remap;
			file->remap_id = ref->remap_id;
		}
		ref->file = file;
	}
	arena_deinit(&arena);
	return status;
}

enum crit_status files_find(struct crit_checkpoint *ckpt, uint32_t id, struct mapped_file **out,
			    struct crit_error *err)
{
	struct file_ref *ref = find_ref(ckpt, id);
	enum crit_status status = CRIT_OK;

	*out = NULL;
	if (!ref)
		return CRIT_OK;
	if (!ref->file)
		status = decode_file(ckpt, ref, err);
	if (!status)
		*out = ref->file;
	return status;
}
