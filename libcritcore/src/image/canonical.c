// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * canonical.c - see canonical.h.
 *
 * A message is scanned once into a list of its fields; the list is sorted (stable: first the known
 * fields of a number, then the strange ones) and written out again.
 */
#include "image/canonical.h"

#include <stdlib.h>

#include "util/array.h"

enum {
	// 48 MB of list. No message of CRIU comes near: the pages of a run are packed.
	MAX_FIELDS = 4 * 1024 * 1024,
};

struct item {
	uint32_t number;
	uint32_t off;	/* in the message; its top bit: strange, see is_strange() */
};

enum { STRANGE = 1u << 31 };

struct list {
	struct item *items;
	size_t nr, cap;
	bool sorted;
};

static enum crit_status form(const struct schema_message *m, const uint8_t *data, size_t len,
			     unsigned depth, struct buf *out, struct crit_error *err);

static enum crit_status unsound(struct crit_error *err, const uint8_t *data, const uint8_t *at,
				const char *cause)
{
	enum crit_status status = error_set(err, CRIT_CORRUPT, "%s", cause);

	if (err) {
		err->has_off = true;
		err->off = (uint64_t)(at - data);
	}
	return status;
}

static bool is_list_of_numbers(const struct schema_field *f)
{
	return f->label == SCHEMA_REPEATED && f->type < SCHEMA_STRING;
}

/** Does the schema not say what this is? Then it is kept as it stands. */
static bool is_strange(const struct schema_field *f, const struct wire_field *wf)
{
	if (!f)
		return true;
	if (wf->type == WIRE_LEN && is_list_of_numbers(f))
		return false;
	if (wf->type != canonical_value_type(f))
		return true;
	return f->type == SCHEMA_ENUM && !schema_enum_find(f->enumeration, (int32_t)wf->value);
}

/** What is left of a varint in the field's type. */
static uint64_t cut(const struct schema_field *f, uint64_t value)
{
	switch (f->type) {
	case SCHEMA_UINT32:
	case SCHEMA_SINT32:
		return (uint32_t)value;
	case SCHEMA_INT32:
	case SCHEMA_ENUM:
		return (uint64_t)(int64_t)(int32_t)value;
	case SCHEMA_BOOL:
		return value != 0;
	default:
		return value;
	}
}

static int by_number(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	// The mark is the top bit: strange ones go last, each kind in the order it stood.
	return x->off < y->off ? -1 : x->off > y->off;
}

static enum crit_status scan(const struct schema_message *m, const uint8_t *data, size_t len,
			     struct list *list, struct crit_error *err)
{
	struct wire w = { data, data + len };
	struct wire_field wf;

	list->sorted = true;
	while (w.p < w.end) {
		struct item item;

		if (!wire_next(&w, &wf))
			return unsound(err, data, w.p, "no sound protobuf field");
		item.number = wf.number;
		item.off = (uint32_t)(wf.start - data);
		if (is_strange(schema_field_find(m, wf.number), &wf))
			item.off |= STRANGE;
		if (list->nr == MAX_FIELDS)
			return unsound(err, data, w.p, "absurdly many fields");
		if (!array_grow(&list->items, list->nr, &list->cap, sizeof(*list->items)))
			return error_no_memory(err);
		list->sorted &= !list->nr || by_number(&list->items[list->nr - 1], &item) < 0;
		list->items[list->nr++] = item;
	}
	if (!list->sorted)
		qsort(list->items, list->nr, sizeof(*list->items), by_number);
	return CRIT_OK;
}

static struct wire_field field_at(const uint8_t *data, size_t len, const struct item *item)
{
	struct wire w = { data + (item->off & ~STRANGE), data + len };
	struct wire_field wf;

	wire_next(&w, &wf); // it was sound when it was listed
	return wf;
}

static void add_strange(const struct wire_field *wf, struct buf *out)
{
	wire_add_key(out, wf->number, wf->type);
	if (wf->type == WIRE_VARINT)
		wire_add_varint(out, wf->value);
	else if (wf->type == WIRE_LEN)
		wire_add_varint(out, wf->len);
	if (wf->type != WIRE_VARINT)
		buf_add(out, wf->data, wf->len);
	if (wf->type == WIRE_GROUP)
		wire_add_key(out, wf->number, WIRE_GROUP_END);
}

static void add_number(const struct schema_field *f, uint64_t value, struct buf *out)
{
	uint8_t bytes[8];

	if (f->type == SCHEMA_FIXED64) {
		endian_put(bytes, 8, false, value);
		buf_add(out, bytes, 8);
	} else {
		wire_add_varint(out, cut(f, value));
	}
}

/** One element or a packed list of them, to @p out: packed (no keys) or each with its key. */
static bool add_elements(const struct schema_field *f, const struct wire_field *wf, struct buf *out)
{
	uint64_t value = wf->value;
	bool idle = false;
	struct wire w;

	if (wf->type != WIRE_LEN) {
		if (!f->packed)
			wire_add_key(out, f->number, canonical_value_type(f));
		add_number(f, value, out);
		return true;
	}
	w = (struct wire){ wf->data, wf->data + wf->len };
	while (w.p < w.end) {
		if (f->type == SCHEMA_FIXED64) {
			if (w.end - w.p < 8)
				return false;
			value = endian_get(w.p, 8, false);
			w.p += 8;
		} else if (!wire_varint(&w, &value, &idle)) {
			return false;
		}
		if (!f->packed)
			wire_add_key(out, f->number, canonical_value_type(f));
		add_number(f, value, out);
	}
	return true;
}

