// SPDX-License-Identifier: LGPL-2.1-or-later
/* records.c - see records.h. */
#include "process/records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"

void *records_alloc(struct arena *arena, size_t nr, size_t size)
{
	size_t len;
	void *p;

	if (!nr || __builtin_mul_overflow(nr, size, &len))
		return NULL;
	// The bound is for what images decode into; this is a copy of part of it.
	arena->limit = arena->used + len + 64;
	p = arena_alloc(arena, len);
	return p ? memset(p, 0, len) : NULL;
}

static enum crit_status read_all(struct image *img, const ProtobufCMessageDescriptor *desc,
				 struct arena *arena, void ***items, size_t *nr,
				 struct crit_error *err)
{
	size_t cap = 0;
	enum crit_status status;

	for (;;) {
		void *msg;

		status = image_next_message(img, desc, arena, &msg, err);
		if (status)
			return status == CRIT_NOT_FOUND ? CRIT_OK : status;
		if (!array_grow(items, *nr, &cap, sizeof(void *)))
			return error_no_memory(err);
		(*items)[(*nr)++] = msg;
	}
}

enum crit_status records_read(struct crit_task *task, const char *stem, uint32_t id,
			      enum image_magic magic, const ProtobufCMessageDescriptor *desc,
			      struct arena *arena, void ***out, size_t *nr,
			      struct crit_error *err)
{
	struct image *img = NULL;
	void **items = NULL;
	enum crit_status status;
	size_t nr_items = 0;
	char name[48];

	*out = NULL;
	*nr = 0;
	snprintf(name, sizeof(name), "%s-%u.img", stem, id);
	if (!source_has(task->ckpt->src, name))
		return CRIT_OK;
	status = image_open(task->ckpt->src, name, magic, &img, err);
	if (!status)
		status = read_all(img, desc, arena, &items, &nr_items, err);
	if (!status && nr_items) {
		*out = records_alloc(arena, nr_items, sizeof(void *));
		if (!*out)
			status = error_no_memory(err);
	}
	if (*out) {
		memcpy(*out, items, nr_items * sizeof(void *));
		*nr = nr_items;
	}
	image_close(img);
	free(items);
	return status;
}
