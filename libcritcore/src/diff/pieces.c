// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pieces.c - see pieces.h. Mappings are matched by address, where they are of the same kind and
 * show the same part of the same file; what is left then by name, in order: a library that was
 * loaded again elsewhere, or all of a program that was started again.
 */
#include "diff/pieces.h"

#include <stdlib.h>
#include <string.h>

#include "util/array.h"

static const struct crit_mapping *mapping_of(const struct diff *d, int side, int i)
{
	return &d->sides[side].task->mappings[i].pub;
}

/** As many as a side has; a pre-dump has none. */
static int nr_mappings(const struct diff *d, int side)
{
	return d->sides[side].bare ? 0 : (int)d->sides[side].task->nr_mappings;
}

static bool has_file(const struct crit_mapping *m)
{
	return m->kind == CRIT_MAP_FILE || m->kind == CRIT_MAP_FILE_SHARED ||
	       m->kind == CRIT_MAP_MEMFD;
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

/** May what both have at one address be the same? */
static bool fit(const struct crit_mapping *a, const struct crit_mapping *b)
{
	if (a->kind != b->kind)
		return false;
	return !has_file(a) || (!compare_text(a->path, b->path) &&
				a->pgoff - a->start == b->pgoff - b->start);
}

/* ---- The list ------------------------------------------------------------------------------- */

/** @param old_i, new_i  Mappings, or NO_MAPPING where that side is not meant. */
static struct piece *add(struct pieces *p, uint64_t start, uint64_t end, int old_i, int new_i)
{
	struct piece *piece;

	if (!array_grow(&p->list, p->nr, &p->cap, sizeof(*p->list))) {
		p->failed = true;
		return NULL;
	}
	piece = &p->list[p->nr++];
	*piece = (struct piece){ { start, start }, end - start,
				 { old_i != NO_MAPPING, new_i != NO_MAPPING }, { old_i, new_i } };
	return piece;
}

static void add_both(struct diff *d, struct pieces *p, uint64_t start, uint64_t end, int i, int j)
{
	if (i == NO_MAPPING || j == NO_MAPPING ||
	    fit(mapping_of(d, OLD, i), mapping_of(d, NEW, j))) {
		add(p, start, end, i, j);
		if (i != NO_MAPPING && j != NO_MAPPING)
			p->met[OLD][i] = p->met[NEW][j] = true;
		return;
	}
	add(p, start, end, i, NO_MAPPING);
	add(p, start, end, NO_MAPPING, j);
}

/** Go along both lists of mappings, from border to border. */
static void sweep(struct diff *d, struct pieces *p)
{
	int nr[2] = { nr_mappings(d, OLD), nr_mappings(d, NEW) }, i[2] = { 0, 0 };
	uint64_t at = 0;

	while ((i[OLD] < nr[OLD] || i[NEW] < nr[NEW]) && !p->failed) {
		uint64_t start = UINT64_MAX, end = UINT64_MAX;
		int in[2];

		for (int s = OLD; s <= NEW; s++)
			if (i[s] < nr[s] && mapping_of(d, s, i[s])->start < start)
				start = mapping_of(d, s, i[s])->start;
		start = start < at ? at : start;
		for (int s = OLD; s <= NEW; s++) {
			const struct crit_mapping *m = i[s] < nr[s] ? mapping_of(d, s, i[s]) : NULL;
			uint64_t border = !m ? UINT64_MAX : m->start <= start ? m->end : m->start;

			in[s] = m && m->start <= start ? i[s] : NO_MAPPING;
			end = border < end ? border : end;
		}
		add_both(d, p, start, end, in[OLD], in[NEW]);
		for (int s = OLD; s <= NEW; s++)
			i[s] += i[s] < nr[s] && mapping_of(d, s, i[s])->end <= end;
		at = end;
	}
}

/* ---- Mappings that have moved --------------------------------------------------------------- */

struct key {
	const struct crit_mapping *m;
	int index;
};

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/** The size of these is not what they are known by. */
static bool grows(const struct crit_mapping *m)
{
	return m->heap || m->stack;
}

static int compare_keys(const struct key *a, const struct key *b)
{
	const struct crit_mapping *ma = a->m, *mb = b->m;
	int order = compare_numbers(ma->kind, mb->kind);

	if (!order)
		order = compare_text(ma->name, mb->name);
	if (!order)
		order = compare_numbers(ma->prot, mb->prot);
	if (!order && has_file(ma))
		order = compare_numbers(ma->pgoff, mb->pgoff);
	if (!order && !(grows(ma) && grows(mb)))
		order = compare_numbers(ma->end - ma->start, mb->end - mb->start);
	return order;
}

static int compare_for_sort(const void *a, const void *b)
{
	int order = compare_keys(a, b);

	return order ? order
		     : compare_numbers((uint64_t)((const struct key *)a)->index,
				       (uint64_t)((const struct key *)b)->index);
}

/** What one side has and the other has not at its address, sorted by what it is. */
static struct key *left_over(struct diff *d, const struct pieces *p, int side, bool unnamed,
			     size_t *nr)
{
	struct key *keys = calloc((size_t)nr_mappings(d, side) + 1, sizeof(*keys));

	*nr = 0;
	for (int i = 0; keys && i < nr_mappings(d, side); i++) {
		const struct crit_mapping *m = mapping_of(d, side, i);

		if (!p->met[side][i] && (unnamed || *m->name))
			keys[(*nr)++] = (struct key){ m, i };
	}
	if (keys)
		qsort(keys, *nr, sizeof(*keys), compare_for_sort);
	return keys;
}

static void pair_up(struct pieces *p, const struct key *a, const struct key *b)
{
	uint64_t old_len = a->m->end - a->m->start, new_len = b->m->end - b->m->start;
	uint64_t len = old_len < new_len ? old_len : new_len;
	struct piece *piece = add(p, a->m->start, a->m->start + len, a->index, b->index);

	if (!piece)
		return;
	piece->start[NEW] = b->m->start;
	if (a->m->stack) { // it grows downwards
		piece->start[OLD] = a->m->end - len;
		piece->start[NEW] = b->m->end - len;
	}
	p->moved[OLD][a->index] = p->moved[NEW][b->index] = true;
	if (new_len > len)
		add(p, a->m->stack ? b->m->start : b->m->start + len,
		    a->m->stack ? b->m->end - len : b->m->end, NO_MAPPING, b->index);
	if (old_len > len)
		add(p, a->m->stack ? a->m->start : a->m->start + len,
		    a->m->stack ? a->m->end - len : a->m->end, a->index, NO_MAPPING);
}

/** Pieces of moved mappings were also found where they were, and where they are. */
static void drop_halves(struct pieces *p, size_t nr_swept)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->nr; i++) {
		const struct piece *piece = &p->list[i];
		bool half = i < nr_swept && piece->has[OLD] != piece->has[NEW];
		int side = piece->has[OLD] ? OLD : NEW;

		if (!half || !p->moved[side][piece->mapping[side]])
			p->list[kept++] = *piece;
	}
	p->nr = kept;
}

