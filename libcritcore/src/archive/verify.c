// SPDX-License-Identifier: LGPL-2.1-or-later
/* verify.c - see verify.h. */
#include "archive/verify.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 1024 * 1024 };

/** Add the bytes of a span to a digest. @param chunk  CHUNK bytes. */
static enum crit_status add_span(const struct tar_span *span, struct digester *d, uint8_t *chunk,
				 const struct archive_options *o, struct crit_error *err)
{
	for (uint64_t done = 0; done < span->len;) {
		uint64_t left = span->len - done;
		ssize_t n = pread(span->fd, chunk, left < CHUNK ? (size_t)left : CHUNK,
				  (off_t)(span->start + done));

		if (n < 0 && errno != EINTR)
			return error_os(err, errno, "%s", span->name);
		if (n == 0)
			return error_at(err, CRIT_CORRUPT, span->name, done, "the file ends");
		if (n > 0) {
			digester_add(d, chunk, (size_t)n);
			done += (uint64_t)n;
		}
		if (o->keep_going && !o->keep_going(o->ctx, done, span->len))
			return error_set(err, CRIT_INTERRUPTED, "interrupted");
	}
	return CRIT_OK;
}

enum crit_status verify_span(const struct tar_span *span, const struct digest *claim,
			     const struct archive_options *options, struct crit_error *err)
{
	enum crit_status status;
	struct digest found;
	struct digester d;
	uint8_t *chunk;

	if (claim->kind == DIGEST_NONE)
		return CRIT_OK;
	chunk = malloc(CHUNK);
	if (!chunk)
		return error_no_memory(err);
	digester_init(&d, claim->kind);
	status = add_span(span, &d, chunk, options, err);
	free(chunk);
	if (status)
		return status;
	found = digester_end(&d);
	return digest_compare(claim, &found, span->name, err);
}
