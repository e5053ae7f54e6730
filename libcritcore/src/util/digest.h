/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * digest.h - digests as container images name their blobs: "sha256:" or "sha512:" and hexadecimal
 * digits. A blob is kept under its digest, so its name is a claim that can be checked:
 *
 *	blobs/sha256/HEX
 */
#ifndef CRIT_UTIL_DIGEST_H
#define CRIT_UTIL_DIGEST_H

#include <nettle/sha2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

enum digest_kind { DIGEST_NONE, DIGEST_SHA256, DIGEST_SHA512 };

enum {
	DIGEST_BYTES = 64,		       /* of the longest one */
	DIGEST_TEXT = 8 + 2 * DIGEST_BYTES,    /* with the NUL */
	DIGEST_NAME = 16 + 2 * DIGEST_BYTES,   /* of a blob, likewise */
};

struct digest {
	enum digest_kind kind; /* DIGEST_NONE: there is none */
	uint8_t bytes[DIGEST_BYTES];
};

/** Read "sha256:HEX". False: it is nothing of the sort. */
bool digest_parse(const char *text, struct digest *out);
/** The opposite. */
void digest_text(const struct digest *digest, char out[DIGEST_TEXT]);
/** Where a layout has the blob: "blobs/sha256/HEX". */
void digest_name(const struct digest *digest, char out[DIGEST_NAME]);
/** What a path claims that ends with the name of a blob; DIGEST_NONE: it claims nothing. */
struct digest digest_of_path(const char *path);

/** A digest that is being computed. */
struct digester {
	enum digest_kind kind;
	union {
		struct sha256_ctx sha256;
		struct sha512_ctx sha512;
	} ctx;
};

/** @param kind  DIGEST_NONE: nothing will be computed. */
void digester_init(struct digester *d, enum digest_kind kind);
void digester_add(struct digester *d, const void *data, size_t len);
/** The digest of all that was added; begin anew afterwards. */
struct digest digester_end(struct digester *d);

/**
 * Is a blob what it claims to be?
 * @param name  Of the blob, for messages.
 * @return CRIT_OK, also when nothing is claimed; CRIT_CORRUPT.
 */
enum crit_status digest_compare(const struct digest *claim, const struct digest *found,
				const char *name, struct crit_error *err);

#endif
