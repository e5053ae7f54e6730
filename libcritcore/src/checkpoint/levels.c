// SPDX-License-Identifier: LGPL-2.1-or-later
/* levels.c - the checkpoints that an incremental one builds on, for the public interface. */
#include "checkpoint/checkpoint.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum crit_status crit_checkpoint_set_pages_dir(struct crit_checkpoint *ckpt, const char *path,
					       struct crit_error *err)
{
	return chain_add_pages_dir(&ckpt->chain, path, err);
}

size_t crit_level_count(struct crit_checkpoint *ckpt)
{
	if (!ckpt->chain.followed && chain_follow(&ckpt->chain, NULL))
		return 0;
	return ckpt->chain.nr_levels;
}

bool crit_level_at(struct crit_checkpoint *ckpt, size_t index, struct crit_level *out)
{
	const struct level *level;

	if (index >= crit_level_count(ckpt))
		return false;
	level = &ckpt->chain.levels[index];
	out->path = source_path(level->src);
	out->problem = level->problem;
	out->in_pages_dir = level->in_pages_dir;
	return true;
}

/** Is it the archive that a level is in? */
static bool is_archive(const struct chain *chain, const char *path)
{
	struct stat st;
	dev_t dev;
	ino_t ino;

	if (stat(path, &st) != 0)
		return false;
	for (size_t i = 0; i < chain->nr_levels; i++) {
		source_identity(chain->levels[i].src, &dev, &ino);
		if (dev == st.st_dev && ino == st.st_ino)
			return true;
	}
	return false;
}

bool levels_have_image(struct crit_task *task, const char *path)
{
	const struct chain *chain = &task->ckpt->chain;
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	struct source *src = NULL;
	bool found = is_archive(chain, path);

	if (folder && strstr(name, ".img") && !source_open(folder, &src, NULL) &&
	    source_has(src, name))
		for (size_t i = 0; i < chain->nr_levels; i++)
			found |= source_same(src, chain->levels[i].src);
	source_close(src);
	free(folder);
	return found;
}
