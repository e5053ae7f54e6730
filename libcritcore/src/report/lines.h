/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lines.h - text for people, collected and handed to an output in large pieces.
 *
 * A failure (the disk is full, the reader is gone, memory is out) is remembered, later calls do
 * nothing, and lines_finish() says what it was: who prints need not ask after every word.
 */
#ifndef CRIT_REPORT_LINES_H
#define CRIT_REPORT_LINES_H

#include <stdarg.h>

#include "critcore.h"
#include "util/buf.h"
#include "util/error.h"

struct lines {
	struct crit_output *out;
	struct buf b;
	enum crit_status status; /* of the first failure */
	struct crit_error err;
};

void lines_init(struct lines *l, struct crit_output *out);
void lines_add(struct lines *l, const void *data, size_t len);
void lines_str(struct lines *l, const char *s);
void lines_printf(struct lines *l, const char *fmt, ...) PRINTF(2, 3);
/** Text out of images: control bytes become '?'. NULL prints nothing. */
void lines_safe(struct lines *l, const char *s);
/** "232 KiB". */
void lines_size(struct lines *l, uint64_t bytes);
/** Did something fail? Long work may stop then. */
static inline bool lines_failed(const struct lines *l)
{
	return l->status != CRIT_OK;
}
/** Hand the rest to the output and release everything. @return the first failure. */
enum crit_status lines_finish(struct lines *l, struct crit_error *err);

#endif
