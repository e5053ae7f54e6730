/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * document.h - reading the JSON files that engines write: what is wanted is picked out, the rest is
 * stepped over. null is as good as nothing; any other value of the wrong type is a fault.
 */
#ifndef CRIT_CONTAINER_DOCUMENT_H
#define CRIT_CONTAINER_DOCUMENT_H

#include "json/reader.h"
#include "source/source.h"
#include "util/arena.h"

enum {
	DOCUMENT_MAX = 16 * 1024 * 1024, /* bytes of a file: that of a container with 100,000
					    annotations */
	DOCUMENT_MAX_NAME = 4096,	 /* bytes of a member's name */
};

struct document {
	struct json_reader r;
	struct crit_input *in;
	uint8_t *data;	       /* NULL: somebody else's */
	struct arena *strings; /* texts go there */
};

/** @return also CRIT_NOT_FOUND: there is no such member. */
enum crit_status document_open(struct source *src, const char *name, struct arena *strings,
			       struct document *out, struct crit_error *err);
/** JSON in a text of another document. @param name  For messages. */
enum crit_status document_from_text(const char *text, const char *name, struct arena *strings,
				    struct document *out, struct crit_error *err);
void document_close(struct document *doc);

/** Takes the value of a member, or of an item of a list (then @p name is ""). */
typedef enum crit_status (*document_fn)(void *ctx, struct document *doc, const char *name);

/** An object, a list: call @p fn for each value. null has none. */
enum crit_status document_object(struct document *doc, document_fn fn, void *ctx);
enum crit_status document_list(struct document *doc, document_fn fn, void *ctx);
/** A string; null leaves NULL. */
enum crit_status document_text(struct document *doc, const char **out);
/** A whole number; null leaves 0. */
enum crit_status document_int(struct document *doc, int64_t *out);

#endif
