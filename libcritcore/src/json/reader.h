/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reader.h - JSON (RFC 8259) as it comes, token by token, out of a struct crit_input.
 *
 * The caller knows what must come next and asks for it; there is no tree. Text is looked at where
 * it stands in the input's window, so that a document of any size needs the memory of its longest
 * name. Strict: UTF-8, no byte order mark, no comments, no NaN, no lone surrogate.
 *
 *	json_expect(r, '{', "an object")
 *	json_more(r, '}', true, &more)		while more:
 *	json_name(r, &name, &len)			name and colon
 *	...						the value
 *	json_more(r, '}', false, &more)			comma, or the end
 *
 * A fault is told as "NAME: line 3, column 17: entries[3].pid: CAUSE". Columns are bytes. The path
 * is put together from the struct json_path's that those who read keep on their stacks.
 */
#ifndef CRIT_JSON_READER_H
#define CRIT_JSON_READER_H

#include <string.h>

#include "util/base64.h"
#include "util/buf.h"
#include "util/input.h"

/** Where in the document a value stands: one step. */
struct json_path {
	const struct json_path *up; /* NULL: the outermost */
	const char *name;           /* of the member, not terminated; NULL: none yet */
	size_t name_len;
	size_t index; /* in the member's list; SIZE_MAX: no list */
};

static inline void json_path_set(struct json_path *path, const char *name, size_t name_len)
{
	path->name = name;
	path->name_len = name_len;
	path->index = SIZE_MAX;
}

enum {
	JSON_MAX_NAME = 256,    /* bytes of a member's name */
	JSON_MAX_DEPTH = 1000,  /* of values that are skipped */
	JSON_LOOK = 512,        /* bytes that must be there for the paths without bounds checks */
	JSON_CHUNK = 64 * 1024, /* bytes of base64 that are handed on at once */
};

struct json_reader {
	struct crit_input *in;
	const uint8_t *p, *end; /* what is left of the window; in->pos lags behind */
	uint64_t line;          /* from 1 */
	uint64_t line_start;    /* offset of its first byte */
	uint64_t token;         /* offset of the token read last */
	const struct json_path *path;
	enum crit_status status; /* why the input gives no more, if it failed */
	struct crit_error *err;  /* may be NULL */
	uint8_t *chunk;          /* JSON_CHUNK bytes, once they were needed */
	char name[JSON_MAX_NAME];
};

/** @param in  Must outlive the reader; its own position is behind what was read. */
void json_init(struct json_reader *r, struct crit_input *in, struct crit_error *err);
void json_deinit(struct json_reader *r);

/** Offset of the next byte in the document. */
static inline uint64_t json_off(const struct json_reader *r)
{
	return r->in->base + (size_t)(r->p - r->in->data);
}

static inline size_t json_have(const struct json_reader *r)
{
	return (size_t)(r->end - r->p);
}

/** Get @p want bytes into the window if there are so many; pointers into it become stale.
 *  @return false: nothing at all is left, or r->status says why. */
bool json_fill(struct json_reader *r, size_t want);

/** Make sure that json_back() works from here on: what is left of a pipe is kept. */
enum crit_status json_keep(struct json_reader *r);

/** A place to come back to. */
struct json_mark {
	uint64_t off, line, line_start;
};
struct json_mark json_mark(const struct json_reader *r);
enum crit_status json_back(struct json_reader *r, const struct json_mark *mark);

/** CRIT_CORRUPT with place and path of the token read last; or what is wrong with the input. */
enum crit_status json_fail(struct json_reader *r, const char *fmt, ...) PRINTF(2, 3);
/** The same with another status. */
enum crit_status json_fail_as(struct json_reader *r, enum crit_status status, const char *fmt, ...)
	PRINTF(3, 4);
/** "line 3: entries[3].pid" for a line about something that is no fault. */
void json_where(const struct json_reader *r, char *out, size_t size);
/** Something else stands where @p wanted ("a number") must be. */
enum crit_status json_unexpected(struct json_reader *r, const char *wanted);
/** At most some forty bytes of a text for a message, whole characters. @return @p out. */
const char *json_excerpt(char out[48], const void *text, size_t len);

/** Skip white space. @return the next byte, which stays; -1 at the end. */
int json_peek(struct json_reader *r);

enum crit_status json_expect_slow(struct json_reader *r, char c, const char *wanted);

