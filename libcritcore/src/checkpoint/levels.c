// SPDX-License-Identifier: LGPL-2.1-or-later
/* levels.c - the checkpoints that an incremental one builds on, for the public interface. */
#include "checkpoint/checkpoint.h"

#include <string.h>

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
