// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * image.c - framing; the grammar is in image.h.
 *
 * A record's length is compared with what is left of the file before anything is allocated, so an
 * absurd one costs nothing. Small records come out of a window that is read ahead.
 */
#include "image/image.h"

#include <stdlib.h>
#include <string.h>

#include "image/kinds.h"
#include "util/endian.h"

enum {
	WINDOW = 64 * 1024,
	// Far beyond any record with a message in it: an mm record of 65530 mappings has 4 MB.
	MAX_RECORD = 64 * 1024 * 1024,
	MAX_DECODED = 1024 * 1024 * 1024,
};

struct image {
	struct member *member;
	bool big_endian;
	uint64_t off;  /* of the next byte to hand out */
	size_t index;  /* of the next record */
	uint8_t *data; /* window: bytes [start, start + len) of the file */
	size_t cap, len;
	uint64_t start;
};

/** Make @p len bytes at img->off available; the caller checked that the file has them. */
static enum crit_status window_fill(struct image *img, size_t len, const uint8_t **out,
				    struct crit_error *err)
{
	uint64_t left = img->member->size - img->off;
	size_t want = len > WINDOW ? len : WINDOW;
	enum crit_status status;

	if (img->off >= img->start && img->off + len <= img->start + img->len) {
		*out = img->data + (img->off - img->start);
		return CRIT_OK;
	}
	if (want > left)
		want = (size_t)left;
	if (want > img->cap) {
		uint8_t *grown = realloc(img->data, want);

		if (!grown)
			return error_no_memory(err);
		img->data = grown;
		img->cap = want;
	}
	img->len = 0;
	status = member_read(img->member, img->off, img->data, want, err);
	if (status)
		return status;
	img->start = img->off;
	img->len = want;
	*out = img->data;
	return CRIT_OK;
}

/** A record's size. */
static enum crit_status take_size(struct image *img, uint32_t *out, struct crit_error *err)
{
	const uint8_t *p = NULL;
	enum crit_status status;

	if (img->member->size - img->off < 4)
		return error_at(err, CRIT_CORRUPT, img->member->name, img->off,
				"the file ends in the middle of a record's size");
	status = window_fill(img, 4, &p, err);
	if (status)
		return status;
	*out = (uint32_t)endian_get(p, 4, img->big_endian);
	img->off += 4;
	return CRIT_OK;
}

static enum crit_status wrong_magic(const struct image *img, uint32_t found, enum image_magic want,
				    struct crit_error *err)
{
	const char *name = image_kind_name(found);

	if (name)
		return error_at(err, CRIT_CORRUPT, img->member->name, img->off - 4,
				"an image of kind %s, not %s,", name, image_kind_name(want));
	return error_at(err, CRIT_CORRUPT, img->member->name, img->off - 4,
			"not a CRIU image: magic 0x%08x", found);
}

static enum crit_status read_head(struct image *img, enum image_magic want, struct crit_error *err)
{
	size_t len = img->member->size < 8 ? (size_t)img->member->size : 8;
	struct image_head head;
	const uint8_t *p = NULL;
	enum crit_status status;

	if (len == 0)
		return error_at(err, CRIT_CORRUPT, img->member->name, 0, "the file is empty");
	status = window_fill(img, len, &p, err);
	if (status)
		return status;
	image_head_parse(p, len, &head);
	if (!head.len)
		return error_at(err, CRIT_CORRUPT, img->member->name, len / 4 * 4,
				"the file ends in the middle of the magic");
	img->big_endian = head.big_endian;
	img->off = head.len;
	return head.magic == (uint32_t)want ? CRIT_OK : wrong_magic(img, head.magic, want, err);
}

enum crit_status image_open(struct source *src, const char *name, enum image_magic magic,
			    struct image **out, struct crit_error *err)
{
	struct image *img = calloc(1, sizeof(*img));
	enum crit_status status;

	if (!img)
		return error_no_memory(err);
	status = source_open_member(src, name, &img->member, err);
	if (!status)
		status = read_head(img, magic, err);
	if (status) {
		image_close(img);
		return status;
	}
	*out = img;
	return CRIT_OK;
}

void image_close(struct image *img)
{
	if (!img)
		return;
	member_close(img->member);
	free(img->data);
	free(img);
}

const char *image_name(const struct image *img)
{
	return img->member->name;
}

