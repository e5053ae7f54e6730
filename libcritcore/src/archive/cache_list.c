// SPDX-License-Identifier: LGPL-2.1-or-later
/* cache_list.c - see cache_list.h. Files of other names in the folder are left alone. */
#include "archive/cache_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "util/array.h"

enum { DAY = 24 * 60 * 60 };

/** Is a name of this form? 'x' stands for a hexadecimal number and 'd' for a decimal one. */
static bool has_form(const char *name, const char *form)
{
	for (; *form; form++) {
		size_t digits = *form == 'x' ? strspn(name, "0123456789abcdef")
				: *form == 'd' ? strspn(name, "0123456789")
					       : *name == *form;

		if (!digits)
			return false;
		name += digits;
	}
	return !*name;
}

/** The folder can be one that has other files, too: what is not ours is not to be removed. */
static bool is_entry(const char *name)
{
	return strlen(name) < CACHE_NAME && has_form(name, "x-x-x-x.x-x.x-x.tar");
}

static bool is_unfinished(const char *name)
{
	return strlen(name) < CACHE_NAME && has_form(name, "new-d-d");
}

static char *read_archive(int fd)
{
	char *path = malloc(PATH_MAX);
	ssize_t n = path ? fgetxattr(fd, CACHE_ATTRIBUTE, path, PATH_MAX - 1) : -1;

	if (n > 0) {
		path[n] = '\0';
		return path;
	}
	free(path);
	return NULL;
}

static int add(struct cache_list *list, int folder, const char *name)
{
	bool unfinished = is_unfinished(name);
	struct cache_entry *entry;
	struct stat st;
	int fd;

	if (!is_entry(name) && !unfinished)
		return 0;
	fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOATIME);
	if (fd < 0)
		return 0;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return 0;
	}
	if (!array_grow(&list->entries, list->nr, &list->cap, sizeof(*entry))) {
		close(fd);
		return -ENOMEM;
	}
	entry = &list->entries[list->nr++];
	*entry = (struct cache_entry){
		.archive = read_archive(fd),
		.size = (uint64_t)st.st_size,
		.stored = (uint64_t)st.st_blocks * 512,
		.used = st.st_atim.tv_sec,
		.unfinished = unfinished,
	};
	strcpy(entry->name, name);
	close(fd);
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct cache_entry *ea = a, *eb = b;

	return (ea->used < eb->used) - (ea->used > eb->used);
}

int cache_list(int folder, struct cache_list *out)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), why = 0;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	memset(out, 0, sizeof(*out));
	if (!dir) {
		why = -errno;
		if (fd >= 0)
			close(fd);
		return why;
	}
	while (!why && (entry = readdir(dir)))
		why = add(out, folder, entry->d_name);
	closedir(dir);
	if (why)
		cache_list_free(out);
	else if (out->nr)
		qsort(out->entries, out->nr, sizeof(*out->entries), compare);
	return why;
}

void cache_list_free(struct cache_list *list)
{
	for (size_t i = 0; i < list->nr; i++)
		free(list->entries[i].archive);
	free(list->entries);
	memset(list, 0, sizeof(*list));
}

void cache_make_room(int folder, const char *keep)
{
	uint64_t most = (uint64_t)CACHE_GIB << 30, all = 0;
	int64_t now = (int64_t)time(NULL);
	struct cache_list list;

	if (cache_list(folder, &list))
		return;
	for (size_t i = 0; i < list.nr; i++) {
		const struct cache_entry *entry = &list.entries[i];
		int64_t age = now - entry->used;

		all += entry->stored;
		if (!strcmp(entry->name, keep))
			continue;
		if (entry->unfinished ? age <= DAY
				      : all <= most && age <= CACHE_DAYS * (int64_t)DAY)
			continue;
		if (unlinkat(folder, entry->name, 0) == 0)
			all -= entry->stored;
	}
	cache_list_free(&list);
}
