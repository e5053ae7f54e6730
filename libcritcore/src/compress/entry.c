// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * entry.c - see entry.h.
 *
 * Three forms of `blocks` were seen. Released in CRIU 4.3, and the one that is read here: field 6
 * is a message. A pre-release had the same under another name. Another had no message: field 6 was
 * a number for each block, 7 their sum, 8 the pages of one; that one is refused.
 */
#include "compress/entry.h"

#include <stdarg.h>
#include <stdio.h>

enum entry_field {
	FIELD_VADDR = 1,
	FIELD_COMPAT_NR_PAGES = 2,
	FIELD_IN_PARENT = 3,
	FIELD_FLAGS = 4,
	FIELD_NR_PAGES = 5,
	FIELD_BLOCKS = 6,
};

enum blocks_field { BLOCKS_SIZES = 1, BLOCKS_TOTAL = 2, BLOCKS_PAGES = 3 };

/* What the fields say, before it is known to be sense. */
struct raw_entry {
	bool has_vaddr, has_nr_pages, in_parent, old_form, has_total, has_pages;
	uint64_t compat_nr_pages, flags, total, block_pages;
};

struct place {
	const struct record *rec;
	const char *image;
	struct crit_error *err;
};

static PRINTF(2, 3) enum crit_status bad(const struct place *at, const char *fmt, ...)
{
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return error_at(at->err, CRIT_CORRUPT, at->image, at->rec->off, "record %zu: %s",
			at->rec->index, text);
}

bool block_sizes_next(struct block_sizes *it, uint64_t *out)
{
	struct wire_field f;
	bool idle = false;

	for (;;) {
		if (it->packed.p < it->packed.end)
			return wire_varint(&it->packed, out, &idle);
		if (it->blocks.p < it->blocks.end) {
			if (!wire_next(&it->blocks, &f))
				return false;
			if (f.number == BLOCKS_SIZES && f.type == WIRE_LEN)
				it->packed = (struct wire){ f.data, f.data + f.len };
			*out = f.value;
			if (f.number == BLOCKS_SIZES && f.type == WIRE_VARINT)
				return true;
		} else if (it->record.p < it->record.end) {
			if (!wire_next(&it->record, &f))
				return false;
			if (f.number == FIELD_BLOCKS && f.type == WIRE_LEN)
				it->blocks = (struct wire){ f.data, f.data + f.len };
		} else {
			return false;
		}
	}
}

/** One `blocks` message; should there be several, they add up to one. */
static bool read_blocks(const struct wire_field *blocks, struct raw_entry *raw)
{
	struct wire w = { blocks->data, blocks->data + blocks->len };
	struct wire_field f;

	while (w.p < w.end) {
		if (!wire_next(&w, &f))
			return false;
		if (f.type != WIRE_VARINT)
			continue;
		if (f.number == BLOCKS_TOTAL) {
			raw->total = f.value;
			raw->has_total = true;
		} else if (f.number == BLOCKS_PAGES) {
			raw->block_pages = f.value;
			raw->has_pages = true;
		}
	}
	return true;
}

/** Where in the record a field's value begins. */
static size_t value_of(const struct record *rec, const struct wire_field *f)
{
	const uint8_t *p = f->start;

	while (*p & 0x80)
		p++;
	return (size_t)(p + 1 - rec->data);
}

static void read_number(const struct record *rec, const struct wire_field *f, struct entry *e,
			struct raw_entry *raw)
{
	switch (f->number) {
	case FIELD_VADDR:
		e->vaddr = f->value;
		raw->has_vaddr = true;
		break;
	case FIELD_COMPAT_NR_PAGES:
		raw->compat_nr_pages = (uint32_t)f->value;
		break;
	case FIELD_IN_PARENT:
		raw->in_parent = f->value;
		break;
	case FIELD_FLAGS:
		raw->flags = f->value;
		e->has_flags = true;
		e->flags_at = value_of(rec, f);
		break;
	case FIELD_NR_PAGES:
		e->nr_pages = f->value;
		raw->has_nr_pages = true;
		break;
	case FIELD_BLOCKS:
		raw->old_form = true;
		break;
	}
}

static enum crit_status read_fields(const struct place *at, struct entry *e, struct raw_entry *raw)
{
	struct wire w = { at->rec->data, at->rec->data + at->rec->len };
	struct wire_field f;

