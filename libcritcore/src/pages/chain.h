/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * chain.h - a checkpoint and those it builds on, as far as pages go.
 *
 *	level 0      the checkpoint
 *	level 1..    its parent, that one's parent, ...	(`criu dump --prev-images-dir`)
 *	level n..    the folder that a page server wrote, its parent, ...   if there is one
 *
 * All levels have images of the same names. Only level 0 need be a whole checkpoint: a pre-dump
 * leaves nothing but pagemap and pages images.
 */
#ifndef CRIT_PAGES_CHAIN_H
#define CRIT_PAGES_CHAIN_H

#include "pages/block_cache.h"
#include "source/source.h"
#include "util/window.h"

enum {
	MAX_LEVELS = 1 << 14,
	/* Descriptors are for the pages images in use. */
	MAX_OPEN_PAGES = 32,
};

struct level {
	struct source *src;
	char *problem; /* see struct crit_level */
	bool in_pages_dir;
};

struct pages_file;

struct chain {
	struct level *levels;
	size_t nr_levels, cap;
	size_t pages_dir; /* index of the second folder; SIZE_MAX: there is none */
	struct source *root;	    /* borrowed */
	struct source *second_root; /* of the second folder, until followed */
	bool followed;
	struct pages_file *open[MAX_OPEN_PAGES]; /* a ring */
	size_t next_open;
	size_t nr_maps; /* of whole pages images */
	struct window window;	 /* onto one of them, for large reads */
	struct block_cache cache; /* of LZ4 blocks of all levels */
	uint8_t *scratch;	  /* stored blocks, between being read and decompressed */
	size_t scratch_len;
};

/** @param root  Borrowed: the checkpoint's own folder. */
void chain_init(struct chain *chain, struct source *root);
void chain_deinit(struct chain *chain);

/** Add the second folder. @return as source_open(); CRIT_INVALID: too late. */
enum crit_status chain_add_pages_dir(struct chain *chain, const char *path,
				     struct crit_error *err);

/**
 * Open all levels, once. A link that leads nowhere, in a circle, or too far ends the chain and is
 * noted in the last level.
 * @return CRIT_OK; CRIT_NO_MEMORY.
 */
enum crit_status chain_follow(struct chain *chain, struct crit_error *err);

#endif
