/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree.h - a tree of lines.
 *
 *	web			tree_line(&t, 0, "web")
 *	├── Image: x		tree_line(&t, 1, "Image: %s", image)
 *	└── Process tree	tree_line(&t, 1, "Process tree")
 *	    └── [1]  web	tree_line(&t, 2, "[%u]  %s", pid, comm)
 *
 * Whether a line is the last one of its level is known when the next ones are, so all are kept.
 */
#ifndef CRIT_REPORT_TREE_H
#define CRIT_REPORT_TREE_H

#include "report/lines.h"

enum { TREE_DEPTH = 64 /* levels; what is deeper stands on the last one */ };

struct tree {
	struct buf text;  /* lines, a NUL behind each */
	struct buf levels; /* a byte for each line */
};

void tree_init(struct tree *t);
/** Add a line. Control bytes become '?'. */
void tree_line(struct tree *t, size_t level, const char *fmt, ...) PRINTF(3, 4);
/** Write all of it; also releases it. */
void tree_write(struct tree *t, struct lines *l);

#endif
