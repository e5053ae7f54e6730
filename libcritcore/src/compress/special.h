/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * special.h - what the images of the address spaces say about pagemaps: the page size, and the
 * ranges that CRIU only restores from raw pages (huge pages, memory that a plugin owns).
 */
#ifndef CRIT_COMPRESS_SPECIAL_H
#define CRIT_COMPRESS_SPECIAL_H

#include "source/source.h"

/** [start, end) of one pagemap image. */
struct special_range {
	bool shared;	 /* in pagemap-shmem-<id>.img, else in pagemap-<id>.img */
	uint64_t id;
	uint64_t start, end;
};

struct special {
	struct special_range *ranges; /* by image, then by address */
	size_t nr, cap;
	uint32_t page_size; /* 0: no image tells */
};

/**
 * Read all mm images of a checkpoint, and memfd.img.
 * @param out  [out] Release it with special_deinit().
 * @return CRIT_OK; CRIT_CORRUPT, also when they disagree about the page size; CRIT_OS;
 *         CRIT_NO_MEMORY.
 */
enum crit_status special_read(struct source *src, struct special *out, struct crit_error *err);
void special_deinit(struct special *s);

/** The ranges of one pagemap image, apart and by address. Borrowed. */
struct special_view {
	const struct special_range *ranges;
	size_t nr;
};
struct special_view special_of(const struct special *s, bool shared, uint64_t id);
/** Does some page of [start, end) have to stay raw? */
bool special_overlaps(const struct special_view *v, uint64_t start, uint64_t end);

/** The number in a name of the form PREFIX, digits, ".img"; false if it has another one. */
bool image_number(const char *name, const char *prefix, uint64_t *out);

#endif
