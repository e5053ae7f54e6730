// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * memory.c - comparing contents, origin by origin:
 *
 *	one of them is unavailable		cannot be compared
 *	neither ever had contents (vvar, guard)	nothing
 *	the same place of the same file, zeros	the same, without reading
 *	else					read, and compared
 *
 * What is to be read is put together to pieces as large as the buffers, so that neither small runs
 * nor LZ4 blocks cost a read of each side.
 */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "diff/pieces.h"
#include "util/error.h"

enum verdict { V_SAME, V_READ, V_UNKNOWN, V_ADDED, V_GONE };

/** What is to be read and compared: adjacent in both sides. */
struct pending {
	uint64_t start[2];
	size_t len;
};

/* ---- Deciding ------------------------------------------------------------------------------- */

/** Never had contents, in any checkpoint. */
static bool is_void(const struct crit_origin *at)
{
	return at->kind == CRIT_ORIGIN_UNAVAILABLE &&
	       (at->why == CRIT_WHY_GUARD || at->why == CRIT_WHY_VVAR ||
		at->why == CRIT_WHY_VSYSCALL);
}

/** Against a pre-dump that does not have the page. */
static enum verdict judge_absent(const struct crit_origin *other, enum verdict verdict,
				 const char **why)
{
	if (!other->in_image)
		return V_SAME; // never written, or the file's: a pre-dump does not have it either
	*why = "a pre-dump has no shared memory";
	if (other->kind == CRIT_ORIGIN_UNAVAILABLE)
		*why = crit_why_text(other->why);
	return other->shared || other->kind == CRIT_ORIGIN_UNAVAILABLE ? V_UNKNOWN : verdict;
}

static enum verdict judge(struct diff *d, const struct mem_place *a, const struct mem_place *b,
			  const char **why)
{
	if (a->at.kind == CRIT_ORIGIN_UNMAPPED)
		return judge_absent(&b->at, V_ADDED, why);
	if (b->at.kind == CRIT_ORIGIN_UNMAPPED)
		return judge_absent(&a->at, V_GONE, why);
	if (is_void(&a->at) && is_void(&b->at))
		return V_SAME;
	if (side_same_place(&d->sides[OLD], a, &d->sides[NEW], b))
		return V_SAME;
	if (a->at.kind != CRIT_ORIGIN_UNAVAILABLE && b->at.kind != CRIT_ORIGIN_UNAVAILABLE)
		return V_READ;
	*why = crit_why_text(a->at.kind == CRIT_ORIGIN_UNAVAILABLE ? a->at.why : b->at.why);
	return V_UNKNOWN;
}

/* ---- Reading -------------------------------------------------------------------------------- */

/** Some bytes of one side could not be read: go on behind them. @return how many that are. */
static size_t skip_damage(struct diff *d, const struct pending *p, size_t at, int side,
			  const struct crit_error *why)
{
	uint64_t skip = side_unit_left(&d->sides[side], p->start[side] + at);

	if (skip > p->len - at)
		skip = p->len - at;
	ranges_add(d, CRIT_DIFF_UNKNOWN, p->start[OLD] + at, p->start[NEW] + at, skip,
		   why->message);
	return (size_t)skip;
}

static enum crit_status compare(struct diff *d, struct pending *p, struct crit_error *err)
{
	struct crit_error why[2];
	size_t got[2], at = 0;

	while (at < p->len) {
		enum crit_status status[2];
		int short_one;

		for (int s = OLD; s <= NEW; s++) {
			status[s] = side_read(&d->sides[s], p->start[s] + at, p->len - at, &got[s],
					      &why[s]);
			if (status[s] == CRIT_NO_MEMORY)
				return error_set(err, status[s], "%s", why[s].message);
		}
		short_one = got[NEW] < got[OLD] ? NEW : OLD;
		ranges_compare(d, p->start[OLD] + at, p->start[NEW] + at, d->sides[OLD].bytes,
			       d->sides[NEW].bytes, got[short_one]);
		at += got[short_one];
		if (at < p->len)
			at += skip_damage(d, p, at, short_one, &why[short_one]);
	}
	p->len = 0;
	return CRIT_OK;
}

/* ---- Going along ---------------------------------------------------------------------------- */

/** Both have it, or may: of a pre-dump one does not know. */
static enum crit_status walk_both(struct diff *d, const struct piece *piece,
				  struct crit_error *err)
{
	enum crit_status status = CRIT_OK;
	struct pending pending = { .len = 0 };
	uint64_t len;

