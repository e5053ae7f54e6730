// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The schema in proto/ against the facts about CRIU's, kept as two tables beside this file:
//
//	messages.tsv	file message number field label type default criu_options
//	enums.tsv	file enum name number
//
// A row is one field or one enum value. The first line names the columns. "file" is where CRIU has
// it; our files are cut differently, so it is not compared. Types are "uint32", "message vma_entry"
// or "enum core_entry.march"; criu_options is "dev=True,odev=True", with "packed=True" for a
// packed list.
//
// Both tables are compared, in both directions, with two forms of the schema: the descriptor set
// that protoc writes, and the descriptors in the C code we really decode with. protobuf-c drops the
// (criu) options, so only the first form can tell about these. There they are an extension of the
// options of a field, which protobuf-c hands over as unknown field 50018.
//
// Each form is turned into rows like those of the table; what is left is to compare rows.
//
//	test_schema TABLE_DIRECTORY DESCRIPTOR_SET
//
// schema-descriptors.h is made by descriptors.sh, the set by protoc --include_imports
// --descriptor_set_out.

#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "google/protobuf/descriptor.pb-c.h"
#include "options.pb-c.h"
#include "schema-descriptors.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define CRIU_OPTIONS_FIELD 50018

// What a row says, by column. An enum value has the first three only.
enum column {
	COL_OWNER,	// message or enum, "core_entry.march" when nested
	COL_NAME,	// field or value; empty: a message without fields
	COL_NUMBER,
	COL_LABEL,
	COL_TYPE,
	COL_DEFAULT,	// empty: none
	COL_OPTIONS,	// empty: none
	NR_COLUMNS,
};

static const char *const column_names[NR_COLUMNS] = {
	"owner", "name", "number", "label", "type", "default", "criu_options",
};

struct row {
	char *col[NR_COLUMNS];	// owned; NULL: not known from this source
	size_t line;		// in the table, from 1; 0: from a descriptor
	bool packed;
	bool matched;
};

struct table {
	const char *source;	// for messages
	struct row *rows;
	size_t nr_rows;
};

static struct {
	char *dir;
	char *set_path;
	Google__Protobuf__FileDescriptorSet *set;
} input;

static void *must(void *p)
{
	if (!p) {
		perror("out of memory");
		abort();
	}
	return p;
}

static struct row *table_add(struct table *t)
{
	t->rows = must(realloc(t->rows, (t->nr_rows + 1) * sizeof(*t->rows)));
	struct row *r = &t->rows[t->nr_rows++];

	memset(r, 0, sizeof(*r));
	return r;
}

static void table_deinit(struct table *t)
{
	for (size_t i = 0; i < t->nr_rows; i++)
		for (int c = 0; c < NR_COLUMNS; c++)
			free(t->rows[i].col[c]);
	free(t->rows);
}

// The table, file by file

// Which column of a row each column of the file is; -1: skip.
static const int message_columns[] = {
	-1, COL_OWNER, COL_NUMBER, COL_NAME, COL_LABEL, COL_TYPE, COL_DEFAULT, COL_OPTIONS,
};
static const int enum_columns[] = { -1, COL_OWNER, COL_NAME, COL_NUMBER };

static const char message_header[] =
	"file\tmessage\tnumber\tfield\tlabel\ttype\tdefault\tcriu_options";
static const char enum_header[] = "file\tenum\tname\tnumber";

static void table_read_line(struct table *t, char *text, size_t line, const int *columns,
			    size_t nr_columns)
{
	struct row *r = table_add(t);
	size_t n = 0;

	r->line = line;
	for (char *rest = text, *cell; rest; n++) {
		cell = rest;
		rest = strchr(cell, '\t');
		if (rest)
			*rest++ = '\0';
		if (n < nr_columns && columns[n] >= 0)
			r->col[columns[n]] = must(strdup(cell));
	}
	if (n != nr_columns)
		fail_msg("%s:%zu: %zu columns, not %zu", t->source, line, n, nr_columns);
	r->packed = r->col[COL_OPTIONS] && strstr(r->col[COL_OPTIONS], "packed=True");
}

