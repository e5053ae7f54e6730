// SPDX-License-Identifier: LGPL-2.1-or-later
/* style.c - see style.h. The forms are CRIT's, down to "0x-1". */
#include "decode/style.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "image/names.h"
#include "util/endian.h"

enum { MINOR_BITS = 20 }; // of a device number as the kernel keeps it

static void add_printf(struct text *t, const char *text, int len)
{
	text_add(t, text, (size_t)len);
}

static void write_hex(struct text *t, uint64_t value, bool negative)
{
	char s[32];

	add_printf(t, s, snprintf(s, sizeof(s), "\"0x%s%" PRIx64 "\"", negative ? "-" : "",
				  negative ? 0 - value : value));
}

static void write_device(struct text *t, unsigned major_nr, unsigned minor_nr)
{
	char s[32];

	add_printf(t, s, snprintf(s, sizeof(s), "\"%u:%u\"", major_nr, minor_nr));
}

static void write_flags(struct text *t, const struct names *names, uint64_t value)
{
	const char *bar = "";
	uint64_t left = value;
	char s[32];

	TEXT_LITERAL(t, "\"");
	for (size_t i = 0; i < names->nr_rows; i++) {
		const struct name *row = &names->rows[i];

		left &= ~(uint64_t)row->value;
		if (!(value & row->value))
			continue;
		text_add(t, bar, strlen(bar));
		text_add(t, row->name, row->len);
		bar = " | ";
	}
	if (left)
		add_printf(t, s, snprintf(s, sizeof(s), "%s0x%" PRIx64, bar, left));
	TEXT_LITERAL(t, "\"");
}

static void write_dict(struct text *t, const struct names *names, uint64_t value)
{
	for (size_t i = 0; i < names->nr_rows; i++) {
		const struct name *row = &names->rows[i];

		if (row->value != value)
			continue;
		TEXT_LITERAL(t, "\"");
		text_add(t, row->name, row->len);
		TEXT_LITERAL(t, "\"");
		return;
	}
	text_uint(t, value);
}

void style_write(struct text *t, const struct schema_field *f, uint64_t value, bool negative,
		 bool hex)
{
	const struct names *names = names_of(f->names);

	if (hex || f->style == STYLE_HEX)
		write_hex(t, value, negative);
	else if (f->style == STYLE_DEV)
		write_device(t, (unsigned)(value >> MINOR_BITS),
			     (unsigned)value & ((1u << MINOR_BITS) - 1));
	else if (f->style == STYLE_ODEV)
		write_device(t, major(value), minor(value));
	else if (f->style == STYLE_FLAGS && names->nr_rows)
		write_flags(t, names, value);
	else if (f->style == STYLE_FLAGS)
		write_hex(t, value, negative);
	else if (f->style == STYLE_DICT)
		write_dict(t, names, value);
	else if (negative)
		text_int(t, (int64_t)value);
	else
		text_uint(t, value);
}

void style_write_ip(struct text *t, const uint32_t *words, unsigned nr, bool big_endian)
{
	uint8_t bytes[16];
	char s[INET6_ADDRSTRLEN];

	for (unsigned i = 0; i < nr; i++)
		endian_put(bytes + 4 * i, 4, big_endian, words[i]);
	if (!inet_ntop(nr == 1 ? AF_INET : AF_INET6, bytes, s, sizeof(s)))
		s[0] = '\0'; // cannot be: the room is enough
	// The C library writes ::102:304 as ::1.2.3.4; CRIT, as RFC 5952, only ::ffff:1.2.3.4.
	if (nr == 4 && strchr(s, '.') && !bytes[10])
		snprintf(s, sizeof(s), "::%x:%x", (unsigned)endian_get(bytes + 12, 2, true),
			 (unsigned)endian_get(bytes + 14, 2, true));
	TEXT_LITERAL(t, "\"");
	text_add(t, s, strlen(s));
	TEXT_LITERAL(t, "\"");
}
