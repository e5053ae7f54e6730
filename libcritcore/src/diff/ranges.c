// SPDX-License-Identifier: LGPL-2.1-or-later
/* ranges.c - see ranges.h. */
#include "diff/ranges.h"

#include <stdio.h>
#include <string.h>

#include "diff/diff.h"

enum { MAX_GAP = 8 /* equal bytes between two that differ, which make no new range */ };

void ranges_begin(struct diff *d, const char *name)
{
	struct ranges *r = &d->ranges;

	memset(&r->sum, 0, sizeof(r->sum));
	r->of = (struct crit_difference){ .what = CRIT_DIFF_RANGE, .name = name };
	r->pages.len = r->bytes.len = 0;
	r->why = NULL;
}

static void set_addresses(struct crit_difference *out, enum crit_diff_how how, uint64_t old_start,
			  uint64_t new_start, uint64_t len)
{
	if (how != CRIT_DIFF_ADDED) {
		out->old_start = old_start;
		out->old_end = old_start + len;
	}
	if (how != CRIT_DIFF_GONE) {
		out->new_start = new_start;
		out->new_end = new_start + len;
	}
}

static void flush_bytes(struct diff *d)
{
	struct byte_range *b = &d->ranges.bytes;
	struct crit_difference out = d->ranges.of;

	if (!b->len)
		return;
	out.how = CRIT_DIFF_CHANGED;
	set_addresses(&out, out.how, b->old_start, b->new_start, b->len);
	out.nr_bytes = b->len;
	out.old_bytes = b->bytes[OLD];
	out.new_bytes = b->bytes[NEW];
	b->len = 0;
	diff_tell(d, &out);
}

static uint64_t *sum_of(struct crit_diff_memory *m, enum crit_diff_how how)
{
	switch (how) {
	case CRIT_DIFF_ADDED:
		return &m->added;
	case CRIT_DIFF_GONE:
		return &m->gone;
	case CRIT_DIFF_UNKNOWN:
		return &m->unknown;
	default:
		return &m->changed;
	}
}

static void flush_pages(struct diff *d)
{
	struct page_range *p = &d->ranges.pages;
	struct crit_difference out = d->ranges.of;

	if (!p->len)
		return;
	*sum_of(&d->ranges.sum, p->how) += p->len;
	out.how = p->how;
	out.why = p->how == CRIT_DIFF_UNKNOWN ? p->why : NULL;
	set_addresses(&out, p->how, p->old_start, p->new_start, p->len);
	p->len = 0;
	if (d->options->ranges && !(d->options->bytes && out.how == CRIT_DIFF_CHANGED))
		diff_tell(d, &out);
}

void ranges_finish(struct diff *d)
{
	flush_bytes(d);
	flush_pages(d);
}

/** The text of an error does not outlive the read that failed. */
static const char *keep_why(struct ranges *r, const char *why)
{
	if (r->pages.len && r->pages.why && !strcmp(r->pages.why, why))
		return r->pages.why;
	snprintf(r->text, sizeof(r->text), "%s", why);
	if (!r->why) {
		snprintf(r->first_text, sizeof(r->first_text), "%s", why);
		r->why = r->first_text;
	}
	return r->text;
}

void ranges_add(struct diff *d, enum crit_diff_how how, uint64_t old_start, uint64_t new_start,
		uint64_t len, const char *why)
{
	struct page_range *p = &d->ranges.pages;
	bool goes_on = p->len && p->how == how && p->old_start + p->len == old_start &&
		       p->new_start + p->len == new_start &&
		       (how != CRIT_DIFF_UNKNOWN || !strcmp(p->why, why));

	if (how == CRIT_DIFF_ADDED || how == CRIT_DIFF_GONE) // an address that is not there is 0
		goes_on = p->len && p->how == how &&
			  (how == CRIT_DIFF_ADDED ? p->new_start + p->len == new_start
						  : p->old_start + p->len == old_start);
	if (!goes_on) {
		if (how != CRIT_DIFF_CHANGED)
			flush_bytes(d);
		flush_pages(d);
		*p = (struct page_range){ .how = how, .old_start = old_start,
					  .new_start = new_start };
		p->why = why ? keep_why(&d->ranges, why) : NULL;
	}
	p->len += len;
}

/* ---- Bytes of both sides -------------------------------------------------------------------- */

/** A page in which some byte differs, and which may have been noted already. */
static void add_page(struct diff *d, uint64_t old_at, uint64_t new_at)
{
	struct page_range *p = &d->ranges.pages;
	uint64_t in_page = new_at & (d->ranges.page_size - 1);

	if (p->len && p->how == CRIT_DIFF_CHANGED && new_at >= p->new_start &&
	    new_at < p->new_start + p->len)
		return;
	ranges_add(d, CRIT_DIFF_CHANGED, old_at - in_page, new_at - in_page, d->ranges.page_size,
		   NULL);
}

static void extend(struct byte_range *b, size_t upto, const uint8_t *before, const uint8_t *after,
		   uint64_t new_start)
{
	for (size_t i = (size_t)(b->new_start + b->len - new_start); i < upto; i++, b->len++) {
		if (b->len >= CRIT_DIFF_BYTES)
			continue;
		b->bytes[OLD][b->len] = before[i];
		b->bytes[NEW][b->len] = after[i];
	}
}

static void add_byte(struct diff *d, uint64_t old_start, uint64_t new_start, const uint8_t *before,
		     const uint8_t *after, size_t at)
{
	struct byte_range *b = &d->ranges.bytes;
	uint64_t end = b->new_start + b->len;
	bool near = b->len && new_start + at - end < MAX_GAP &&
		    old_start - b->old_start == new_start - b->new_start;

	// What is between has to be here.
	if (!near || end < new_start) {
		flush_bytes(d);
		b->old_start = old_start + at;
		b->new_start = new_start + at;
	}
	extend(b, at + 1, before, after, new_start);
}

static void compare_bytes(struct diff *d, uint64_t old_start, uint64_t new_start,
			  const uint8_t *before, const uint8_t *after, size_t len)
{
	enum { STEP = 64 };

	for (size_t at = 0; at < len; at += STEP) {
		size_t part = len - at < STEP ? len - at : STEP;

		if (!memcmp(before + at, after + at, part))
			continue;
		for (size_t i = at; i < at + part; i++)
			if (before[i] != after[i])
				add_byte(d, old_start, new_start, before, after, i);
	}
}

void ranges_compare(struct diff *d, uint64_t old_start, uint64_t new_start, const uint8_t *before,
		    const uint8_t *after, size_t len)
{
	uint64_t page_size = d->ranges.page_size;
	size_t part;

	if (!memcmp(before, after, len))
		return;
	for (size_t at = 0; at < len; at += part) {
		part = (size_t)(page_size - ((new_start + at) & (page_size - 1)));
		if (part > len - at)
			part = len - at;
		if (!memcmp(before + at, after + at, part))
			continue;
		add_page(d, old_start + at, new_start + at);
		if (d->options->ranges && d->options->bytes)
			compare_bytes(d, old_start + at, new_start + at, before + at, after + at,
				      part);
	}
}
