// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * files.c - what the images say about files: files.img (one record for each open or mapped file of
 * any type), before CRIU 3.4 reg-files.img (regular files only), and remap-fpath.img (those that
 * had no name any more).
 *
 * A checkpoint may have a hundred thousand files, of which a task maps a few dozen: only their
 * places are indexed, a record is decoded when its id is asked for.
 */
#include "files/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fdtable.pb-c.h"
#include "files.pb-c.h"
#include "util/array.h"
#include "util/endian.h"

static const ProtobufCMessageDescriptor *record_type(const struct files *files)
{
	return files->old ? &criu__reg_file_entry__descriptor : &criu__file_entry__descriptor;
}

static uint32_t record_id(const struct files *files, const void *msg)
{
	if (files->old)
		return ((const Criu__RegFileEntry *)msg)->id;
	return ((const Criu__FileEntry *)msg)->id;
}

static enum crit_status index_records(struct files *files, struct arena *arena,
				      struct crit_error *err)
{
	struct record rec;
	enum crit_status status;
	size_t cap = 0;

	while (!(status = image_next(files->img, &rec, err))) {
		struct file_ref *ref;
		void *msg;

		arena_reset(arena, image_decode_limit(rec.len));
		status = record_decode(&rec, image_name(files->img), record_type(files), arena,
				       &msg, err);
		if (status)
			return status;
		if (!array_grow(&files->refs, files->nr_refs, &cap, sizeof(*files->refs)))
			return error_no_memory(err);
		ref = &files->refs[files->nr_refs++];
		memset(ref, 0, sizeof(*ref));
		ref->id = record_id(files, msg);
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

static struct file_ref *find_ref(struct files *files, uint32_t id)
{
	struct file_ref key = { .id = id };

	if (!files->nr_refs)
		return NULL;
	return bsearch(&key, files->refs, files->nr_refs, sizeof(key), compare_ids);
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

static enum crit_status add_remap(struct files *files, size_t *cap,
				  const Criu__RemapFilePathEntry *entry, struct crit_error *err)
{
	struct file_ref *ref = find_ref(files, entry->orig_id);

	if (!ref)
		return CRIT_OK;
	ref->remap = remap_of(entry, &ref->remap_id);
	return ref->remap == REMAP_GHOST ? ghost_add(files, cap, ref->remap_id, err) : CRIT_OK;
}

static enum crit_status read_remaps(struct files *files, struct arena *arena,
				    struct crit_error *err)
{
	struct image *img = NULL;
	Criu__RemapFilePathEntry *entry;
	enum crit_status status;
	size_t cap = 0;

	status = image_open(files->src, "remap-fpath.img", IMG_REMAP_FPATH, &img, err);
	if (status)
		return status == CRIT_NOT_FOUND ? CRIT_OK : status;
	arena_reset(arena, 0);
	while (!(status = image_next_message(img, &criu__remap_file_path_entry__descriptor, arena,
					     &entry, err))) {
		status = add_remap(files, &cap, entry, err);
		if (status)
			break;
		arena_reset(arena, 0);
	}
	image_close(img);
	ghost_index(files);
	return status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

static enum crit_status open_files(struct files *files, struct crit_error *err)
{
	enum crit_status status;

	files->old = !source_has(files->src, "files.img");
	if (files->old)
		status = image_open(files->src, "reg-files.img", IMG_REG_FILES, &files->img,
				    err);
	else
		status = image_open(files->src, "files.img", IMG_FILES, &files->img, err);
	// Without either, mapped files are unknown, which is said where it matters.
	return status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

static enum crit_status load(struct files *files, struct crit_error *err)
{
	struct arena arena;
	enum crit_status status;

	arena_init(&arena, 0);
	status = open_files(files, err);
	if (!status && files->img)
		status = index_records(files, &arena, err);
	if (!status && files->nr_refs)
		qsort(files->refs, files->nr_refs, sizeof(*files->refs), compare_ids);
	if (!status)
		status = read_remaps(files, &arena, err);
	arena_deinit(&arena);
	if (status)
		files_unload(files);
	files->loaded = status == CRIT_OK;
	return status;
}

enum crit_status files_load(struct files *files, struct crit_error *err)
{
	enum crit_status status = files->failed.status;

	if (files->loaded)
		return CRIT_OK;
	// A thousand processes ask for the same damaged image: it is read once.
	if (!status)
		status = load(files, &files->failed);
	if (status && err)
		*err = files->failed;
	// With an offset it is an image that asks for too much.
	if (!status || (status == CRIT_NO_MEMORY && !files->failed.has_off))
		files->failed.status = CRIT_OK;
	return status;
}

static void file_free(struct mapped_file *file)
{
	if (!file)
		return;
	file_close(file);
	free(file->path);
	free(file->local_path);
	free(file);
}

void files_unload(struct files *files)
{
	for (size_t i = 0; i < files->nr_refs; i++)
		file_free(files->refs[i].file);
	free(files->refs);
	image_close(files->img);
	ghosts_free(files);
	memfds_free(files);
	files->refs = NULL;
	files->img = NULL;
	files->nr_refs = 0;
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
 *  as a memfd too; it is of /dev/zero, or of huge pages. */
static bool is_memfd_name(const char *name)
{
	return strcmp(name, "/dev/zero") != 0 && strcmp(name, "/anon_hugepage") != 0;
}

static char *memfd_path(struct files *files, uint64_t inode_id)
{
	const struct memfd *memfd;
	char *path;

	if (memfd_find(files, inode_id, &memfd, NULL) || !memfd)
		return strdup("memfd");
	if (asprintf(&path, "%s%s (deleted)", is_memfd_name(memfd->name) ? "/memfd:" : "",
		     memfd->name) < 0)
		return NULL;
	return path;
}

static bool fill_file(struct files *files, const void *msg, struct mapped_file *file)
{
	const Criu__RegFileEntry *reg = files->old ? msg : ((const Criu__FileEntry *)msg)->reg;
	const Criu__MemfdFileEntry *memfd =
		files->old ? NULL : ((const Criu__FileEntry *)msg)->memfd;

	file->pub.id = record_id(files, msg);
	file->memfd = memfd != NULL;
	file->memfd_inode = memfd ? memfd->inode_id : 0;
	if (reg)
		file->path = strdup(reg->name);
	else if (memfd)
		file->path = memfd_path(files, memfd->inode_id);
	if (!file->path && (reg || memfd))
		return false;
	file->pub.path = file->path ? file->path : "";
	if (!reg)
		return true;
	file->zeros = !strcmp(reg->name, "/dev/zero") && (!reg->has_mode || S_ISCHR(reg->mode));
	file->regular = !file->zeros && (!reg->has_mode || S_ISREG(reg->mode));
	file->pub.has_size = reg->has_size;
	file->pub.size = reg->has_size ? reg->size : 0;
	keep_build_id(file, reg, files->big_endian);
	keep_checksum(file, reg);
	return true;
}

static bool is_deleted(const struct file_ref *ref)
{
	return ref->remap == REMAP_GHOST || ref->remap == REMAP_LINKED;
}

bool files_is_deleted(struct files *files, uint32_t id)
{
	struct file_ref *ref = files_load(files, NULL) ? NULL : find_ref(files, id);

	return ref && is_deleted(ref);
}

static enum crit_status decode_file(struct files *files, struct file_ref *ref,
				    struct crit_error *err)
{
	struct mapped_file *file;
	struct arena arena;
	enum crit_status status;
	void *msg;

	arena_init(&arena, 0);
	image_seek(files->img, &ref->at);
	status = image_next_message(files->img, record_type(files), &arena, &msg, err);
	if (!status) {
		file = calloc(1, sizeof(*file));
		if (file)
			file->fd = -1;
		if (!file || !fill_file(files, msg, file)) {
			file_free(file);
			file = NULL;
			status = error_no_memory(err);
		} else {
			file->remap = ref->remap;
			file->remap_id = ref->remap_id;
			file->pub.deleted = is_deleted(ref);
		}
		ref->file = file;
	}
	arena_deinit(&arena);
	return status;
}

enum crit_status files_find(struct files *files, uint32_t id, struct mapped_file **out,
			    struct crit_error *err)
{
	struct file_ref *ref = find_ref(files, id);
	enum crit_status status = CRIT_OK;

	*out = NULL;
	if (!ref)
		return CRIT_OK;
	if (!ref->file)
		status = decode_file(files, ref, err);
	if (!status)
		*out = ref->file;
	return status;
}
