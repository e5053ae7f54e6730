// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * JSON tokens: values, and every fault with its line and column. Every text is read at the end of a
 * page with nothing behind it, and some through a window of a few bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "json/reader.h"

#define PAGE 65536

static uint8_t *page;

static int map_page(void **state)
{
	(void)state;
	page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return page == MAP_FAILED || mprotect(page + PAGE, PAGE, PROT_NONE);
}

static int unmap_page(void **state)
{
	(void)state;
	return munmap(page, 2 * PAGE);
}

/** Something to read, and what became of it. */
struct reading {
	struct json_reader r;
	struct crit_input *in;
	struct crit_error err;
	struct buf out;
};

static void start(struct reading *t, const char *text, size_t len)
{
	memset(t, 0, sizeof(*t));
	memcpy(page + PAGE - len, text, len);
	assert_int_equal(crit_input_from_memory(page + PAGE - len, len, "t", &t->in, NULL),
			 CRIT_OK);
	json_init(&t->r, t->in, &t->err);
}

static void stop(struct reading *t)
{
	json_deinit(&t->r);
	buf_deinit(&t->out);
	crit_input_close(t->in);
}

static void assert_text(const struct reading *t, const char *wanted, size_t len)
{
	assert_int_equal(t->out.len, len);
	if (len)
		assert_memory_equal(t->out.data, wanted, len);
}

static void test_strings(void **state)
{
	static const struct {
		const char *json, *text;
	} cases[] = {
		{ "\"\"", "" },
		{ "  \"abc\"", "abc" },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
		{ "\"\\u0041\\u00e9\\u20AC\"", "A\xc3\xa9\xe2\x82\xac" },
		{ "\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80" },
		{ "\"\xc3\xa9\xf0\x9f\x98\x80\"", "\xc3\xa9\xf0\x9f\x98\x80" },
		{ "\"0123456789abcdef0123456789abcde\\n0123\"",
		  "0123456789abcdef0123456789abcde\n0123" },
		{ "\"\x7f\"", "\x7f" },
	};
	struct reading t;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start(&t, cases[i].json, strlen(cases[i].json));
		assert_int_equal(json_string(&t.r, &t.out, 1000), CRIT_OK);
		assert_text(&t, cases[i].text, strlen(cases[i].text));
		assert_int_equal(json_peek(&t.r), -1);
		stop(&t);
	}
	start(&t, "\"a\\u0000b\"", 10);
	assert_int_equal(json_string(&t.r, &t.out, 3), CRIT_OK);
	assert_text(&t, "a\0b", 3);
	stop(&t);
}

static void test_string_faults(void **state)
{
	static const struct {
		const char *json, *message;
	} cases[] = {
		{ "", "t: line 1, column 1: expected a string, found the end" },
		{ " 12,", "t: line 1, column 2: expected a string, found 12" },
		{ "\"abc", "t: line 1, column 1: a string without an end" },
		{ "\"abc\n\"", "t: line 1, column 5: a control byte (0x0a) in a string" },
		{ "\"ab\\x\"", "t: line 1, column 4: a wrong escape in a string" },
		{ "\"ab\\", "t: line 1, column 4: a wrong escape in a string" },
		{ "\"\\u12g4\"", "t: line 1, column 2: a wrong escape in a string" },
		{ "\"\\u00\"", "t: line 1, column 2: a wrong escape in a string" },
		{ "\"\\ud800\"", "t: line 1, column 2: half a surrogate pair in a string" },
		{ "\"\\ud800\\u0041\"", "t: line 1, column 2: half a surrogate pair in a string" },
		{ "\"\\udc00\\ud800\"", "t: line 1, column 2: half a surrogate pair in a string" },
		{ "\n\n  \"\xff\"", "t: line 3, column 3: a string that is not UTF-8" },
		{ "\"\xc0\x80\"", "t: line 1, column 1: a string that is not UTF-8" },
		{ "\"\xed\xa0\x80\"", "t: line 1, column 1: a string that is not UTF-8" },
		{ "\"\xf4\x90\x80\x80\"", "t: line 1, column 1: a string that is not UTF-8" },
		{ "\"\xe2\x82\"", "t: line 1, column 1: a string that is not UTF-8" },
		{ "\"12345678901234567\"", "t: line 1, column 1: a string of more than 16 bytes" },
	};
	struct reading t;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start(&t, cases[i].json, strlen(cases[i].json));
		assert_int_equal(json_string(&t.r, &t.out, 16), CRIT_CORRUPT);
		assert_string_equal(t.err.message, cases[i].message);
		assert_true(t.err.has_off);
		stop(&t);
	}
}

