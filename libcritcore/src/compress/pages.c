// SPDX-License-Identifier: LGPL-2.1-or-later
/* pages.c - what packing and unpacking have in common; see pages.h. */
#include "compress/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { BEHIND = 8 * 1024 * 1024, INTERIM_TRIES = 1000 };

static enum crit_status open_images(struct pages *p, struct crit_error *err)
{
	struct source *src = p->survey->src;
	enum crit_status status;

	status = stage_old_open(src, p->pair->pages, &p->old_pages, err);
	if (!status)
		status = stage_old_open(src, p->pair->pagemap, &p->old_pagemap, err);
	if (!status)
		status = image_open(src, p->pair->pagemap, IMG_PAGEMAP, &p->plan, err);
	return status;
}

/** Magic and head are the old ones. */
static enum crit_status start_pagemap(struct pages *p, struct crit_error *err)
{
	struct record head;
	enum crit_status status = image_next(p->plan, &head, err);

	if (status)
		return status;
	status = entry_add_header(p->survey->src, p->pair->pagemap, head.off, &p->records, err);
	entry_add_copy(&p->records, &head, image_big_endian(p->plan));
	p->body = p->records.len;
	return status;
}

enum crit_status pages_open(struct pages *p, struct stage *stage, struct crit_error *err)
{
	enum crit_status status;

	p->page_size = p->survey->page_size;
	p->new_pages.fd = p->new_pagemap.fd = -1;
	status = open_images(p, err);
	if (!status)
		status = stage_create(stage, p->pair->pages, &p->new_pages, err);
	if (!status)
		status = stage_create(stage, p->pair->pagemap, &p->new_pagemap, err);
	if (!status)
		status = start_pagemap(p, err);
	return status;
}

enum crit_status pages_next_entry(struct pages *p, struct crit_error *err)
{
	enum crit_status status = image_next(p->plan, &p->rec, err);

	if (!status)
		status = entry_read_sound(&p->rec, p->pair->pagemap, p->page_size, &p->entry, err);
	if (status)
		return status;
	p->left = entry_present(&p->entry) ? p->entry.nr_pages : 0;
	return CRIT_OK;
}

/** A number of a pages image that nobody has. */
static enum crit_status find_interim(const struct pages *p, uint32_t *out, struct crit_error *err)
{
	char name[MAX_PAGES_NAME];

	for (uint32_t i = 1; i < INTERIM_TRIES; i++) {
		snprintf(name, sizeof(name), "pages-%u.img", UINT32_MAX - i);
		if (source_has(p->survey->src, name))
			continue;
		*out = UINT32_MAX - i;
		return CRIT_OK;
	}
	return error_set(err, CRIT_OS, "no free name for a pages image");
}

/** The new pagemap once more, its pages under another number. */
static enum crit_status make_interim(struct pages *p, struct stage *stage, struct stage_unit *unit,
				     struct crit_error *err)
{
	struct source *src = p->survey->src;
	struct stage_file f = { .fd = -1 };
	struct image *img = NULL;
	struct buf b = { 0 };
	struct record head;
	enum crit_status status = find_interim(p, &unit->interim_id, err);

	if (!status)
		status = image_open(src, p->pair->pagemap, IMG_PAGEMAP, &img, err);
	if (!status)
		status = image_next(img, &head, err);
	if (!status)
		status = entry_add_header(src, p->pair->pagemap, head.off, &b, err);
	if (!status) {
		entry_add_head(&b, &head, image_big_endian(img), unit->interim_id);
		status = stage_create(stage, p->pair->pagemap, &f, err);
	}
	if (!status)
		status = stage_flush(&f, &b, 0, err);
	if (!status)
		status = stage_copy(&f, p->new_pagemap.fd, p->body, p->new_pagemap.len - p->body,
				    err);
	if (!status)
		status = stage_finish(&f, &p->old_pagemap, NULL, err);
	if (!status) {
		unit->interim = f.temporary;
		f.temporary = NULL;
	}
	stage_abandon(&f);
	buf_deinit(&b);
	image_close(img);
	return status;
}