bool image_big_endian(const struct image *img)
{
	return img->big_endian;
}

int64_t image_mtime(const struct image *img)
{
	return img->member->mtime;
}

uint64_t image_len(const struct image *img)
{
	return img->member->size;
}

static enum crit_status check_length(const struct image *img, uint32_t len, struct crit_error *err)
{
	uint64_t left = img->member->size - img->off;

	if (len > left)
		return error_at(err, CRIT_CORRUPT, img->member->name, img->off - 4,
				"record %zu says %u bytes where the file has %llu more", img->index,
				len, (unsigned long long)left);
	if (len > MAX_RECORD)
		return error_at(err, CRIT_NO_MEMORY, img->member->name, img->off - 4,
				"record %zu is absurdly large, %u bytes,", img->index, len);
	return CRIT_OK;
}

enum crit_status image_next(struct image *img, struct record *out, struct crit_error *err)
{
	uint64_t off = img->off;
	enum crit_status status;
	uint32_t len = 0;

	if (img->off == img->member->size)
		return error_set(err, CRIT_NOT_FOUND, "%s: no more records", img->member->name);
	status = take_size(img, &len, err);
	if (!status)
		status = check_length(img, len, err);
	if (!status)
		status = window_fill(img, len, &out->data, err);
	if (status)
		return status;
	out->len = len;
	out->off = off;
	out->index = img->index++;
	img->off += len;
	return CRIT_OK;
}

enum crit_status image_skip(struct image *img, uint64_t len, struct crit_error *err)
{
	if (len > img->member->size - img->off)
		return error_at(err, CRIT_CORRUPT, img->member->name, img->off,
				"a payload of %llu bytes where the file has %llu more,",
				(unsigned long long)len,
				(unsigned long long)(img->member->size - img->off));
	img->off += len;
	return CRIT_OK;
}

void image_seek(struct image *img, const struct record *rec)
{
	img->off = rec->off;
	img->index = rec->index;
}

static void *arena_alloc_for_protobuf(void *arena, size_t size)
{
	return arena_alloc(arena, size);
}

static void arena_free_for_protobuf(void *arena, void *p)
{
	// The arena frees everything at once.
	(void)arena;
	(void)p;
}

size_t image_decode_limit(size_t len)
{
	// protobuf-c notes 40 bytes a field while it scans, and a field can be 2 bytes long.
	if (len > (MAX_DECODED - 64 * 1024) / 64)
		return MAX_DECODED;
	return 64 * 1024 + 64 * len;
}

enum crit_status record_decode(const struct record *rec, const char *image,
			       const ProtobufCMessageDescriptor *desc, struct arena *arena,
			       void *out, struct crit_error *err)
{
	ProtobufCAllocator allocator = {
		.alloc = arena_alloc_for_protobuf,
		.free = arena_free_for_protobuf,
		.allocator_data = arena,
	};
	ProtobufCMessage *msg = protobuf_c_message_unpack(desc, &allocator, rec->len, rec->data);

	if (!msg)
		return error_at(err, CRIT_CORRUPT, image, rec->off,
				"record %zu is not a sound %s", rec->index,
				desc->name + sizeof("criu.") - 1);
	memcpy(out, &msg, sizeof(msg));
	return CRIT_OK;
}

enum crit_status image_next_message(struct image *img, const ProtobufCMessageDescriptor *desc,
				    struct arena *arena, void *out, struct crit_error *err)
{
	struct record rec;
	enum crit_status status = image_next(img, &rec, err);

	if (status)
		return status;
	if (arena->limit - arena->used < image_decode_limit(rec.len))
		arena->limit = arena->used + image_decode_limit(rec.len);
	return record_decode(&rec, image_name(img), desc, arena, out, err);
}

enum crit_status image_read_single(struct source *src, const char *name, enum image_magic magic,
				   const ProtobufCMessageDescriptor *desc, struct arena *arena,
				   void *out, struct crit_error *err)
{
	struct image *img = NULL;
	enum crit_status status = image_open(src, name, magic, &img, err);

	if (status)
		return status;
	status = image_next_message(img, desc, arena, out, err);
	if (status == CRIT_NOT_FOUND)
		status = error_at(err, CRIT_CORRUPT, name, img->off, "no record");
	image_close(img);
	return status;
}
