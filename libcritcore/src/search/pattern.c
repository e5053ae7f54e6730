// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pattern.c - the user's pattern as bytes with a mask, or as a compiled regular expression.
 *
 *	TEXT "Ab", ignore_case	41 42  df df		bit 5 tells upper from lower case
 *	TEXT "A", utf16		41 00  ff ff
 *	HEX "4? ?? 05"		40 00 05  f0 00 ff
 *	INTEGER "-2", size 2	fe ff  ff ff
 */
#include "search/pattern.h"

#include <stdlib.h>
#include <string.h>

#include "util/buf.h"
#include "util/endian.h"
#include "util/error.h"

enum {
	MAX_TEXT = 1024 * 1024, /* bytes of a pattern */
	CASE_BIT = 0x20,
};

/** A pattern in the making. */
struct maker {
	const uint8_t *text;
	size_t len;
	struct crit_pattern_options options;
	struct buf value, mask;
};

static void add(struct maker *m, uint8_t value, uint8_t mask)
{
	buf_add_byte(&m->value, value);
	buf_add_byte(&m->mask, mask);
}

static bool is_letter(uint32_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static uint8_t case_mask(const struct maker *m, uint32_t c)
{
	return m->options.ignore_case && is_letter(c) ? (uint8_t)~CASE_BIT : 0xff;
}

/* ---- Text ----------------------------------------------------------------------------------- */

/** One character of UTF-8 from @p i on; 0 and *len 0 when there is none. */
static uint32_t utf8_char(const uint8_t *text, size_t left, size_t *len)
{
	static const struct {
		uint8_t mask, lead;
		uint32_t least;
	} forms[] = { { 0x80, 0x00, 0 }, { 0xe0, 0xc0, 0x80 }, { 0xf0, 0xe0, 0x800 },
		      { 0xf8, 0xf0, 0x10000 } };
	uint32_t c;

	*len = 0;
	for (size_t n = 0; n < 4; n++) {
		if ((text[0] & forms[n].mask) != forms[n].lead || left <= n)
			continue;
		c = text[0] & (uint8_t)~forms[n].mask;
		for (size_t i = 1; i <= n; i++) {
			if ((text[i] & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (text[i] & 0x3f);
		}
		if (c < forms[n].least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
			return 0;
		*len = n + 1;
		return c;
	}
	return 0;
}

static void add_utf16_unit(struct maker *m, uint32_t unit, uint8_t low_mask)
{
	bool big = m->options.big_endian;

	add(m, (uint8_t)(big ? unit >> 8 : unit), big ? 0xff : low_mask);
	add(m, (uint8_t)(big ? unit : unit >> 8), big ? low_mask : 0xff);
}

static enum crit_status make_utf16(struct maker *m, struct crit_error *err)
{
	for (size_t i = 0, len; i < m->len; i += len) {
		uint32_t c = utf8_char(m->text + i, m->len - i, &len);

		if (!len)
			return error_set(err, CRIT_INVALID,
					 "the pattern is no UTF-8 from byte %zu on", i);
		if (c >= 0x10000) {
			add_utf16_unit(m, 0xd800 + ((c - 0x10000) >> 10), 0xff);
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		add_utf16_unit(m, c, case_mask(m, c));
	}
	return CRIT_OK;
}

static enum crit_status make_text(struct maker *m, struct crit_error *err)
{
	if (m->options.utf16)
		return make_utf16(m, err);
	for (size_t i = 0; i < m->len; i++)
		add(m, m->text[i], case_mask(m, m->text[i]));
	return CRIT_OK;
}

/* ---- Hex bytes ------------------------------------------------------------------------------ */

/** 0 to 15; 16: any; -1: no digit. */
static int hex_digit(uint8_t c)
{
	if (c == '?')
		return 16;
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= CASE_BIT;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum crit_status make_hex(struct maker *m, struct crit_error *err)
{
	for (size_t i = 0; i < m->len; i++) {
		int high, low;

		if (m->text[i] == ' ' || m->text[i] == '\t')
			continue;
		high = hex_digit(m->text[i]);
		if (high < 0)
			return error_set(err, CRIT_INVALID, "no hex digit at character %zu", i);
		low = ++i < m->len ? hex_digit(m->text[i]) : -1;
		if (low < 0)
			return error_set(err, CRIT_INVALID,
					 "half a byte before character %zu", i);
		add(m, (uint8_t)((high & 15) << 4 | (low & 15)),
		    (uint8_t)((high > 15 ? 0 : 0xf0) | (low > 15 ? 0 : 0x0f)));
	}
	return CRIT_OK;
}

/* ---- Integers ------------------------------------------------------------------------------- */

/** Digits to the end of the text; false: none, others, or too many. */
static bool parse_digits(const uint8_t *text, size_t len, unsigned int base, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < len; i++) {
		int digit = hex_digit(text[i]);

		if (digit < 0 || digit >= (int)base || __builtin_mul_overflow(*out, base, out) ||
		    __builtin_add_overflow(*out, (uint64_t)digit, out))
			return false;
	}
	return len > 0;
}

/** Does the magnitude fit into @p size bytes, signed or not? */
static bool integer_fits(uint64_t magnitude, bool negative, unsigned int size)
{
	uint64_t most = negative ? (uint64_t)1 << (8 * size - 1) : UINT64_MAX >> (64 - 8 * size);

	return magnitude <= most;
}

static enum crit_status make_integer(struct maker *m, struct crit_error *err)
{
	unsigned int size = m->options.int_size, base = 10;
	const uint8_t *text = m->text;
	size_t len = m->len;
	uint8_t bytes[8];
	uint64_t value;
	bool negative = *text == '-';

	text += negative;
	len -= negative;
	if (len > 2 && text[0] == '0' && (text[1] | CASE_BIT) == 'x') {
		base = 16;
		text += 2;
		len -= 2;
	}
	if (!parse_digits(text, len, base, &value))
		return error_set(err, CRIT_INVALID, "'%.*s' is no integer of up to 64 bits",
				 (int)(m->len < 40 ? m->len : 40), (const char *)m->text);
	for (unsigned int s = 1; !size; s *= 2)
		if (s == 8 || integer_fits(value, negative, s))
			size = s;
	if (!integer_fits(value, negative, size))
		return error_set(err, CRIT_INVALID, "%.*s does not fit into %u byte%s", (int)m->len,
				 (const char *)m->text, size, size == 1 ? "" : "s");
	endian_put(bytes, size, m->options.big_endian, negative ? 0 - value : value);
	for (unsigned int i = 0; i < size; i++)
		add(m, bytes[i], 0xff);
	return CRIT_OK;
}

/* ---- All of them ---------------------------------------------------------------------------- */

static enum crit_status check_options(enum crit_pattern_kind kind,
				      const struct crit_pattern_options *o, struct crit_error *err)
{
	bool text = kind == CRIT_PATTERN_TEXT;

	if (o->ignore_case && !text && kind != CRIT_PATTERN_REGEX)
		return error_set(err, CRIT_INVALID, "only text can have its case ignored");
	if (o->utf16 && !text)
		return error_set(err, CRIT_INVALID, "only text can be UTF-16");
	if (o->int_size && (o->int_size > 8 || o->int_size & (o->int_size - 1)))
		return error_set(err, CRIT_INVALID, "an integer has 1, 2, 4 or 8 bytes");
	return CRIT_OK;
}

static enum crit_status make_regex(struct maker *m, struct crit_pattern *out,
				   struct crit_error *err)
{
	enum crit_status status = regex_new(m->text, m->len, m->options.ignore_case, &out->regex,
					    err);

	if (status)
		return status;
	out->keep = regex_keep(out->regex);
	out->longest = REGEX_MAX;
	return regex_fits_zeros(out->regex, &out->fits_zeros, err);
}

static enum crit_status make_needle(struct maker *m, enum crit_pattern_kind kind,
				    struct crit_pattern *out, struct crit_error *err)
{
	enum crit_status status;

	status = kind == CRIT_PATTERN_TEXT ? make_text(m, err) :
		 kind == CRIT_PATTERN_HEX  ? make_hex(m, err) :
					     make_integer(m, err);
	if (!status && (m->value.failed || m->mask.failed))
		status = error_no_memory(err);
	if (!status && !m->value.len)
		status = error_set(err, CRIT_INVALID, "the pattern is empty");
	if (!status)
		status = needle_init(&out->needle, m->value.data, m->mask.data, m->value.len, err);
	out->fits_zeros = out->needle.zeros;
	out->longest = out->needle.len;
	return status;
}

enum crit_status crit_pattern_new(enum crit_pattern_kind kind, const void *text, size_t len,
				  const struct crit_pattern_options *options,
				  struct crit_pattern **out, struct crit_error *err)
{
	struct maker m = { .text = text, .len = len };
	struct crit_pattern *pattern;
	enum crit_status status;

	if (options)
		m.options = *options;
	if ((unsigned int)kind > CRIT_PATTERN_REGEX)
		return error_set(err, CRIT_INVALID, "no such kind of pattern");
	if (!len)
		return error_set(err, CRIT_INVALID, "the pattern is empty");
	if (len > MAX_TEXT)
		return error_set(err, CRIT_INVALID, "the pattern has more than 1 MiB");
	status = check_options(kind, &m.options, err);
	if (status)
		return status;
	pattern = calloc(1, sizeof(*pattern));
	if (!pattern)
		return error_no_memory(err);
	status = kind == CRIT_PATTERN_REGEX ? make_regex(&m, pattern, err) :
					      make_needle(&m, kind, pattern, err);
	buf_deinit(&m.value);
	buf_deinit(&m.mask);
	if (status)
		crit_pattern_free(pattern);
	else
		*out = pattern;
	return status;
}

void crit_pattern_free(struct crit_pattern *pattern)
{
	if (!pattern)
		return;
	needle_deinit(&pattern->needle);
	regex_free(pattern->regex);
	free(pattern);
}
