// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * raw.c - see raw.h. Page contents get the name of the pagemap that says what they are: the one
 * beside them whose head has their number.
 */
#include "decode/raw.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"
#include "image/kinds.h"
#include "memory.pb-c.h"

struct search {
	struct source *src;
	uint32_t pages_id;
	char found[NAME_MAX + 1];
};

static bool look_at(void *ctx, const char *name)
{
	struct search *search = ctx;
	Criu__PagemapHead *head;
	struct arena arena;

	if (strncmp(name, "pagemap-", 8))
		return true;
	arena_init(&arena, 0);
	if (!image_read_single(search->src, name, IMG_PAGEMAP, &criu__pagemap_head__descriptor,
			       &arena, &head, NULL) &&
	    head->pages_id == search->pages_id)
		snprintf(search->found, sizeof(search->found), "%s", name);
	arena_deinit(&arena);
	return !*search->found;
}

/** The pagemap of pages-ID.img at @p path, to search->found. */
static void find_pagemap(const char *path, const char *name, struct search *search)
{
	size_t len = strlen(path) - strlen(name);
	char *folder = len ? strndup(path, len) : strdup(".");

	search->pages_id = (uint32_t)strtoul(name + strlen("pages-"), NULL, 10);
	if (folder && !source_open(folder, &search->src, NULL)) {
		source_each(search->src, look_at, search, NULL);
		source_close(search->src);
	}
	free(folder);
}

enum crit_status raw_explain(const struct crit_input *in, uint32_t magic, uint64_t off,
			     struct crit_error *err)
{
	const char *raw = image_raw_kind(in->name);
	struct search search = { 0 };

	if (!raw)
		return error_at(err, CRIT_CORRUPT, in->name, off,
				"not a CRIU image, or a raw one: unknown magic 0x%x", magic);
	if (in->path && !strncmp(in->name, "pages-", 6))
		find_pagemap(in->path, in->name, &search);
	if (*search.found)
		return error_set(err, CRIT_UNSUPPORTED,
				 "%s: a raw image: %s; %s says which pages they are, "
				 "`critcore pages` and `critcore dump` read them", in->name, raw,
				 search.found);
	return error_set(err, CRIT_UNSUPPORTED, "%s: a raw image: %s", in->name, raw);
}
