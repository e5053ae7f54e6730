/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * segments.h - the System V segments of an IPC namespace whose contents stand behind their records
 * in ipcns-shm-N.img, as it was before CRIU 3.0.
 */
#ifndef CRIT_CHECKPOINT_SEGMENTS_H
#define CRIT_CHECKPOINT_SEGMENTS_H

#include "source/source.h"

struct segment {
	uint32_t id;
	uint64_t size; /* in bytes; the image may end before */
	uint64_t off;  /* of the contents in the image */
};

struct segments {
	uint32_t ns; /* number of the namespace: N */
	char name[32]; /* of the image */
	struct source *src; /* borrowed */
	struct segment *list; /* by id */
	size_t nr;
	bool noted;	     /* there is a first */
	struct member first; /* as the image was when it was read; has no name and no descriptor */
	struct member *member; /* NULL: not open at the moment */
};

/**
 * Read the image, up to where it is damaged. If there is none, there are no segments.
 * @param out  [out] Release it with segments_free().
 * @return CRIT_OK; CRIT_NO_MEMORY.
 */
enum crit_status segments_read(struct source *src, uint32_t ns, struct segments **out,
			       struct crit_error *err);
/** NULL is fine. */
void segments_free(struct segments *segments);
/** Borrowed; NULL: not there. */
const struct segment *segments_find(const struct segments *segments, uint64_t id);

/** Open the image again, to read contents: then there is a member.
 *  @return as source_open_member(); CRIT_OS: it was replaced by another file. */
enum crit_status segments_open(struct segments *segments, struct crit_error *err);
void segments_close(struct segments *segments);

#endif
