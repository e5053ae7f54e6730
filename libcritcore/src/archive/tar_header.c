// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tar_header.c - the 512 bytes in front of a member. Fields by offset and length:
 *
 *	0 name 100    124 size 12    148 checksum 8    157 link 100    257 magic 8
 *	              136 mtime 12   156 type 1                        345 prefix 155 (ustar)
 *
 * Numbers are octal digits between blanks or NULs, or, when the first byte is 0x80, binary with the
 * most significant byte first. GNU archives ("ustar  ") have no prefix.
 */
#include <string.h>

#include "archive/tar_impl.h"

enum {
	NAME = 0,
	SIZE = 124,
	MTIME = 136,
	SUM = 148,
	TYPE = 156,
	LINK = 157,
	MAGIC = 257,
	PREFIX = 345,
};

static bool binary_number(const uint8_t *field, size_t len, uint64_t *out)
{
	uint64_t value = field[0] & 0x7f;

	for (size_t i = 1; i < len; i++) {
		if (value >> 55)
			return false;
		value = value << 8 | field[i];
	}
	*out = value;
	return true;
}

bool tar_number(const uint8_t *field, size_t len, uint64_t *out)
{
	uint64_t value = 0;
	size_t i = 0;

	if (field[0] & 0x80)
		return binary_number(field, len, out);
	while (i < len && field[i] == ' ')
		i++;
	for (; i < len && field[i] >= '0' && field[i] <= '7'; i++) {
		if (value >> 60)
			return false;
		value = value << 3 | (field[i] - '0');
	}
	for (; i < len; i++)
		if (field[i] != ' ' && field[i] != '\0')
			return false;
	*out = value;
	return true;
}

/** Times before 1970 are binary, with all bits set in front; nobody needs to know them exactly. */
static int64_t time_of(const uint8_t *field)
{
	uint64_t value;

	return tar_number(field, 12, &value) && value <= INT64_MAX ? (int64_t)value : 0;
}

bool tar_header_sound(const uint8_t *block)
{
	uint64_t sum = 0, wanted;
	int64_t as_signed = 0; // some old programs added up signed bytes

	for (size_t i = 0; i < TAR_BLOCK; i++) {
		uint8_t byte = i >= SUM && i < SUM + 8 ? ' ' : block[i];

		sum += byte;
		as_signed += (int8_t)byte;
	}
	return tar_number(block + SUM, 8, &wanted) && !(block[SUM] & 0x80) &&
	       (wanted == sum || (int64_t)wanted == as_signed);
}

bool tar_is_header(const uint8_t *block, size_t len)
{
	return len >= TAR_BLOCK && block[NAME] && tar_header_sound(block);
}

static void take_name(const uint8_t *block, char out[TAR_NAME])
{
	bool ustar = !memcmp(block + MAGIC, "ustar\0", 6);
	size_t len = 0;

	if (ustar && block[PREFIX]) {
		len = strnlen((const char *)block + PREFIX, 155);
		memcpy(out, block + PREFIX, len);
		out[len++] = '/';
	}
	memcpy(out + len, block + NAME, 100);
	out[len + 100] = '\0';
}

const char *tar_header_parse(const uint8_t *block, struct tar_header *out)
{
	if (!tar_header_sound(block))
		return "not a tar header: its checksum differs";
	if (!tar_number(block + SIZE, 12, &out->size) || out->size > INT64_MAX)
		return "a size that is no number";
	out->type = (char)block[TYPE];
	out->mtime = time_of(block + MTIME);
	take_name(block, out->name);
	memcpy(out->link, block + LINK, 100);
	out->link[100] = '\0';
	return NULL;
}