	while (w.p < w.end) {
		if (!wire_next(&w, &f))
			return bad(at, "not a sound pagemap_entry");
		if (f.type == WIRE_VARINT)
			read_number(at->rec, &f, e, raw);
		if (f.number < FIELD_BLOCKS)
			e->blocks_at = (size_t)(w.p - at->rec->data);
		if (f.number != FIELD_BLOCKS || f.type != WIRE_LEN)
			continue;
		e->compressed = true;
		if (!read_blocks(&f, raw))
			return bad(at, "no sound list of blocks");
	}
	return CRIT_OK;
}

static enum crit_status check_range(const struct place *at, const struct entry *e,
				    const struct raw_entry *raw, uint32_t page_size)
{
	uint64_t len, end;

	if (!e->nr_pages)
		return bad(at, "no pages");
	if (!raw->has_vaddr || e->vaddr % page_size)
		return bad(at, "address 0x%llx is not a page's", (unsigned long long)e->vaddr);
	if (__builtin_mul_overflow(e->nr_pages, (uint64_t)page_size, &len) ||
	    __builtin_add_overflow(e->vaddr, len, &end))
		return bad(at, "%llu pages from 0x%llx exceed the address space",
			   (unsigned long long)e->nr_pages, (unsigned long long)e->vaddr);
	if (!entry_present(e) && e->compressed)
		return bad(at, "blocks, but no pages of its own");
	if (!entry_present(e) && (e->flags & PAGE_ALIGNED))
		return bad(at, "an aligned payload, but no pages of its own");
	if (entry_present(e) && (e->flags & PAGE_PARENT))
		return bad(at, "pages both here and in the parent");
	return CRIT_OK;
}

/** Blocks cover the pages exactly, none is larger than what it holds, and the sum is right. */
static enum crit_status check_blocks(const struct place *at, struct entry *e,
				     const struct raw_entry *raw, uint32_t page_size)
{
	struct block_sizes it = e->sizes;
	uint64_t left = e->nr_pages, sum = 0, size;

	if (!raw->has_total || !raw->has_pages)
		return bad(at, "incomplete blocks");
	if (!raw->block_pages || raw->block_pages > MAX_BLOCK_LEN / page_size)
		return bad(at, "blocks of %llu pages", (unsigned long long)raw->block_pages);
	e->block_pages = (uint32_t)raw->block_pages;
	for (size_t i = 0; left; i++) {
		uint64_t pages = left < e->block_pages ? left : e->block_pages;

		if (!block_sizes_next(&it, &size))
			return bad(at, "%llu pages are in no block", (unsigned long long)left);
		if (size > pages * page_size)
			return bad(at, "block %zu of %llu bytes is larger than its pages", i,
				   (unsigned long long)size);
		left -= pages;
		sum += size; // at most nr_pages * page_size, which does not overflow
	}
	if (block_sizes_next(&it, &size))
		return bad(at, "more blocks than pages");
	if (sum != raw->total)
		return bad(at, "blocks of %llu bytes, not %llu", (unsigned long long)sum,
			   (unsigned long long)raw->total);
	e->payload = sum;
	return CRIT_OK;
}

enum crit_status entry_read(const struct record *rec, const char *image, uint32_t page_size,
			    struct entry *out, struct crit_error *err)
{
	struct place at = { rec, image, err };
	struct entry e = { .sizes.record = { rec->data, rec->data + rec->len } };
	struct raw_entry raw = { 0 };
	enum crit_status status = read_fields(&at, &e, &raw);

	if (status)
		return status;
	if (raw.old_form)
		return error_at(err, CRIT_UNSUPPORTED, image, rec->off,
				"record %zu: compressed by a pre-release of CRIU 4.3, "
				"whose form this version does not read,", rec->index);
	if (!raw.has_nr_pages)
		e.nr_pages = raw.compat_nr_pages;
	e.flags = (uint32_t)raw.flags;
	if (raw.in_parent)
		e.flags |= PAGE_PARENT;
	else if (!e.has_flags)
		e.flags = PAGE_PRESENT;
	status = check_range(&at, &e, &raw, page_size);
	if (status)
		return status;
	if (e.compressed)
		status = check_blocks(&at, &e, &raw, page_size);
	else if (entry_present(&e))
		e.payload = e.nr_pages * page_size;
	if (!status)
		*out = e;
	return status;
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
		status = member_read(m, 0, header, len < sizeof(header) ? len : sizeof(header), err);
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
