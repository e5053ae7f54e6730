// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * given.c - parents that the user named (source_options.parents): the first one is the source's own
 * parent, the second one that one's, and so on. They are opened with the first level and shared by
 * all.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/source_impl.h"

void given_put(struct given *given)
{
	if (!given || __atomic_sub_fetch(&given->nr_users, 1, __ATOMIC_ACQ_REL))
		return;
	for (size_t i = 0; i < given->nr; i++)
		source_close(given->sources[i]);
	free(given->sources);
	free(given);
}

/** Open options->parents beside it. */
static enum crit_status open_all(struct source *src, const struct source_options *options,
				   struct crit_error *err)
{
	enum crit_status status = CRIT_OK;
	size_t nr = 0;

	while (options->parents[nr])
		nr++;
	if (!nr)
		return CRIT_OK;
	src->given = calloc(1, sizeof(*src->given));
	if (!src->given)
		return error_no_memory(err);
	src->given->nr_users = 1;
	src->given->sources = calloc(nr, sizeof(*src->given->sources));
	if (!src->given->sources)
		return error_no_memory(err);
	for (size_t i = 0; !status && i < nr; i++) {
		status = source_open_any(options->parents[i], true, options,
				     &src->given->sources[i], err);
		src->given->nr += !status;
	}
	return status;
}

/** Is there a level that builds on each of those given? */
static enum crit_status check_given(struct source *src, struct crit_error *err)
{
	struct source *level = src, *next = NULL;
	enum crit_status status = CRIT_OK;

	for (size_t i = 0; !status && src->given && i < src->given->nr; i++) {
		if (!source_has(level, "parent"))
			status = error_set(err, CRIT_INVALID, "%s: builds on no other checkpoint "
					   "(no `parent`), so not on %s",
					   level->path, src->given->sources[i]->path);
		else if (i + 1 < src->given->nr)
			status = source_open_parent(level, &next, err);
		if (!status && next && next != level) {
			if (level != src)
				source_close(level);
			level = next;
		}
	}
	if (level != src)
		source_close(level);
	return status;
}

enum crit_status given_open(struct source *src, const struct source_options *options,
			    struct crit_error *err)
{
	enum crit_status status = open_all(src, options, err);

	return status ? status : check_given(src, err);
}

/** The name of the folder that the member `parent` leads to, without those above:
 *  "pre-checkpoint". */
static bool parent_name(const struct source *src, char name[NAME_MAX + 1])
{
	char target[PATH_MAX];
	const char *slash;
	bool known = src->archive ? packed_parent_target(src, target, sizeof(target))
				  : folder_parent_target(src, target, sizeof(target));

	if (!known)
		return false;
	source_trim(target);
	slash = strrchr(target, '/');
	return snprintf(name, NAME_MAX + 1, "%s", slash ? slash + 1 : target) <= NAME_MAX &&
	       *name && strcmp(name, ".") && strcmp(name, "..");
}

enum crit_status given_open_parent(const struct source *src, struct source **out,
					  struct crit_error *err)
{
	const struct source *in = src->given->sources[src->next_given];
	char name[NAME_MAX + 1];
	bool named = parent_name(src, name);
	enum crit_status status;

	status = in->archive ? packed_open_in(in, named ? name : NULL, out, err)
			     : folder_open_in(in, named ? name : NULL, out, err);
	if (status)
		return status;
	(*out)->given = src->given;
	(*out)->next_given = src->next_given + 1;
	__atomic_add_fetch(&src->given->nr_users, 1, __ATOMIC_RELAXED);
	return CRIT_OK;
}
