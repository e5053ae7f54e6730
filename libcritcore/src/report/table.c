// SPDX-License-Identifier: LGPL-2.1-or-later
/* table.c - see table.h. */
#include "report/table.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "util/text.h"

enum { GAP = 2 };

void table_init(struct table *t)
{
	memset(t, 0, sizeof(*t));
}

/** Characters, not bytes: all but the following bytes of UTF-8. */
static size_t width_of(const char *s)
{
	size_t width = 0;

	for (; *s; s++)
		width += ((unsigned char)*s & 0xc0) != 0x80;
	return width;
}

void table_column(struct table *t, const char *head, enum table_side side)
{
	assert(t->nr_columns < TABLE_COLUMNS && !t->nr_cells);
	t->columns[t->nr_columns].head = head;
	t->columns[t->nr_columns].side = side;
	t->columns[t->nr_columns++].width = width_of(head);
}

/** The cell that begins at @p start of the text is complete. */
static void end_cell(struct table *t, size_t start)
{
	size_t column = t->nr_cells % t->nr_columns, width;

	buf_add_byte(&t->text, '\0');
	if (t->text.failed)
		return;
	text_make_printable((char *)t->text.data + start);
	width = width_of((char *)t->text.data + start);
	if (width > t->columns[column].width)
		t->columns[column].width = width;
	t->nr_cells++;
}

void table_printf(struct table *t, const char *fmt, ...)
{
	size_t start = t->text.len;
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_add_str(&t->text, text);
	end_cell(t, start);
}

void table_safe(struct table *t, const char *text)
{
	size_t start = t->text.len;

	buf_add_str(&t->text, text ? text : "-");
	end_cell(t, start);
}

void table_size(struct table *t, uint64_t bytes)
{
	char text[CRIT_SIZE_TEXT_MAX];

	crit_size_text(bytes, text);
	table_safe(t, text);
}

static void blanks(struct lines *l, size_t n)
{
	for (; n; n--)
		lines_add(l, " ", 1);
}

static void put_cell(const struct table *t, size_t column, const char *text, struct lines *l)
{
	size_t pad = t->columns[column].width - width_of(text);
	bool last = column + 1 == t->nr_columns;

	if (t->columns[column].side == TABLE_RIGHT)
		blanks(l, pad);
	lines_str(l, text);
	if (t->columns[column].side == TABLE_LEFT && !last)
		blanks(l, pad);
	if (last)
		lines_add(l, "\n", 1);
	else
		blanks(l, GAP);
}

void table_write(struct table *t, struct lines *l)
{
	const char *text = (const char *)t->text.data;

	if (t->text.failed && !l->status)
		l->status = error_no_memory(&l->err);
	for (size_t i = 0; !l->status && i < t->nr_columns; i++)
		put_cell(t, i, t->columns[i].head, l);
	for (size_t i = 0; !l->status && i < t->nr_cells; i++) {
		put_cell(t, i % t->nr_columns, text, l);
		text += strlen(text) + 1;
	}
	buf_deinit(&t->text);
}
