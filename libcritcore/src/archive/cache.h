/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cache.h - a private folder with what compressed archives are when unpacked.
 *
 * It is $CRITCORE_CACHE, else $XDG_CACHE_HOME/critcore, else ~/.cache/critcore, and nobody but its
 * owner may enter it. There is none when CRITCORE_CACHE is no absolute path: "" or "off". An entry
 * is a plain tar archive without zeros (they are holes), named after what tells the compressed one
 * from all others: device, inode, size, times, and where in that file it begins:
 *
 *	DEV-INO-SIZE-MTIME.NS-CTIME.NS-START.tar
 *
 * Entries are written under no name, synced, then linked: there are only complete ones, and of two
 * processes that write the same one the later finds it there. What was not used for CACHE_DAYS, and
 * what was used longest ago when all entries together have more than CACHE_GIB, is removed as new
 * ones come; whoever has a removed one open keeps it.
 */
#ifndef CRIT_ARCHIVE_CACHE_H
#define CRIT_ARCHIVE_CACHE_H

#include <limits.h>
#include <sys/stat.h>

#include "util/digest.h"

enum { CACHE_DAYS = 30, CACHE_GIB = 20, CACHE_NAME = 160 };

/** The name of an entry. @param start  Where in the file the archive begins. */
void cache_name(char out[CACHE_NAME], const struct stat *st, uint64_t start);

/** Copy the folder's path. False: there is none. */
bool cache_path(char out[PATH_MAX]);
/** The folder's descriptor, made if it is not there, or -errno; -EPERM: it is not private. */
int cache_open(void);

/** A descriptor of an entry, marked as used now; or -errno. */
int cache_find(int folder, const char *name);

/** A new file in the folder, without a name if that is possible. */
struct cache_new {
	int folder, fd;
	char temporary[32]; /* its name; "": it has none */
};

/** @return 0 or -errno. */
int cache_create(int folder, struct cache_new *out);
/** Give it its name, and make room. @param archive  Noted in it, for listings.
 *  @return 0 or -errno; the descriptor is good in any case. */
int cache_commit(struct cache_new *new, const char *name, const char *archive);
/** Note that what an entry was made of had this digest; not where there are no attributes. */
void cache_note_digest(int fd, const struct digest *digest);
/** Was it noted? Always, if there is none to ask for. */
bool cache_has_digest(int fd, const struct digest *digest);
/** Remove the temporary name of one that was not committed. The descriptor stays open. */
void cache_abandon(struct cache_new *new);

#endif
