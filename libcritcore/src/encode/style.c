// SPDX-License-Identifier: LGPL-2.1-or-later
/* style.c - see style.h. Spaces around a number or a name do not matter. */
#include "encode/style.h"

#include <arpa/inet.h>

#include "image/names.h"
#include "util/endian.h"

enum { MINOR_BITS = 20 }; /* of a device number inside the kernel */

static void trim(const char **text, size_t *len)
{
	while (*len && (**text == ' ' || **text == '\t')) {
		(*text)++;
		(*len)--;
	}
	while (*len && ((*text)[*len - 1] == ' ' || (*text)[*len - 1] == '\t'))
		(*len)--;
}

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
}

/** The base that a prefix ("0x") asks for; 10: there is none. */
static unsigned take_prefix(const char **text, size_t *len)
{
	unsigned base;

	if (*len < 2 || (*text)[0] != '0')
		return 10;
	switch ((*text)[1] | 0x20) {
	case 'x':
		base = 16;
		break;
	case 'o':
		base = 8;
		break;
	case 'b':
		base = 2;
		break;
	default:
		return 10;
	}
	*text += 2;
	*len -= 2;
	return base;
}

static bool take_sign(const char **text, size_t *len)
{
	bool negative = *len && **text == '-';

	if (*len && (**text == '-' || **text == '+')) {
		(*text)++;
		(*len)--;
	}
	return negative;
}

bool style_parse_int(const char *text, size_t len, struct json_int *out)
{
	uint64_t value = 0;
	bool negative;
	unsigned base;

	trim(&text, &len);
	negative = take_sign(&text, &len);
	base = take_prefix(&text, &len);
	// What CRIT prints for a negative number in hex.
	if (base == 16 && !negative && len && *text == '-')
		negative = take_sign(&text, &len);
	if (!len || (base == 10 && len > 1 && *text == '0'))
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned digit = digit_of(text[i]);

		if (digit >= base || __builtin_mul_overflow(value, (uint64_t)base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit, &value))
			return false;
	}
	out->negative = negative && value;
	out->value = value;
	return true;
}

/** Names of bits and numbers, joined by '|'; CRIT adds them up. */
static bool parse_flags(enum schema_names names, const char *text, size_t len, struct json_int *out)
{
	const char *end = text + len;
	struct json_int part = { 0 };
	uint64_t sum = 0;

	trim(&text, &len);
	if (!len) {
		*out = part;
		return true;
	}
	while (text <= end) {
		const char *bar = memchr(text, '|', (size_t)(end - text)), *from = text;
		uint32_t bits;

		len = (size_t)((bar ? bar : end) - text);
		text += len + 1;
		trim(&from, &len);
		if (names != NAMES_NONE && names_find_value(names, from, len, &bits))
			part = (struct json_int){ false, bits };
		else if (!style_parse_int(from, len, &part) || (part.negative && bar))
			return false;
		// A negative number only stands alone.
		if (part.negative) {
			*out = part;
			return sum == 0;
		}
		if (__builtin_add_overflow(sum, part.value, &sum))
			return false;
	}
	*out = (struct json_int){ false, sum };
	return true;
}

/** As the C library's makedev(): twelve bits of either number lie together, the rest above. */
static uint64_t make_odev(uint64_t major, uint64_t minor)
{
	return (major & 0xfffff000) << 32 | (major & 0xfff) << 8 | (minor & 0xffffff00) << 12 |
	       (minor & 0xff);
}

static bool parse_dev(bool odev, const char *text, size_t len, struct json_int *out)
{
	const char *colon = memchr(text, ':', len);
	struct json_int major, minor;
	size_t head;

	if (!colon)
		return style_parse_int(text, len, out);
	head = (size_t)(colon - text);
	if (!style_parse_int(text, head, &major) || major.negative || major.value > UINT32_MAX ||
	    !style_parse_int(colon + 1, len - head - 1, &minor) || minor.negative ||
	    minor.value > (odev ? UINT32_MAX : (1u << MINOR_BITS) - 1))
		return false;
	out->negative = false;
	out->value = odev ? make_odev(major.value, minor.value)
			  : major.value << MINOR_BITS | minor.value;
	return true;
}

bool style_parse_number(enum schema_style style, enum schema_names names, const char *text,
			size_t len, struct json_int *out)
{
	uint32_t value;

	switch (style) {
	case STYLE_FLAGS:
		return parse_flags(names, text, len, out);
	case STYLE_DEV:
	case STYLE_ODEV:
		return parse_dev(style == STYLE_ODEV, text, len, out);
	case STYLE_DICT:
		trim(&text, &len);
		if (!names_find_value(names, text, len, &value))
			return style_parse_int(text, len, out);
		*out = (struct json_int){ false, value };
		return true;
	default:
		return style_parse_int(text, len, out);
	}
}

unsigned style_parse_ip(const char *text, size_t len, bool big_endian, uint32_t words[4])
{
	char copy[INET6_ADDRSTRLEN + 1];
	uint8_t bytes[16];
	unsigned nr = 0;

	trim(&text, &len);
	if (len >= sizeof(copy) || memchr(text, '\0', len))
		return 0;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET, copy, bytes) == 1)
		nr = 1;
	else if (inet_pton(AF_INET6, copy, bytes) == 1)
		nr = 4;
	for (unsigned i = 0; i < nr; i++)
		words[i] = (uint32_t)endian_get(bytes + 4 * i, 4, big_endian);
	return nr;
}
