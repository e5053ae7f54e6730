// SPDX-License-Identifier: LGPL-2.1-or-later
/* text.c - names and numbers as the verbs print them. See cli.h. */
#include <inttypes.h>
#include <string.h>

#include "cli.h"

enum { READ = 1, WRITE = 2, EXEC = 4, SHARED = 1 };

void cli_prot(const struct crit_mapping *mapping, char out[5])
{
	out[0] = mapping->prot & READ ? 'r' : '-';
	out[1] = mapping->prot & WRITE ? 'w' : '-';
	out[2] = mapping->prot & EXEC ? 'x' : '-';
	out[3] = mapping->flags & SHARED ? 's' : 'p';
	out[4] = '\0';
}

void cli_put_text(FILE *to, const char *text)
{
	for (; *text; text++)
		putc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, to);
}

/** Bytes of the UTF-8 character that begins here; 0: none does. */
static size_t utf8_len(const unsigned char *s)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = s[0] < 0x80	? 1
		     : s[0] >> 5 == 6	? 2
		     : s[0] >> 4 == 14	? 3
		     : s[0] >> 3 == 30	? 4
					: 0;
	uint32_t code = len < 2 ? s[0] : s[0] & (0xffu >> (len + 1));

	for (size_t i = 1; i < len; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	return !len || code < least[len] || code > 0x10ffff || code >> 11 == 0x1b ? 0 : len;
}

void cli_put_json(FILE *to, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t len;

	if (!text) {
		fputs("null", to);
		return;
	}
	putc('"', to);
	for (; *s; s += len) {
		len = utf8_len(s);
		if (!len) {
			fprintf(to, "\\udc%02x", *s);
			len = 1;
		} else if (*s == '"' || *s == '\\') {
			fprintf(to, "\\%c", *s);
		} else if (*s < 0x20 || *s == 0x7f) {
			fprintf(to, "\\u%04x", *s);
		} else {
			fwrite(s, 1, len, to);
		}
	}
	putc('"', to);
}

void cli_format_size(char out[32], uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024) {
		snprintf(out, 32, "%" PRIu64 " byte%s", bytes, bytes == 1 ? "" : "s");
		return;
	}
	for (; value >= 1023.95 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
		value /= 1024;
	snprintf(out, 32, value - (double)(uint64_t)value < 0.05 ? "%.0f %s" : "%.1f %s", value,
		 units[unit]);
}