static void test_numbers(void **state)
{
	static const struct {
		const char *json;
		bool negative;
		uint64_t value;
	} cases[] = {
		{ "0", false, 0 },
		{ "-0", false, 0 },
		{ "42", false, 42 },
		{ "-1", true, 1 },
		{ "18446744073709551615", false, UINT64_MAX },
		{ "-9223372036854775808", true, (uint64_t)INT64_MAX + 1 },
		{ "1234567890123456789", false, 1234567890123456789 },
	};
	char padded[256];
	struct reading t;
	struct json_int n;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		// At the end of the input, and where there is enough to read fast.
		for (int fast = 0; fast < 2; fast++) {
			strcpy(padded, cases[i].json);
			strcat(padded, ",");
			memset(padded + strlen(padded), '\0', 1);
			if (fast)
				strcat(padded,
				       "                                                  "
				       "                                                  ");
			start(&t, padded, strlen(padded) - !fast);
			assert_int_equal(json_int(&t.r, &n), CRIT_OK);
			assert_int_equal(n.negative, cases[i].negative);
			assert_int_equal(n.value, cases[i].value);
			stop(&t);
		}
	}
}

static void test_number_faults(void **state)
{
	static const struct {
		const char *json, *message;
	} cases[] = {
		{ "x", "expected a number, found x" },
		{ "-", "a '-' without digits" },
		{ "-x", "a '-' without digits" },
		{ "01", "a number with a zero in front" },
		{ "-01", "a number with a zero in front" },
		{ "1.5", "a number with a fraction or an exponent" },
		{ "1e3", "a number with a fraction or an exponent" },
		{ "NaN", "expected a number, found NaN" },
		{ "Infinity", "expected a number, found Infinity" },
		{ "18446744073709551616", "the number does not fit into 64 bits" },
		{ "99999999999999999999999", "the number does not fit into 64 bits" },
		{ "null", "expected a number, found null" },
	};
	struct reading t;
	struct json_int n;
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int fast = 0; fast < 2; fast++) {
			snprintf(text, sizeof(text), "%-*s", fast ? 100 : 0, cases[i].json);
			start(&t, text, strlen(text));
			assert_int_equal(json_int(&t.r, &n), CRIT_CORRUPT);
			snprintf(text, sizeof(text), "t: line 1, column 1: %s", cases[i].message);
			assert_string_equal(t.err.message, text);
			stop(&t);
		}
	}
}

static void test_base64(void **state)
{
	static const struct {
		const char *json, *bytes;
	} good[] = {
		{ "\"\"", "" },
		{ "\"YWJj\"", "abc" },
		{ "\"YWJj\\nZGVm\\n\"", "abcdef" },
		{ "\"YWI=\\n\"", "ab" },
		{ "\"YQ==\"", "a" },
		{ "\"Y\\u0057J j\"", "abc" },
		{ "\"\\/\\/\\/\\/\"", "\xff\xff\xff" },
	};
	static const struct {
		const char *json, *message;
	} bad[] = {
		{ "12", "t: line 1, column 1: expected a string of base64, found 12" },
		{ "\"YWJ\"", "t: line 1, column 1: base64 that ends in the middle of a group" },
		{ "\"YWJj", "t: line 1, column 1: a string without an end" },
		{ "\"YW-j\"", "t: line 1, column 4: wrong base64 at -" },
		{ "\"YQ==YQ==\"", "t: line 1, column 6: wrong base64 at Y" },
		{ "\"YW\nJj\"", "t: line 1, column 4: a control byte (0x0a) in a string" },
		{ "\"YW\\tJj\\\"\"", "t: line 1, column 8: wrong base64: an escaped character" },
		{ "\"... <12KB>\"",
		  "t: line 1, column 2: a payload that was left out when this was printed" },
	};
	struct reading t;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		start(&t, good[i].json, strlen(good[i].json));
		assert_int_equal(json_base64_buf(&t.r, &t.out, 100), CRIT_OK);
		assert_text(&t, good[i].bytes, strlen(good[i].bytes));
		stop(&t);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		start(&t, bad[i].json, strlen(bad[i].json));
		assert_int_equal(json_base64_buf(&t.r, &t.out, 100), CRIT_CORRUPT);
		assert_string_equal(t.err.message, bad[i].message);
		stop(&t);
	}
}

