// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * seen.c - see seen.h. Memory is known by what it is part of, a mapped file or a shared object, and
 * an offset in that.
 *
 * For each of them there are the ranges that were searched in one go, sorted, none inside another.
 * Ranges that touch stay apart: a match across their border was not found in either. So they are
 * only put together when some process has them side by side:
 *
 *	searched         [-------)[-----)
 *	then, as one  [--------------------)     a match across any of the borders is told now
 */
#include "search/seen.h"

#include <stdlib.h>
#include <string.h>

#include "memory/memory.h"
#include "util/array.h"
#include "util/range.h"

/* Ranges that an object may have; more of them take too long to keep in order. */
enum { MAX_RANGES = 65536 };

struct seen_range {
	uint64_t start, end;
};

/** What a range of memory is part of. */
struct object {
	const struct shm_object *shared; /* NULL: it is a file */
	char *name;			 /* of the file, or of the image that has it */
	struct seen_range *ranges;
	size_t nr_ranges, cap;
};

struct seen {
	struct object *objects;
	size_t nr_objects, cap_objects;
	/* The range that is being searched, not yet in its object. */
	size_t current;	       /* object; SIZE_MAX: none */
	uint64_t start, end;   /* in the object */
	uint64_t vaddr_end;    /* address of end */
	/* Of the current task: addresses of what was searched before. */
	struct seen_range *told;
	size_t nr_told, cap_told;
	struct seen_range told_of; /* the range of the object that the last one of them is from */
};

struct seen *seen_new(void)
{
	struct seen *seen = calloc(1, sizeof(*seen));

	if (seen)
		seen->current = SIZE_MAX;
	return seen;
}

void seen_free(struct seen *seen)
{
	if (!seen)
		return;
	for (size_t i = 0; i < seen->nr_objects; i++) {
		free(seen->objects[i].name);
		free(seen->objects[i].ranges);
	}
	free(seen->objects);
	free(seen->told);
	free(seen);
}

/* ---- Objects -------------------------------------------------------------------------------- */

/** Describe what the range is part of; false when it is the task's own. @p out borrows the name. */
static bool describe(struct crit_task *task, const struct crit_origin *at, struct object *out,
		     uint64_t *off)
{
	struct mem_place place;

	memset(out, 0, sizeof(*out));
	mem_locate(task, at->vaddr, &place);
	*off = place.pos;
	if (place.keeper == KEEPER_OBJECT)
		out->shared = place.m->object;
	else if (place.keeper == KEEPER_FILE)
		out->name = (char *)place.at.source;
	return out->shared || out->name;
}

static bool same_object(const struct object *a, const struct object *b)
{
	if (!a->name || !b->name)
		return a->shared == b->shared && !a->name && !b->name;
	return !strcmp(a->name, b->name);
}

/** Its index, if need be a new one's; nr_objects when there is no memory for that. */
static size_t find_object(struct seen *seen, const struct object *like)
{
	struct object new = *like;

	if (seen->current < seen->nr_objects && same_object(&seen->objects[seen->current], like))
		return seen->current;
	for (size_t i = 0; i < seen->nr_objects; i++)
		if (same_object(&seen->objects[i], like))
			return i;
	if (!array_grow(&seen->objects, seen->nr_objects, &seen->cap_objects, sizeof(new)))
		return seen->nr_objects;
	if (like->name && !(new.name = strdup(like->name)))
		return seen->nr_objects;
	seen->objects[seen->nr_objects++] = new;
	return seen->nr_objects - 1;
}

/* ---- Ranges of an object -------------------------------------------------------------------- */

/** How many of its ranges begin before @p off. */
static size_t nr_before(const struct object *object, uint64_t off)
{
	size_t low = 0, high = object->nr_ranges;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (object->ranges[mid].start < off)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/** Add a range, unless it lies in another one; those that lie in it go. */
static void add_range(struct object *object, struct seen_range range)
{
	size_t at = nr_before(object, range.start), gone = at;
	struct seen_range *ranges = object->ranges;

	if (at && ranges[at - 1].end >= range.end)
		return;
	if (at < object->nr_ranges && ranges[at].start == range.start &&
	    ranges[at].end >= range.end)
		return;
	while (gone < object->nr_ranges && ranges[gone].end <= range.end)
		gone++;
	if (gone == at) {
		if (object->nr_ranges >= MAX_RANGES ||
		    !array_grow(&object->ranges, object->nr_ranges, &object->cap, sizeof(range)))
			return;
		ranges = object->ranges;
	}
	memmove(ranges + at + 1, ranges + gone, (object->nr_ranges - gone) * sizeof(*ranges));
	object->nr_ranges += 1 + at - gone;
	ranges[at] = range;
}

/** The range that goes on longest from @p off; NULL: @p off is in none, *next is the next begin. */
static const struct seen_range *range_at(const struct object *object, uint64_t off, uint64_t *next)
{
	size_t i = off == UINT64_MAX ? object->nr_ranges : nr_before(object, off + 1);

	*next = i < object->nr_ranges ? object->ranges[i].start : UINT64_MAX;
	return i && object->ranges[i - 1].end > off ? &object->ranges[i - 1] : NULL;
}

/* ---- Going along ---------------------------------------------------------------------------- */

/** The range that was being searched ends here. */
static void finish_range(struct seen *seen)
{
	if (seen->current < seen->nr_objects && seen->start < seen->end)
		add_range(&seen->objects[seen->current],
			  (struct seen_range){ seen->start, seen->end });
	seen->current = SIZE_MAX;
}

void seen_next_task(struct seen *seen)
{
	finish_range(seen);
	seen->nr_told = 0;
}

/** Remember for seen_has(): these addresses are those of (a part of) a range. */
static void add_told(struct seen *seen, uint64_t vaddr, uint64_t len, struct seen_range of)
{
	struct seen_range *last = seen->nr_told ? &seen->told[seen->nr_told - 1] : NULL;

	if (last && last->end == vaddr && seen->told_of.start == of.start &&
	    seen->told_of.end == of.end) {
		last->end += len;
		return;
	}
	if (!array_grow(&seen->told, seen->nr_told, &seen->cap_told, sizeof(*seen->told)))
		return;
	seen->told[seen->nr_told++] = (struct seen_range){ vaddr, vaddr + len };
	seen->told_of = of;
}

bool seen_meet(struct seen *seen, struct crit_task *task, struct crit_origin *origin)
{
	const struct seen_range *before;
	struct object like;
	uint64_t off, next;
	size_t i;

	if (!describe(task, origin, &like, &off) || off > UINT64_MAX - origin->len ||
	    (i = find_object(seen, &like)) == seen->nr_objects) {
		finish_range(seen);
		return false;
	}
	if (i != seen->current || off != seen->end || origin->vaddr != seen->vaddr_end) {
		finish_range(seen);
		seen->current = i;
		seen->start = off;
	}
	before = range_at(&seen->objects[i], off, &next);
	if (before)
		next = before->end;
	if (origin->len > next - off)
		origin->len = next - off;
	seen->end = off + origin->len;
	seen->vaddr_end = origin->vaddr + origin->len;
	if (before)
		add_told(seen, origin->vaddr, origin->len, *before);
	return before;
}

bool seen_has(const struct seen *seen, uint64_t vaddr, uint64_t len)
{
	size_t i = RANGE_FIND(seen->told, seen->nr_told, end, vaddr);

	return i < seen->nr_told && seen->told[i].start <= vaddr &&
	       len <= seen->told[i].end - vaddr;
}
