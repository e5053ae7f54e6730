/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* base.h - what all of critcore.h needs: statuses, errors, progress. A part of critcore.h. */
#ifndef CRITCORE_BASE_H
#define CRITCORE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CRIT_API __attribute__((visibility("default")))
#else
#define CRIT_API
#endif

enum crit_status {
	CRIT_OK = 0,
	CRIT_NOT_FOUND,	  /* no such file, process, thread, register */
	CRIT_UNMAPPED,	  /* no mapping at this address */
	CRIT_NOT_DUMPED,  /* mapped, but the checkpoint lacks the bytes; see enum crit_why */
	CRIT_CORRUPT,	  /* an image breaks its own format */
	CRIT_UNSUPPORTED, /* sound, but not understood by this version of the library */
	CRIT_INVALID,	  /* the caller's argument */
	CRIT_NO_MEMORY,	  /* out of memory, or an image asks for an absurd amount of it */
	CRIT_OS,	  /* a system call failed; see crit_error.os_errno */
	CRIT_KEPT,	  /* done; what was not understood is in the output as it was */
	CRIT_INTERRUPTED, /* a callback asked to stop */
};

/** Details of a failure, in storage of the caller's. Nothing in it needs freeing. */
struct crit_error {
	enum crit_status status;
	int os_errno;	   /* errno of a CRIT_OS failure, else 0 */
	bool has_off;	   /* off is meaningful */
	uint64_t off;	   /* byte in the image where the trouble starts */
	char image[128];   /* name of the image, "" when the failure is not about one */
	char message[512]; /* one line, all: "task 81: pagemap-81.img: record 3 at byte 96: ..." */
};

/** A status as it is written in this header ("CRIT_CORRUPT"); never NULL. Static storage. */
CRIT_API const char *crit_status_name(enum crit_status status);

/** The library's version, for example "0.1.0". Static storage. */
CRIT_API const char *crit_version(void);

/** How long work is watched and stopped. @p total is 0 when it is not known. */
typedef bool (*crit_keep_going_fn)(void *ctx, uint64_t done, uint64_t total);

#ifdef __cplusplus
}
#endif

#endif