static void test_skip(void **state)
{
	static const char *const good[] = {
		"1",
		"-1.5e+3",
		"\"a\\nb\"",
		"true",
		"false",
		"null",
		"[]",
		"{}",
		"[[],{}]",
		" [ 1 , 2 , { \"a\" : [ null ] } ] ",
		"{\"a\":{\"b\":{\"a\":1}}}",
	};
	static const struct {
		const char *json, *message;
	} bad[] = {
		{ "", "line 1, column 1: expected a value, found the end" },
		{ "tru", "line 1, column 1: expected a value, found tru" },
		{ "[1 2]", "line 1, column 4: expected ',' or ']', found 2" },
		{ "[1,]", "line 1, column 4: expected a value, found ]" },
		{ "[1", "line 1, column 3: expected ',' or ']', found the end" },
		{ "{\"a\" 1}", "line 1, column 6: expected ':', found 1" },
		{ "{\"a\":1,}", "line 1, column 8: expected a name in quotes, found }" },
		{ "{a:1}", "line 1, column 2: expected a name in quotes, found a" },
		{ "{\"a\":1]", "line 1, column 7: expected ',' or '}', found ]" },
		{ "[\n1,\n  x]", "line 3, column 3: expected a value, found x" },
		{ "\xef\xbb\xbf{}", "line 1, column 1: expected a value, found \xef\xbb\xbf{" },
	};
	char message[128];
	struct reading t;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		start(&t, good[i], strlen(good[i]));
		assert_int_equal(json_skip(&t.r), CRIT_OK);
		assert_int_equal(json_peek(&t.r), -1);
		stop(&t);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		start(&t, bad[i].json, strlen(bad[i].json));
		assert_int_equal(json_skip(&t.r), CRIT_CORRUPT);
		snprintf(message, sizeof(message), "t: %s", bad[i].message);
		assert_string_equal(t.err.message, message);
		stop(&t);
	}
}

static void test_depth(void **state)
{
	char text[JSON_MAX_DEPTH + 1];
	struct reading t;

	(void)state;
	memset(text, '[', sizeof(text));
	start(&t, text, sizeof(text));
	assert_int_equal(json_skip(&t.r), CRIT_CORRUPT);
	assert_string_equal(t.err.message, "t: line 1, column 1001: values are nested too deep");
	stop(&t);
}

static void test_names(void **state)
{
	char text[JSON_MAX_NAME + 8];
	const char *name;
	struct reading t;
	size_t len;

	(void)state;
	start(&t, " \"a\\u0062c\" : 1", 15);
	assert_int_equal(json_name(&t.r, &name, &len), CRIT_OK);
	assert_int_equal(len, 3);
	assert_memory_equal(name, "abc", 3);
	stop(&t);
	memset(text, 'n', sizeof(text));
	text[0] = text[JSON_MAX_NAME + 2] = '"';
	start(&t, text, sizeof(text));
	assert_int_equal(json_name(&t.r, &name, &len), CRIT_CORRUPT);
	assert_string_equal(t.err.message, "t: line 1, column 1: a string of more than 256 bytes");
	stop(&t);
}

/** A window of a few bytes, which moves with every token. */
static void test_small_window(void **state)
{
	static const char text[] = "{\"name\": [1, -22, \"\\u20ac\\ud83d\\ude00 text\",\n true, "
				   "\"YWJj\\nZGVm\\n\"]}  ";
	int fd = memfd_create("test", MFD_CLOEXEC);
	struct reading t = { 0 };

	(void)state;
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(crit_input_from_fd(fd, "t", &t.in, NULL), CRIT_OK);
	t.in->data = malloc(1);
	t.in->cap = 1;
	json_init(&t.r, t.in, &t.err);
	assert_int_equal(json_skip(&t.r), CRIT_OK);
	assert_int_equal(t.r.line, 2);
	assert_int_equal(json_peek(&t.r), -1);
	assert_true(t.in->cap < sizeof(text) - 1);
	stop(&t);
	close(fd);
}

static void test_paths(void **state)
{
	struct json_path top = { NULL, "entries", 7, 3 }, in = { &top, "vmas", 4, 0 };
	struct json_path leaf = { &in, "start", 5, SIZE_MAX };
	struct reading t;

	(void)state;
	start(&t, "{\n \"x", 5);
	t.r.path = &leaf;
	json_expect(&t.r, '{', "an object");
	assert_int_equal(json_expect(&t.r, ':', "a colon"), CRIT_CORRUPT);
	assert_string_equal(t.err.message,
			    "t: line 2, column 2: entries[3].vmas[0].start: expected a colon, "
			    "found \"x");
	assert_string_equal(t.err.image, "t");
	assert_int_equal(t.err.off, 3);
	stop(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),      cmocka_unit_test(test_string_faults),
		cmocka_unit_test(test_numbers),      cmocka_unit_test(test_number_faults),
		cmocka_unit_test(test_base64),       cmocka_unit_test(test_skip),
		cmocka_unit_test(test_depth),        cmocka_unit_test(test_names),
		cmocka_unit_test(test_small_window), cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, map_page, unmap_page);
}