static struct table table_read(const char *name, const char *header, const int *columns,
			       size_t nr_columns)
{
	struct table t = { .source = name };
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", input.dir, name);
	FILE *f = fopen(path, "r");

	if (!f)
		fail_msg("cannot open %s", path);

	char *text = NULL;
	size_t room = 0;
	ssize_t len;

	for (size_t line = 1; (len = getline(&text, &room, f)) >= 0; line++) {
		if (len && text[len - 1] == '\n')
			text[len - 1] = '\0';
		if (line > 1)
			table_read_line(&t, text, line, columns, nr_columns);
		else if (strcmp(text, header))
			fail_msg("%s: the first line is not \"%s\"", path, header);
	}
	free(text);
	fclose(f);
	if (!t.nr_rows)
		fail_msg("%s has no rows", path);
	return t;
}

static struct table read_messages_table(void)
{
	return table_read("messages.tsv", message_header, message_columns,
			  ARRAY_SIZE(message_columns));
}

static struct table read_enums_table(void)
{
	return table_read("enums.tsv", enum_header, enum_columns, ARRAY_SIZE(enum_columns));
}

// Comparing

// One rendering for all kinds of number, so that every source ends up with the same text.
__attribute__((format(printf, 1, 2)))
static char *text_of(const char *format, ...)
{
	char *text = NULL;
	size_t len;
	FILE *f = must(open_memstream(&text, &len));
	va_list args;

	va_start(args, format);
	vfprintf(f, format, args);
	va_end(args);
	fclose(f);
	return must(text);
}

static struct row *table_find(struct table *t, const struct row *key)
{
	for (size_t i = 0; i < t->nr_rows; i++)
		if (!strcmp(t->rows[i].col[COL_OWNER], key->col[COL_OWNER]) &&
		    !strcmp(t->rows[i].col[COL_NAME], key->col[COL_NAME]))
			return &t->rows[i];
	return NULL;
}

static void print_row(const char *source, const struct row *r)
{
	if (r->line)
		print_error("%s:%zu:", source, r->line);
	else
		print_error("%s:", source);
	for (int c = 0; c < NR_COLUMNS; c++)
		if (r->col[c] && *r->col[c])
			print_error(" %s", r->col[c]);
	print_error("\n");
}

// Number of columns in which a row of the schema differs from the row of the table.
static int compare_row(const struct table *table, const struct row *want,
		       const struct table *schema, const struct row *got)
{
	int nr_bad = 0;

	for (int c = 0; c < NR_COLUMNS; c++) {
		if (!want->col[c] || !got->col[c] || !strcmp(want->col[c], got->col[c]))
			continue;
		if (!nr_bad)
			print_row(table->source, want);
		print_error("\t%s is \"%s\" in the %s\n", column_names[c], got->col[c],
			    schema->source);
		nr_bad++;
	}
	if (want->packed != got->packed) {
		print_row(table->source, want);
		print_error("\tis %spacked in the %s\n", got->packed ? "" : "not ", schema->source);
		nr_bad++;
	}
	return nr_bad;
}

// Both directions: what the table has and the schema has not, or has differently, and the reverse.
static int compare(struct table *table, struct table *schema)
{
	int nr_bad = 0;

	for (size_t i = 0; i < table->nr_rows; i++) {
		const struct row *want = &table->rows[i];
		struct row *got = table_find(schema, want);

		if (!got || got->matched) {
			print_row(table->source, want);
			print_error("\tis %s the %s\n", got ? "already matched in" : "not in",
				    schema->source);
			nr_bad++;
			continue;
		}
		got->matched = true;
		nr_bad += compare_row(table, want, schema, got);
	}
	for (size_t i = 0; i < schema->nr_rows; i++) {
		if (schema->rows[i].matched)
			continue;
		print_row(schema->source, &schema->rows[i]);
		print_error("\tis not in %s\n", table->source);
		nr_bad++;
	}
	return nr_bad;
}

static void check(struct table table, struct table schema)
{
	int nr_bad = compare(&table, &schema);

	table_deinit(&table);
	table_deinit(&schema);
	assert_int_equal(nr_bad, 0);
}

// "criu.vma_entry" and ".criu.vma_entry" are vma_entry to the table.
static const char *without_package(const char *name)
{
	if (*name == '.')
		name++;
	return strncmp(name, "criu.", 5) ? name : name + 5;
}

// A message without fields, which the table cannot name, must not go unnoticed.
static void add_empty_message(struct table *t, const char *name)
{
	struct row *r = table_add(t);

	r->col[COL_OWNER] = text_of("%s", name);
	r->col[COL_NAME] = text_of("%s", "");
}

