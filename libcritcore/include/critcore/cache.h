/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cache.h - what compressed archives are when unpacked, kept for the next time. A part of
 * critcore.h.
 *
 * It is in $CRITCORE_CACHE, else $XDG_CACHE_HOME/critcore, else ~/.cache/critcore. Checkpoints that
 * are open do not mind when it is emptied.
 */
#ifndef CRITCORE_CACHE_H
#define CRITCORE_CACHE_H

#include "critcore/report.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Write what is in the cache: archive, size, size on the disk, last use.
 *  @return CRIT_OK; CRIT_OS: the folder cannot be used; CRIT_NO_MEMORY; or why writing failed. */
CRIT_API enum crit_status crit_cache_write(const struct crit_report_options *options,
					   struct crit_output *out, struct crit_error *err);
/**
 * Empty the cache.
 * @param nr     [out] How many entries were removed. May be NULL.
 * @param bytes  [out] How much room they took on the disk. May be NULL.
 * @return CRIT_OK; CRIT_OS; CRIT_NO_MEMORY.
 */
CRIT_API enum crit_status crit_cache_clear(size_t *nr, uint64_t *bytes, struct crit_error *err);

#ifdef __cplusplus
}
#endif

#endif