/** A list of numbers: items [0, nr) of one field. */
static enum crit_status add_numbers(const struct schema_field *f, const uint8_t *data, size_t len,
				    const struct item *items, size_t nr, struct buf *out,
				    struct crit_error *err)
{
	struct buf packed = { 0 };
	enum crit_status status = CRIT_OK;

	for (size_t i = 0; i < nr && !status; i++) {
		struct wire_field wf = field_at(data, len, &items[i]);

		if (!add_elements(f, &wf, f->packed ? &packed : out)) {
			status = unsound(err, data, wf.start, "no sound packed list");
			status = error_prefix(err, status, "%s: ", f->name);
		}
	}
	if (!status && packed.len)
		wire_add_bytes(out, f->number, packed.data, packed.len);
	if (!status && packed.failed)
		status = error_no_memory(err);
	buf_deinit(&packed);
	return status;
}

/** Move the place of a fault inside a field to the message around it. */
static enum crit_status inside(const struct schema_field *f, uint64_t off, enum crit_status status,
			       struct crit_error *err)
{
	if (status != CRIT_CORRUPT || !err)
		return status;
	err->off += off;
	return error_prefix(err, status, "%s%s", f->name, strchr(err->message, ':') ? "." : ": ");
}

/** A message: the union of all that stand for one field that is not repeated. */
static enum crit_status add_message(const struct schema_field *f, const uint8_t *data, size_t len,
				    const struct item *items, size_t nr, unsigned depth,
				    struct buf *out, struct crit_error *err)
{
	struct wire_field wf = field_at(data, len, &items[0]);
	struct buf all = { 0 }, canonical = { 0 };
	enum crit_status status;

	for (size_t i = 0; nr > 1 && i < nr; i++) {
		wf = field_at(data, len, &items[i]);
		buf_add(&all, wf.data, wf.len);
	}
	if (nr > 1) {
		status = all.failed ? error_no_memory(err)
				    : form(f->message, all.len ? all.data : data, all.len,
					   depth + 1, &canonical, err);
		status = inside(f, (uint64_t)(wf.start - data), status, err);
	} else {
		status = form(f->message, wf.data, wf.len, depth + 1, &canonical, err);
		status = inside(f, (uint64_t)(wf.data - data), status, err);
	}
	if (!status)
		wire_add_bytes(out, f->number, canonical.data, canonical.len);
	buf_deinit(&all);
	buf_deinit(&canonical);
	return status;
}

/** All that a message says about one field of the schema. */
static enum crit_status add_field(const struct schema_field *f, const uint8_t *data, size_t len,
				  const struct item *items, size_t nr, unsigned depth,
				  struct buf *out, struct crit_error *err)
{
	size_t first = f->label == SCHEMA_REPEATED ? 0 : nr - 1;
	enum crit_status status = CRIT_OK;

	if (is_list_of_numbers(f))
		return add_numbers(f, data, len, items, nr, out, err);
	if (f->type == SCHEMA_MESSAGE && f->label != SCHEMA_REPEATED)
		return add_message(f, data, len, items, nr, depth, out, err);
	for (size_t i = first; i < nr && !status; i++) {
		struct wire_field wf = field_at(data, len, &items[i]);

		if (f->type == SCHEMA_MESSAGE) {
			status = add_message(f, data, len, &items[i], 1, depth, out, err);
		} else if (f->type >= SCHEMA_STRING) {
			wire_add_bytes(out, f->number, wf.data, wf.len);
		} else {
			wire_add_key(out, f->number, canonical_value_type(f));
			add_number(f, wf.value, out);
		}
	}
	return status;
}

static enum crit_status write_all(const struct schema_message *m, const uint8_t *data, size_t len,
				  const struct list *list, unsigned depth, struct buf *out,
				  struct crit_error *err)
{
	enum crit_status status = CRIT_OK;
	size_t i = 0;

	while (i < list->nr && !status) {
		const struct item *items = &list->items[i];
		size_t nr = 1;

		if (items->off & STRANGE) {
			struct wire_field wf = field_at(data, len, items);

			add_strange(&wf, out);
		} else {
			while (i + nr < list->nr && items[nr].number == items->number &&
			       !(items[nr].off & STRANGE))
				nr++;
			status = add_field(schema_field_find(m, items->number), data, len, items,
					   nr, depth, out, err);
		}
		i += nr;
	}
	return status;
}

static enum crit_status form(const struct schema_message *m, const uint8_t *data, size_t len,
			     unsigned depth, struct buf *out, struct crit_error *err)
{
	struct list list = { 0 };
	enum crit_status status;

	if (depth > WIRE_MAX_DEPTH)
		return unsound(err, data, data, "messages are nested too deep");
	status = scan(m, data, len, &list, err);
	if (!status)
		status = write_all(m, data, len, &list, depth, out, err);
	if (!status && out->failed)
		status = error_no_memory(err);
	free(list.items);
	return status;
}

enum crit_status canonical_form(const struct schema_message *m, const uint8_t *data, size_t len,
				struct buf *out, struct crit_error *err)
{
	if (len >= STRANGE)
		return unsound(err, data, data, "an absurdly large message");
	return form(m, data, len, 0, out, err);
}
