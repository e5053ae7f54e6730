// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * scan.c - memory goes through a window: the bytes at hand, in front of which stand the last ones
 * before them that may still be part of a match, or matter for one.
 *
 *	         buf                front                            full
 *	          |      begin        |                 end           |
 *	          |        |== kept ==|===== fresh ======|            |
 *	                        |
 *	                       pos: where the next match may begin
 *
 * A stretch is memory without a gap; where there is one, the window is looked at for the last time
 * and begins anew. Pages, runs and mappings are no gaps.
 *
 * Inside of a range where no match can lie, or only known ones, nothing is read. That can be
 * terabytes that were never written. Matches may still reach into its edges:
 *
 *	stretch   ======[ edge |/////// not read ///////| edge ]=======
 */
#include "search/scan.h"

#include <stdlib.h>
#include <string.h>

#include "util/error.h"

enum {
	READ_LEN = 256 * 1024, /* stays in the processor's cache */
	REGEX_READ_LEN = 64 * 1024, /* so that the search can be stopped soon enough */
	SMALL_LEN = 4096,      /* where reading fails it is tried again in such pieces */
	ALIGNMENT = 64,
};

struct scanner {
	const struct scan *what;
	const struct crit_pattern *pattern;
	struct regex_run *run; /* NULL: the pattern is a needle */
	uint64_t at;	       /* address of the next byte to read, buf[end] */
	bool done;	       /* there is none, or the search has ended */
	uint64_t worked;       /* bytes since keep_going() was last called */
	size_t edge;	       /* most bytes that are kept */
	uint8_t *buf;
	size_t front, begin, end, pos, full; /* in buf */
	enum crit_status status;
	struct crit_error *err;
};

static bool scanner_init(struct scanner *s, const struct scan *what, struct crit_error *err)
{
	const struct crit_pattern *p = what->pattern;

	memset(s, 0, sizeof(*s));
	s->what = what;
	s->pattern = p;
	s->at = what->start;
	s->edge = p->longest - 1 + p->keep;
	// Reads go to even addresses, which is quicker.
	s->front = (s->edge + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	s->begin = s->end = s->pos = s->front;
	s->full = s->front + (p->regex ? REGEX_READ_LEN : READ_LEN);
	s->err = err;
	s->buf = aligned_alloc(ALIGNMENT, s->full);
	if (p->regex)
		s->run = regex_run_new(p->regex);
	return s->buf && (s->run || !p->regex);
}

static void scanner_deinit(struct scanner *s)
{
	regex_run_free(s->run);
	free(s->buf);
}

/* ---- Looking at the window ------------------------------------------------------------------ */

static uint64_t vaddr_of(const struct scanner *s, size_t index)
{
	return s->at - (s->end - index);
}

static void tell(struct scanner *s, size_t from, size_t to)
{
	if (!s->what->found(s->what->ctx, vaddr_of(s, from), to - from))
		s->done = true;
}

static struct lattice lattice_from(const struct scanner *s, size_t index)
{
	return (struct lattice){ vaddr_of(s, index), s->what->align ? s->what->align : 1 };
}

static void look_for_needle(struct scanner *s)
{
	const struct needle *n = &s->pattern->needle;

	while (!s->done && s->end - s->pos >= n->len) {
		size_t hit = needle_find(n, s->buf + s->pos, s->end - s->pos,
					 lattice_from(s, s->pos));

		if (hit == SIZE_MAX) {
			s->pos = s->end - n->len + 1;
			return;
		}
		hit += s->pos;
		tell(s, hit, hit + n->len);
		s->pos = hit + (s->what->overlapping ? 1 : n->len);
	}
}

/** The next place that is aligned, from @p index on. */
static size_t next_aligned(const struct scanner *s, size_t index)
{
	struct lattice lattice = lattice_from(s, index);
	uint64_t rest = lattice.base % lattice.align;

	// May go beyond the window: there is nothing to find in it, then.
	if (rest && lattice.align - rest > s->end - index)
		return s->end;
	return rest ? index + (size_t)(lattice.align - rest) : index;
}

static void keep_going(struct scanner *s)
{
	if (s->what->keep_going && !s->done && !s->what->keep_going(s->what->ctx, s->worked)) {
		s->status = error_set(s->err, CRIT_INTERRUPTED, "interrupted");
		s->done = true;
	}
	s->worked = 0;
}

/** A match of the expression; where the next one may begin depends on its alignment. */
static void take_hit(struct scanner *s, size_t from, size_t to)
{
	size_t aligned = next_aligned(s, from), next = to;

	if (aligned == from)
		tell(s, from, to);
	else
		next = aligned;
	s->pos = next > s->pos ? next : s->pos + 1;
}

static void look_for_regex(struct scanner *s, enum regex_end end)
{
	while (!s->done && s->pos < s->end) {
		size_t pos = s->pos - s->begin, hit[2];
		enum regex_result result;

		s->status = regex_try(s->run, s->buf + s->begin, s->end - s->begin, end, &pos,
				      &result, hit, s->err);
		s->pos = s->begin + pos;
		if (s->status)
			s->done = true;
		else if (result == REGEX_WAIT)
			return;
		else if (result == REGEX_FOUND)
			take_hit(s, s->begin + hit[0], s->begin + hit[1]);
		else
			keep_going(s);
	}
}

static void look(struct scanner *s, enum regex_end end)
{
	if (s->run)
		look_for_regex(s, end);
	else
		look_for_needle(s);
	keep_going(s);
}

/** The window is full: make room for more, which follows. */
static void look_and_slide(struct scanner *s)
{
	size_t from = s->begin, len;

	look(s, REGEX_MORE);
	if (s->done)
		return;
	if (s->pos > s->begin + s->pattern->keep)
		from = s->pos - s->pattern->keep;
	len = s->end - from;
	memmove(s->buf + s->front - len, s->buf + from, len);
	s->pos = s->front - len + (s->pos - from);
	s->begin = s->front - len;
	s->end = s->front;
}

/** Nothing follows directly: begin anew behind a gap. */
static void finish_stretch(struct scanner *s)
{
	look(s, REGEX_LAST);
	s->begin = s->end = s->pos = s->front;
}

/* ---- Going through memory ------------------------------------------------------------------- */

/** The next byte cannot be read; of @p len bytes, step over those it shares an origin with. */
static uint64_t step_over_damage(struct scanner *s, uint64_t len, const struct crit_error *why)
{
	struct crit_origin origin;

	finish_stretch(s);
	if (!crit_mem_locate(s->what->task, s->at, &origin, NULL) &&
	    origin.block_mem_len > origin.block_pos &&
	    len > origin.block_mem_len - origin.block_pos)
		len = origin.block_mem_len - origin.block_pos;
	if (s->what->unreadable && !s->done)
		s->what->unreadable(s->what->ctx, s->at, len, why);
	s->at += len;
	s->worked += len;
	return len;
}

/** Read the next @p len bytes, which come from one place, and look at each window that is full. */
static void take(struct scanner *s, uint64_t len)
{
	size_t most = READ_LEN;

	while (len && !s->done) {
		size_t room = s->full - s->end, part = room < most ? room : most;
		struct crit_error why;
		size_t nread = 0;

		if (part > len)
			part = (size_t)len;
		crit_mem_read(s->what->task, s->at, part, s->buf + s->end, &nread, &why);
		s->end += nread;
		s->at += nread;
		s->worked += nread;
		len -= nread;
		if (nread == part && s->end == s->full)
			look_and_slide(s);
		else if (nread < part && most > SMALL_LEN)
			most = SMALL_LEN;
		else if (nread < part)
			len -= step_over_damage(s, len, &why);
	}
}

/** A range of which only the edges matter. */
static void take_edges(struct scanner *s, uint64_t len)
{
	uint64_t inside_end = s->at + len - s->edge;

	take(s, s->edge);
	look(s, REGEX_CUT);
	s->worked += inside_end - s->at;
	s->at = inside_end;
	s->begin = s->end = s->pos = s->front;
	take(s, s->pattern->keep);
	s->pos = s->end;
	take(s, s->edge - s->pattern->keep);
}

static void step(struct scanner *s)
{
	struct crit_origin origin;
	bool known;

	s->status = crit_mem_locate(s->what->task, s->at, &origin, s->err);
	if (s->status) {
		s->done = true;
		return;
	}
	// len is 0 when the range reaches the top.
	bool to_the_end = !origin.len || origin.len - 1 >= s->what->last - s->at;
	if (to_the_end)
		origin.len = s->what->last - s->at + 1;
	if (origin.kind == CRIT_ORIGIN_UNMAPPED || origin.kind == CRIT_ORIGIN_UNAVAILABLE) {
		if (s->end > s->begin)
			finish_stretch(s);
		s->at += origin.len;
		s->done = s->done || to_the_end;
		return;
	}
	uint64_t len = origin.len;
	known = s->what->known && s->what->known(s->what->ctx, &origin);
	known = known || (origin.kind == CRIT_ORIGIN_ZERO && !s->pattern->fits_zeros);
	if (known && origin.len > 2 * (uint64_t)s->edge)
		take_edges(s, origin.len);
	else
		take(s, origin.len);
	if (to_the_end && origin.len == len && !s->done) {
		finish_stretch(s);
		s->done = true;
	}
}

enum crit_status scan_run(const struct scan *what, struct crit_error *err)
{
	struct scanner s;

	if (!scanner_init(&s, what, err)) {
		scanner_deinit(&s);
		return error_no_memory(err);
	}
	while (!s.done)
		step(&s);
	scanner_deinit(&s);
	return s.status;
}
