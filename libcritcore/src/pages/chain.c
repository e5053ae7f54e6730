// SPDX-License-Identifier: LGPL-2.1-or-later
/* chain.c - see chain.h. */
#include "pages/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"
#include "util/text.h"

void chain_init(struct chain *chain, struct source *root)
{
	memset(chain, 0, sizeof(*chain));
	chain->root = root;
	chain->pages_dir = SIZE_MAX;
}

void chain_deinit(struct chain *chain)
{
	for (size_t i = 0; i < chain->nr_levels; i++) {
		if (chain->levels[i].src != chain->root)
			source_close(chain->levels[i].src);
		free(chain->levels[i].problem);
	}
	source_close(chain->second_root);
	free(chain->levels);
	free(chain->scratch);
	window_close(&chain->window, NULL);
	block_cache_deinit(&chain->cache);
	memset(chain, 0, sizeof(*chain));
}

enum crit_status chain_add_pages_dir(struct chain *chain, const char *path,
				     struct crit_error *err)
{
	if (chain->followed || chain->second_root)
		return error_set(err, CRIT_INVALID, "%s: pages are already looked for elsewhere",
				 path);
	return source_open(path, &chain->second_root, err);
}

static struct level *add_level(struct chain *chain, struct source *src)
{
	struct level *level;

	if (!array_grow(&chain->levels, chain->nr_levels, &chain->cap, sizeof(*level)))
		return NULL;
	level = &chain->levels[chain->nr_levels++];
	memset(level, 0, sizeof(*level));
	level->src = src;
	level->in_pages_dir = chain->pages_dir != SIZE_MAX;
	return level;
}

static void note_problem(struct level *level, const char *text)
{
	level->problem = strdup(text);
	if (level->problem)
		text_make_printable(level->problem);
}

/** Does the chain come back to where it was? */
static bool is_loop(const struct chain *chain, size_t first, const struct source *src)
{
	for (size_t i = first; i < chain->nr_levels; i++)
		if (source_same(chain->levels[i].src, src))
			return true;
	return false;
}

/** Add the parent of the last level; false at the end of the chain. */
static bool add_parent(struct chain *chain, size_t first)
{
	struct level *last = &chain->levels[chain->nr_levels - 1];
	struct source *parent = NULL;
	struct crit_error why;

	if (source_open_parent(last->src, &parent, &why)) {
		note_problem(last, why.message);
		return false;
	}
	if (!parent)
		return false;
	if (is_loop(chain, first, parent))
		note_problem(last, "the parent link leads back into the chain");
	else if (chain->nr_levels == MAX_LEVELS)
		note_problem(last, "the chain of parents is longer than 16384");
	else if (add_level(chain, parent))
		return true;
	source_close(parent);
	return false;
}

static bool follow_from(struct chain *chain, struct source *src)
{
	size_t first = chain->nr_levels;

	if (!add_level(chain, src))
		return false;
	while (add_parent(chain, first))
		;
	return true;
}

enum crit_status chain_follow(struct chain *chain, struct crit_error *err)
{
	if (!chain->nr_levels && !follow_from(chain, chain->root))
		return error_no_memory(err);
	if (chain->second_root) {
		chain->pages_dir = chain->nr_levels;
		if (!follow_from(chain, chain->second_root)) {
			chain->pages_dir = SIZE_MAX;
			return error_no_memory(err);
		}
		chain->second_root = NULL;
	}
	chain->followed = true;
	return CRIT_OK;
}
