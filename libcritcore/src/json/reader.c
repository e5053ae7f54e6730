// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * reader.c - see reader.h: places, white space, punctuation, numbers. Strings are in
 * reader_string.c.
 *
 * Lines are counted where white space is skipped: strings cannot hold a newline, so they are
 * nowhere else.
 */
#include "json/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/text.h"

/** Look at the window again after the input moved it. */
static void sync(struct json_reader *r)
{
	const struct crit_input *in = r->in;

	r->p = in->len ? in->data + in->pos : in->data;
	r->end = in->len ? in->data + in->len : in->data;
}

void json_init(struct json_reader *r, struct crit_input *in, struct crit_error *err)
{
	memset(r, 0, offsetof(struct json_reader, name));
	r->in = in;
	r->err = err;
	sync(r);
	r->line = 1;
	r->line_start = r->token = json_off(r);
}

void json_deinit(struct json_reader *r)
{
	free(r->chunk);
	r->chunk = NULL;
}

bool json_fill(struct json_reader *r, size_t want)
{
	if (json_have(r) < want && !r->status && !r->in->eof) {
		r->in->pos = (size_t)(r->p - r->in->data);
		r->status = input_fill(r->in, want, r->err);
		sync(r);
	}
	return r->p < r->end && !r->status;
}

enum crit_status json_keep(struct json_reader *r)
{
	bool has;

	if (r->status || r->in->seekable)
		return r->status;
	r->in->pos = (size_t)(r->p - r->in->data);
	r->status = input_has(r->in, UINT64_MAX, &has, r->err);
	sync(r);
	return r->status;
}

struct json_mark json_mark(const struct json_reader *r)
{
	return (struct json_mark){ json_off(r), r->line, r->line_start };
}

enum crit_status json_back(struct json_reader *r, const struct json_mark *mark)
{
	if (r->status)
		return r->status;
	r->in->pos = (size_t)(r->p - r->in->data);
	r->status = input_seek(r->in, mark->off, r->err);
	sync(r);
	r->line = mark->line;
	r->line_start = mark->line_start;
	return r->status;
}

/** "entries[3].vmas[0].start", cut in front when it is long. */
static void print_path(const struct json_path *path, char *out, size_t size)
{
	const struct json_path *steps[128];
	size_t nr = 0, len = 0, skip;
	char text[2048];

	for (; path && nr < 128; path = path->up)
		if (path->name)
			steps[nr++] = path;
	text[0] = '\0';
	while (nr-- && len < sizeof(text)) {
		const struct json_path *step = steps[nr];
		int n = snprintf(text + len, sizeof(text) - len, "%s%.*s", len ? "." : "",
				 (int)(step->name_len < 64 ? step->name_len : 64), step->name);

		len += (size_t)n;
		if (step->index != SIZE_MAX && len < sizeof(text))
			len += (size_t)snprintf(text + len, sizeof(text) - len, "[%zu]",
						step->index);
	}
	len = strlen(text);
	skip = len <= size - 4 ? 0 : len - (size - 4);
	snprintf(out, size, "%s%.*s", skip ? "..." : "", (int)size - 4, text + skip);
}

static enum crit_status vfail(struct json_reader *r, enum crit_status status, const char *fmt,
			      va_list ap)
{
	char text[256], path[160];

	if (r->status)
		return r->status;
	if (!r->err)
		return status;
	vsnprintf(text, sizeof(text), fmt, ap);
	print_path(r->path, path, sizeof(path));
	error_set(r->err, status, "%.80s: line %llu, column %llu: %s%s%s", r->in->name,
		  (unsigned long long)r->line, (unsigned long long)(r->token - r->line_start + 1),
		  path, *path ? ": " : "", text);
	snprintf(r->err->image, sizeof(r->err->image), "%s", r->in->name);
	r->err->has_off = true;
	r->err->off = r->token;
	return status;
}

enum crit_status json_fail(struct json_reader *r, const char *fmt, ...)
{
	enum crit_status status;
	va_list ap;

	va_start(ap, fmt);
	status = vfail(r, CRIT_CORRUPT, fmt, ap);
	va_end(ap);
	return status;
}

enum crit_status json_fail_as(struct json_reader *r, enum crit_status status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	status = vfail(r, status, fmt, ap);
	va_end(ap);
	return status;
}

void json_where(const struct json_reader *r, char *out, size_t size)
{
	char path[160];

	print_path(r->path, path, sizeof(path));
	snprintf(out, size, "line %llu%s%s", (unsigned long long)r->line, *path ? ": " : "", path);
}

