/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * error.h - filling struct crit_error: caller-owned, no allocation, one clause per layer.
 *
 * Every function returns the status it was given (or found), so that failing reads
 *
 *	return error_set(err, CRIT_CORRUPT, "no records");
 *
 * and adding where we were reads
 *
 *	return error_prefix(err, status, "task %u: ", pid);
 */
#ifndef CRIT_UTIL_ERROR_H
#define CRIT_UTIL_ERROR_H

#include "critcore.h"

#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/** Set status and message; forgets image, offset and errno. @p err may be NULL. */
enum crit_status error_set(struct crit_error *err, enum crit_status status, const char *fmt, ...)
	PRINTF(3, 4);
/** CRIT_OS with errno @p os_errno, whose text is appended to the message after ": ".
 *  ENOENT and ENOTDIR become CRIT_NOT_FOUND, ENOMEM becomes CRIT_NO_MEMORY. */
enum crit_status error_os(struct crit_error *err, int os_errno, const char *fmt, ...)
	PRINTF(3, 4);
/** A fault in an image at a byte: the message becomes "IMAGE: TEXT at byte OFF". */
enum crit_status error_at(struct crit_error *err, enum crit_status status, const char *image,
			  uint64_t off, const char *fmt, ...) PRINTF(5, 6);
/** CRIT_NO_MEMORY, "out of memory". */
enum crit_status error_no_memory(struct crit_error *err);
/** Put a clause in front of the message; returns @p status. */
enum crit_status error_prefix(struct crit_error *err, enum crit_status status, const char *fmt, ...)
	PRINTF(3, 4);

#endif
