// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * list.c - many checkpoints: those that are named, and those in directories. A directory may hold
 * anything: what is no checkpoint is passed over in silence, what is a damaged one is not.
 */
#include "container/container.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct lister {
	const struct crit_list_callbacks *callbacks;
	bool stopped, interrupted;
};

static void tell(const struct lister *l, const struct crit_error *why)
{
	if (l->callbacks->problem)
		l->callbacks->problem(l->callbacks->ctx, why);
}

/** Hand it on, and free it. */
static void show(struct lister *l, struct crit_container *container)
{
	struct crit_error why;

	for (size_t i = 0; i < container->nr_problems; i++) {
		error_set(&why, CRIT_CORRUPT, "%s: %s", container->path, container->problems[i]);
		tell(l, &why);
	}
	l->stopped = !l->callbacks->found(l->callbacks->ctx, container);
	crit_container_free(container);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/** Does a file say that it is one? Of others, that they are not is nothing to tell. */
static bool has_name_of_one(const char *name)
{
	static const char *const patterns[] = {
		"checkpoint-*", "*.tar", "*.tar.gz", "*.tgz", "*.tar.zst", "*.tar.xz", "*.tar.bz2",
	};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		if (!fnmatch(patterns[i], name, 0))
			return true;
	return false;
}

/** Something in a directory. */
static enum crit_status list_entry(struct lister *l, const char *dir, const char *name,
				   struct crit_error *err)
{
	struct crit_container *container;
	enum crit_status status;
	struct crit_error why;
	struct stat st;
	char *path = NULL;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return error_no_memory(err);
	// Whoever can write there can put a fifo there.
	if (stat(path, &st) || (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))) {
		free(path);
		return CRIT_OK;
	}
	status = crit_container_read_with(path, l->callbacks->open, &container, &why);
	if (!status)
		show(l, container);
	else if (status == CRIT_INTERRUPTED)
		l->stopped = l->interrupted = true;
	else if (S_ISDIR(st.st_mode) ? status != CRIT_NOT_FOUND
				     : status != CRIT_INVALID || has_name_of_one(name))
		tell(l, &why);
	free(path);
	return status == CRIT_NO_MEMORY && !why.has_off ? error_no_memory(err) : CRIT_OK;
}

static enum crit_status list_directory(struct lister *l, const char *path, struct crit_error *err)
{
	struct dirent **entries;
	int nr = scandir(path, &entries, is_visible, alphasort);
	enum crit_status status = CRIT_OK;
	struct crit_error why;

	if (nr < 0) {
		error_os(&why, errno, "%s", path);
		tell(l, &why);
		return CRIT_OK;
	}
	for (int i = 0; i < nr; i++) {
		if (!status && !l->stopped)
			status = list_entry(l, path, entries[i]->d_name, err);
		free(entries[i]);
	}
	free(entries);
	return status;
}

static enum crit_status list_path(struct lister *l, const char *path, struct crit_error *err)
{
	struct crit_container *container;
	enum crit_status status;
	struct crit_error why;
	struct stat st;

	status = crit_container_read_with(path, l->callbacks->open, &container, &why);
	if (!status) {
		show(l, container);
		return CRIT_OK;
	}
	if (status == CRIT_NO_MEMORY && !why.has_off)
		return error_no_memory(err);
	if (status == CRIT_INTERRUPTED) {
		l->stopped = l->interrupted = true;
		return CRIT_OK;
	}
	if (status == CRIT_NOT_FOUND && !stat(path, &st) && S_ISDIR(st.st_mode))
		return list_directory(l, path, err);
	tell(l, &why);
	return CRIT_OK;
}

enum crit_status crit_list(const char *const *paths, size_t nr_paths,
			   const struct crit_list_callbacks *callbacks, struct crit_error *err)
{
	struct lister l = { .callbacks = callbacks };
	enum crit_status status = CRIT_OK;

	for (size_t i = 0; i < nr_paths && !status && !l.stopped; i++)
		status = list_path(&l, paths[i], err);
	return !status && l.interrupted ? error_set(err, CRIT_INTERRUPTED, "interrupted") : status;
}
