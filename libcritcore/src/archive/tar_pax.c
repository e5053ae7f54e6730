// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tar_pax.c - extended headers: records that say more of the member that follows.
 *
 *	record = LENGTH ' ' KEY '=' VALUE '\n'		LENGTH counts all of the record
 *
 * The same key twice: the last one counts. Keys that are not about name, size, time or holes are
 * passed over. What is meant for all members of an archive may not be about name, size or holes: no
 * program writes that, and not all would read it.
 */
#include <stdlib.h>
#include <string.h>

#include "archive/tar_impl.h"

bool tar_decimal(const char *text, size_t len, uint64_t *out)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++)
		if (text[i] < '0' || text[i] > '9' ||
		    __builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value))
			return false;
	*out = value;
	return len > 0 && value <= INT64_MAX;
}

struct record {
	const char *key, *value; /* the key has its terminator */
	size_t len;		 /* of value */
};

static bool take_text(struct buf *to, const struct record *r)
{
	buf_clear(to);
	if (!r->len || r->len >= TAR_NAME || memchr(r->value, '\0', r->len))
		return false;
	buf_add(to, r->value, r->len);
	buf_add_byte(to, '\0');
	return !to->failed;
}

/** Seconds with a fraction; times before 1970 are left out. */
static bool take_time(struct tar_extended *ext, const struct record *r)
{
	const char *dot = memchr(r->value, '.', r->len);
	size_t whole = dot ? (size_t)(dot - r->value) : r->len;
	long unit = 100000000;
	uint64_t seconds;

	if (r->len && r->value[0] == '-')
		return true;
	if (!tar_decimal(r->value, whole, &seconds))
		return false;
	ext->has_mtime = true;
	ext->mtime = (int64_t)seconds;
	ext->mtime_ns = 0;
	for (size_t i = whole + 1; i < r->len && unit; i++, unit /= 10) {
		if (r->value[i] < '0' || r->value[i] > '9')
			return false;
		ext->mtime_ns += unit * (r->value[i] - '0');
	}
	return true;
}

/** GNU.sparse.map: offset and length in turn, with commas. */
static bool take_map(struct tar_walk *w, const struct record *r)
{
	const char *at = r->value, *end = r->value + r->len;
	uint64_t pair[2];
	unsigned int i = 0;

	w->nr_pieces = 0;
	while (at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		const char *stop = comma ? comma : end;

		if (!tar_decimal(at, (size_t)(stop - at), &pair[i % 2]))
			return false;
		if (i++ % 2 && tar_sparse_add(w, pair[0], pair[1], NULL))
			return false;
		at = comma ? comma + 1 : end;
	}
	return i % 2 == 0;
}

static bool take_number(const struct record *r, bool *has, uint64_t *out)
{
	if (has)
		*has = true;
	return tar_decimal(r->value, r->len, out);
}

/** The older forms of a map, number by number. */
static bool take_entry(struct tar_walk *w, const struct record *r, bool is_offset)
{
	struct tar_extended *ext = &w->ext;
	uint64_t len;

	if (ext->has_offset == is_offset)
		return false;
	ext->has_offset = is_offset;
	if (is_offset)
		return tar_decimal(r->value, r->len, &ext->offset);
	return tar_decimal(r->value, r->len, &len) && !tar_sparse_add(w, ext->offset, len, NULL);
}

static bool take_sparse(struct tar_walk *w, const char *key, const struct record *r)
{
	struct tar_extended *ext = &w->ext;
	uint64_t ignored;

	ext->is_sparse = true;
	if (!strcmp(key, "major"))
		return take_number(r, &ext->in_data, &ext->major);
	if (!strcmp(key, "minor"))
		return take_number(r, NULL, &ext->minor);
	if (!strcmp(key, "name")) {
		ext->has_sparse_name = true;
		return take_text(&ext->name, r);
	}
	if (!strcmp(key, "realsize") || !strcmp(key, "size"))
		return take_number(r, &ext->has_real_size, &ext->real_size);
	if (!strcmp(key, "map"))
		return take_map(w, r);
	if (!strcmp(key, "offset") || !strcmp(key, "numbytes"))
		return take_entry(w, r, key[0] == 'o');
	return strcmp(key, "numblocks") || take_number(r, NULL, &ignored);
}

static bool take(struct tar_walk *w, const struct record *r, bool global)
{
	static const char sparse[] = "GNU.sparse.";
	struct tar_extended *ext = &w->ext;
	bool is_sparse = !strncmp(r->key, sparse, sizeof(sparse) - 1);

	if (global)
		return !is_sparse && strcmp(r->key, "path") && strcmp(r->key, "linkpath") &&
		       strcmp(r->key, "size");
	if (is_sparse)
		return take_sparse(w, r->key + sizeof(sparse) - 1, r);
	if (!strcmp(r->key, "path")) // of a sparse file it is not the real one
		return ext->has_sparse_name || take_text(&ext->name, r);
	if (!strcmp(r->key, "linkpath"))
		return take_text(&ext->link, r);
	if (!strcmp(r->key, "size"))
		return take_number(r, &ext->has_size, &ext->size);
	if (!strcmp(r->key, "mtime"))
		return take_time(ext, r);
	return true;
}

/** Find the parts of the record at @p at; @return its length, 0: it is none. */
static size_t split(char *at, size_t left, struct record *out)
{
	char *blank = memchr(at, ' ', left < 20 ? left : 20), *equals;
	uint64_t len;

	if (!blank || !tar_decimal(at, (size_t)(blank - at), &len) || len > left ||
	    len < (size_t)(blank - at) + 4 || at[len - 1] != '\n')
		return 0;
	equals = memchr(blank + 1, '=', (size_t)len - (size_t)(blank + 1 - at));
	if (!equals || equals == blank + 1)
		return 0;
	*equals = '\0';
	if (strlen(blank + 1) != (size_t)(equals - blank - 1))
		return 0;
	out->key = blank + 1;
	out->value = equals + 1;
	out->len = (size_t)(at + len - 1 - out->value);
	return (size_t)len;
}

static enum crit_status take_all(struct tar_walk *w, char *text, size_t len, bool global,
				 struct crit_error *err)
{
	struct record r;
	size_t step;

	for (size_t at = 0; at < len; at += step) {
		step = split(text + at, len - at, &r);
		if (!step)
			return tar_bad(w, CRIT_CORRUPT, err, "a damaged extended header");
		if (!take(w, &r, global))
			return tar_bad(w, CRIT_CORRUPT, err, "an extended header with a bad %.40s",
				       r.key);
	}
	return CRIT_OK;
}

enum crit_status tar_pax_read(struct tar_walk *w, uint64_t len, bool global,
			      struct crit_error *err)
{
	enum crit_status status = CRIT_OK;
	char *text;

	if (len > TAR_PAX)
		return tar_bad(w, CRIT_NO_MEMORY, err, "an extended header of %llu bytes",
			       (unsigned long long)len);
	text = malloc((size_t)len + 1);
	if (!text)
		return error_no_memory(err);
	for (size_t at = 0; !status && at < len; at += TAR_BLOCK) {
		size_t part = len - at < TAR_BLOCK ? (size_t)(len - at) : TAR_BLOCK;
		const uint8_t *bytes = tar_bytes(w, w->at + at, part, err);

		if (!bytes)
			status = CRIT_CORRUPT;
		else
			memcpy(text + at, bytes, part);
	}
	if (!status)
		status = take_all(w, text, (size_t)len, global, err);
	free(text);
	return status;
}
