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

static enum crit_status mark_deleted(struct crit_checkpoint *ckpt, struct arena *arena,
				     struct crit_error *err)
{
	struct image *img = NULL;
	Criu__RemapFilePathEntry *remap;
	enum crit_status status;

	status = image_open(ckpt->src, "remap-fpath.img", IMG_REMAP_FPATH, &img, err);
	if (status)
		return status == CRIT_NOT_FOUND ? CRIT_OK : status;
	arena_reset(arena, 0);
	while (!(status = image_next_message(img, &criu__remap_file_path_entry__descriptor, arena,
					     &remap, err))) {
		struct file_ref *ref = find_ref(ckpt, remap->orig_id);

		if (ref)
			ref->deleted = true;
		arena_reset(arena, 0);
	}
	image_close(img);
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
		status = mark_deleted(ckpt, &arena, err);
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

static const char *memfd_name(const struct crit_checkpoint *ckpt, const void *msg)
{
	if (ckpt->old_files || !((const Criu__FileEntry *)msg)->memfd)
		return NULL;
	return "memfd"; // its name is in memfd.img
}

static bool fill_file(struct crit_checkpoint *ckpt, const void *msg, struct mapped_file *file)
{
	const Criu__RegFileEntry *reg = ckpt->old_files ? msg : ((const Criu__FileEntry *)msg)->reg;
	const char *path = reg ? reg->name : memfd_name(ckpt, msg);

	file->pub.id = record_id(ckpt, msg);
	if (path) {
		file->path = strdup(path);
		if (!file->path)
			return false;
	}
	file->pub.path = file->path;
	if (!reg)
		return true;
	file->zeros = !strcmp(reg->name, "/dev/zero") && (!reg->has_mode || S_ISCHR(reg->mode));
	file->regular = !file->zeros && (!reg->has_mode || S_ISREG(reg->mode));
	file->pub.has_size = reg->has_size;
	file->pub.size = reg->has_size ? reg->size : 0;
	keep_build_id(file, reg, ckpt->info.big_endian);
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
			file->deleted = ref->deleted;
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