/** Take a byte that must come; @p wanted is what it begins, for the message. */
static inline enum crit_status json_expect(struct json_reader *r, char c, const char *wanted)
{
	if (r->p == r->end || *r->p != (uint8_t)c)
		return json_expect_slow(r, c, wanted);
	r->token = json_off(r);
	r->p++;
	return CRIT_OK;
}

enum crit_status json_more_slow(struct json_reader *r, char close, bool first, bool *more);

/** Behind the opening bracket (@p first) or a value: does a value follow? Takes the comma or the
 *  closing bracket. */
static inline enum crit_status json_more(struct json_reader *r, char close, bool first, bool *more)
{
	const uint8_t *p = r->p;

	if (r->end - p < 3)
		return json_more_slow(r, close, first, more);
	*more = *p != (uint8_t)close;
	if (!*more)
		r->p = p + 1;
	else if (!first && *p == ',')
		r->p = p + 1 + (p[1] == ' ');
	else if (!first || (*p != '"' && *p != '{'))
		return json_more_slow(r, close, first, more);
	return CRIT_OK;
}

/** A member's name and the colon. @param name  [out] In r->name until the next call. */
enum crit_status json_name(struct json_reader *r, const char **name, size_t *len);

/** Is a name, or another text that is not terminated, @p wanted? */
static inline bool json_is(const char *name, size_t len, const char *wanted)
{
	return strlen(wanted) == len && !memcmp(name, wanted, len);
}

struct json_int {
	bool negative;
	uint64_t value; /* without the sign */
};

/** A number: digits with or without a sign; no fraction, no exponent. */
enum crit_status json_int_slow(struct json_reader *r, struct json_int *out);

/**
 * Read digits as long as there are some, at most 19 of them: those fit. 27 bytes may be looked at.
 * @return the byte behind them.
 */
static inline const uint8_t *json_digits(const uint8_t *p, uint64_t *value)
{
	const uint8_t *stop = p + 19;
	unsigned digit;

	*value = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	while (stop - p >= 8) {
		uint64_t w;

		memcpy(&w, p, 8);
		if (((w & 0xf0f0f0f0f0f0f0f0) |
		     ((w + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) >> 4) != 0x3333333333333333)
			break;
		// Neighbours are joined: eight digits to four pairs, to two fours, to one number.
		w = (w & 0x0f0f0f0f0f0f0f0f) * 2561 >> 8;
		w = (w & 0x00ff00ff00ff00ff) * 6553601 >> 16;
		w = (w & 0x0000ffff0000ffff) * 42949672960001 >> 32;
		*value = *value * 100000000 + w;
		p += 8;
	}
#endif
	while (p < stop && (digit = *p - (unsigned)'0') < 10) {
		*value = *value * 10 + digit;
		p++;
	}
	return p;
}

/** Are the digits from @p from to @p to a whole number, without zeros in front, that is over? */
static inline bool json_is_plain_int(const uint8_t *from, const uint8_t *to)
{
	return to > from && to - from < 19 && (*from != '0' || to == from + 1) &&
	       (*to == ',' || *to == '}' || *to == ']' || *to == '\n');
}

static inline enum crit_status json_int(struct json_reader *r, struct json_int *out)
{
	const uint8_t *p;

	if (json_have(r) < 64)
		return json_int_slow(r, out);
	p = json_digits(r->p, &out->value);
	// What is not plain (signs, zeros in front, twenty digits, faults) is looked at again.
	if (!json_is_plain_int(r->p, p))
		return json_int_slow(r, out);
	r->token = json_off(r);
	r->p = p;
	out->negative = false;
	return CRIT_OK;
}

/** true, false, null. @param which  [out] Their first letter. */
enum crit_status json_word(struct json_reader *r, char *which);

/**
 * Append the text of a string to @p out.
 * @param limit  Bytes; a longer one is refused.
 */
enum crit_status json_string(struct json_reader *r, struct buf *out, size_t limit);

/** Takes bytes. It may move the input's window, but leaves r->p at the same offset. */
typedef enum crit_status (*json_sink)(void *ctx, const uint8_t *data, size_t len);

/** A string of base64, of any length, to @p sink. */
enum crit_status json_base64(struct json_reader *r, json_sink sink, void *ctx);
/** The same to @p out, at most @p limit bytes. */
enum crit_status json_base64_buf(struct json_reader *r, struct buf *out, size_t limit);

/** Inside a string that holds no escaped quotes, of a seekable input: does '}' follow its end? */
enum crit_status json_ends_object(struct json_reader *r, bool *last);

/** Any value. */
enum crit_status json_skip(struct json_reader *r);

#endif