enum crit_status pages_finish(struct pages *p, struct stage *stage, struct crit_error *err)
{
	struct stage_unit unit = { 0 };
	enum crit_status status = stage_flush(&p->new_pagemap, &p->records, 0, err);

	if (!status)
		status = stage_finish(&p->new_pages, &p->old_pages, &unit.pages, err);
	if (!status)
		status = make_interim(p, stage, &unit, err);
	if (!status)
		status = stage_finish(&p->new_pagemap, &p->old_pagemap, &unit.image, err);
	if (!status)
		status = stage_add(stage, &unit, err);
	if (status)
		stage_unit_deinit(stage, &unit);
	return status;
}

void pages_close(struct pages *p)
{
	stage_abandon(&p->new_pages);
	stage_abandon(&p->new_pagemap);
	stage_old_close(&p->old_pages);
	stage_old_close(&p->old_pagemap);
	image_close(p->plan);
	buf_deinit(&p->records);
}

enum crit_status pages_set_len(const struct pages *p, uint64_t len, struct crit_error *err)
{
	if (ftruncate(p->new_pages.fd, (off_t)len) != 0)
		return error_os(err, errno, "%s: writing", p->pair->pages);
	return CRIT_OK;
}

/** Take @p len written bytes off the front. */
static void advance(struct iovec **iov, size_t *nr, size_t len)
{
	while (*nr && len >= (*iov)->iov_len) {
		len -= (*iov)->iov_len;
		(*iov)++;
		(*nr)--;
	}
	if (len) {
		(*iov)->iov_base = (uint8_t *)(*iov)->iov_base + len;
		(*iov)->iov_len -= len;
	}
}

/** Have the disk begin with what was written a while ago, so that little is left for the end. */
static void write_behind(const struct pages *p, uint64_t from, uint64_t to)
{
	uint64_t step = to / BEHIND * BEHIND;

	if (from / BEHIND != to / BEHIND && step >= 2 * BEHIND)
		sync_file_range(p->new_pages.fd, (off_t)(step - 2 * BEHIND), BEHIND,
				SYNC_FILE_RANGE_WRITE);
}

enum crit_status pages_write(const struct pages *p, struct iovec *iov, size_t nr, uint64_t off,
			     struct crit_error *err)
{
	uint64_t start = off;

	while (nr) {
		ssize_t n = pwritev(p->new_pages.fd, iov, nr < IOV_MAX ? (int)nr : IOV_MAX,
				    (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_os(err, n ? errno : EIO, "%s: writing", p->pair->pages);
		off += (uint64_t)n;
		advance(&iov, &nr, (size_t)n);
	}
	write_behind(p, start, off);
	return CRIT_OK;
}

enum crit_status pages_copy(const struct pages *p, uint64_t from, uint64_t to, uint64_t len,
			    uint8_t *buf, size_t buf_len, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	while (!status && len) {
		uint64_t hole_end, hole = member_next_hole(p->old_pages.member, from, &hole_end);
		uint64_t skip = hole <= from ? hole_end - from : 0;
		struct iovec iov = { .iov_base = buf, .iov_len = buf_len };

		// What is not written is a hole; pages_set_len() makes one at the end too.
		if (skip > len)
			skip = len;
		if (!skip) {
			if (iov.iov_len > len)
				iov.iov_len = (size_t)len;
			if (iov.iov_len > hole - from)
				iov.iov_len = (size_t)(hole - from);
			skip = iov.iov_len;
			status = member_read(p->old_pages.member, from, buf, iov.iov_len, err);
			if (!status)
				status = pages_write(p, &iov, 1, to, err);
		}
		from += skip;
		to += skip;
		len -= skip;
	}
	return status;
}
