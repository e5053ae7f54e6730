// SPDX-License-Identifier: LGPL-2.1-or-later
/* segments.c - see segments.h. */
#include "checkpoint/segments.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "image/image.h"
#include "ipc.pb-c.h"
#include "util/array.h"

static int compare(const void *a, const void *b)
{
	const struct segment *sa = a, *sb = b;

	if (sa->id != sb->id)
		return sa->id < sb->id ? -1 : 1;
	return (sa->off > sb->off) - (sa->off < sb->off);
}

/** Of several with one id the first one in the image counts. */
static void sort(struct segments *s)
{
	size_t nr = 0;

	if (!s->nr)
		return;
	qsort(s->list, s->nr, sizeof(*s->list), compare);
	for (size_t i = 1; i < s->nr; i++)
		if (s->list[i].id != s->list[nr].id)
			s->list[++nr] = s->list[i];
	s->nr = nr + 1;
}

/** Note the segment if its contents are behind the record, and step over them. */
static enum crit_status take(struct segments *s, size_t *cap, struct image *img,
			     const struct record *rec, const Criu__IpcShmEntry *shm,
			     struct crit_error *err)
{
	struct segment *segment;

	if (shm->has_in_pagemaps && shm->in_pagemaps)
		return CRIT_OK;
	if (!array_grow(&s->list, s->nr, cap, sizeof(*s->list)))
		return error_no_memory(err);
	segment = &s->list[s->nr++];
	segment->id = shm->desc->id;
	segment->size = shm->size;
	segment->off = rec->off + sizeof(int32_t) + rec->len;
	if (shm->size > UINT64_MAX - 3)
		return error_at(err, CRIT_CORRUPT, s->name, rec->off, "an absurd size");
	return image_skip(img, (shm->size + 3) & ~3ull, err);
}

static enum crit_status read_records(struct segments *s, struct image *img,
				     struct crit_error *err)
{
	enum crit_status status;
	struct arena arena;
	struct record rec;
	size_t cap = 0;

	arena_init(&arena, 0);
	while (!(status = image_next(img, &rec, err))) {
		Criu__IpcShmEntry *shm;

		arena_reset(&arena, image_decode_limit(rec.len));
		status = record_decode(&rec, s->name, &criu__ipc_shm_entry__descriptor, &arena,
				       &shm, err);
		if (!status)
			status = take(s, &cap, img, &rec, shm, err);
		if (status)
			break;
	}
	arena_deinit(&arena);
	return status;
}

static enum crit_status load(struct segments *s, struct crit_error *err)
{
	struct image *img = NULL;
	enum crit_status status = image_open(s->src, s->name, IMG_IPCNS_SHM, &img, err);

	if (status)
		return status;
	status = read_records(s, img, err);
	image_close(img);
	if (segments_open(s, NULL)) {
		s->nr = 0;
	} else {
		s->first = member_note(s->member);
		s->noted = true;
		segments_close(s);
	}
	return status;
}

enum crit_status segments_read(struct source *src, uint32_t ns, struct segments **out,
			       struct crit_error *err)
{
	struct segments *s = calloc(1, sizeof(*s));

	if (!s)
		return error_no_memory(err);
	s->src = src;
	s->ns = ns;
	snprintf(s->name, sizeof(s->name), "ipcns-shm-%u.img", ns);
	if (load(s, err) == CRIT_NO_MEMORY) {
		segments_free(s);
		return CRIT_NO_MEMORY;
	}
	sort(s);
	*out = s;
	return CRIT_OK;
}

void segments_free(struct segments *s)
{
	if (!s)
		return;
	segments_close(s);
	free(s->list);
	free(s);
}

const struct segment *segments_find(const struct segments *s, uint64_t id)
{
	size_t low = 0, high = s->nr;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->list[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->nr && s->list[low].id == id ? &s->list[low] : NULL;
}

enum crit_status segments_open(struct segments *s, struct crit_error *err)
{
	enum crit_status status;

	if (s->member)
		return CRIT_OK;
	status = source_open_member(s->src, s->name, &s->member, err);
	if (!status && s->noted && !member_same(s->member, &s->first)) {
		segments_close(s);
		return error_os(err, ESTALE, "%s", s->name);
	}
	return status;
}

void segments_close(struct segments *s)
{
	member_close(s->member);
	s->member = NULL;
}
