/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image.h - images as JSON, and back. A part of critcore.h. */
#ifndef CRITCORE_IMAGE_H
#define CRITCORE_IMAGE_H

#include "critcore/io.h"

#ifdef __cplusplus
extern "C" {
#endif

enum crit_json_layout {
	CRIT_JSON_LINE,	    /* everything on one line */
	CRIT_JSON_INDENTED, /* by four spaces a level */
};

/** All zero is CRIT's `decode`. */
struct crit_decode_options {
	enum crit_json_layout layout;
	bool pretty;	 /* numbers as addresses, flags, devices, names, as the schema says */
	bool no_payload; /* only say how large payloads are; cannot be encoded again */
	/** Hears, one line at a time, what the JSON keeps in members that start with '_'. */
	void (*note)(void *ctx, const char *line);
	/** Called now and then; false ends the call with CRIT_INTERRUPTED. */
	crit_keep_going_fn keep_going;
	void *ctx; /* for both */
};

/**
 * Write an image as JSON, as CRIT does: {"magic": "CORE", "entries": [{...}, ...]}, without a
 * newline at the end. What that form cannot hold is in members whose names start with '_', so that
 * crit_image_encode() always gives back the very same bytes; docs/json.md lists them.
 *
 * @param options  NULL: all zero.
 * @return CRIT_OK; CRIT_KEPT: the output is complete, but some of the image was not understood and
 *         is in it undecoded, @p err says what and where; CRIT_CORRUPT: not an image;
 *         CRIT_UNSUPPORTED: a raw image, without records; CRIT_OS; CRIT_NO_MEMORY;
 *         CRIT_INTERRUPTED.
 */
CRIT_API enum crit_status crit_image_decode(struct crit_input *in, struct crit_output *out,
					    const struct crit_decode_options *options,
					    struct crit_error *err);

struct crit_encode_options {
	void (*note)(void *ctx, const char *line); /* what was ignored or given up */
	crit_keep_going_fn keep_going;
	void *ctx;
};

/**
 * Write JSON as an image: the inverse of crit_image_decode() in all its forms, and of CRIT's and
 * go-crit's decoders.
 *
 * @return CRIT_OK; CRIT_CORRUPT: @p err says line, column and path ("entries[3].vmas[0].start");
 *         its off is the byte in the JSON; CRIT_OS; CRIT_NO_MEMORY; CRIT_INTERRUPTED.
 */
CRIT_API enum crit_status crit_image_encode(struct crit_input *in, struct crit_output *out,
					    const struct crit_encode_options *options,
					    struct crit_error *err);

struct crit_image_info {
	const char *magic; /* CRIU's name of the kind ("CORE"); static storage */
	uint64_t count;	   /* records; without the head of a pagemap */
};

/** What kind of image it is and how many records it has. @return as crit_image_decode(). */
CRIT_API enum crit_status crit_image_info(struct crit_input *in, struct crit_image_info *out,
					  struct crit_error *err);

/**
 * Change one field of an image; every other byte stays as it is.
 *
 * @param path   "entries[0].tc.comm", "entries[3].vmas[0].start".
 * @param value  JSON, as crit_image_encode() takes it for the field ("\"name\"", "42",
 *               "\"0x2a\"", "{\"low\": 1}").
 * @return as crit_image_encode(); CRIT_NOT_FOUND: no such record, or no such field in the schema.
 */
CRIT_API enum crit_status crit_image_set(struct crit_input *in, struct crit_output *out,
					 const char *path, const char *value,
					 struct crit_error *err);

#ifdef __cplusplus
}
#endif

#endif
