// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * load.c - every image of the directory, read once, record by record, into lists. Trouble with the
 * form of an image is found here; an area that misses what was behind it finds that for itself.
 *
 * A record is unpacked only after sound.c saw it, and all of them together take bounded memory.
 */
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "fdtable.pb-c.h"
#include "image/kinds.h"
#include "image/payload_form.h"
#include "util/array.h"

/* Bytes of unpacked messages: of 30,000 processes with 50 mappings each, or of millions of open
 * files. */
static const size_t MAX_KEPT = (size_t)2 << 30;

/* A sparse file of terabytes holds more empty records than anybody waits for. */
enum { ASK_EVERY = 1 << 16, MAX_RECORDS = 1 << 22 };

/** An image that is being read. */
struct reading {
	struct check *c;
	struct image *img;
	const char *name;
	const struct kind_row *row;
	const struct image_kind *kind;
	uint64_t number;
	size_t nr_records;
};

static struct item *add_item(struct check *c, enum set set)
{
	struct items *items = &c->sets[set];

	if (!array_grow(&items->items, items->nr, &items->cap, sizeof(*items->items))) {
		check_no_memory(c);
		return NULL;
	}
	items->items[items->nr] = (struct item){ 0 };
	return &items->items[items->nr++];
}

static void found_in(struct reading *r, enum rule rule, const struct record *rec,
		     const char *field, const char *text)
{
	struct found_as as = {
		.severity = rule_get(rule)->severity,
		.image = r->name,
		.has_record = true,
		.record = rec->index,
		.off = rec->off,
		.field = field && *field ? field : NULL,
	};

	found_as(r->c, rule, &as, "%s", text);
}

/** The message of a record, kept; in a file_entry if it is one of the old images'. NULL: it cannot
 *  be unpacked. */
static const void *unpack(struct reading *r, const struct record *rec)
{
	struct arena *arena = &r->c->arena;
	Criu__FileEntry *entry = NULL;
	struct crit_error err;
	void *msg;

	// A small record may not take more than its share, all together not more than there is.
	size_t share = image_decode_limit(rec->len) + sizeof(*entry);
	arena->limit = arena->used + share < MAX_KEPT ? arena->used + share : MAX_KEPT;
	if (record_decode(rec, r->name, r->row->message, arena, &msg, &err)) {
		if (arena->limit == MAX_KEPT)
			check_fail(r->c, error_set(&err, CRIT_NO_MEMORY,
						   "%s: the images hold absurdly much", r->name),
				   &err);
		else
			found_in(r, RULE_RECORD, rec, NULL, "the record cannot be unpacked");
		return NULL;
	}
	if (!r->row->file_type)
		return msg;
	entry = arena_alloc(arena, sizeof(*entry));
	if (!entry) {
		check_no_memory(r->c);
		return NULL;
	}
	criu__file_entry__init(entry);
	entry->type = (Criu__FdTypes)r->row->file_type;
	entry->id = *(uint32_t *)((char *)msg + sizeof(ProtobufCMessage)); // their first field
	*(void **)((char *)entry + r->row->file_field) = msg;
	return entry;
}

static void keep(struct reading *r, const struct record *rec)
{
	const void *msg = unpack(r, rec);
	struct item *item = msg ? add_item(r->c, r->row->set) : NULL;

	if (item)
		*item = (struct item){ r->name, r->number, rec->off, rec->index, msg };
}

/** What the first record of a kind may be. */
static const struct schema_message *schema_of(const struct reading *r, const struct record *rec)
{
	return r->kind->head && !rec->index ? r->kind->head : r->kind->message;
}

static void take_record(struct reading *r, const struct record *rec)
{
	struct unsound why;
	bool sound = record_sound(schema_of(r, rec), rec->data, rec->len, &why);

	if (!sound) {
		found_in(r, why.rule, rec, why.field, why.text);
		if (why.rule != RULE_RECORD_ENUM)
			return;
	}
	if (r->row->message)
		keep(r, rec);
}

