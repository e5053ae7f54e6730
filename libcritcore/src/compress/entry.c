// SPDX-License-Identifier: LGPL-2.1-or-later
/* entry.c - see entry.h. */
#include "compress/entry.h"

enum crit_status entry_read_sound(const struct record *rec, const char *image, uint32_t page_size,
				  struct entry *out, struct crit_error *err)
{
	enum crit_status status = entry_read(rec, image, page_size, out, err);

	return status ? status : entry_check(out, rec, image, page_size, err);
}

static void add_size(struct buf *b, bool big_endian, uint32_t len)
{
	uint8_t size[4];

	endian_put(size, sizeof(size), big_endian, len);
	buf_add(b, size, sizeof(size));
}

/** Make room for a record's size; end_record() fills it in. */
static size_t begin_record(struct buf *b)
{
	add_size(b, false, 0);
	return b->len;
}

static void end_record(struct buf *b, size_t start, bool big_endian)
{
	if (!b->failed)
		endian_put(b->data + start - 4, 4, big_endian, b->len - start);
}

static void add_blocks(struct buf *b, const struct buf *sizes, uint64_t payload,
		       uint32_t block_pages)
{
	uint8_t head[1 + WIRE_MAX_VARINT], tail[2 * (1 + WIRE_MAX_VARINT)];
	size_t head_len = 1, tail_len = 0;

	head[0] = BLOCKS_SIZES << 3 | WIRE_LEN;
	head_len += wire_put_varint(head + 1, sizes->len);
	tail[tail_len++] = BLOCKS_TOTAL << 3 | WIRE_VARINT;
	tail_len += wire_put_varint(tail + tail_len, payload);
	tail[tail_len++] = BLOCKS_PAGES << 3 | WIRE_VARINT;
	tail_len += wire_put_varint(tail + tail_len, block_pages);
	wire_add_key(b, FIELD_BLOCKS, WIRE_LEN);
	wire_add_varint(b, head_len + sizes->len + tail_len);
	buf_add(b, head, head_len);
	buf_add(b, sizes->data, sizes->len);
	buf_add(b, tail, tail_len);
	b->failed |= sizes->failed;
}

void entry_add_compressed(struct buf *b, const struct record *rec, bool big_endian,
			  const struct entry *e, const struct buf *sizes, uint64_t payload,
			  uint32_t block_pages, bool aligned)
{
	size_t start = begin_record(b), flags_at = e->flags_at;

	buf_add(b, rec->data, e->blocks_at);
	if (sizes)
		add_blocks(b, sizes, payload, block_pages);
	if (flags_at >= e->blocks_at)
		flags_at += b->len - start - e->blocks_at;
	buf_add(b, rec->data + e->blocks_at, rec->len - e->blocks_at);
	if (aligned && !b->failed)
		b->data[start + flags_at] |= PAGE_ALIGNED;
	end_record(b, start, big_endian);
}

void entry_add_plain(struct buf *b, const struct record *rec, bool big_endian,
		     const struct entry *e)
{
	struct wire w = { rec->data, rec->data + rec->len };
	size_t start = begin_record(b);
	struct wire_field f;

	while (w.p < w.end && wire_next(&w, &f)) {
		size_t from = (size_t)(f.start - rec->data), to = (size_t)(w.p - rec->data);

		if (f.number == FIELD_BLOCKS)
			continue;
		buf_add(b, f.start, to - from);
		if (e->has_flags && from <= e->flags_at && e->flags_at < to && !b->failed)
			b->data[b->len - (to - e->flags_at)] &= (uint8_t)~PAGE_ALIGNED;
	}
	end_record(b, start, big_endian);
}

void entry_add_copy(struct buf *b, const struct record *rec, bool big_endian)
{
	add_size(b, big_endian, (uint32_t)rec->len);
	buf_add(b, rec->data, rec->len);
}

enum crit_status entry_add_header(struct source *src, const char *image, uint64_t len,
				  struct buf *b, struct crit_error *err)
{
	struct member *m = NULL;
	uint8_t header[8];
	enum crit_status status = source_open_member(src, image, &m, err);

	if (!status)
		status = member_read(m, 0, header, len < sizeof(header) ? len : sizeof(header),
				     err);
	if (!status)
		buf_add(b, header, len < sizeof(header) ? (size_t)len : sizeof(header));
	member_close(m);
	return status;
}

void entry_add_head(struct buf *b, const struct record *rec, bool big_endian, uint32_t id)
{
	size_t start = begin_record(b);

	// The last value counts.
	buf_add(b, rec->data, rec->len);
	wire_add_uint(b, 1, id);
	end_record(b, start, big_endian);
}
