// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * CRC32C against the vectors of RFC 3720, B.4, in both ways of making it, and cut in two at every
 * place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/crc32c.h"

static const uint8_t iscsi_read[48] = {
	0x01, 0xc0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00,
	0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x18, 0x28, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
};

static void check(const uint8_t *data, size_t len, uint32_t want)
{
	assert_int_equal(crc32c(0, data, len), want);
	assert_int_equal(crc32c_by_table(0, data, len), want);
	for (size_t cut = 0; cut <= len; cut++) {
		assert_int_equal(crc32c(crc32c(0, data, cut), data + cut, len - cut), want);
		assert_int_equal(crc32c_by_table(crc32c_by_table(0, data, cut), data + cut,
						 len - cut),
				 want);
	}
}

static void test_vectors(void **state)
{
	uint8_t bytes[32];

	(void)state;
	memset(bytes, 0, sizeof(bytes));
	check(bytes, sizeof(bytes), 0x8a9136aa);
	memset(bytes, 0xff, sizeof(bytes));
	check(bytes, sizeof(bytes), 0x62a8ab43);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	check(bytes, sizeof(bytes), 0x46dd794e);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(31 - i);
	check(bytes, sizeof(bytes), 0x113fdb5c);
	check(iscsi_read, sizeof(iscsi_read), 0xd9963a56);
	check((const uint8_t *)"123456789", 9, 0xe3069283);
	check(bytes, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_vectors) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
