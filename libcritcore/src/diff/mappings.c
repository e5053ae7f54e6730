// SPDX-License-Identifier: LGPL-2.1-or-later
/* mappings.c - what pieces.c found, told as differences of mappings. */
#include <stdio.h>
#include <string.h>

#include "diff/pieces.h"

enum { PROT_TEXT = 8, MAP_SHARED_BIT = 1 };

static void prot_text(const struct crit_mapping *m, char out[PROT_TEXT])
{
	snprintf(out, PROT_TEXT, "%c%c%c%c", m->prot & 1 ? 'r' : '-', m->prot & 2 ? 'w' : '-',
		 m->prot & 4 ? 'x' : '-', m->flags & MAP_SHARED_BIT ? 's' : 'p');
}

static const struct crit_mapping *side_mapping(struct diff *d, const struct piece *piece, int side)
{
	return piece->mapping[side] == NO_MAPPING
		       ? NULL
		       : &d->sides[side].task->mappings[piece->mapping[side]].pub;
}

static void set_ranges(struct crit_difference *out, const struct piece *piece)
{
	if (piece->has[OLD]) {
		out->old_start = piece->start[OLD];
		out->old_end = out->old_start + piece->len;
	}
	if (piece->has[NEW]) {
		out->new_start = piece->start[NEW];
		out->new_end = out->new_start + piece->len;
	}
}

/** Both have it: has it another protection, has it moved? */
static void tell_both(struct diff *d, const struct pieces *p, const struct piece *piece)
{
	const struct crit_mapping *a = side_mapping(d, piece, OLD);
	const struct crit_mapping *b = side_mapping(d, piece, NEW);
	struct crit_difference of = { .what = CRIT_DIFF_MAPPING, .name = b->name };
	char before[PROT_TEXT], after[PROT_TEXT];

	prot_text(a, before);
	prot_text(b, after);
	set_ranges(&of, piece);
	diff_text(d, &of, "prot", before, after);
	if (!p->moved[NEW][piece->mapping[NEW]])
		return;
	of.how = CRIT_DIFF_MOVED;
	of.before = before;
	of.after = after;
	diff_tell(d, &of);
}

/** Only one side has it: all of the mapping, or what it has grown by. A mapping that is cut into
 *  several pieces by what was there before is told once. */
static void tell_one(struct diff *d, const struct pieces *p, const struct piece *piece, int side)
{
	const struct crit_mapping *m = side_mapping(d, piece, side);
	int i = piece->mapping[side];
	struct crit_difference of = { .what = CRIT_DIFF_MAPPING, .name = m->name };
	char text[PROT_TEXT];
	bool part = p->met[side][i] || p->moved[side][i];

	prot_text(m, text);
	if (!part && piece->start[side] != m->start)
		return;
	set_ranges(&of, piece);
	if (part)
		of.field = "part";
	else if (side == OLD)
		of.old_end = m->end;
	else
		of.new_end = m->end;
	diff_only(d, &of, side == OLD ? CRIT_DIFF_GONE : CRIT_DIFF_ADDED, text);
}

void pieces_tell(struct diff *d, const struct pieces *p)
{
	for (size_t i = 0; i < p->nr && diff_goes_on(d); i++) {
		const struct piece *piece = &p->list[i];
		bool has_old = piece->mapping[OLD] != NO_MAPPING;
		bool has_new = piece->mapping[NEW] != NO_MAPPING;

		if (has_old && has_new)
			tell_both(d, p, piece);
		else if (!d->sides[OLD].bare && !d->sides[NEW].bare)
			tell_one(d, p, piece, has_old ? OLD : NEW);
	}
}
