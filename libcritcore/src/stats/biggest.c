// SPDX-License-Identifier: LGPL-2.1-or-later
/* biggest.c - the few mappings with most bytes in the images, shared memory once. */
#include <stdlib.h>
#include <string.h>

#include "stats/stats.h"

bool biggest_init(struct biggest *b, size_t max)
{
	b->max = max;
	b->nr = 0;
	b->list = calloc(max, sizeof(*b->list));
	b->objects = calloc(max, sizeof(*b->objects));
	return b->list && b->objects;
}

void biggest_deinit(struct biggest *b)
{
	free(b->list);
	free(b->objects);
	*b = (struct biggest){ 0 };
}

/** The same part of the same shared memory? */
static bool is_same(const struct biggest *b, size_t i, const struct mapping *m, const void *object)
{
	const struct crit_mapping *known = &b->list[i].mapping;

	return object && b->objects[i] == object && known->pgoff == m->pub.pgoff &&
	       known->end - known->start == m->pub.end - m->pub.start;
}

void biggest_add(struct biggest *b, struct crit_task *task, const struct mapping *m,
		 const void *object, uint64_t image, uint64_t times)
{
	struct crit_task_info info;
	size_t at = b->nr;

	for (size_t i = 0; i < b->nr; i++)
		if (is_same(b, i, m, object)) {
			b->list[i].nr_tasks += times;
			return;
		}
	while (at && b->list[at - 1].image < image)
		at--;
	if (at == b->max || !image)
		return;
	if (b->nr < b->max)
		b->nr++;
	memmove(&b->list[at + 1], &b->list[at], (b->nr - at - 1) * sizeof(*b->list));
	memmove(&b->objects[at + 1], &b->objects[at], (b->nr - at - 1) * sizeof(*b->objects));
	crit_task_info(task, &info, NULL);
	b->list[at] = (struct crit_big_mapping){ .pid = info.pid, .comm = info.comm,
						 .mapping = m->pub, .image = image,
						 .nr_tasks = times };
	b->objects[at] = object;
}
