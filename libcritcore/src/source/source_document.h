/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* source_document.h - a member of a source as JSON; see json/document.h. */
#ifndef CRIT_SOURCE_DOCUMENT_H
#define CRIT_SOURCE_DOCUMENT_H

#include "json/document.h"
#include "source/source.h"

/**
 * Read a member that holds JSON.
 *
 * @param max      Bytes; a longer one is refused.
 * @param strings  Where its texts go.
 * @param out      [out] document_close() it; the name has to stay until then.
 * @return also CRIT_NOT_FOUND: there is no such member; CRIT_CORRUPT: it is a blob that has not the
 *         digest of its name.
 */
enum crit_status source_open_document(struct source *src, const char *name, uint64_t max,
				      struct arena *strings, struct document *out,
				      struct crit_error *err);

#endif
