// SPDX-License-Identifier: LGPL-2.1-or-later
/* find_print.c - matches of `critcore find`, for people and as JSON. */
#include <inttypes.h>
#include <stdlib.h>

#include "find.h"

enum { MAX_SHOWN = 256 /* bytes of a match on a line for people */, ROW = 16 };

/** Bytes of memory, of which some may not be there. */
struct bytes {
	uint64_t vaddr;
	size_t len;
	uint8_t *data;
	bool *there;
};

static bool read_bytes(struct crit_task *task, uint64_t vaddr, size_t len, struct bytes *out)
{
	size_t done = 0, nread;

	*out = (struct bytes){ vaddr, len, calloc(len, 1), calloc(len, sizeof(bool)) };
	if (!out->data || !out->there) {
		free(out->data);
		free(out->there);
		return false;
	}
	while (done < len) {
		crit_mem_read(task, vaddr + done, len - done, out->data + done, &nread, NULL);
		for (size_t i = 0; i < nread; i++)
			out->there[done + i] = true;
		done += nread;
		// One at a time: context is short.
		done += done < len;
	}
	return true;
}

static void free_bytes(struct bytes *bytes)
{
	free(bytes->data);
	free(bytes->there);
}

static void put_hex(const struct bytes *b, size_t nr, const char *between)
{
	for (size_t i = 0; i < nr; i++) {
		if (i)
			fputs(between, stdout);
		if (b->there[i])
			printf("%02x", b->data[i]);
		else
			fputs("??", stdout);
	}
}

static void put_text(const struct bytes *b, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		uint8_t c = b->data[i];

		if (!b->there[i])
			putchar('?');
		else if (c == '\\')
			fputs("\\\\", stdout);
		else if (c >= 0x20 && c < 0x7f)
			putchar(c);
		else
			printf("\\x%02x", c);
	}
}

static void put_match(const struct find_style *style, const struct bytes *b)
{
	size_t nr = b->len < MAX_SHOWN ? b->len : MAX_SHOWN;

	fputs(style->colour ? "\033[1;31m" : "", stdout);
	if (style->as_text)
		put_text(b, nr);
	else
		put_hex(b, nr, " ");
	fputs(style->colour ? "\033[m" : "", stdout);
	fputs(nr < b->len ? "...\n" : "\n", stdout);
}

/** The range around a match, within the address space. */
static void range_around(const struct crit_match *match, uint64_t context, uint64_t *start,
			 uint64_t *end)
{
	*start = match->vaddr > context ? match->vaddr - context : 0;
	if (__builtin_add_overflow(match->vaddr + match->len, context, end))
		*end = UINT64_MAX;
}

/** A line of a hex dump, of the bytes at [@p row, @p row + ROW) that belong to @p b. */
static void put_row(const struct bytes *b, uint64_t row)
{
	char text[ROW + 1] = "";

	printf("  %016" PRIx64 " ", row);
	for (size_t k = 0; k < ROW; k++) {
		uint64_t i = row + k - b->vaddr;

		text[k] = ' ';
		if (row + k < b->vaddr || i >= b->len) {
			fputs("   ", stdout);
			continue;
		}
		if (b->there[i])
			printf(" %02x", b->data[i]);
		else
			fputs(" ??", stdout);
		text[k] = !b->there[i] ? '?' : b->data[i] >= 0x20 && b->data[i] < 0x7f ?
			(char)b->data[i] : '.';
	}
	printf("  |%s|\n", text);
}

static void put_context(const struct find_style *style, const struct crit_match *match)
{
	struct bytes b;
	uint64_t start, end;

	range_around(match, style->context, &start, &end);
	if (!read_bytes(match->task, start, (size_t)(end - start), &b))
		return;
	for (uint64_t at = start - start % ROW; at < end; at += ROW) {
		put_row(&b, at);
		if (at > UINT64_MAX - ROW)
			break; // the last ones there are
	}
	free_bytes(&b);
}

static void print_line(const struct find_style *style, const struct crit_match *match,
		       uint32_t pid, const struct crit_mapping *mapping, const struct bytes *b)
{
	const char *name = mapping->name;

	printf("%" PRIu32 " 0x%" PRIx64 "  ", pid, match->vaddr);
	cli_put_text(stdout, *name ? name : crit_mapping_kind_name(mapping->kind));
	fputs("  ", stdout);
	put_match(style, b);
	if (style->context)
		put_context(style, match);
}

static void print_json(const struct find_style *style, const struct crit_match *match,
		       uint32_t pid, const struct crit_mapping *mapping, const struct bytes *b)
{
	const char *name = mapping->name;
	struct bytes around;
	uint64_t start, end;

	printf("{\"pid\": %" PRIu32 ", \"vaddr\": %" PRIu64 ", \"len\": %" PRIu64 ", \"bytes\": \"",
	       pid, match->vaddr, match->len);
	put_hex(b, b->len, "");
	fputs("\", \"mapping\": ", stdout);
	cli_put_json(stdout, *name ? name : NULL);
	printf(", \"kind\": \"%s\"", crit_mapping_kind_name(mapping->kind));
	range_around(match, style->context, &start, &end);
	if (style->context && read_bytes(match->task, start, (size_t)(end - start), &around)) {
		printf(", \"context\": {\"vaddr\": %" PRIu64 ", \"bytes\": \"", start);
		put_hex(&around, around.len, "");
		fputs("\"}", stdout);
		free_bytes(&around);
	}
	puts("}");
}

void find_print(const struct find_style *style, const struct crit_match *match)
{
	struct crit_mapping mapping = { 0 };
	struct crit_task_info info;
	struct bytes b;

	crit_task_info(match->task, &info, NULL);
	crit_mapping_at(match->task, match->mapping, &mapping);
	if (!read_bytes(match->task, match->vaddr, (size_t)match->len, &b))
		return;
	if (style->json)
		print_json(style, match, info.pid, &mapping, &b);
	else
		print_line(style, match, info.pid, &mapping, &b);
	free_bytes(&b);
}