const char *json_excerpt(char out[48], const void *text, size_t len)
{
	const uint8_t *from = text;
	size_t n = len < 40 ? len : 40;

	while (n < len && n > 36 && (from[n] & 0xc0) == 0x80)
		n--;
	memcpy(out, text, n);
	for (size_t i = 0; i < n; i++)
		if (!out[i])
			out[i] = '?';
	strcpy(out + n, n < len ? "..." : "");
	text_make_printable(out);
	return out;
}

enum crit_status json_unexpected(struct json_reader *r, const char *wanted)
{
	int c = json_peek(r);
	char text[48];
	size_t len = 0;

	if (c < 0)
		return json_fail(r, "expected %s, found the end", wanted);
	json_fill(r, 48);
	while (len < json_have(r) && len < 48 && r->p[len] > ' ' && !strchr(",:]}", r->p[len]))
		len++;
	return json_fail(r, "expected %s, found %s", wanted,
			 json_excerpt(text, r->p, len ? len : 1));
}

int json_peek(struct json_reader *r)
{
	do {
		for (; r->p < r->end; r->p++) {
			uint8_t c = *r->p;

			if (c == '\n') {
				r->line++;
				r->line_start = json_off(r) + 1;
			} else if (c != ' ' && c != '\t' && c != '\r') {
				r->token = json_off(r);
				return c;
			}
		}
	} while (json_fill(r, 1));
	r->token = json_off(r);
	return -1;
}

enum crit_status json_expect_slow(struct json_reader *r, char c, const char *wanted)
{
	if (json_peek(r) != c)
		return json_unexpected(r, wanted);
	r->p++;
	return CRIT_OK;
}

enum crit_status json_more_slow(struct json_reader *r, char close, bool first, bool *more)
{
	int c = json_peek(r);

	*more = c != close;
	if (c == close) {
		r->p++;
		return CRIT_OK;
	}
	if (first)
		return CRIT_OK;
	return json_expect(r, ',', close == '}' ? "',' or '}'" : "',' or ']'");
}

enum crit_status json_name(struct json_reader *r, const char **name, size_t *len)
{
	struct buf text = { .data = (uint8_t *)r->name, .cap = JSON_MAX_NAME };
	enum crit_status status;
	uint64_t token;

	if (json_peek(r) != '"')
		return json_unexpected(r, "a name in quotes");
	// The limit keeps the storage what it is.
	status = json_string(r, &text, JSON_MAX_NAME);
	if (status)
		return status;
	*name = r->name;
	*len = text.len;
	token = r->token;
	status = json_expect(r, ':', "':'");
	if (!status)
		r->token = token;
	return status;
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

/** The digits from the next byte on. @return false: they are more than 64 bits. */
static bool take_digits(struct json_reader *r, uint64_t *value)
{
	bool fits = true;

	*value = 0;
	while (json_fill(r, 1) && is_digit(*r->p)) {
		fits &= !__builtin_mul_overflow(*value, 10u, value);
		fits &= !__builtin_add_overflow(*value, (uint64_t)(*r->p - '0'), value);
		r->p++;
	}
	return fits;
}

enum crit_status json_int_slow(struct json_reader *r, struct json_int *out)
{
	int c = json_peek(r);
	bool fits;

	if (c != '-' && !is_digit(c))
		return json_unexpected(r, "a number");
	json_fill(r, 2);
	out->negative = c == '-';
	r->p += out->negative;
	if (!json_fill(r, 2) || !is_digit(*r->p))
		return json_fail(r, "a '-' without digits");
	if (*r->p == '0' && json_have(r) > 1 && is_digit(r->p[1]))
		return json_fail(r, "a number with a zero in front");
	fits = take_digits(r, &out->value);
	if (json_fill(r, 1) && (*r->p == '.' || (*r->p | 0x20) == 'e'))
		return json_fail(r, "a number with a fraction or an exponent");
	if (r->status)
		return r->status;
	if (!fits)
		return json_fail(r, "the number does not fit into 64 bits");
	out->negative &= out->value != 0;
	return CRIT_OK;
}

enum crit_status json_word(struct json_reader *r, char *which)
{
	static const char *const words[] = { "true", "false", "null" };

	json_peek(r);
	json_fill(r, 5);
	for (size_t i = 0; i < 3; i++) {
		size_t len = strlen(words[i]);

		if (json_have(r) >= len && !memcmp(r->p, words[i], len)) {
			*which = words[i][0];
			r->p += len;
			return CRIT_OK;
		}
	}
	return json_unexpected(r, "a value");
}