	for (uint64_t at = 0; at < piece->len && !status && diff_goes_on(d); at += len) {
		uint64_t old_at = piece->start[OLD] + at, new_at = piece->start[NEW] + at;
		struct mem_place a, b;
		const char *why = NULL;
		enum verdict verdict;

		side_locate(&d->sides[OLD], old_at, &a);
		side_locate(&d->sides[NEW], new_at, &b);
		len = piece->len - at;
		len = a.at.len && a.at.len < len ? a.at.len : len;
		len = b.at.len && b.at.len < len ? b.at.len : len;
		verdict = judge(d, &a, &b, &why);
		if (verdict == V_READ && len > DIFF_CHUNK - pending.len)
			len = DIFF_CHUNK - pending.len;
		if (pending.len && verdict != V_READ)
			status = compare(d, &pending, err);
		if (verdict == V_READ && !pending.len) {
			pending.start[OLD] = old_at;
			pending.start[NEW] = new_at;
		}
		if (verdict == V_READ)
			pending.len += (size_t)len;
		else if (verdict != V_SAME)
			ranges_add(d, verdict == V_UNKNOWN ? CRIT_DIFF_UNKNOWN
				      : verdict == V_ADDED ? CRIT_DIFF_ADDED
							   : CRIT_DIFF_GONE,
				   old_at, new_at, len, why);
		if (pending.len == DIFF_CHUNK)
			status = compare(d, &pending, err);
		d->done += b.at.kind == CRIT_ORIGIN_IMAGE ? len : 0;
	}
	return status || !pending.len || d->ended ? status : compare(d, &pending, err);
}

/** Only one side has it: pages with contents of its own, whether or not these are there. */
static void walk_one(struct diff *d, const struct piece *piece, int side)
{
	struct mem_place place;
	uint64_t len;

	for (uint64_t at = 0; at < piece->len && diff_goes_on(d); at += len) {
		side_locate(&d->sides[side], piece->start[side] + at, &place);
		len = piece->len - at;
		len = place.at.len && place.at.len < len ? place.at.len : len;
		if (place.at.in_image)
			ranges_add(d, side == OLD ? CRIT_DIFF_GONE : CRIT_DIFF_ADDED,
				   piece->start[OLD] + at, piece->start[NEW] + at, len, NULL);
		d->done += place.at.kind == CRIT_ORIGIN_IMAGE && side == NEW ? len : 0;
	}
}

/* ---- Shared memory, once -------------------------------------------------------------------- */

/** A piece of shared memory, which many processes may have, and what came of it. */
struct shared_piece {
	const struct shm_object *object[2];
	uint64_t pos[2], len;
	uint32_t pid; /* of the first process that had it */
	struct crit_diff_memory sum;
};

static int compare_shared(const void *a, const void *b)
{
	return memcmp(a, b, offsetof(struct shared_piece, pid));
}

/** The piece, new or met before; NULL: it is not shared, or memory is out. */
static struct shared_piece *find_shared(struct diff *d, const struct piece *piece)
{
	struct shared_piece *key = calloc(1, sizeof(*key)), **found;

	for (int s = OLD; key && s <= NEW; s++) {
		const struct mapping *m = NULL;

		if (piece->mapping[s] != NO_MAPPING)
			m = &d->sides[s].task->mappings[piece->mapping[s]];
		if (!m || !m->object) {
			free(key);
			return NULL;
		}
		key->object[s] = m->object;
		key->pos[s] = m->pub.pgoff + (piece->start[s] - m->pub.start);
	}
	if (!key)
		return NULL;
	key->len = piece->len;
	key->pid = d->pid;
	found = tsearch(key, &d->shared, compare_shared);
	if (!found || *found != key)
		free(key);
	return found ? *found : NULL;
}

static void add_sum(struct crit_diff_memory *to, const struct crit_diff_memory *sum,
		    const struct crit_diff_memory *less)
{
	to->changed += sum->changed - less->changed;
	to->added += sum->added - less->added;
	to->gone += sum->gone - less->gone;
	to->unknown += sum->unknown - less->unknown;
}

/* ---- A process ------------------------------------------------------------------------------ */

/** Compare a piece. @return the process with which it was compared before; 0: now. */
static uint32_t walk(struct diff *d, const struct piece *piece, enum crit_status *status,
		     struct crit_error *err)
{
	const struct crit_diff_memory none = { 0 }, before = d->ranges.sum;
	struct shared_piece *shared = find_shared(d, piece);

