// SPDX-License-Identifier: LGPL-2.1-or-later
/* checkpoint.c - opening and closing a checkpoint, and what is said about it as a whole. */
#include "checkpoint/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inventory.pb-c.h"
#include "util/array.h"
#include "util/hostfile.h"

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
	struct crit_checkpoint *ckpt = calloc(1, sizeof(*ckpt));
	enum crit_status status;

	if (!ckpt)
		return error_no_memory(err);
	ckpt->root_fd = -1;
	status = source_open(path, &ckpt->src, err);
	chain_init(&ckpt->chain, ckpt->src);
	if (!status)
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

void crit_checkpoint_close(struct crit_checkpoint *ckpt)
{
	if (!ckpt)
		return;
	tree_free(ckpt);
	files_free(ckpt);
	shmem_free(ckpt);
	chain_deinit(&ckpt->chain);
	for (size_t i = 0; i < ckpt->nr_offered; i++)
		free(ckpt->offered[i].path);
	free(ckpt->offered);
	if (ckpt->root_fd >= 0)
		close(ckpt->root_fd);
	free(ckpt->sysroot);
	source_close(ckpt->src);
	free(ckpt);
}

void crit_checkpoint_info(const struct crit_checkpoint *ckpt, struct crit_checkpoint_info *out)
{
	*out = ckpt->info;
}

enum crit_status crit_checkpoint_set_sysroot(struct crit_checkpoint *ckpt, const char *sysroot,
					     struct crit_error *err)
{
	char *copy = NULL;
	int fd = -1;

	if (sysroot && *sysroot && strcmp(sysroot, "/")) {
		fd = open(sysroot, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return error_os(err, errno, "sysroot %s", sysroot);
		copy = strdup(sysroot);
		if (!copy) {
			close(fd);
			return error_no_memory(err);
		}
	}
	if (ckpt->root_fd >= 0)
		close(ckpt->root_fd);
	free(ckpt->sysroot);
	ckpt->root_fd = fd;
	ckpt->sysroot = copy;
	return CRIT_OK;
}

enum crit_status crit_checkpoint_offer_file(struct crit_checkpoint *ckpt, const char *path,
					    struct crit_error *err)
{
	struct offered_file file = { 0 }, *grown;
	struct stat st;
	int fd = hostfile_open(-1, path, &st);

	if (fd == -EINVAL)
		return error_set(err, CRIT_INVALID, "%s: not a regular file", path);
	if (fd < 0)
		return error_os(err, -fd, "%s", path);
	file.size = (uint64_t)st.st_size;
	file.build_id_len = elfid_read(fd, file.build_id);
	close(fd);
	file.path = strdup(path);
	grown = realloc(ckpt->offered, (ckpt->nr_offered + 1) * sizeof(*grown));
	if (grown)
		ckpt->offered = grown;
	if (!file.path || !grown) {
		free(file.path);
		return error_no_memory(err);
	}
	grown[ckpt->nr_offered++] = file;
	return CRIT_OK;
}

void crit_checkpoint_set_trust_files(struct crit_checkpoint *ckpt, bool trust)
{
	ckpt->trust_files = trust;
}
