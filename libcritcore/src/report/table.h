/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * table.h - columns of text as wide as their widest cell, two blanks apart.
 *
 *	struct table t;
 *	table_init(&t);
 *	table_column(&t, "PID", TABLE_RIGHT);
 *	table_column(&t, "Name", TABLE_LEFT);
 *	table_printf(&t, "%u", pid);		cell by cell, row by row
 *	table_safe(&t, name);
 *	table_write(&t, lines);			also releases it
 *
 * All cells are kept until then: for listings of unknown length, print lines instead.
 */
#ifndef CRIT_REPORT_TABLE_H
#define CRIT_REPORT_TABLE_H

#include "report/lines.h"

enum table_side { TABLE_LEFT, TABLE_RIGHT };

enum { TABLE_COLUMNS = 16 };

struct table {
	struct buf text; /* cells, a NUL behind each */
	size_t nr_columns, nr_cells;
	struct {
		const char *head; /* static storage */
		enum table_side side;
		size_t width; /* in characters */
	} columns[TABLE_COLUMNS];
};

void table_init(struct table *t);
/** Before the first cell. */
void table_column(struct table *t, const char *head, enum table_side side);
void table_printf(struct table *t, const char *fmt, ...) PRINTF(2, 3);
/** Text out of images: control bytes become '?'. NULL: "-". */
void table_safe(struct table *t, const char *text);
/** "232 KiB". */
void table_size(struct table *t, uint64_t bytes);
/** The heads and all rows. The last one must be complete. */
void table_write(struct table *t, struct lines *l);

#endif
