/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guard.h - a piece of a file, mapped read-only, that may be cut short under us without harm.
 *
 * Reading a mapped page that its file does not have any more ends a process with SIGBUS. While a
 * region is mapped here, a handler for that signal stands: it puts a page of zeros where nothing is
 * any more, notes that in the region, and the reader goes on. So ask guard_intact() *after* using
 * the bytes, and throw them away when it says false. Faults anywhere else, and signals that
 * somebody sent, go to the handler that was there before.
 *
 * A signal handler belongs to the whole process: this is the one place of the library with state of
 * its own. It is behind a lock; any number of threads may map, read and unmap.
 *
 *   - Read regions in threads that do not block SIGBUS: in others the fault is deadly.
 *   - A system call that is given such memory fails with EFAULT instead.
 *   - The handler stands from the first region to the end of the last one. Should somebody put one
 *     of their own on top meanwhile, ours stays below it, and new regions are refused until it is
 *     on top again.
 */
#ifndef CRIT_UTIL_GUARD_H
#define CRIT_UTIL_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"

struct guarded;

/**
 * @param fd   Of a regular file; may be closed afterwards.
 * @param off  Of any value; need not be that of a page.
 * @param len  In bytes, not 0.
 * @param out  [out] Release it with guard_unmap().
 * @return CRIT_OK; CRIT_CORRUPT: the file ends before off + len; CRIT_UNSUPPORTED: it cannot be
 *         guarded here (this thread blocks SIGBUS, somebody else handles it, the file cannot be
 *         mapped): read it instead; CRIT_OS; CRIT_NO_MEMORY. The message does not name the file.
 */
enum crit_status guard_map(int fd, uint64_t off, size_t len, struct guarded **out,
			   struct crit_error *err);
/** NULL is fine. */
void guard_unmap(struct guarded *region);
/** The byte at off; @c len of them follow. */
const void *guard_data(const struct guarded *region);
/** The same for somebody who writes there; what is written stays ours and does not reach the file.
 *  NULL: that cannot be had. */
void *guard_data_private(struct guarded *region);
/** Called in the signal handler: nothing but what is safe there. */
typedef void (*guard_lost_fn)(void *ctx);
/** Have a function called the first time that a byte is missed. */
void guard_on_loss(struct guarded *region, guard_lost_fn on_loss, void *ctx);
/** False once the file was found to be shorter than the region: at a fault, or now. */
bool guard_intact(const struct guarded *region);

#endif