static void find_moved(struct diff *d, struct pieces *p, bool rerun)
{
	size_t nr[2], i = 0, j = 0, nr_swept = p->nr;
	struct key *keys[2] = { left_over(d, p, OLD, rerun, &nr[OLD]),
				left_over(d, p, NEW, rerun, &nr[NEW]) };

	p->failed |= !keys[OLD] || !keys[NEW];
	while (!p->failed && i < nr[OLD] && j < nr[NEW]) {
		int order = compare_keys(&keys[OLD][i], &keys[NEW][j]);

		if (!order)
			pair_up(p, &keys[OLD][i], &keys[NEW][j]);
		i += order <= 0;
		j += order >= 0;
	}
	free(keys[OLD]);
	free(keys[NEW]);
	drop_halves(p, nr_swept);
}

/* ---- Pre-dumps ------------------------------------------------------------------------------ */

/** One side has no mappings: both are looked at over the whole address space, in pieces that each
 *  are in one mapping of the other or in none; in a single one if neither has any. */
static void add_bare(struct diff *d, struct pieces *p)
{
	bool neither = d->sides[OLD].bare && d->sides[NEW].bare;
	int whole = d->sides[OLD].bare ? NEW : OLD;
	uint64_t at = 0;

	for (int i = 0; i <= nr_mappings(d, whole) && !p->failed; i++) {
		bool last = i == nr_mappings(d, whole);
		uint64_t start = last ? UINT64_MAX : mapping_of(d, whole, i)->start;
		struct piece *piece = start > at ? add(p, at, start, NO_MAPPING, NO_MAPPING) : NULL;

		if (piece)
			piece->has[!whole] = true;
		if (piece && neither)
			piece->has[whole] = true;
		if (last)
			break;
		at = mapping_of(d, whole, i)->end;
		piece = add(p, start, at, NO_MAPPING, NO_MAPPING);
		if (!piece)
			break;
		piece->has[OLD] = piece->has[NEW] = true;
		piece->mapping[whole] = i;
	}
}

static int compare_pieces(const void *a, const void *b)
{
	const struct piece *pa = a, *pb = b;
	int order = compare_numbers(pa->start[pa->has[NEW]], pb->start[pb->has[NEW]]);

	return order ? order : (int)pa->has[NEW] - (int)pb->has[NEW];
}

bool pieces_make(struct diff *d, bool rerun, struct pieces *out)
{
	memset(out, 0, sizeof(*out));
	for (int s = OLD; s <= NEW; s++) {
		out->met[s] = calloc((size_t)nr_mappings(d, s) + 1, sizeof(bool));
		out->moved[s] = calloc((size_t)nr_mappings(d, s) + 1, sizeof(bool));
		out->failed |= !out->met[s] || !out->moved[s];
	}
	if (!out->failed && (d->sides[OLD].bare || d->sides[NEW].bare)) {
		add_bare(d, out);
	} else if (!out->failed) {
		sweep(d, out);
		find_moved(d, out, rerun);
	}
	if (!out->failed && out->nr)
		qsort(out->list, out->nr, sizeof(*out->list), compare_pieces);
	return !out->failed;
}

void pieces_deinit(struct pieces *p)
{
	for (int s = OLD; s <= NEW; s++) {
		free(p->met[s]);
		free(p->moved[s]);
	}
	free(p->list);
}
