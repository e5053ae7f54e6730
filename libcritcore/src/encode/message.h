/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * message.h - JSON objects to messages in wire form.
 *
 * Values are written behind each other as they are read; members usually come by ascending field
 * number, so that this is the canonical form already. What came out of order is sorted at the end
 * of its message. The files:
 *
 *	message.c	objects, names of members, nesting
 *	value.c		one member's value
 *	kept.c		members that start with '_'
 *	order.c		fields by number
 */
#ifndef CRIT_ENCODE_MESSAGE_H
#define CRIT_ENCODE_MESSAGE_H

#include "image/canonical.h"
#include "image/kinds.h"
#include "json/reader.h"

enum {
	/* Room that is made before a key and a number. */
	ENCODE_ROOM = 32,
};

struct encoder {
	struct json_reader r;
	const struct crit_encode_options *options; /* NULL: nobody listens */
	bool big_endian;
	struct buf out;  /* wire bytes that are not written yet */
	size_t record;   /* where the record that is being made starts in it */
	struct buf text; /* of the string read last */
	bool go;	 /* 64-bit numbers are in quotes, in decimal: go-crit wrote this */
	/* Stacks: a frame's part is above that of the frames around it. */
	struct buf unknown; /* wire form of "_unknown" members */
	struct buf exact;   /* struct exact's, each with its bytes: "_NAME" members */
	/* The first required field that is missing; an error only if "_raw" does not count. */
	bool incomplete;
	struct crit_error missing;
};

/** A message while it is read. */
struct frame {
	const struct schema_message *m;
	struct json_path path; /* of the member that is read */
	size_t start;          /* of the message in e->out */
	size_t unknown, exact; /* of our parts of the stacks */
	uint64_t seen;         /* fields, by their index */
	uint64_t in_unknown;   /* fields that "_unknown" has, in their own wire type; by index */
	uint64_t seen_exact;   /* "_NAME"s, by the index of NAME */
	uint32_t last;         /* highest field number so far */
	unsigned next;         /* index of the field that is expected */
	unsigned required;     /* required fields seen */
	unsigned depth;
	bool unordered;
	bool seen_unknown, seen_raw;
	bool ended;          /* frame_end() was called */
	bool was_incomplete; /* e->incomplete was set before us */
	struct buf *raw;     /* receives "_raw"; NULL: it means nothing here */
	/* Members that are no fields; NULL: there are none. @p taken says whether it was one. */
	enum crit_status (*member)(struct encoder *e, struct frame *f, const char *name, size_t len,
				   bool *taken);
	void *ctx; /* of member() */
};

void encoder_init(struct encoder *e, struct crit_input *in,
		  const struct crit_encode_options *options, struct crit_error *err);
void encoder_deinit(struct encoder *e);
/** Tell what was ignored, with its place. */
void encoder_note(struct encoder *e, const char *fmt, ...) PRINTF(2, 3);

/** The slow half of encoder_room(). */
enum crit_status encoder_grow(struct encoder *e, size_t len);

/** Make room in e->out; refuse records that are too long. */
static inline enum crit_status encoder_room(struct encoder *e, size_t len)
{
	return e->out.cap - e->out.len >= len ? CRIT_OK : encoder_grow(e, len);
}

/** Start a message at the end of e->out. @p up is the path of the object. */
void frame_init(struct frame *f, struct encoder *e, const struct schema_message *m,
		const struct json_path *up, unsigned depth);
/**
 * Read the members of an object up to its '}'; the '{' was taken. The message is then behind
 * f->start in e->out, in its final form.
 */
enum crit_status frame_read(struct encoder *e, struct frame *f);
/** What is to be done when all members are there. frame_read() calls it if nobody else did. */
enum crit_status frame_end(struct encoder *e, struct frame *f);

/** The field's index in the message; nr_fields: it has no such field. */
unsigned field_named(const struct schema_message *m, const char *name, size_t len);

/** The value of a field, of whatever label, with its key. @p f says where we are. */
enum crit_status encode_field(struct encoder *e, struct frame *f, const struct schema_field *field);
/** An element of a list that is not packed, with its key; an address may become four. */
enum crit_status encode_element(struct encoder *e, struct frame *f,
				const struct schema_field *field);
/** A number of the field's type, as 64 bits for a varint or fixed64. */
enum crit_status encode_read_number(struct encoder *e, const struct schema_field *field,
				    uint64_t *value);

/** Set the length that stands in the one byte in front of e->out.data[start], moving what follows
 *  when it needs more. */
enum crit_status encode_set_len(struct encoder *e, size_t start);

/** Put @p bytes in place of the frame's message; takes them over. */
enum crit_status frame_replace(struct encoder *e, struct frame *f, struct buf *bytes);
/** Fields by ascending number; those of one number stay in the order they stand. */
enum crit_status frame_sort(struct encoder *e, struct frame *f);

/** The value of a member whose name starts with '_'. */
enum crit_status kept_member(struct encoder *e, struct frame *f, const char *name, size_t len);
/** Bring in "_NAME"s and "_unknown", and put the fields in order. */
enum crit_status kept_end(struct encoder *e, struct frame *f);
/** Write "_raw" instead of the message if it still says the same; @p used. */
enum crit_status kept_raw(struct encoder *e, struct frame *f, bool *used);

#endif
