// SPDX-License-Identifier: LGPL-2.1-or-later
/* strings.c - arguments and environment of a process, string by string. */
#include <stdlib.h>
#include <string.h>

#include "explore/explore.h"

/** A program that writes its title over its arguments fills the rest with NULs. A single one may
 *  be the end of an argument that is "". */
static size_t without_padding(const char *text, size_t len)
{
	size_t end = len;

	while (end && !text[end - 1])
		end--;
	if (len - end > 2 || len - end == 1)
		return end + (len > end);
	return len;
}

void explore_strings(struct explore *x, struct crit_task *task,
		     enum crit_status (*get)(struct crit_task *task, char **out, size_t *len,
					     struct crit_error *err),
		     struct strings *out)
{
	enum crit_status status = get(task, &out->text, &out->len, &out->why);

	if (status) {
		out->text = NULL;
		out->len = 0;
		x->nr_problems += status != CRIT_NOT_DUMPED;
		return;
	}
	out->len = without_padding(out->text, out->len);
}

const char *explore_next_string(const struct strings *strings, size_t *pos)
{
	const char *string = strings->text + *pos;

	if (*pos >= strings->len)
		return NULL;
	*pos += strlen(string) + 1; // text has a NUL behind len, too
	return string;
}
