// SPDX-License-Identifier: LGPL-2.1-or-later
/* tree.c - see tree.h. */
#include "report/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/text.h"

enum { IS_LAST = 0x80 /* of its level; in struct tree.levels */ };

void tree_init(struct tree *t)
{
	buf_init(&t->text);
	buf_init(&t->levels);
}

void tree_line(struct tree *t, size_t level, const char *fmt, ...)
{
	size_t start = t->text.len;
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		t->text.failed = true;
	else
		buf_add_str(&t->text, text);
	va_end(ap);
	free(text);
	buf_add_byte(&t->text, '\0');
	buf_add_byte(&t->levels, (uint8_t)(level < TREE_DEPTH ? level : TREE_DEPTH - 1));
	if (!t->text.failed)
		text_make_printable((char *)t->text.data + start);
}

/** A line is the last one of its level when a higher level comes before the next one of its own. */
static void mark_last(struct tree *t)
{
	bool follows[TREE_DEPTH] = { false };

	for (size_t i = t->levels.len; i--;) {
		size_t level = t->levels.data[i];

		if (!follows[level])
			t->levels.data[i] |= IS_LAST;
		follows[level] = true;
		for (size_t below = level + 1; below < TREE_DEPTH; below++)
			follows[below] = false;
	}
}

static void put_prefix(struct lines *l, const bool *ended, size_t level, bool is_last)
{
	for (size_t i = 1; i < level; i++)
		lines_str(l, ended[i] ? "    " : "\u2502   ");
	if (level)
		lines_str(l, is_last ? "\u2514\u2500\u2500 " : "\u251c\u2500\u2500 ");
}

void tree_write(struct tree *t, struct lines *l)
{
	const char *text = (const char *)t->text.data;
	bool ended[TREE_DEPTH] = { false };

	if ((t->text.failed || t->levels.failed) && !l->status)
		l->status = error_no_memory(&l->err);
	else
		mark_last(t);
	for (size_t i = 0; !l->status && i < t->levels.len; i++) {
		bool is_last = t->levels.data[i] & IS_LAST;
		size_t level = t->levels.data[i] & (IS_LAST - 1);

		put_prefix(l, ended, level, is_last);
		lines_str(l, text);
		lines_str(l, "\n");
		ended[level] = is_last;
		text += strlen(text) + 1;
	}
	buf_deinit(&t->text);
	buf_deinit(&t->levels);
}
