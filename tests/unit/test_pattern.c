// SPDX-License-Identifier: LGPL-2.1-or-later
/* Patterns as bytes, and those that are refused. What is found with them: test_search.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "critcore.h"
#include "search/pattern.h"

static void refuse(enum crit_pattern_kind kind, const char *text,
		   const struct crit_pattern_options *options, const char *message)
{
	struct crit_pattern *pattern;
	struct crit_error err;

	assert_int_equal(crit_pattern_new(kind, text, strlen(text), options, &pattern, &err),
			 CRIT_INVALID);
	assert_string_equal(err.message, message);
}

/** What is wrong are PCRE2's words, which change from version to version. */
static void refuse_regex(const char *text)
{
	static const char beginning[] = "regular expression: ";
	struct crit_pattern *pattern;
	struct crit_error err;

	assert_int_equal(crit_pattern_new(CRIT_PATTERN_REGEX, text, strlen(text), NULL, &pattern,
					  &err), CRIT_INVALID);
	assert_int_equal(strncmp(err.message, beginning, sizeof(beginning) - 1), 0);
	assert_non_null(strstr(err.message, "(at character "));
}

static void test_bad_patterns(void **state)
{
	static const struct crit_pattern_options no_case = { .ignore_case = true };
	static const struct crit_pattern_options utf16 = { .utf16 = true };
	static const struct crit_pattern_options three = { .int_size = 3 };
	static const struct crit_pattern_options one = { .int_size = 1 };

	(void)state;
	refuse(CRIT_PATTERN_TEXT, "", NULL, "the pattern is empty");
	refuse(CRIT_PATTERN_HEX, "  ", NULL, "the pattern is empty");
	refuse(CRIT_PATTERN_HEX, "41 4", NULL, "half a byte before character 4");
	refuse(CRIT_PATTERN_HEX, "41 4 1", NULL, "half a byte before character 4");
	refuse(CRIT_PATTERN_HEX, "41 x1", NULL, "no hex digit at character 3");
	refuse(CRIT_PATTERN_HEX, "?? ??", NULL, "the pattern fits everywhere");
	refuse(CRIT_PATTERN_HEX, "41", &no_case, "only text can have its case ignored");
	refuse(CRIT_PATTERN_REGEX, "a", &utf16, "only text can be UTF-16");
	refuse(CRIT_PATTERN_TEXT, "a\xff", &utf16, "the pattern is no UTF-8 from byte 1 on");
	refuse(CRIT_PATTERN_TEXT, "\xed\xa0\x80", &utf16, "the pattern is no UTF-8 from byte 0 on");
	refuse(CRIT_PATTERN_TEXT, "\xc0\x80", &utf16, "the pattern is no UTF-8 from byte 0 on");
	refuse(CRIT_PATTERN_TEXT, "\xe2\x82", &utf16, "the pattern is no UTF-8 from byte 0 on");
	refuse(CRIT_PATTERN_INTEGER, "-", NULL, "'-' is no integer of up to 64 bits");
	refuse(CRIT_PATTERN_INTEGER, "0x", NULL, "'0x' is no integer of up to 64 bits");
	refuse(CRIT_PATTERN_INTEGER, "1f", NULL, "'1f' is no integer of up to 64 bits");
	refuse(CRIT_PATTERN_INTEGER, "1?", NULL, "'1?' is no integer of up to 64 bits");
	refuse(CRIT_PATTERN_INTEGER, "18446744073709551616", NULL,
	       "'18446744073709551616' is no integer of up to 64 bits");
	refuse(CRIT_PATTERN_INTEGER, "-9223372036854775809", NULL,
	       "-9223372036854775809 does not fit into 8 bytes");
	refuse(CRIT_PATTERN_INTEGER, "256", &one, "256 does not fit into 1 byte");
	refuse(CRIT_PATTERN_INTEGER, "-129", &one, "-129 does not fit into 1 byte");
	refuse(CRIT_PATTERN_INTEGER, "1", &three, "an integer has 1, 2, 4 or 8 bytes");
	refuse_regex("a(b");
	refuse_regex("(*UTF)a");
}

/** A pattern's bytes and the bits of them that count. */
static void check_bytes(enum crit_pattern_kind kind, const char *text,
			const struct crit_pattern_options *options, const char *value,
			const char *mask, size_t len)
{
	struct crit_pattern *pattern;

	assert_int_equal(crit_pattern_new(kind, text, strlen(text), options, &pattern, NULL),
			 CRIT_OK);
	assert_int_equal(pattern->needle.len, len);
	assert_memory_equal(pattern->needle.value, value, len);
	assert_memory_equal(pattern->needle.mask, mask, len);
	crit_pattern_free(pattern);
}

static void test_pattern_bytes(void **state)
{
	static const char ones[] = "\xff\xff\xff\xff\xff\xff\xff\xff";
	struct crit_pattern_options o = { .ignore_case = true };
	struct crit_pattern_options big = { .big_endian = true, .int_size = 4 };
	struct crit_pattern_options utf16 = { .utf16 = true, .ignore_case = true };

	(void)state;
	check_bytes(CRIT_PATTERN_TEXT, "aZ[`", &o, "AZ[`", "\xdf\xdf\xff\xff", 4);
	check_bytes(CRIT_PATTERN_HEX, "de AD?e 4???", NULL, "\xde\xad\x0e\x40\x00",
		    "\xff\xff\x0f\xf0\x00", 5);
	check_bytes(CRIT_PATTERN_INTEGER, "255", NULL, "\xff", ones, 1);
	check_bytes(CRIT_PATTERN_INTEGER, "-128", NULL, "\x80", ones, 1);
	check_bytes(CRIT_PATTERN_INTEGER, "-129", NULL, "\x7f\xff", ones, 2);
	check_bytes(CRIT_PATTERN_INTEGER, "0x10000", NULL, "\0\0\1\0", ones, 4);
	check_bytes(CRIT_PATTERN_INTEGER, "18446744073709551615", NULL, ones, ones, 8);
	check_bytes(CRIT_PATTERN_INTEGER, "-9223372036854775808", NULL, "\0\0\0\0\0\0\0\x80", ones,
		    8);
	check_bytes(CRIT_PATTERN_INTEGER, "258", &big, "\0\0\1\2", ones, 4);
	// A, euro sign, a clef beyond the first 65536 characters
	check_bytes(CRIT_PATTERN_TEXT, "A\xe2\x82\xac\xf0\x9d\x84\x9e", &utf16,
		    "A\0\xac\x20\x34\xd8\x1e\xdd", "\xdf\xff\xff\xff\xff\xff\xff\xff", 8);
	utf16.big_endian = true;
	check_bytes(CRIT_PATTERN_TEXT, "A\xe2\x82\xac", &utf16, "\0A\x20\xac", "\xff\xdf\xff\xff",
		    4);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_patterns),
		cmocka_unit_test(test_pattern_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
