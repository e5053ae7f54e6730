/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * document.h - reading small JSON files that others wrote (container engines): what is wanted is
 * picked out, the rest is stepped over. null is as good as nothing; any other value of the wrong
 * type is a fault.
 */
#ifndef CRIT_JSON_DOCUMENT_H
#define CRIT_JSON_DOCUMENT_H

#include "json/reader.h"
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

/** @param data  malloc()ed; taken over, also on failure. @param name  For messages; is to stay. */
enum crit_status document_from_data(uint8_t *data, size_t len, const char *name,
				    struct arena *strings, struct document *out,
				    struct crit_error *err);
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
