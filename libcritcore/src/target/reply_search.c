// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * qSearch:memory, behind gdb's `find`:
 *
 *	reply = '1,' address | '0'	found (the lowest address), or not
 *
 * A match lies wholly in bytes that are there; nothing matches across a hole. Huge ranges may take
 * longer than the two seconds gdb waits for an answer by default, so it is told to keep waiting.
 */
#include "target/server.h"

#include <errno.h>
#include <time.h>

#include "search/scan.h"

enum { SIGN_OF_LIFE_MS = 500 };

struct answer {
	struct server *server;
	bool found;
	uint64_t vaddr;
	uint64_t sign_at_ms; /* when to give the next sign of life */
};

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static bool found(void *ctx, uint64_t vaddr, uint64_t len)
{
	struct answer *answer = ctx;

	(void)len;
	answer->found = true;
	answer->vaddr = vaddr;
	return false;
}

static bool keep_going(void *ctx, uint64_t len)
{
	struct answer *answer = ctx;
	uint64_t now = now_ms();

	(void)len;
	if (now >= answer->sign_at_ms) {
		answer->sign_at_ms = now + SIGN_OF_LIFE_MS;
		conn_keep_alive(&answer->server->conn);
	}
	return !answer->server->conn.lost;
}

static enum crit_status search(struct server *s, const struct request *req, struct answer *answer)
{
	uint64_t start = req->search.vaddr, more = req->search.len - 1;
	struct scan scan = { .task = s->task, .start = start, .found = found,
			     .keep_going = keep_going, .ctx = answer };
	struct crit_pattern *pattern;
	enum crit_status status;

	if (!req->search.len)
		return CRIT_OK;
	status = crit_pattern_new(CRIT_PATTERN_TEXT, req->search.pattern, req->search.pattern_len,
				  NULL, &pattern, NULL);
	if (status)
		return status;
	scan.pattern = pattern;
	scan.last = more > UINT64_MAX - start ? UINT64_MAX : start + more;
	status = scan_run(&scan, NULL);
	crit_pattern_free(pattern);
	return status;
}

void reply_search(struct server *s, const struct request *req)
{
	struct answer answer = { .server = s, .sign_at_ms = now_ms() + SIGN_OF_LIFE_MS };

	if (search(s, req, &answer) == CRIT_NO_MEMORY)
		reply_error(s, ENOMEM);
	else if (answer.found)
		buf_printf(&s->reply, "1,%llx", (unsigned long long)answer.vaddr);
	else
		buf_add_byte(&s->reply, '0');
}
