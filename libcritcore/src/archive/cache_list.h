/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* cache_list.h - all entries of the cache: what there is, and removing it. See cache.h. */
#ifndef CRIT_ARCHIVE_CACHE_LIST_H
#define CRIT_ARCHIVE_CACHE_LIST_H

#include "archive/cache.h"

/* The extended attribute that says which archive an entry was made of. */
#define CACHE_ATTRIBUTE "user.critcore.archive"
/* And the one that says which digest that had when it was unpacked. */
#define CACHE_DIGEST "user.critcore.digest"

struct cache_entry {
	char name[CACHE_NAME];
	char *archive; /* path of the archive when it was unpacked; NULL: not known */
	uint64_t size, stored; /* in bytes; stored: on the disk */
	int64_t used;  /* seconds since 1970 */
	bool unfinished; /* being written, or left by a process that was killed */
};

struct cache_list {
	struct cache_entry *entries; /* the one used last comes first */
	size_t nr, cap;
};

/** @return 0 or -errno. */
int cache_list(int folder, struct cache_list *out);
void cache_list_free(struct cache_list *list);
/** Remove what is old or too much, but not the entry @p keep. */
void cache_make_room(int folder, const char *keep);

#endif