/** The messages of a queue stand in the image as records do. */
static enum crit_status skip_queue(struct reading *r, uint64_t nr, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;
	struct record rec;
	struct unsound why;

	for (uint64_t i = 0; i < nr && !status; i++) {
		status = image_next(r->img, &rec, err);
		if (status == CRIT_NOT_FOUND)
			return error_at(err, CRIT_CORRUPT, r->name, image_len(r->img),
					"the file ends %llu messages early",
					(unsigned long long)(nr - i));
		if (status)
			return status;
		if (!record_sound(&schema_ipc_msg, rec.data, rec.len, &why)) {
			found_in(r, why.rule, &rec, why.field, why.text);
			return error_at(err, CRIT_CORRUPT, r->name, rec.off,
					"what is behind a damaged message cannot be read,");
		}
		uint64_t len = (uint32_t)wire_get_uint(rec.data, rec.len, MSG_MSIZE, 0);

		status = image_skip(r->img, len + payload_pad(len, MSG_ALIGN), err);
	}
	return status;
}

static enum crit_status skip_payload(struct reading *r, const struct record *rec,
				     struct crit_error *err)
{
	enum image_payload form = r->kind->payload;
	uint64_t len = payload_run_len(form, rec->data, rec->len);

	switch (form) {
	case PAYLOAD_NONE:
		return CRIT_OK;
	case PAYLOAD_SEM:
		len = 2 * (uint64_t)(uint32_t)wire_get_uint(rec->data, rec->len, SEM_NSEMS, 0);
		return image_skip(r->img, len + payload_pad(len, SEM_ALIGN), err);
	case PAYLOAD_MSG:
		return skip_queue(r, (uint32_t)wire_get_uint(rec->data, rec->len, MSG_QNUM, 0),
				  err);
	case PAYLOAD_SHM:
		if (len > UINT64_MAX - SHM_ALIGN)
			len = UINT64_MAX - SHM_ALIGN;
		return image_skip(r->img, len + payload_pad(len, SHM_ALIGN), err);
	case PAYLOAD_GHOST:
		return CRIT_OK;
	default:
		return image_skip(r->img, len, err);
	}
}

/** Is it wanted that this goes on? */
static void ask(struct check *c)
{
	const struct crit_check_options *o = c->options;
	struct crit_error err;

	if (o->keep_going && !o->keep_going(o->ctx, c->nr_loaded, c->nr_images))
		check_fail(c, error_set(&err, CRIT_INTERRUPTED, "interrupted"), &err);
}

/** Is there time for another record? */
static bool goes_on_reading(struct reading *r)
{
	if (r->nr_records && r->nr_records % ASK_EVERY == 0)
		ask(r->c);
	if (r->nr_records == MAX_RECORDS)
		found_image(r->c, RULE_RECORD_COUNT, NULL, r->name,
			    "more than %d records: the others were not looked at", MAX_RECORDS);
	return goes_on(r->c) && r->nr_records < MAX_RECORDS;
}

static void read_records(struct reading *r)
{
	enum crit_status status = CRIT_OK;
	struct record rec = { 0 };
	struct crit_error err;

	while (!status && goes_on_reading(r)) {
		// Behind the head is a file's contents, of which files/ghost.c knows more.
		if (r->kind->payload == PAYLOAD_GHOST && r->nr_records)
			break;
		status = image_next(r->img, &rec, &err);
		if (status)
			break;
		r->nr_records++;
		take_record(r, &rec);
		status = skip_payload(r, &rec, &err);
	}
	if (status && status != CRIT_NOT_FOUND)
		found_error(r->c, RULE_IMAGE_CUT, NULL, r->name, NULL, &err);
	// Of more CRIU reads the first.
	if (r->row->single && r->nr_records != 1 && (!status || status == CRIT_NOT_FOUND))
		found_as(r->c, RULE_RECORD_COUNT,
			 &(struct found_as){ .severity = r->nr_records ? CRIT_CHECK_WARNING :
									 CRIT_CHECK_ERROR,
					     .image = r->name },
			 "%zu records where one is expected", r->nr_records);
}

static void not_checked(struct check *c, const char *name, const char *why)
{
	found_image(c, RULE_NOT_CHECKED, NULL, name, "what is in it was not looked at: %s", why);
}

