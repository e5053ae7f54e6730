// SPDX-License-Identifier: LGPL-2.1-or-later
/* checkpoint.c - opening and closing a checkpoint, and what is said about it as a whole. */
#include "checkpoint/checkpoint.h"

#include <stdlib.h>

#include "inventory.pb-c.h"

const char *crit_version(void)
{
	return CRITCORE_VERSION;
}

static enum crit_status not_a_checkpoint(struct crit_checkpoint *ckpt, const char *path,
					 struct crit_error *err)
{
	if (source_has(ckpt->src, "checkpoint"))
		return error_set(err, CRIT_NOT_FOUND,
				 "%s: no inventory.img; try its folder `checkpoint`", path);
	return error_set(err, CRIT_NOT_FOUND, "%s: no checkpoint here (no inventory.img)", path);
}

static void note_inventory(struct crit_checkpoint *ckpt, const struct image *img,
			   const Criu__InventoryEntry *inv)
{
	ckpt->info.img_version = inv->img_version;
	ckpt->info.compressed = inv->has_compress && inv->compress;
	ckpt->info.big_endian = image_big_endian(img);
	ckpt->info.written = image_mtime(img);
	ckpt->info.has_parent = source_has(ckpt->src, "parent");
	ckpt->mounts = inv->root_ids && inv->root_ids->has_mnt_ns_id ? inv->root_ids->mnt_ns_id : 0;
	ckpt->files.big_endian = ckpt->info.big_endian;
	ckpt->files.written = ckpt->info.written;
}

static enum crit_status read_inventory(struct crit_checkpoint *ckpt, const char *path,
				       struct crit_error *err)
{
	Criu__InventoryEntry *inv;
	struct image *img = NULL;
	struct arena arena;
	enum crit_status status;

	if (!source_has(ckpt->src, "inventory.img"))
		return not_a_checkpoint(ckpt, path, err);
	status = image_open(ckpt->src, "inventory.img", IMG_INVENTORY, &img, err);
	if (status)
		return status;
	arena_init(&arena, 0);
	status = image_next_message(img, &criu__inventory_entry__descriptor, &arena, &inv, err);
	if (status == CRIT_NOT_FOUND)
		status = error_set(err, CRIT_CORRUPT, "inventory.img: no record");
	if (!status)
		note_inventory(ckpt, img, inv);
	if (!status && (inv->img_version < 1 || inv->img_version > 3))
		status = error_set(err, CRIT_UNSUPPORTED,
				   "inventory.img: images of version %u; this is made for 1 to 3",
				   inv->img_version);
	arena_deinit(&arena);
	image_close(img);
	return status;
}

enum crit_status crit_checkpoint_open(const char *path, struct crit_checkpoint **out,
				      struct crit_error *err)
{
	return crit_checkpoint_open_with(path, NULL, out, err);
}

enum crit_status checkpoint_create(const char *path, const struct crit_open_options *options,
				   struct crit_checkpoint **out, struct crit_error *err)
{
	struct crit_checkpoint *ckpt = calloc(1, sizeof(*ckpt));
	struct source_options how = { 0 };
	enum crit_status status;

	if (!ckpt)
		return error_no_memory(err);
	pthread_mutex_init(&ckpt->turn, NULL);
	if (options)
		how = (struct source_options){
			.archive = { .keep_going = options->keep_going,
				     .ctx = options->ctx,
				     .limit = options->unpack_limit },
			.parents = options->parents,
		};
	status = source_open_with(path, &how, &ckpt->src, err);
	chain_init(&ckpt->chain, ckpt->src);
	files_init(&ckpt->files, ckpt->src);
	if (status)
		crit_checkpoint_close(ckpt);
	else
		*out = ckpt;
	return status;
}

enum crit_status crit_checkpoint_open_with(const char *path,
					   const struct crit_open_options *options,
					   struct crit_checkpoint **out, struct crit_error *err)
{
	struct crit_checkpoint *ckpt;
	enum crit_status status = checkpoint_create(path, options, &ckpt, err);

	if (status)
		return status;
	status = read_inventory(ckpt, path, err);
	if (!status)
		status = tree_load(ckpt, err);
	if (status) {
		crit_checkpoint_close(ckpt);
		return status;
	}
	ckpt->info.path = source_path(ckpt->src);
	ckpt->info.nr_tasks = ckpt->nr_tasks;
	*out = ckpt;
	return CRIT_OK;
}

static void detach(struct attachment *attachment)
{
	if (attachment->data)
		attachment->free(attachment->data);
}

void crit_checkpoint_close(struct crit_checkpoint *ckpt)
{
	if (!ckpt)
		return;
	detach(&ckpt->open_files);
	detach(&ckpt->ipc);
	tree_free(ckpt);
	files_deinit(&ckpt->files);
	shmem_free(ckpt);
	chain_deinit(&ckpt->chain);
	source_close(ckpt->src);
	pthread_mutex_destroy(&ckpt->turn);
	free(ckpt);
}

void crit_checkpoint_lock(struct crit_checkpoint *ckpt)
{
	pthread_mutex_lock(&ckpt->turn);
}

void crit_checkpoint_unlock(struct crit_checkpoint *ckpt)
{
	pthread_mutex_unlock(&ckpt->turn);
}

void crit_checkpoint_info(const struct crit_checkpoint *ckpt, struct crit_checkpoint_info *out)
{
	*out = ckpt->info;
}

enum crit_status crit_checkpoint_set_sysroot(struct crit_checkpoint *ckpt, const char *sysroot,
					     struct crit_error *err)
{
	return files_set_sysroot(&ckpt->files, sysroot, err);
}

enum crit_status crit_checkpoint_offer_file(struct crit_checkpoint *ckpt, const char *path,
					    struct crit_error *err)
{
	return files_offer(&ckpt->files, path, err);
}

void crit_checkpoint_set_trust_files(struct crit_checkpoint *ckpt, bool trust)
{
	ckpt->files.trust = trust;
}
