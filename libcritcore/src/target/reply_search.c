// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * qSearch:memory, behind gdb's `find`:
 *
 *	reply = '1,' address | '0'	found (the lowest address), or not
 *
 * A match lies wholly in bytes that are there; nothing matches across a hole. Memory is looked at
 * through a window: the bytes at hand, of which the last pattern_len - 1 are kept in front of
 * the next ones, so that matches across the border of two reads are found.
 *
 *	                window
 *	  ... |  kept  |  next read   | ...
 *	       <-------- match ----->
 *
 * Two things make huge ranges affordable: crit_mem_locate() steps over what is not mapped or not
 * there in one go, and never-written memory is not read when the pattern has a byte that is not
 * zero, only the pattern_len - 1 zeros at either end of it. What is left may still take longer
 * than the two seconds gdb waits for an answer by default, so it is told to keep waiting.
 */
#include "target/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	READ_LEN = 256 * 1024,
	SIGN_OF_LIFE_MS = 500,
};

struct search {
	struct server *server;
	const uint8_t *pattern;
	size_t pattern_len;
	bool all_zero;
	uint64_t vaddr;	/* of the next byte to read */
	uint64_t left;	/* bytes to read from there on */
	size_t kept;	/* bytes in the window that stand right before vaddr */
	uint64_t sign_at_ms; /* when to give the next sign of life */
	uint8_t *window; /* pattern_len + READ_LEN bytes */
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static bool search_init(struct search *q, struct server *s, const struct request *req)
{
	uint64_t to_top = 0 - req->search.vaddr;

	memset(q, 0, sizeof(*q));
	q->server = s;
	q->pattern = req->search.pattern;
	q->pattern_len = req->search.pattern_len;
	q->all_zero = true;
	for (size_t i = 0; i < q->pattern_len; i++)
		if (q->pattern[i])
			q->all_zero = false;
	q->vaddr = req->search.vaddr;
	q->left = to_top && req->search.len > to_top ? to_top : req->search.len;
	q->sign_at_ms = now_ms() + SIGN_OF_LIFE_MS;
	q->window = malloc(q->pattern_len + READ_LEN);
	return q->window;
}

static void search_deinit(struct search *q)
{
	free(q->window);
}

/* Go on @p len bytes further; what was kept no longer stands before them. */
static void step_over(struct search *q, uint64_t len)
{
	if (len > q->left)
		len = q->left;
	q->vaddr += len;
	q->left -= len;
	q->kept = 0;
}

/* Look for the pattern in the window, of which the last @p fresh bytes are new. */
static bool look(struct search *q, size_t fresh, uint64_t *found)
{
	size_t have = q->kept + fresh, keep = q->pattern_len - 1;
	uint64_t start = q->vaddr - q->kept;
	const uint8_t *hit = memmem(q->window, have, q->pattern, q->pattern_len);

	if (hit) {
		*found = start + (uint64_t)(hit - q->window);
		return true;
	}
	if (keep > have)
		keep = have;
	memmove(q->window, q->window + have - keep, keep);
	q->kept = keep;
	q->vaddr += fresh;
	q->left -= fresh;
	return false;
}

/* Read on and look, at most at the @p max bytes that come from one place. */
static bool read_and_look(struct search *q, uint64_t max, uint64_t *found)
{
	size_t nread = 0, len = READ_LEN;

	if (len > max)
		len = (size_t)max;
	if (len > q->left)
		len = (size_t)q->left;
	crit_mem_read(q->server->task, q->vaddr, len, q->window + q->kept, &nread, NULL);
	if (nread)
		return look(q, nread, found);
	step_over(q, max); // located, but not readable: a damaged image
	return false;
}

/* @p len bytes of never-written memory, and a pattern that is not all zeros. */
static bool look_at_zeros(struct search *q, uint64_t len, uint64_t *found)
{
	uint64_t edge = q->pattern_len - 1, done = 0;

	if (len <= 2 * edge + READ_LEN)
		return read_and_look(q, len, found);
	while (done < edge) { // the matches that began before them
		uint64_t before = q->left;

		if (read_and_look(q, edge - done, found))
			return true;
		done += before - q->left;
	}
	step_over(q, len - edge - done);
	return false;
}

/* One step: over a hole, or through some bytes. */
static bool advance(struct search *q, uint64_t *found)
{
	struct crit_origin origin;

	if (crit_mem_locate(q->server->task, q->vaddr, &origin, NULL) != CRIT_OK) {
		q->left = 0;
		return false;
	}
	// 0: to the top of the address space
	uint64_t len = origin.len ? origin.len : UINT64_MAX;
	if (origin.kind == CRIT_ORIGIN_UNMAPPED || origin.kind == CRIT_ORIGIN_UNAVAILABLE) {
		step_over(q, len);
		return false;
	}
	if (len > q->left)
		len = q->left;
	if (origin.kind == CRIT_ORIGIN_ZERO && !q->all_zero)
		return look_at_zeros(q, len, found);
	return read_and_look(q, len, found);
}

static void give_sign_of_life(struct search *q)
{
	uint64_t now = now_ms();

	if (now < q->sign_at_ms)
		return;
	q->sign_at_ms = now + SIGN_OF_LIFE_MS;
	conn_keep_alive(&q->server->conn);
}

static bool search_run(struct search *q, uint64_t *found)
{
	while (q->left && !q->server->conn.lost) {
		if (advance(q, found))
			return true;
		give_sign_of_life(q);
	}
	return false;
}

void reply_search(struct server *s, const struct request *req)
{
	struct search q;
	uint64_t found;

	if (!search_init(&q, s, req)) {
		reply_error(s, ENOMEM);
		return;
	}
	if (search_run(&q, &found))
		buf_printf(&s->reply, "1,%llx", (unsigned long long)found);
	else
		buf_add_byte(&s->reply, '0');
	search_deinit(&q);
}