	if (shared && shared->pid != d->pid) {
		add_sum(&d->ranges.sum, &shared->sum, &none);
		return shared->pid;
	}
	if (piece->has[OLD] && piece->has[NEW])
		*status = walk_both(d, piece, err);
	else
		walk_one(d, piece, piece->has[OLD] ? OLD : NEW);
	ranges_finish(d);
	add_sum(&d->totals.memory, &d->ranges.sum, &before);
	if (shared)
		add_sum(&shared->sum, &d->ranges.sum, &before);
	return 0;
}

static const struct crit_mapping *owner(struct diff *d, const struct piece *piece)
{
	int side = piece->mapping[NEW] != NO_MAPPING ? NEW : OLD;

	if (piece->mapping[side] == NO_MAPPING)
		return NULL;
	return &d->sides[side].task->mappings[piece->mapping[side]].pub;
}

static void tell_mapping(struct diff *d, const struct piece *first, const struct piece *last,
			 uint32_t same_as)
{
	struct ranges *r = &d->ranges;
	struct crit_difference out = {
		.what = CRIT_DIFF_MEMORY,
		.name = r->of.name,
		.memory = r->sum,
		.same_as = same_as,
	};
	bool differs = r->sum.changed || r->sum.added || r->sum.gone;
	const struct crit_mapping *m = owner(d, first);

	if (!differs && !r->sum.unknown)
		return;
	if (d->sides[OLD].bare && d->sides[NEW].bare)
		out.field = "all pages";
	if (m && first->has[OLD]) {
		out.old_start = first->start[OLD];
		out.old_end = last->start[OLD] + last->len;
	}
	if (m && first->has[NEW]) {
		out.new_start = first->start[NEW];
		out.new_end = last->start[NEW] + last->len;
	}
	out.how = r->sum.changed || (r->sum.added && r->sum.gone) ? CRIT_DIFF_CHANGED
		  : r->sum.added				    ? CRIT_DIFF_ADDED
		  : r->sum.gone					    ? CRIT_DIFF_GONE
								    : CRIT_DIFF_UNKNOWN;
	out.why = r->sum.unknown ? r->why : NULL;
	diff_tell(d, &out);
}

/** Are both parts of what one line is about? */
static bool together(struct diff *d, const struct piece *a, const struct piece *b)
{
	return a->has[OLD] == b->has[OLD] && a->has[NEW] == b->has[NEW] && owner(d, a) &&
	       owner(d, a) == owner(d, b);
}

static enum crit_status walk_pieces(struct diff *d, const struct pieces *p, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	for (size_t i = 0, next; i < p->nr && !status && diff_goes_on(d); i = next) {
		const struct crit_mapping *m = owner(d, &p->list[i]);
		uint32_t same_as = 0;

		ranges_begin(d, m ? m->name : NULL);
		next = i;
		do
			same_as |= walk(d, &p->list[next++], &status, err);
		while (next < p->nr && !status && together(d, &p->list[i], &p->list[next]));
		if (!d->ended)
			tell_mapping(d, &p->list[i], &p->list[next - 1], same_as);
	}
	return status;
}

/** Is it a second process on the memory of another one, in both? */
static bool told_elsewhere(const struct diff *d)
{
	for (int s = OLD; s <= NEW; s++)
		if (d->sides[s].bare || mm_owner(d->sides[s].task) == d->sides[s].task)
			return false;
	return mm_owner(d->sides[OLD].task)->pid == mm_owner(d->sides[NEW].task)->pid &&
	       !d->options->pid;
}

enum crit_status diff_memory(struct diff *d, struct crit_error *err)
{
	struct pieces pieces;
	enum crit_status status = CRIT_OK;

	if (told_elsewhere(d) ||
	    !(diff_wants(d, CRIT_DIFF_MAPPING) || diff_wants(d, CRIT_DIFF_MEMORY)))
		return CRIT_OK;
	d->ranges.page_size = d->sides[NEW].page_size;
	if (!pieces_make(d, d->rerun, &pieces))
		status = error_no_memory(err);
	if (!status) {
		pieces_tell(d, &pieces);
		if (diff_wants(d, CRIT_DIFF_MEMORY))
			status = walk_pieces(d, &pieces, err);
	}
	pieces_deinit(&pieces);
	return status;
}
