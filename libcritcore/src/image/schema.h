/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * schema.h - the image schema of proto/ as tables, for code that treats all messages alike.
 *
 * The tables (schema-tables.c) are made at build time by proto/tables.py. They say what
 * protobuf-c's descriptors leave out: the (criu) options, and every name with its length and as the
 * JSON key it becomes. Code that knows which message it wants uses protobuf-c's structs instead.
 */
#ifndef CRIT_IMAGE_SCHEMA_H
#define CRIT_IMAGE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema-tables.h"

/** Scalar types of protobuf that CRIU's schema uses; tables.py refuses others. */
enum schema_type {
	SCHEMA_UINT32,
	SCHEMA_UINT64,
	SCHEMA_INT32, /* negative ones are 10-byte varints */
	SCHEMA_INT64,
	SCHEMA_SINT32, /* zigzag */
	SCHEMA_SINT64,
	SCHEMA_FIXED64, /* 8 bytes, little-endian */
	SCHEMA_BOOL,
	SCHEMA_ENUM,	/* never repeated */
	SCHEMA_STRING,
	SCHEMA_BYTES,	/* never repeated */
	SCHEMA_MESSAGE,
};

enum schema_label {
	SCHEMA_OPTIONAL,
	SCHEMA_REQUIRED,
	SCHEMA_REPEATED,
};

/** How a field is written for people: the (criu) option that wins. Numbers only, but QUOTED. */
enum schema_style {
	STYLE_PLAIN,
	STYLE_HEX,    /* "0x1f"; on a message: for all numbers below it */
	STYLE_IP,     /* one word: IPv4 address, four: IPv6 */
	STYLE_DEV,    /* "8:1", the minor has the low 20 bits */
	STYLE_ODEV,   /* the same, split as the C library's makedev() does */
	STYLE_FLAGS,  /* names of bits, joined by " | " */
	STYLE_DICT,   /* a name for a number */
	STYLE_QUOTED, /* bytes as quoted-printable text, also without --pretty */
};

struct schema_value {
	int32_t number;
	uint8_t name_len;
	const char *name;
};

struct schema_enum {
	const char *name;
	const struct schema_value *values; /* by number */
	size_t nr_values;
};

struct schema_field {
	uint32_t number;
	uint8_t type;  /* enum schema_type */
	uint8_t label; /* enum schema_label */
	uint8_t style; /* enum schema_style */
	uint8_t name_len;
	const char *name;
	const char *key; /* `, "name": `, name_len + 6 bytes; zeros up to 2 + a multiple of 16 */
	bool packed;	 /* a repeated number, all in one length-delimited field */
	enum schema_names names;	      /* STYLE_FLAGS, STYLE_DICT */
	const struct schema_message *message; /* SCHEMA_MESSAGE */
	const struct schema_enum *enumeration; /* SCHEMA_ENUM */
};

struct schema_message {
	const char *name; /* as in proto/, without the package */
	const struct schema_field *fields; /* by number */
	uint16_t nr_fields;
	uint16_t nr_required;
};

/** NULL: the message has no such field. */
const struct schema_field *schema_field_find(const struct schema_message *m, uint32_t number);

/** The value's name; NULL: the enum has none. */
const struct schema_value *schema_enum_find(const struct schema_enum *e, int64_t number);

#endif
