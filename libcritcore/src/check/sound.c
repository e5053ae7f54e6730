// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * sound.c - is a record a message of its kind? Walks the wire form with the schema, before
 * protobuf-c sees it: that one says only that something is wrong, and calls itself for messages in
 * messages as deep as the image likes (cgroup.img, apparmor.img, nested as directories are).
 */
#include <stdio.h>
#include <string.h>

#include "check/check.h"
#include "image/canonical.h"

enum { MAX_FIELDS = 128 };

struct walk {
	struct unsound *out;
	size_t path_len; /* of out->field */
};

static bool bad(struct walk *w, enum rule rule, const char *field, const char *text)
{
	w->out->rule = rule;
	snprintf(w->out->field + w->path_len, sizeof(w->out->field) - w->path_len, "%s%s",
		 w->path_len && field ? "." : "", field ? field : "");
	snprintf(w->out->text, sizeof(w->out->text), "%s", text);
	return false;
}

static bool message_sound(struct walk *w, const struct schema_message *m, struct wire bytes,
			  unsigned int depth);

static bool inner_sound(struct walk *w, const struct schema_field *f,
			const struct wire_field *wf, unsigned int depth)
{
	size_t before = w->path_len;
	int len;
	bool sound;

	if (depth == WIRE_MAX_DEPTH)
		return bad(w, RULE_RECORD_DEPTH, f->name, "nested more than 100 messages deep");
	len = snprintf(w->out->field + before, sizeof(w->out->field) - before, "%s%s",
		       before ? "." : "", f->name);
	w->path_len = before + (size_t)len < sizeof(w->out->field) ? before + (size_t)len :
								      sizeof(w->out->field) - 1;
	sound = message_sound(w, f->message, (struct wire){ wf->data, wf->data + wf->len },
			      depth + 1);
	w->path_len = before;
	return sound;
}

/** protobuf-c takes lists of numbers in both forms, and refuses other wire types than the schema's
 *  with the message. */
static bool type_fits(const struct schema_field *f, const struct wire_field *wf)
{
	if (wf->type == canonical_value_type(f))
		return true;
	return f->label == SCHEMA_REPEATED && f->type < SCHEMA_STRING && wf->type == WIRE_LEN;
}

static bool value_sound(struct walk *w, const struct schema_field *f, const struct wire_field *wf,
			unsigned int depth)
{
	if (!type_fits(f, wf))
		return bad(w, RULE_RECORD, f->name, "not of the type that the field has");
	if (f->type == SCHEMA_MESSAGE)
		return inner_sound(w, f, wf, depth);
	if (f->type == SCHEMA_STRING && memchr(wf->data, 0, wf->len))
		return bad(w, RULE_RECORD, f->name, "a name with a zero byte in it");
	if (f->type == SCHEMA_ENUM && !schema_enum_find(f->enumeration, (int32_t)wf->value)) {
		char text[64];

		snprintf(text, sizeof(text), "%d is no %s", (int32_t)wf->value,
			 f->enumeration->name);
		return bad(w, RULE_RECORD_ENUM, f->name, text);
	}
	return true;
}

static bool all_required(struct walk *w, const struct schema_message *m, const bool *seen)
{
	for (size_t i = 0; i < m->nr_fields; i++)
		if (m->fields[i].label == SCHEMA_REQUIRED && !seen[i])
			return bad(w, RULE_RECORD, m->fields[i].name, "the field is not there");
	return true;
}

static bool message_sound(struct walk *w, const struct schema_message *m, struct wire bytes,
			  unsigned int depth)
{
	bool seen[MAX_FIELDS] = { false };
	struct wire_field wf;

	while (bytes.p < bytes.end) {
		const struct schema_field *f;

		if (!wire_next(&bytes, &wf))
			return bad(w, RULE_RECORD, NULL, "no sound protobuf message");
		f = schema_field_find(m, wf.number);
		if (!f)
			continue; // of a later CRIU
		if (f - m->fields < MAX_FIELDS)
			seen[f - m->fields] = true;
		if (!value_sound(w, f, &wf, depth))
			return false;
	}
	return m->nr_fields > MAX_FIELDS || all_required(w, m, seen);
}

bool record_sound(const struct schema_message *m, const uint8_t *data, size_t len,
		  struct unsound *out)
{
	struct walk w = { .out = out };

	*out = (struct unsound){ 0 };
	return message_sound(&w, m, (struct wire){ data, data + len }, 0);
}
