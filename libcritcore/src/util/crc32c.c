// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * crc32c.c - see crc32c.h. x86 CPUs since 2008 have an instruction for it, eight bytes at a time;
 * elsewhere a table for half bytes does, which needs no 1 KiB of constants.
 */
#include "util/crc32c.h"

#include <string.h>

/* Row n: what four zero bits make of a remainder n. */
static const uint32_t half_bytes[16] = {
	0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
	0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
	0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

uint32_t crc32c_by_table(uint32_t crc, const void *data, size_t len)
{
	const uint8_t *p = data;

	crc = ~crc;
	for (size_t i = 0; i < len; i++) {
		crc ^= p[i];
		crc = crc >> 4 ^ half_bytes[crc & 15];
		crc = crc >> 4 ^ half_bytes[crc & 15];
	}
	return ~crc;
}

#ifdef __x86_64__
static int have_instruction(void)
{
	return __builtin_cpu_supports("sse4.2");
}

__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t crc, const void *data,
								 size_t len)
{
	const uint8_t *p = data;
	uint64_t rest = ~crc;

	for (; len >= 8; p += 8, len -= 8) {
		uint64_t word;

		memcpy(&word, p, sizeof(word));
		rest = __builtin_ia32_crc32di(rest, word);
	}
	for (; len; p++, len--)
		rest = __builtin_ia32_crc32qi((uint32_t)rest, *p);
	return ~(uint32_t)rest;
}
#else
static int have_instruction(void)
{
	return 0;
}

static uint32_t by_instruction(uint32_t crc, const void *data, size_t len)
{
	return crc32c_by_table(crc, data, len);
}
#endif

uint32_t crc32c(uint32_t crc, const void *data, size_t len)
{
	if (have_instruction())
		return by_instruction(crc, data, len);
	return crc32c_by_table(crc, data, len);
}
