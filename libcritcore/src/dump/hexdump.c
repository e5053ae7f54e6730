// SPDX-License-Identifier: LGPL-2.1-or-later
/* hexdump.c - see hexdump.h. */
#include "dump/hexdump.h"

#include <stdio.h>
#include <string.h>

enum {
	ADDRESS_LEN = 16,
	BYTES_AT = ADDRESS_LEN + 2,
	TEXT_AT = BYTES_AT + 3 * HEX_LINE + 2,
	LINE_LEN = TEXT_AT + HEX_LINE + 3, /* with two bars and a newline */
};

void hexdump_init(struct hexdump *hex, struct crit_output *out, uint64_t vaddr)
{
	memset(hex, 0, offsetof(struct hexdump, text));
	hex->text_len = 0;
	hex->out = out;
	hex->vaddr = vaddr;
}

static enum crit_status flush(struct hexdump *hex, struct crit_error *err)
{
	size_t len = hex->text_len;

	hex->text_len = 0;
	return len ? output_write(hex->out, hex->text, len, err) : CRIT_OK;
}

static void put_number(char *to, uint64_t value, unsigned int nr_digits)
{
	while (nr_digits--) {
		to[nr_digits] = "0123456789abcdef"[value & 15];
		value >>= 4;
	}
}

static void format_line(char *to, uint64_t vaddr, const struct hex_line *line, unsigned int used)
{
	memset(to, ' ', LINE_LEN);
	put_number(to, vaddr, ADDRESS_LEN);
	for (unsigned int i = 0; i < used; i++) {
		uint8_t byte = line->bytes[i];
		char *hex = to + BYTES_AT + 3 * i + (i >= HEX_LINE / 2);

		if (line->there[i])
			put_number(hex, byte, 2);
		else
			hex[0] = hex[1] = '?';
		to[TEXT_AT + 1 + i] = !line->there[i] ? '?' : byte < ' ' || byte > '~' ? '.' : byte;
	}
	to[TEXT_AT] = '|';
	to[TEXT_AT + 1 + used] = '|';
	to[TEXT_AT + 2 + used] = '\n';
}

/** The line is full, or the last one. */
static enum crit_status end_line(struct hexdump *hex, struct crit_error *err)
{
	unsigned int used = hex->used;
	bool same = used == HEX_LINE && hex->has_last &&
		    !memcmp(&hex->line, &hex->last, sizeof(hex->line));

	if (hex->text_len > sizeof(hex->text) - LINE_LEN) {
		enum crit_status status = flush(hex, err);

		if (status)
			return status;
	}
	if (!same) {
		format_line(hex->text + hex->text_len, hex->vaddr - used, &hex->line, used);
		hex->text_len += TEXT_AT + used + 3;
		hex->last = hex->line;
		hex->has_last = true;
	} else if (!hex->starred) {
		hex->text[hex->text_len++] = '*';
		hex->text[hex->text_len++] = '\n';
	}
	hex->starred = same;
	hex->used = 0;
	return CRIT_OK;
}

/** Some bytes of one line; NULL: zeros. */
static enum crit_status add(struct hexdump *hex, const uint8_t *bytes, bool there, unsigned int len,
			    struct crit_error *err)
{
	if (bytes)
		memcpy(hex->line.bytes + hex->used, bytes, len);
	else
		memset(hex->line.bytes + hex->used, 0, len);
	memset(hex->line.there + hex->used, there, len);
	hex->used += len;
	hex->vaddr += len;
	return hex->used == HEX_LINE ? end_line(hex, err) : CRIT_OK;
}

enum crit_status hexdump_bytes(struct hexdump *hex, const uint8_t *bytes, size_t len,
			       struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	while (!status && len) {
		unsigned int part = HEX_LINE - hex->used;

		if (len < part)
			part = (unsigned int)len;
		status = add(hex, bytes, true, part, err);
		bytes += part;
		len -= part;
	}
	return status;
}

enum crit_status hexdump_same(struct hexdump *hex, bool there, uint64_t len,
			      struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	while (!status && len) {
		unsigned int part = HEX_LINE - hex->used;

		// Two lines of the same and all further ones are in the `*`.
		if (part == HEX_LINE && hex->starred && hex->last.there[0] == there &&
		    !memcmp(hex->last.there, hex->last.there + 1, HEX_LINE - 1) &&
		    !hex->last.bytes[0] &&
		    !memcmp(hex->last.bytes, hex->last.bytes + 1, HEX_LINE - 1)) {
			hex->vaddr += len / HEX_LINE * HEX_LINE;
			len %= HEX_LINE;
		}
		if (len < part)
			part = (unsigned int)len;
		status = add(hex, NULL, there, part, err);
		len -= part;
	}
	return status;
}

enum crit_status hexdump_end(struct hexdump *hex, struct crit_error *err)
{
	enum crit_status status = hex->used ? end_line(hex, err) : CRIT_OK;

	if (!status)
		status = flush(hex, err);
	if (status)
		return status;
	put_number(hex->text, hex->vaddr, ADDRESS_LEN);
	hex->text[ADDRESS_LEN] = '\n';
	hex->text_len = ADDRESS_LEN + 1;
	return flush(hex, err);
}
