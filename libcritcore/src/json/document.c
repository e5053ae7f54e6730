// SPDX-License-Identifier: LGPL-2.1-or-later
/* document.c - see document.h. */
#include "json/document.h"

#include <stdlib.h>

static enum crit_status begin(struct document *out, const void *data, size_t len, const char *name,
			      struct arena *strings, struct crit_error *err)
{
	enum crit_status status = crit_input_from_memory(data, len, name, &out->in, err);

	if (status)
		return status;
	out->strings = strings;
	json_init(&out->r, out->in, err);
	return CRIT_OK;
}

enum crit_status document_from_data(uint8_t *data, size_t len, const char *name,
				    struct arena *strings, struct document *out,
				    struct crit_error *err)
{
	enum crit_status status;

	*out = (struct document){ .data = data };
	status = begin(out, data, len, name, strings, err);
	if (status)
		document_close(out);
	return status;
}

enum crit_status document_from_text(const char *text, const char *name, struct arena *strings,
				    struct document *out, struct crit_error *err)
{
	*out = (struct document){ 0 };
	return begin(out, text, strlen(text), name, strings, err);
}

void document_close(struct document *doc)
{
	if (doc->in)
		json_deinit(&doc->r);
	crit_input_close(doc->in);
	free(doc->data);
	*doc = (struct document){ 0 };
}

/** Take null, if it is next. */
static bool take_null(struct document *doc, enum crit_status *status)
{
	char which;

	*status = CRIT_OK;
	if (json_peek(&doc->r) != 'n')
		return false;
	*status = json_word(&doc->r, &which);
	return true;
}

static enum crit_status take_name(struct document *doc, struct buf *name)
{
	enum crit_status status;

	buf_clear(name);
	if (json_peek(&doc->r) != '"')
		return json_unexpected(&doc->r, "a name in quotes");
	status = json_string(&doc->r, name, DOCUMENT_MAX_NAME);
	buf_add_byte(name, '\0');
	if (!status && name->failed)
		status = error_no_memory(doc->r.err);
	return status ? status : json_expect(&doc->r, ':', "':'");
}

enum crit_status document_object(struct document *doc, document_fn fn, void *ctx)
{
	enum crit_status status;
	bool more = true;
	struct buf name;

	if (take_null(doc, &status))
		return status;
	buf_init(&name);
	status = json_expect(&doc->r, '{', "an object");
	for (bool first = true; !status; first = false) {
		status = json_more(&doc->r, '}', first, &more);
		if (status || !more)
			break;
		status = take_name(doc, &name);
		if (!status)
			status = fn(ctx, doc, (const char *)name.data);
	}
	buf_deinit(&name);
	return status;
}

enum crit_status document_list(struct document *doc, document_fn fn, void *ctx)
{
	enum crit_status status;
	bool more = true;

	if (take_null(doc, &status))
		return status;
	status = json_expect(&doc->r, '[', "a list");
	for (bool first = true; !status; first = false) {
		status = json_more(&doc->r, ']', first, &more);
		if (status || !more)
			break;
		status = fn(ctx, doc, "");
	}
	return status;
}

enum crit_status document_text(struct document *doc, const char **out)
{
	enum crit_status status;
	struct buf text;
	char *copy;

	if (take_null(doc, &status))
		return status;
	buf_init(&text);
	status = json_peek(&doc->r) == '"' ? json_string(&doc->r, &text, DOCUMENT_MAX)
					   : json_unexpected(&doc->r, "a string");
	if (!status) {
		copy = arena_alloc(doc->strings, text.len + 1);
		if (copy) {
			if (text.len)
				memcpy(copy, text.data, text.len);
			copy[text.len] = '\0';
			*out = copy;
		} else {
			status = error_no_memory(doc->r.err);
		}
	}
	buf_deinit(&text);
	return status;
}

enum crit_status document_int(struct document *doc, int64_t *out)
{
	struct json_int number;
	enum crit_status status;

	if (take_null(doc, &status))
		return status;
	json_peek(&doc->r);
	status = json_int(&doc->r, &number);
	if (!status && number.value > INT64_MAX)
		return json_fail(&doc->r, "a number that is too large");
	if (!status)
		*out = number.negative ? -(int64_t)number.value : (int64_t)number.value;
	return status;
}