static void read_image(struct check *c, const char *name, const struct kind_row *row,
		       uint64_t number)
{
	struct reading r = { .c = c, .name = name, .row = row, .number = number };
	struct crit_error err;
	enum crit_status status;

	r.kind = image_kind_named(row->magic, strlen(row->magic));
	status = image_open(c->src, name, (enum image_magic)r.kind->magic, &r.img, &err);
	if (!status && row->set == SET_INVENTORY) {
		c->big_endian = image_big_endian(r.img);
		c->written = image_mtime(r.img);
	}
	if (!status && row->set != SET_PAGEMAP && row->set != SET_PAGEMAP_SHMEM)
		read_records(&r);
	image_close(r.img);
	if (status == CRIT_CORRUPT)
		found_error(c, RULE_IMAGE_KIND, NULL, name, NULL, &err);
	else if (status)
		found_error(c, RULE_IMAGE_UNREADABLE, NULL, name, NULL, &err);
	else if (row->not_checked)
		not_checked(c, name, row->not_checked);
}

/** Empty files are so common (a full disk, a copy that was cut) that they are called that. */
static bool is_empty(struct check *c, const char *name)
{
	struct member *m = NULL;
	struct crit_error err;
	bool empty;

	if (source_open_member(c->src, name, &m, &err)) {
		found_error(c, RULE_IMAGE_UNREADABLE, NULL, name, NULL, &err);
		return true;
	}
	empty = !m->size;
	member_close(m);
	return empty;
}

static void load_one(struct check *c, const char *name)
{
	uint64_t number;
	const struct kind_row *row = kind_of_name(name, &number);
	struct item *item;

	if (!row) {
		found_image(c, RULE_UNKNOWN_IMAGE, NULL, name,
			    "no image of CRIU's has such a name; it was not looked at");
		return;
	}
	// A process without pages has an empty pages image; tools write what they like.
	if ((row->magic || row->not_empty) && is_empty(c, name)) {
		found_image(c, RULE_IMAGE_EMPTY, NULL, name, "the file is empty");
		return;
	}
	if (row->magic)
		read_image(c, name, row, number);
	else if (row->not_checked)
		not_checked(c, name, row->not_checked);
	if (row->set == SET_PAGES || row->set == SET_PAGEMAP || row->set == SET_PAGEMAP_SHMEM) {
		item = add_item(c, row->set);
		if (item)
			*item = (struct item){ .image = name, .number = number };
	}
}

/* ---- names of files ------------------------------------------------------------------------- */

/** What collects the names of a directory. */
struct collecting {
	struct check *c;
	bool (*wanted)(const char *name);
	struct names *out;
};

static bool add_name(void *ctx, const char *name)
{
	struct collecting *to = ctx;
	struct names *out = to->out;
	size_t size = strlen(name) + 1;
	char *copy;

	if (!to->wanted(name))
		return true;
	to->c->arena.limit = SIZE_MAX / 2;
	copy = arena_alloc(&to->c->arena, size);
	if (!copy || !array_grow(&out->names, out->nr, &out->cap, sizeof(*out->names))) {
		check_no_memory(to->c);
		return false;
	}
	memcpy(copy, name, size);
	out->names[out->nr++] = copy;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void names_list(struct check *c, const struct source *src, bool (*wanted)(const char *name),
		struct names *out)
{
	struct collecting to = { c, wanted, out };
	struct crit_error err;
	enum crit_status status = source_each(src, add_name, &to, &err);

	if (status)
		check_fail(c, status, &err);
	if (out->nr)
		qsort(out->names, out->nr, sizeof(*out->names), by_name);
}

static bool ends_in_img(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && !strcmp(name + len - 4, ".img");
}

static int by_number(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	if (x->image != y->image) {
		int order = strcmp(x->image, y->image);

		if (order)
			return order;
	}
	return (x->index > y->index) - (x->index < y->index);
}

void load_images(struct check *c)
{
	struct names names = { 0 };

	names_list(c, c->src, ends_in_img, &names);
	c->nr_images = names.nr;
	for (size_t i = 0; i < names.nr && goes_on(c); i++) {
		c->nr_loaded = i;
		ask(c);
		if (goes_on(c))
			load_one(c, names.names[i]);
	}
	free(names.names);
	for (unsigned int i = 0; i < NR_SETS; i++) {
		struct items *set = &c->sets[i];

		if (set->nr)
			qsort(set->items, set->nr, sizeof(*set->items), by_number);
	}
}

const struct item *item_numbered(const struct check *c, enum set set, uint64_t number)
{
	const struct items *items = &c->sets[set];
	size_t low = 0, high = items->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (items->items[mid].number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low < items->nr && items->items[low].number == number ? &items->items[low] : NULL;
}
