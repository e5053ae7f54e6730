// SPDX-License-Identifier: LGPL-2.1-or-later
/* digest.c - see digest.h. The hashes are Nettle's: nothing to set up, no globals. */
#include "util/digest.h"

#include <nettle/version.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	size_t len; /* bytes */
} kinds[] = {
	[DIGEST_SHA256] = { "sha256", SHA256_DIGEST_SIZE },
	[DIGEST_SHA512] = { "sha512", SHA512_DIGEST_SIZE },
};

enum { NR_KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static int value_of(char digit)
{
	static const char digits[] = "0123456789abcdef"; // capitals are another name of a blob
	const char *at = digit ? strchr(digits, digit) : NULL;

	return at ? (int)(at - digits) : -1;
}

/** As many digits as the kind has, and nothing behind. */
static bool parse_digits(const char *text, size_t len, uint8_t *out)
{
	for (size_t i = 0; i < len; i++) {
		int high = value_of(text[2 * i]);
		int low = high < 0 ? -1 : value_of(text[2 * i + 1]);

		if (low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return !text[2 * len];
}

/** @param separator  Between the name of the kind and the digits. */
static bool parse(const char *text, char separator, struct digest *out)
{
	*out = (struct digest){ 0 };
	for (unsigned int kind = DIGEST_NONE + 1; kind < NR_KINDS; kind++) {
		size_t len = strlen(kinds[kind].name);

		if (strncmp(text, kinds[kind].name, len) != 0 || text[len] != separator ||
		    !parse_digits(text + len + 1, kinds[kind].len, out->bytes))
			continue;
		out->kind = kind;
		return true;
	}
	return false;
}

bool digest_parse(const char *text, struct digest *out)
{
	return parse(text, ':', out);
}

static void print(const struct digest *digest, const char *before, char separator, char *out,
		  size_t size)
{
	int len = snprintf(out, size, "%s%s%c", before, kinds[digest->kind].name, separator);

	for (size_t i = 0; i < kinds[digest->kind].len; i++, len += 2)
		snprintf(out + len, size - (size_t)len, "%02x", digest->bytes[i]);
}

void digest_text(const struct digest *digest, char out[DIGEST_TEXT])
{
	out[0] = '\0';
	if (digest->kind != DIGEST_NONE)
		print(digest, "", ':', out, DIGEST_TEXT);
}

void digest_name(const struct digest *digest, char out[DIGEST_NAME])
{
	out[0] = '\0';
	if (digest->kind != DIGEST_NONE)
		print(digest, "blobs/", '/', out, DIGEST_NAME);
}

struct digest digest_of_path(const char *path)
{
	static const char folder[] = "blobs/";
	struct digest out = { 0 };

	for (const char *at = path; (at = strstr(at, folder)); at++)
		if ((at == path || at[-1] == '/') && parse(at + strlen(folder), '/', &out))
			break;
	return out;
}

void digester_init(struct digester *d, enum digest_kind kind)
{
	d->kind = kind;
	if (kind == DIGEST_SHA256)
		sha256_init(&d->ctx.sha256);
	else if (kind == DIGEST_SHA512)
		sha512_init(&d->ctx.sha512);
}

void digester_add(struct digester *d, const void *data, size_t len)
{
	if (d->kind == DIGEST_SHA256)
		sha256_update(&d->ctx.sha256, len, data);
	else if (d->kind == DIGEST_SHA512)
		sha512_update(&d->ctx.sha512, len, data);
}

#if NETTLE_VERSION_MAJOR >= 4 // which gives out whole digests only
#define FINISH(hash, ctx, out, size) hash##_digest(ctx, out)
#else
#define FINISH(hash, ctx, out, size) hash##_digest(ctx, size, out)
#endif

struct digest digester_end(struct digester *d)
{
	struct digest out = { .kind = d->kind };

	if (d->kind == DIGEST_SHA256)
		FINISH(sha256, &d->ctx.sha256, out.bytes, SHA256_DIGEST_SIZE);
	else if (d->kind == DIGEST_SHA512)
		FINISH(sha512, &d->ctx.sha512, out.bytes, SHA512_DIGEST_SIZE);
	return out;
}

enum crit_status digest_compare(const struct digest *claim, const struct digest *found,
				const char *name, struct crit_error *err)
{
	char text[DIGEST_TEXT];

	if (claim->kind == DIGEST_NONE || (claim->kind == found->kind &&
					   !memcmp(claim->bytes, found->bytes, DIGEST_BYTES)))
		return CRIT_OK;
	digest_text(found, text);
	return error_set(err, CRIT_CORRUPT, "%s: not what its name says: its digest is %s", name,
			 text);
}