static void add_enum_value(struct table *t, const char *owner, const char *name, int number)
{
	struct row *r = table_add(t);

	r->col[COL_OWNER] = text_of("%s", owner);
	r->col[COL_NAME] = text_of("%s", name);
	r->col[COL_NUMBER] = text_of("%d", number);
}

// First form: the descriptor set

// Names by google.protobuf.FieldDescriptorProto.Type and .Label.
static const char *const set_types[] = {
	"none", "double", "float", "int64", "uint64", "int32", "fixed64", "fixed32", "bool",
	"string", "group", "message", "bytes", "uint32", "enum", "sfixed32", "sfixed64",
	"sint32", "sint64",
};
static const char *const set_labels[] = { "none", "optional", "required", "repeated" };

static bool option_bool(FILE *f, const char *comma, const char *name, bool has, bool value)
{
	if (has)
		fprintf(f, "%s%s=%s", comma, name, value ? "True" : "False");
	return has;
}

static bool option_text(FILE *f, const char *comma, const char *name, const char *value)
{
	if (value)
		fprintf(f, "%s%s=%s", comma, name, value);
	return value;
}

// Print what is set in the order of the numbers, with commas between.
static void print_criu_options(FILE *f, const Criu__CRIUOpts *o)
{
	const char *comma = "";

#define BOOL(field) \
	if (option_bool(f, comma, #field, o->has_##field, o->field)) \
		comma = ","
#define TEXT(field) \
	if (option_text(f, comma, #field, o->field)) \
		comma = ","
	BOOL(hex);
	BOOL(ipadd);
	TEXT(flags);
	BOOL(dev);
	BOOL(odev);
	TEXT(dict);
	TEXT(conv);
#undef BOOL
#undef TEXT
	if (o->base.n_unknown_fields)
		fprintf(f, "%sunknown=True", comma);
}

// Where the contents of a length-delimited unknown field start: behind the length, a varint.
static size_t skip_length(const ProtobufCMessageUnknownField *u)
{
	size_t n = 0;

	while (n < u->len && u->data[n] & 0x80)
		n++;
	return n < u->len ? n + 1 : u->len;
}

// protoc writes [(criu).dev = true, (criu).odev = true] as two halves of one message. Halves of a
// message are joined by joining their bytes.
static Criu__CRIUOpts *unpack_criu_options(const ProtobufCMessage *options)
{
	char *bytes = NULL;
	size_t len;
	FILE *f = must(open_memstream(&bytes, &len));

	for (unsigned int i = 0; i < options->n_unknown_fields; i++) {
		const ProtobufCMessageUnknownField *u = &options->unknown_fields[i];
		size_t skip = skip_length(u);

		if (u->tag != CRIU_OPTIONS_FIELD ||
		    u->wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
			fail_msg("unexpected option %u of a field", u->tag);
		fwrite(u->data + skip, 1, u->len - skip, f);
	}
	fclose(f);

	Criu__CRIUOpts *o = criu__criu__opts__unpack(NULL, len, (uint8_t *)bytes);

	free(bytes);
	return must(o);
}

static char *options_text(const Google__Protobuf__FieldOptions *options)
{
	char *text = NULL;
	size_t len;
	FILE *f = must(open_memstream(&text, &len));

	if (options) {
		Criu__CRIUOpts *o = unpack_criu_options(&options->base);

		print_criu_options(f, o);
		criu__criu__opts__free_unpacked(o, NULL);
		fflush(f);
		option_bool(f, len ? "," : "", "packed", options->has_packed, options->packed);
	}
	fclose(f);
	return must(text);
}

// The table has True and False where protoc has true and false.
static const char *default_text(const Google__Protobuf__FieldDescriptorProto *field)
{
	if (!field->default_value)
		return "";
	if (field->type != GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BOOL)
		return field->default_value;
	return strcmp(field->default_value, "true") ? "False" : "True";
}

static void add_set_field(struct table *t, const char *owner,
			  const Google__Protobuf__FieldDescriptorProto *field)
{
	struct row *r = table_add(t);

	assert_true((size_t)field->type < ARRAY_SIZE(set_types));
	assert_true((size_t)field->label < ARRAY_SIZE(set_labels));
	r->col[COL_OWNER] = text_of("%s", owner);
	r->col[COL_NAME] = text_of("%s", field->name);
	r->col[COL_NUMBER] = text_of("%d", field->number);
	r->col[COL_LABEL] = text_of("%s", set_labels[field->label]);
	r->col[COL_TYPE] = field->type_name ?
		text_of("%s %s", set_types[field->type], without_package(field->type_name)) :
		text_of("%s", set_types[field->type]);
	r->col[COL_DEFAULT] = text_of("%s", default_text(field));
	r->col[COL_OPTIONS] = options_text(field->options);
	r->packed = field->options && field->options->packed;
}

static void add_set_enum(struct table *enums, const char *outer,
			 const Google__Protobuf__EnumDescriptorProto *e)
{
	char *name = text_of("%s%s", outer, e->name);

	for (size_t i = 0; i < e->n_value; i++)
		add_enum_value(enums, name, e->value[i]->name, e->value[i]->number);
	free(name);
}

static void add_set_message(struct table *messages, struct table *enums, const char *outer,
			    const Google__Protobuf__DescriptorProto *m)
{
	char *name = text_of("%s%s", outer, m->name);
	char *inside = text_of("%s.", name);

	if (!m->n_field)
		add_empty_message(messages, name);
	for (size_t i = 0; i < m->n_field; i++)
		add_set_field(messages, name, m->field[i]);
	for (size_t i = 0; i < m->n_enum_type; i++)
		add_set_enum(enums, inside, m->enum_type[i]);
	for (size_t i = 0; i < m->n_nested_type; i++)
		add_set_message(messages, enums, inside, m->nested_type[i]);
	free(inside);
	free(name);
}

static void read_set(struct table *messages, struct table *enums)
{
	*messages = *enums = (struct table){ .source = "descriptor set" };
	for (size_t i = 0; i < input.set->n_file; i++) {
		const Google__Protobuf__FileDescriptorProto *f = input.set->file[i];

		if (!strcmp(f->name, "google/protobuf/descriptor.proto"))
			continue;
		if (!f->package || strcmp(f->package, "criu"))
			fail_msg("%s is not in package criu", f->name);
		if (f->syntax && *f->syntax && strcmp(f->syntax, "proto2"))
			fail_msg("%s is not proto2", f->name);
		for (size_t k = 0; k < f->n_enum_type; k++)
			add_set_enum(enums, "", f->enum_type[k]);
		for (size_t k = 0; k < f->n_message_type; k++)
			add_set_message(messages, enums, "", f->message_type[k]);
	}
}

static void test_set_messages(void **state)
{
	struct table messages, enums;

	(void)state;
	read_set(&messages, &enums);
	table_deinit(&enums);
	check(read_messages_table(), messages);
}

static void test_set_enums(void **state)
{
	struct table messages, enums;

	(void)state;
	read_set(&messages, &enums);
	table_deinit(&messages);
	check(read_enums_table(), enums);
}

// Second form: the C code

static const char *const c_types[] = {
	[PROTOBUF_C_TYPE_INT32] = "int32",
	[PROTOBUF_C_TYPE_SINT32] = "sint32",
	[PROTOBUF_C_TYPE_SFIXED32] = "sfixed32",
	[PROTOBUF_C_TYPE_INT64] = "int64",
	[PROTOBUF_C_TYPE_SINT64] = "sint64",
	[PROTOBUF_C_TYPE_SFIXED64] = "sfixed64",
	[PROTOBUF_C_TYPE_UINT32] = "uint32",
	[PROTOBUF_C_TYPE_FIXED32] = "fixed32",
	[PROTOBUF_C_TYPE_UINT64] = "uint64",
	[PROTOBUF_C_TYPE_FIXED64] = "fixed64",
	[PROTOBUF_C_TYPE_FLOAT] = "float",
	[PROTOBUF_C_TYPE_DOUBLE] = "double",
	[PROTOBUF_C_TYPE_BOOL] = "bool",
	[PROTOBUF_C_TYPE_ENUM] = "enum",
	[PROTOBUF_C_TYPE_STRING] = "string",
	[PROTOBUF_C_TYPE_BYTES] = "bytes",
	[PROTOBUF_C_TYPE_MESSAGE] = "message",
};

static const char *const c_labels[] = {
	[PROTOBUF_C_LABEL_REQUIRED] = "required",
	[PROTOBUF_C_LABEL_OPTIONAL] = "optional",
	[PROTOBUF_C_LABEL_REPEATED] = "repeated",
	[PROTOBUF_C_LABEL_NONE] = "none",
};

static char *c_type_text(const ProtobufCFieldDescriptor *field)
{
	const char *type = c_types[field->type];

	if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
		const ProtobufCMessageDescriptor *d = field->descriptor;

		return text_of("%s %s", type, without_package(d->name));
	}
	if (field->type == PROTOBUF_C_TYPE_ENUM) {
		const ProtobufCEnumDescriptor *d = field->descriptor;

		return text_of("%s %s", type, without_package(d->name));
	}
	return text_of("%s", type);
}

static char *c_enum_name(const ProtobufCEnumDescriptor *e, int number)
{
	const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(e, number);

	return value ? text_of("%s", value->name) : text_of("%d", number);
}

static char *c_default_text(const ProtobufCFieldDescriptor *field)
{
	const void *value = field->default_value;

	if (!value)
		return text_of("%s", "");
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		return text_of("%d", *(const int32_t *)value);
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		return text_of("%u", *(const uint32_t *)value);
	case PROTOBUF_C_TYPE_BOOL:
		return text_of("%s", *(const protobuf_c_boolean *)value ? "True" : "False");
	case PROTOBUF_C_TYPE_ENUM:
		return c_enum_name(field->descriptor, *(const int *)value);
	default:
		return text_of("a default this test cannot read");
	}
}

static void add_c_field(struct table *t, const char *owner, const ProtobufCFieldDescriptor *field)
{
	struct row *r = table_add(t);

	assert_true((size_t)field->type < ARRAY_SIZE(c_types));
	assert_true((size_t)field->label < ARRAY_SIZE(c_labels));
	r->col[COL_OWNER] = text_of("%s", owner);
	r->col[COL_NAME] = text_of("%s", field->name);
	r->col[COL_NUMBER] = text_of("%u", field->id);
	r->col[COL_LABEL] = text_of("%s", c_labels[field->label]);
	r->col[COL_TYPE] = c_type_text(field);
	r->col[COL_DEFAULT] = c_default_text(field);
	r->packed = field->flags & PROTOBUF_C_FIELD_FLAG_PACKED;
}

static void test_c_messages(void **state)
{
	struct table schema = { .source = "C code" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all_messages); i++) {
		const ProtobufCMessageDescriptor *m = all_messages[i];

		if (!m->n_fields)
			add_empty_message(&schema, without_package(m->name));
		for (unsigned int k = 0; k < m->n_fields; k++)
			add_c_field(&schema, without_package(m->name), &m->fields[k]);
	}
	check(read_messages_table(), schema);
}

// By name, because a number with two names is in values_by_name twice and in values once.
static void test_c_enums(void **state)
{
	struct table schema = { .source = "C code" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all_enums); i++) {
		const ProtobufCEnumDescriptor *e = all_enums[i];

		for (unsigned int k = 0; k < e->n_value_names; k++) {
			const ProtobufCEnumValueIndex *v = &e->values_by_name[k];

			add_enum_value(&schema, without_package(e->name), v->name,
				       e->values[v->index].value);
		}
	}
	check(read_enums_table(), schema);
}

static int open_set(void **state)
{
	uint8_t *bytes = NULL;
	size_t len = 0, room = 0;
	FILE *f = fopen(input.set_path, "rb");

	(void)state;
	if (!f) {
		perror(input.set_path);
		return -1;
	}
	for (size_t n = 1; n; len += n) {
		if (len == room)
			bytes = must(realloc(bytes, room += 65536));
		n = fread(bytes + len, 1, room - len, f);
	}
	fclose(f);
	input.set = google__protobuf__file_descriptor_set__unpack(NULL, len, bytes);
	free(bytes);
	if (!input.set)
		fprintf(stderr, "%s: not a descriptor set\n", input.set_path);
	return input.set ? 0 : -1;
}

static int close_set(void **state)
{
	(void)state;
	google__protobuf__file_descriptor_set__free_unpacked(input.set, NULL);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_messages),
		cmocka_unit_test(test_set_enums),
		cmocka_unit_test(test_c_messages),
		cmocka_unit_test(test_c_enums),
	};

	if (argc != 3) {
		fprintf(stderr, "usage: %s TABLE_DIRECTORY DESCRIPTOR_SET\n", argv[0]);
		return 2;
	}
	input.dir = argv[1];
	input.set_path = argv[2];
	return cmocka_run_group_tests(tests, open_set, close_set);
}
