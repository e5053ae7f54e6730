// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * inventory.c - see inventory.h.
 *
 * img_version 2 and 3 differ in one bit, which is changed where it stands. `compress` and
 * `compress_block_size` are added behind what is already there under their numbers, and it is the
 * last value that counts: taking the last one away again leaves what was there.
 */
#include "compress/inventory.h"

enum inventory_field { FIELD_VERSION = 1, FIELD_COMPRESS = 15, FIELD_BLOCK_SIZE = 16 };

enum { VERSION_PLAIN = 2, VERSION_COMPRESSED = 3, COMPRESS_BLOCKS = 1 };

static const char name[] = "inventory.img";

static enum crit_status open_record(struct source *src, struct image **img, struct record *rec,
				    struct crit_error *err)
{
	enum crit_status status = image_open(src, name, IMG_INVENTORY, img, err);

	if (!status)
		status = image_next(*img, rec, err);
	if (status == CRIT_NOT_FOUND && *img)
		return error_at(err, CRIT_CORRUPT, name, 4, "no record");
	return status;
}

static enum crit_status check(const struct record *rec, struct inventory *out,
			      struct crit_error *err)
{
	struct wire w = { rec->data, rec->data + rec->len };
	uint64_t version, mode;
	struct wire_field f;

	while (w.p < w.end)
		if (!wire_next(&w, &f))
			return error_at(err, CRIT_CORRUPT, name, rec->off,
					"not a sound inventory_entry");
	version = wire_get_uint(rec->data, rec->len, FIELD_VERSION, 0);
	mode = wire_get_uint(rec->data, rec->len, FIELD_COMPRESS, 0);
	if (version != VERSION_PLAIN && version != VERSION_COMPRESSED)
		return error_at(err, CRIT_UNSUPPORTED, name, rec->off,
				"img_version %llu, not 2 or 3,", (unsigned long long)version);
	if (mode > COMPRESS_BLOCKS)
		return error_at(err, CRIT_UNSUPPORTED, name, rec->off,
				"compression %llu is not known,", (unsigned long long)mode);
	if (mode && version != VERSION_COMPRESSED)
		return error_at(err, CRIT_CORRUPT, name, rec->off,
				"compressed pages, but img_version 2,");
	out->compressed = mode;
	out->block_len = (uint32_t)wire_get_uint(rec->data, rec->len, FIELD_BLOCK_SIZE, 0);
	return CRIT_OK;
}

enum crit_status inventory_read(struct source *src, struct inventory *out, struct crit_error *err)
{
	struct image *img = NULL;
	struct record rec;
	enum crit_status status = open_record(src, &img, &rec, err);

	if (!status)
		status = check(&rec, out, err);
	image_close(img);
	return status;
}

/** Where in the message a field stands, the last one with its number; false: it has none. */
static bool find_last(const struct buf *b, uint32_t number, size_t *from, size_t *to)
{
	struct wire w = { b->data, b->data + b->len };
	struct wire_field f;
	bool found = false;

	while (w.p < w.end && wire_next(&w, &f)) {
		if (f.number != number || f.type != WIRE_VARINT)
			continue;
		*from = (size_t)(f.start - b->data);
		*to = (size_t)(w.p - b->data);
		found = true;
	}
	return found;
}

static void cut(struct buf *b, size_t from, size_t to)
{
	memmove(b->data + from, b->data + to, b->len - to);
	b->len -= to - from;
}

/** Where a field with this number belongs. */
static size_t place_of(const struct buf *b, uint32_t number)
{
	struct wire w = { b->data, b->data + b->len };
	struct wire_field f;
	size_t place = 0;

	while (w.p < w.end && wire_next(&w, &f))
		if (f.number <= number)
			place = (size_t)(w.p - b->data);
	return place;
}

static void insert(struct buf *b, uint32_t number, uint64_t value)
{
	size_t at = place_of(b, number), old = b->len, len;
	uint8_t field[2 * WIRE_MAX_VARINT];

	len = wire_put_varint(field, (uint64_t)number << 3 | WIRE_VARINT);
	len += wire_put_varint(field + len, value);
	buf_add(b, field, len);
	if (b->failed)
		return;
	memmove(b->data + at + len, b->data + at, old - at);
	memcpy(b->data + at, field, len);
}

static void set_version(struct buf *b, bool compressed)
{
	size_t from, to;

	if (!find_last(b, FIELD_VERSION, &from, &to))
		return;
	while (b->data[from] & 0x80)
		from++; // the key
	b->data[from + 1] = (uint8_t)((b->data[from + 1] & ~1) | (compressed ? 1 : 0));
}

static void make_plain(struct buf *b, bool keep_version)
{
	size_t from, to;

	if (find_last(b, FIELD_BLOCK_SIZE, &from, &to))
		cut(b, from, to);
	while (wire_get_uint(b->data, b->len, FIELD_COMPRESS, 0) &&
	       find_last(b, FIELD_COMPRESS, &from, &to))
		cut(b, from, to);
	if (!keep_version)
		set_version(b, false);
}

static void make_compressed(struct buf *b, uint32_t block_len)
{
	insert(b, FIELD_COMPRESS, COMPRESS_BLOCKS);
	insert(b, FIELD_BLOCK_SIZE, block_len);
	set_version(b, true);
}

enum crit_status inventory_add(struct source *src, uint32_t block_len, bool keep_version,
			       struct buf *b, struct crit_error *err)
{
	struct buf message = { 0 };
	struct image *img = NULL;
	struct record rec;
	enum crit_status status = open_record(src, &img, &rec, err);

	if (!status) {
		buf_add(&message, rec.data, rec.len);
		if (block_len && !message.failed)
			make_compressed(&message, block_len);
		else if (!message.failed)
			make_plain(&message, keep_version);
		b->failed |= message.failed;
		status = entry_add_header(src, name, rec.off, b, err);
	}
	if (!status) {
		struct record changed = { .data = message.data, .len = message.len };

		entry_add_copy(b, &changed, image_big_endian(img));
	}
	while (!status && !(status = image_next(img, &rec, err)))
		entry_add_copy(b, &rec, image_big_endian(img));
	if (status == CRIT_NOT_FOUND)
		status = b->failed ? error_no_memory(err) : CRIT_OK;
	buf_deinit(&message);
	image_close(img);
	return status;
}
