// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The small forms of text: base64, quoted-printable, strings, numbers, addresses. What is expected
 * was printed by Python: base64, quopri, json and ipaddress, which CRIT uses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "decode/style.h"
#include "json/quoted.h"
#include "json/text.h"
#include "util/base64.h"
#include "util/endian.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1
#define A10 "aaaaaaaaaa"
#define A70 A10 A10 A10 A10 A10 A10 A10

static void assert_text(struct text *t, const char *expected)
{
	assert_false(t->b.failed);
	buf_add_byte(&t->b, 0);
	assert_string_equal((const char *)t->b.data, expected);
	buf_clear(&t->b);
}

static void quoted(void **state)
{
	static const struct {
		const char *name;
		size_t len;
		const char *text;
		bool exact; /* decoding gives the name back */
	} rows[] = {
		{ "\0abs=x\xff\n", 8, "=00abs=3Dx=FF\n", true },
		{ "", 0, "", true },
		{ A70 A10, 80, A70 "aaaaa=\naaaaa", true },
		{ A70 "aaaaaa", 76, A70 "aaaaaa", true },
		{ A70 "aaaaaaa", 77, A70 "aaaaa=\naa", true },
		{ A70 "aaaaa=", 76, A70 "aaaaa=\n=3D", true },
		{ A70 "aaaa\xff", 75, A70 "aaaa=\n=FF", true },
		{ A70 "aaa\xff" "b", 75, A70 "aaa=\n=FFb", true },
		{ A70 "aaaaa\nb", 77, A70 "aaaaa\nb", true },
		{ A70 "aaaaaa\nb", 78, A70 "aaaaaa\nb", true },
		{ A70 "aaaaa \n", 77, A70 "aaaaa=20\n", true },
		{ A70 "aaaa  b", 77, A70 "aaaa =\n b", true },
		{ "x ", 2, "x=20", true },
		{ "x \n", 3, "x=20\n", true },
		{ "x\t", 2, "x=09", true },
		{ " \r\n", 3, "=20\r\n", true },
		{ "a\rb", 3, "a\rb", true },
		{ ".", 1, "=2E", true },
		{ "a\n.\nb", 5, "a\n=2E\nb", true },
		{ "_ ~!\"#$\x7f\x1f", 9, "_ ~!\"#$=7F=1F", true },
		{ "a\r\nb\nc", 6, "a\r\nb\r\nc", false },
		{ "a\nb\r\nc", 6, "a\nb\nc", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf text = { 0 }, back = { 0 };

		quoted_encode((const uint8_t *)rows[i].name, rows[i].len, &text);
		quoted_decode((const char *)text.data, text.len, &back);
		assert_int_equal(text.len, strlen(rows[i].text));
		assert_memory_equal(text.data ? text.data : (uint8_t *)"", rows[i].text, text.len);
		assert_int_equal(back.len == rows[i].len &&
					 !memcmp(back.data ? back.data : (uint8_t *)"",
						 rows[i].name, back.len),
				 rows[i].exact);
		buf_deinit(&text);
		buf_deinit(&back);
	}
}

static void quoted_strays(void **state)
{
	static const char *const rows[][2] = {
		{ "a=", "a" },		  { "a=zz", "a=zz" },
		{ "a=4", "a=4" },	  { "a==41", "a=41" },
		{ "a=\r\nb", "ab" },	  { "a=\r", "a" },
		{ "=e9=E9", "\xe9\xe9" }, { "a =\nb", "a b" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf back = { 0 };

		quoted_decode(rows[i][0], strlen(rows[i][0]), &back);
		assert_int_equal(back.len, strlen(rows[i][1]));
		assert_memory_equal(back.data, rows[i][1], back.len);
		buf_deinit(&back);
	}
}

static void strings(void **state)
{
	struct text t = { 0 };

	(void)state;
	assert_true(text_string(&t, BYTES("a\"b\\c/\b\f\n\r\t\x01\x7f ~")));
	assert_text(&t, "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u007f ~\"");
	assert_true(text_string(&t, BYTES("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xef\xbf\xbf")));
	assert_text(&t, "\"\\u00e9 \\u20ac \\ud83d\\ude00 \\uffff\"");
	assert_true(text_string(&t, BYTES("a\0b")));
	assert_text(&t, "\"a\\u0000b\"");
	// Overlong, a surrogate, beyond the last character, cut short, a stray byte.
	assert_false(text_string(&t, BYTES("\xc0\x80")));
	assert_text(&t, "\"\\ufffd\\ufffd\"");
	assert_false(text_string(&t, BYTES("\xed\xa0\x80")));
	assert_text(&t, "\"\\ufffd\\ufffd\\ufffd\"");
	assert_false(text_string(&t, BYTES("\xf4\x90\x80\x80x")));
	assert_text(&t, "\"\\ufffd\\ufffd\\ufffd\\ufffdx\"");
	assert_false(text_string(&t, BYTES("x\xe2\x82")));
	assert_text(&t, "\"x\\ufffd\\ufffd\"");
	assert_false(text_string(&t, BYTES("\x80y")));
	assert_text(&t, "\"\\ufffdy\"");
	buf_deinit(&t.b);
}

static void numbers(void **state)
{
	struct text t = { 0 };
	uint64_t power = 1;

	(void)state;
	for (int digits = 1; digits <= 19; digits++, power *= 10) {
		char expected[64];

		snprintf(expected, sizeof(expected), "%llu %llu", (unsigned long long)power,
			 (unsigned long long)power - 1);
		text_uint(&t, power);
		TEXT_LITERAL(&t, " ");
		text_uint(&t, power - 1);
		assert_text(&t, expected);
	}
	text_uint(&t, UINT64_MAX);
	assert_text(&t, "18446744073709551615");
	text_int(&t, INT64_MIN);
	assert_text(&t, "-9223372036854775808");
	buf_deinit(&t.b);
}

static void base64_lines(void **state)
{
	uint8_t data[200] = { 0 };
	struct text t = { 0 };

	(void)state;
	for (size_t len = 0; len < sizeof(data); len++) {
		struct base64_decoder d = { 0 };
		uint8_t back[sizeof(data) + 16];
		char line[512], *out = line;
		size_t n, in = 0;

		for (size_t i = 0; i < len; i++)
			data[i] = (uint8_t)(i * 31 + len);
		text_base64(&t, data, len);
		// A newline, escaped, after every 76 characters and at the end.
		assert_int_equal(t.b.len, 2 + (len / 57) * 78 +
						  (len % 57 ? base64_len(len % 57) + 2 : 0));
		for (size_t i = 1; i + 1 < t.b.len; i++) {
			if (t.b.data[i] == '\\') {
				*out++ = '\n';
				i++;
			} else {
				*out++ = (char)t.b.data[i];
			}
		}
		// In two pieces, cut anywhere.
		in = base64_decode(&d, line, len % 7, back, &n);
		assert_int_equal(in, len % 7 < (size_t)(out - line) ? len % 7
								    : (size_t)(out - line));
		in += base64_decode(&d, line + in, (size_t)(out - line) - in, back + n,
				    &(size_t){ 0 });
		assert_int_equal(in, out - line);
		assert_true(base64_done(&d));
		assert_memory_equal(back, data, len);
		buf_clear(&t.b);
	}
	buf_deinit(&t.b);
}

static void base64_bad(void **state)
{
	static const struct {
		const char *text;
		size_t used;
		bool done;
	} rows[] = {
		{ "QUJD", 4, true },	   { "QUI=", 4, true },	   { "QQ==", 4, true },
		{ "QQ=", 3, false },	   { "QQ", 2, false },	   { "Q===", 1, false },
		{ "=QQQ", 0, true },	   { "QUI=QUJD", 4, true }, { "QU*D", 2, false },
		{ " Q U\nJ\tD\r\n", 10, true }, { "QQ=Q", 3, false }, { "QUJD=", 4, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct base64_decoder d = { 0 };
		uint8_t back[32];
		size_t n;

		assert_int_equal(base64_decode(&d, rows[i].text, strlen(rows[i].text), back, &n),
				 rows[i].used);
		assert_int_equal(base64_done(&d), rows[i].done);
	}
}

static void addresses(void **state)
{
	static const struct {
		uint8_t bytes[16];
		const char *text;
	} rows[] = {
		{ { 0 }, "\"::\"" },
		{ { [15] = 1 }, "\"::1\"" },
		{ { [10] = 0xff, [11] = 0xff, [12] = 1, 2, 3, 4 }, "\"::ffff:1.2.3.4\"" },
		{ { [12] = 1, 2, 3, 4 }, "\"::102:304\"" },
		{ { [13] = 2, [15] = 3 }, "\"::2:3\"" },
		{ { 0, 1, [7] = 2, [15] = 3 }, "\"1:0:0:2::3\"" },
		{ { 0xfe, 0x80, [15] = 1 }, "\"fe80::1\"" },
	};
	struct text t = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t words[4];

		// In memory order: what a little-endian machine stored, and a big-endian one.
		for (unsigned big = 0; big < 2; big++) {
			for (size_t w = 0; w < 4; w++)
				words[w] = (uint32_t)endian_get(rows[i].bytes + 4 * w, 4, big);
			style_write_ip(&t, words, 4, big);
			assert_text(&t, rows[i].text);
		}
	}
	style_write_ip(&t, &(uint32_t){ 0x0100007f }, 1, false);
	assert_text(&t, "\"127.0.0.1\"");
	buf_deinit(&t.b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quoted),	cmocka_unit_test(quoted_strays),
		cmocka_unit_test(strings),	cmocka_unit_test(numbers),
		cmocka_unit_test(base64_lines), cmocka_unit_test(base64_bad),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
