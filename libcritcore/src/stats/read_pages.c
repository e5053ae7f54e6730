// SPDX-License-Identifier: LGPL-2.1-or-later
/* read_pages.c - reading all pages that are in images, shared memory once, to find duplicates. */
#include <stdlib.h>

#include "memory/memory.h"
#include "stats/duplicates.h"
#include "stats/stats.h"

enum { CHUNK = 1024 * 1024 };

struct reader {
	struct collect *c;
	struct duplicates *found;
	uint8_t *chunk;
	uint64_t done; /* bytes */
	struct crit_error *err;
};

/** Count what was read, or could not be; is more to be read? */
static enum crit_status take(struct reader *r, uint64_t len, uint64_t nread, uint32_t owner)
{
	const struct crit_stats_options *options = r->c->options;
	struct crit_stats *out = r->c->out;

	if (!duplicates_add(r->found, r->chunk, (size_t)nread, out->page_size, owner))
		return error_no_memory(r->err);
	if (nread < len)
		out->duplicates.nr_unread += (len - nread + out->page_size - 1) / out->page_size;
	r->done += len;
	if (options->keep_going &&
	    !options->keep_going(options->ctx, r->done, out->memory_once.image))
		return error_set(r->err, CRIT_INTERRUPTED, "interrupted");
	return CRIT_OK;
}

/** A stretch of a process's own pages. */
static enum crit_status read_own(struct reader *r, struct crit_task *task,
				 const struct crit_origin *at)
{
	uint32_t owner = (uint32_t)(task - task->ckpt->tasks);
	enum crit_status status = CRIT_OK;

	for (uint64_t pos = 0; !status && pos < at->len; pos += CHUNK) {
		size_t len = at->len - pos < CHUNK ? (size_t)(at->len - pos) : CHUNK, nread = 0;
		struct crit_error why;

		if (crit_mem_read(task, at->vaddr + pos, len, r->chunk, &nread, &why) &&
		    collect_problem(r->c, &why, r->err))
			return CRIT_NO_MEMORY;
		status = take(r, len, nread, owner);
	}
	return status;
}

static enum crit_status read_task(struct reader *r, struct crit_task *task)
{
	enum crit_status status = CRIT_OK;

	for (size_t i = 0; !status && i < task->nr_mappings; i++) {
		const struct mapping *m = &task->mappings[i];

		for (uint64_t at = m->pub.start; !status && at < m->pub.end;) {
			struct mem_place place;

			mem_locate(task, at, &place);
			if (place.keeper == KEEPER_PAGES && place.at.kind == CRIT_ORIGIN_IMAGE)
				status = read_own(r, task, &place.at);
			at += place.keeper == KEEPER_OBJECT || place.keeper == KEEPER_FILE ?
				      place.reach : place.at.len;
		}
	}
	return status;
}

/** A stretch of shared memory that some process maps. */
static enum crit_status read_shared(struct reader *r, const struct span_edge *edge, uint64_t end,
				    uint32_t owner)
{
	void *object = (void *)edge->object; // never was constant
	enum crit_status status = CRIT_OK;
	uint64_t step;

	for (uint64_t pos = edge->pos; !status && pos < end; pos += step) {
		struct crit_origin at = { .vaddr = pos, .len = end - pos };
		struct crit_error why;
		size_t nread = 0;

		shm_locate(object, pos, &at);
		step = at.len;
		if (at.kind != CRIT_ORIGIN_IMAGE)
			continue;
		step = step < CHUNK ? step : CHUNK;
		if (shm_read(object, pos, &at, r->chunk, (size_t)step, &nread, &why) &&
		    collect_problem(r->c, &why, r->err))
			return CRIT_NO_MEMORY;
		if (nread) // LZ4 blocks are read many at a time, and may end behind this stretch
			step = nread;
		status = take(r, step, nread, owner);
	}
	return status;
}

static enum crit_status read_all(struct reader *r, const uint64_t *times, const struct spans *spans)
{
	struct crit_checkpoint *ckpt = r->c->ckpt;
	enum crit_status status = CRIT_OK;
	int64_t mapped = 0;
	size_t first = 0; // of the object's edges

	for (size_t i = 0; !status && i < ckpt->nr_tasks; i++)
		if (times[i])
			status = read_task(r, &ckpt->tasks[i]);
	for (size_t i = 0; !status && i < spans->nr; i++) {
		const struct span_edge *edge = &spans->edges[i];

		if (i && edge[-1].object != edge->object)
			first = i;
		mapped += edge->delta;
		if (mapped > 0 && !edge->is_file)
			status = read_shared(r, edge, edge[1].pos,
					     (uint32_t)(ckpt->nr_tasks + first));
	}
	return status;
}

enum crit_status collect_duplicates(struct collect *c, const uint64_t *times,
				    const struct spans *spans, struct crit_error *err)
{
	struct reader r = { .c = c, .err = err };
	enum crit_status status;

	c->out->has_duplicates = true;
	r.found = duplicates_new(&c->out->duplicates, DUPLICATES_SLOTS);
	r.chunk = malloc(CHUNK);
	status = r.found && r.chunk ? read_all(&r, times, spans) : error_no_memory(err);
	if (!status)
		duplicates_finish(r.found);
	duplicates_free(r.found);
	free(r.chunk);
	return status;
}
