// SPDX-License-Identifier: LGPL-2.1-or-later
/* totals.c - how much of a range comes from where. */
#include "memory/memory.h"

#include <string.h>

bool mem_is_parent(const struct crit_checkpoint *ckpt, unsigned int level)
{
	return level && level != ckpt->chain.pages_dir;
}

static void add(const struct crit_task *task, struct crit_mem_totals *out,
		const struct crit_origin *at, uint64_t len)
{
	switch (at->kind) {
	case CRIT_ORIGIN_IMAGE:
		out->image += len;
		out->parent += mem_is_parent(task->ckpt, at->level) ? len : 0;
		out->compressed += at->block_len ? len : 0;
		out->shared += at->shared ? len : 0;
		break;
	case CRIT_ORIGIN_ZERO:
		out->zero += len;
		break;
	case CRIT_ORIGIN_FILE:
		out->file += len;
		break;
	case CRIT_ORIGIN_UNAVAILABLE:
		out->unavailable += len;
		out->lazy += at->why == CRIT_WHY_LAZY ? len : 0;
		break;
	case CRIT_ORIGIN_UNMAPPED:
		break;
	}
}

enum crit_status crit_mem_totals(struct crit_task *task, uint64_t start, uint64_t end,
				 struct crit_mem_totals *out, struct crit_error *err)
{
	enum crit_status status = crit_task_load(task, err);

	if (status)
		return status;
	memset(out, 0, sizeof(*out));
	while (start < end) {
		struct mem_place place;
		uint64_t len;

		mem_locate(task, start, &place);
		len = place.at.len && place.at.len < end - start ? place.at.len : end - start;
		add(task, out, &place.at, len);
		start += len;
	}
	return CRIT_OK;
}
