// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * error.c - see error.h. Messages are cut at the size of the caller's struct, never allocated, and
 * bytes that could disturb a terminal (they come out of images) are shown as '?'.
 */
#include "util/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/text.h"

static void vformat(char *out, size_t size, const char *fmt, va_list ap)
{
	vsnprintf(out, size, fmt, ap);
	text_make_printable(out);
}

static void reset(struct crit_error *err, enum crit_status status)
{
	memset(err, 0, sizeof(*err));
	err->status = status;
}

enum crit_status error_set(struct crit_error *err, enum crit_status status, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return status;
	reset(err, status);
	va_start(ap, fmt);
	vformat(err->message, sizeof(err->message), fmt, ap);
	va_end(ap);
	return status;
}

static enum crit_status status_of_errno(int os_errno)
{
	switch (os_errno) {
	case ENOENT:
	case ENOTDIR:
		return CRIT_NOT_FOUND;
	case ENOMEM:
		return CRIT_NO_MEMORY;
	default:
		return CRIT_OS;
	}
}

enum crit_status error_os(struct crit_error *err, int os_errno, const char *fmt, ...)
{
	enum crit_status status = status_of_errno(os_errno);
	char text[64] = "";
	size_t used;
	va_list ap;

	if (!err)
		return status;
	reset(err, status);
	err->os_errno = os_errno;
	va_start(ap, fmt);
	vformat(err->message, sizeof(err->message), fmt, ap);
	va_end(ap);
	used = strlen(err->message);
	// The GNU strerror_r may return a static string; it never fails.
	snprintf(err->message + used, sizeof(err->message) - used, ": %s",
		 strerror_r(os_errno, text, sizeof(text)));
	return status;
}

enum crit_status error_at(struct crit_error *err, enum crit_status status, const char *image,
			  uint64_t off, const char *fmt, ...)
{
	char text[384];
	va_list ap;

	if (!err)
		return status;
	reset(err, status);
	va_start(ap, fmt);
	vformat(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(err->image, sizeof(err->image), "%s", image);
	err->has_off = true;
	err->off = off;
	snprintf(err->message, sizeof(err->message), "%s: %.340s at byte %llu", err->image, text,
		 (unsigned long long)off);
	text_make_printable(err->message);
	return status;
}

enum crit_status error_no_memory(struct crit_error *err)
{
	return error_set(err, CRIT_NO_MEMORY, "out of memory");
}

enum crit_status error_prefix(struct crit_error *err, enum crit_status status, const char *fmt, ...)
{
	char prefix[256], old[sizeof(err->message)];
	va_list ap;

	if (!err)
		return status;
	va_start(ap, fmt);
	vformat(prefix, sizeof(prefix), fmt, ap);
	va_end(ap);
	memcpy(old, err->message, sizeof(old));
	// Cut at the end on overflow: where we were matters more than the tail of the detail.
	snprintf(err->message, sizeof(err->message), "%s", prefix);
	strncat(err->message, old, sizeof(err->message) - strlen(err->message) - 1);
	return status;
}

const char *crit_status_name(enum crit_status status)
{
	static const char *const names[] = {
		[CRIT_OK] = "CRIT_OK",
		[CRIT_NOT_FOUND] = "CRIT_NOT_FOUND",
		[CRIT_UNMAPPED] = "CRIT_UNMAPPED",
		[CRIT_NOT_DUMPED] = "CRIT_NOT_DUMPED",
		[CRIT_CORRUPT] = "CRIT_CORRUPT",
		[CRIT_UNSUPPORTED] = "CRIT_UNSUPPORTED",
		[CRIT_INVALID] = "CRIT_INVALID",
		[CRIT_NO_MEMORY] = "CRIT_NO_MEMORY",
		[CRIT_OS] = "CRIT_OS",
		[CRIT_KEPT] = "CRIT_KEPT",
		[CRIT_INTERRUPTED] = "CRIT_INTERRUPTED",
	};

	if ((size_t)status >= sizeof(names) / sizeof(names[0]))
		return "unknown status";
	return names[status];
}
