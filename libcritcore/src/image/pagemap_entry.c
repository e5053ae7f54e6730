// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagemap_entry.c - see pagemap_entry.h.
 *
 * Three forms of `blocks` were seen. Released in CRIU 4.3, and the one that is read here: field 6
 * is a message. A pre-release had the same under another name. Another had no message: field 6 was
 * a number for each block, 7 their sum, 8 the pages of one; that one is refused.
 */
#include "image/pagemap_entry.h"

#include <stdarg.h>
#include <stdio.h>

/* What the fields say, before it is known to be sense. */
struct raw_entry {
	bool has_vaddr, has_compat, has_nr_pages, in_parent, old_form, has_total, has_pages;
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

/** @param value_at  Where in the record the value begins. */
static void take_number(uint32_t number, uint64_t value, size_t value_at, struct entry *e,
			struct raw_entry *raw)
{
	switch (number) {
	case FIELD_VADDR:
		e->vaddr = value;
		raw->has_vaddr = true;
		break;
	case FIELD_COMPAT_NR_PAGES:
		raw->compat_nr_pages = (uint32_t)value;
		raw->has_compat = true;
		break;
	case FIELD_IN_PARENT:
		raw->in_parent = value;
		break;
	case FIELD_FLAGS:
		raw->flags = value;
		e->has_flags = true;
		e->flags_at = value_at;
		break;
	case FIELD_NR_PAGES:
		e->nr_pages = value;
		raw->has_nr_pages = true;
		break;
	case FIELD_BLOCKS:
		raw->old_form = true;
		break;
	}
}

/** A field that stands as everybody writes it, a key of one byte and a number; false: it does not,
 *  or is another one. Most of the time of opening a large checkpoint is spent here. */
static bool read_usual(const struct place *at, struct wire *w, struct entry *e,
		       struct raw_entry *raw)
{
	uint8_t key = *w->p, number = key >> 3;
	struct wire after = { w->p + 1, w->end };
	bool idle = false;
	uint64_t value;

	if (key & 7 || number < FIELD_VADDR || number > FIELD_NR_PAGES ||
	    !wire_varint(&after, &value, &idle))
		return false;
	take_number(number, value, (size_t)(w->p + 1 - at->rec->data), e, raw);
	w->p = after.p;
	return true;
}

static enum crit_status read_other(const struct place *at, struct wire *w, struct entry *e,
				   struct raw_entry *raw)
{
	struct wire_field f;

	if (!wire_next(w, &f))
		return bad(at, "not a sound pagemap_entry");
	if (f.type == WIRE_VARINT)
		take_number(f.number, f.value, value_of(at->rec, &f), e, raw);
	if (f.number < FIELD_BLOCKS)
		e->blocks_at = (size_t)(w->p - at->rec->data);
	if (f.number != FIELD_BLOCKS || f.type != WIRE_LEN)
		return CRIT_OK;
	e->compressed = true;
	return read_blocks(&f, raw) ? CRIT_OK : bad(at, "no sound list of blocks");
}

static enum crit_status read_fields(const struct place *at, struct entry *e, struct raw_entry *raw)
{
	struct wire w = { at->rec->data, at->rec->data + at->rec->len };
	enum crit_status status = CRIT_OK;

	e->usual = true;
	while (!status && w.p < w.end) {
		if (read_usual(at, &w, e, raw)) {
			e->blocks_at = (size_t)(w.p - at->rec->data);
		} else {
			e->usual = false;
			status = read_other(at, &w, e, raw);
		}
	}
	e->usual &= raw->has_compat;
	return status;
}

/** Blocks cover the pages exactly, none is larger than what it holds, and the sum is right. */
static enum crit_status check_blocks(const struct place *at, struct entry *e,
				     const struct raw_entry *raw, uint32_t page_size)
{
	struct block_sizes it = e->sizes;
	uint64_t left = e->nr_pages, sum = 0, size;

	if (!entry_present(e))
		return bad(at, "blocks, but no pages of its own");
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
		sum += size; // of fewer than 2^32 blocks: the record has a byte for each
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
	if (!raw.has_vaddr)
		return bad(&at, "no address");
	if (e.compressed)
		status = check_blocks(&at, &e, &raw, page_size);
	else if (entry_present(&e) &&
		 __builtin_mul_overflow(e.nr_pages, (uint64_t)page_size, &e.payload))
		status = bad(&at, "%llu pages from 0x%llx exceed the address space",
			     (unsigned long long)e.nr_pages, (unsigned long long)e.vaddr);
	if (!status)
		*out = e;
	return status;
}

enum crit_status entry_check(const struct entry *e, const struct record *rec, const char *image,
			     uint32_t page_size, struct crit_error *err)
{
	struct place at = { rec, image, err };
	uint64_t len, end;

	if (!e->nr_pages)
		return bad(&at, "no pages");
	if (e->vaddr % page_size)
		return bad(&at, "address 0x%llx is not a page's", (unsigned long long)e->vaddr);
	if (__builtin_mul_overflow(e->nr_pages, (uint64_t)page_size, &len) ||
	    __builtin_add_overflow(e->vaddr, len, &end))
		return bad(&at, "%llu pages from 0x%llx exceed the address space",
			   (unsigned long long)e->nr_pages, (unsigned long long)e->vaddr);
	if (!entry_present(e) && (e->flags & PAGE_ALIGNED))
		return bad(&at, "an aligned payload, but no pages of its own");
	if (entry_present(e) && (e->flags & PAGE_PARENT))
		return bad(&at, "pages both here and in the parent");
	return CRIT_OK;
}
