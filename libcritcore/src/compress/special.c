// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * special.c - see special.h.
 *
 * A mapping of memory of its own has its pages in the task's pagemap, under their addresses. Of
 * shared memory they are in the object's own pagemap, under offsets: the mapping's shmid names the
 * object, but that of a memfd names a file, so the objects of memfds come from memfd.img.
 */
#include "compress/special.h"

#include <stdlib.h>
#include <string.h>

#include "compress/entry.h"
#include "util/array.h"
#include "util/range.h"

enum mm_field { MM_AUXV = 13, MM_VMAS = 14 };
enum vma_field {
	VMA_START = 1,
	VMA_END = 2,
	VMA_PGOFF = 3,
	VMA_SHMID = 4,
	VMA_FLAGS = 6,
	VMA_STATUS = 7,
};
enum memfd_field { MEMFD_SHMID = 5, MEMFD_HUGETLB = 8 };

enum {
	AT_PAGESZ_KEY = 6,
	MAP_IS_SHARED = 1,
	// MAP_HUGETLB is 0x40000, on MIPS 0x80000, where 0x40000 is a stack. Pages that stay raw
	// without need do no harm.
	MAP_IS_HUGE = 0x40000 | 0x80000,
	STATUS_SHARED = 1 << 7 | 1 << 8 | 1 << 10, // file, anonymous, SysV
	STATUS_MEMFD = 1 << 14,
	STATUS_PLUGIN = 1 << 27,
};

struct reader {
	struct source *src;
	struct special *out;
	struct crit_error *err;
	enum crit_status status;
};

bool image_number(const char *name, const char *prefix, uint64_t *out)
{
	size_t len = strlen(prefix), digits;
	uint64_t value = 0;

	if (strncmp(name, prefix, len))
		return false;
	digits = strspn(name + len, "0123456789");
	if (!digits || strcmp(name + len + digits, ".img"))
		return false;
	for (size_t i = 0; i < digits; i++)
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(name[len + i] - '0'), &value))
			return false;
	*out = value;
	return true;
}

static enum crit_status add_range(struct reader *r, bool shared, uint64_t id, uint64_t start,
				  uint64_t end)
{
	struct special *s = r->out;

	if (!array_grow(&s->ranges, s->nr, &s->cap, sizeof(*s->ranges)))
		return error_no_memory(r->err);
	s->ranges[s->nr++] = (struct special_range){ shared, id, start, end };
	return CRIT_OK;
}

static enum crit_status read_vma(struct reader *r, const char *image, uint64_t id,
				 const struct record *rec, const struct wire_field *vma)
{
	uint64_t flags = wire_get_uint(vma->data, vma->len, VMA_FLAGS, 0);
	uint64_t status = wire_get_uint(vma->data, vma->len, VMA_STATUS, 0);
	uint64_t start = wire_get_uint(vma->data, vma->len, VMA_START, 0);
	uint64_t end = wire_get_uint(vma->data, vma->len, VMA_END, 0);
	uint64_t pgoff = wire_get_uint(vma->data, vma->len, VMA_PGOFF, 0);
	uint64_t shared_end;

	if (!(flags & MAP_IS_HUGE) && !(status & STATUS_PLUGIN))
		return CRIT_OK;
	if (end <= start || __builtin_add_overflow(pgoff, end - start, &shared_end))
		return error_at(r->err, CRIT_CORRUPT, image, rec->off,
				"a mapping from 0x%llx to 0x%llx in the record",
				(unsigned long long)start, (unsigned long long)end);
	if (!(flags & MAP_IS_SHARED) && !(status & STATUS_SHARED))
		return add_range(r, false, id, start, end);
	if (status & STATUS_MEMFD)
		return CRIT_OK;
	return add_range(r, true, wire_get_uint(vma->data, vma->len, VMA_SHMID, 0), pgoff,
			 shared_end);
}

static enum crit_status set_page_size(struct reader *r, const char *image,
				      const struct record *rec, uint64_t size)
{
	if (size < MIN_PAGE_SIZE || size > MAX_PAGE_SIZE || (size & (size - 1)))
		return error_at(r->err, CRIT_UNSUPPORTED, image, rec->off,
				"pages of %llu bytes in the record", (unsigned long long)size);
	if (r->out->page_size && r->out->page_size != size)
		return error_at(r->err, CRIT_CORRUPT, image, rec->off,
				"pages of %llu bytes, elsewhere of %u, in the record",
				(unsigned long long)size, r->out->page_size);
	r->out->page_size = (uint32_t)size;
	return CRIT_OK;
}

/* Where a page size was seen in an auxiliary vector. */
struct auxv {
	size_t nr;
	uint64_t last, pair, packed;
};

/** Key and value are two numbers; a 32-bit x86 task has them in the halves of one. */
static void read_auxv(struct auxv *a, uint64_t value)
{
	uint64_t high = value >> 32;

	if (a->nr++ % 2 && a->last == AT_PAGESZ_KEY)
		a->pair = value;
	if ((uint32_t)value == AT_PAGESZ_KEY && high >= MIN_PAGE_SIZE && high <= MAX_PAGE_SIZE)
		a->packed = high;
	a->last = value;
}

static enum crit_status read_mm(struct reader *r, const char *image, uint64_t id,
				const struct record *rec)
{
	struct wire w = { rec->data, rec->data + rec->len };
	enum crit_status status = CRIT_OK;
	struct auxv auxv = { 0 };
	struct wire_field f;

	while (!status && w.p < w.end) {
		if (!wire_next(&w, &f))
			return error_at(r->err, CRIT_CORRUPT, image, rec->off,
					"not a sound mm_entry");
		if (f.number == MM_VMAS && f.type == WIRE_LEN)
			status = read_vma(r, image, id, rec, &f);
		if (f.number == MM_AUXV && f.type == WIRE_VARINT)
			read_auxv(&auxv, f.value);
	}
	if (status || (!auxv.pair && !auxv.packed))
		return status;
	return set_page_size(r, image, rec, auxv.pair ? auxv.pair : auxv.packed);
}

static enum crit_status read_memfd(struct reader *r, const struct record *rec)
{
	uint64_t shmid = wire_get_uint(rec->data, rec->len, MEMFD_SHMID, 0);

	// When it is there, 0 means huge pages of the default size.
	if (wire_get_uint(rec->data, rec->len, MEMFD_HUGETLB, UINT64_MAX) == UINT64_MAX)
		return CRIT_OK;
	return add_range(r, true, shmid, 0, UINT64_MAX);
}

static bool read_image(void *ctx, const char *name)
{
	struct reader *r = ctx;
	bool memfd = !strcmp(name, "memfd.img");
	struct image *img = NULL;
	struct record rec;
	uint64_t id = 0;

	if (!memfd && !image_number(name, "mm-", &id))
		return true;
	r->status = image_open(r->src, name, memfd ? (enum image_magic)IMG_MEMFD_INODE : IMG_MM,
			       &img, r->err);
	while (!r->status && !(r->status = image_next(img, &rec, r->err)))
		r->status = memfd ? read_memfd(r, &rec) : read_mm(r, name, id, &rec);
	if (img && r->status == CRIT_NOT_FOUND)
		r->status = CRIT_OK; // the end
	image_close(img);
	return !r->status;
}

static int compare(const void *left, const void *right)
{
	const struct special_range *a = left, *b = right;

	if (a->shared != b->shared)
		return a->shared ? 1 : -1;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return (a->start > b->start) - (a->start < b->start);
}

/** Sort, and make one of ranges of the same image that touch. */
static void merge(struct special *s)
{
	size_t nr = 0;

	if (s->nr)
		qsort(s->ranges, s->nr, sizeof(*s->ranges), compare);
	for (size_t i = 0; i < s->nr; i++) {
		const struct special_range *next = &s->ranges[i];
		struct special_range *last = nr ? &s->ranges[nr - 1] : NULL;

		if (!last || last->shared != next->shared || last->id != next->id ||
		    last->end < next->start)
			s->ranges[nr++] = *next;
		else if (last->end < next->end)
			last->end = next->end;
	}
	s->nr = nr;
}

enum crit_status special_read(struct source *src, struct special *out, struct crit_error *err)
{
	struct special s = { 0 };
	struct reader r = { .src = src, .out = &s, .err = err };
	enum crit_status status = source_each(src, read_image, &r, err);

	if (!status)
		status = r.status;
	if (status) {
		special_deinit(&s);
		return status;
	}
	merge(&s);
	*out = s;
	return CRIT_OK;
}

void special_deinit(struct special *s)
{
	free(s->ranges);
	memset(s, 0, sizeof(*s));
}

struct special_view special_of(const struct special *s, bool shared, uint64_t id)
{
	struct special_view view = { 0 };

	for (size_t i = 0; i < s->nr; i++) {
		if (s->ranges[i].shared != shared || s->ranges[i].id != id)
			continue;
		if (!view.nr++)
			view.ranges = &s->ranges[i];
	}
	return view;
}

static bool overlaps(const struct special_view *v, uint64_t start, uint64_t end)
{
	size_t i = RANGE_FIND(v->ranges, v->nr, end, start);

	return i < v->nr && v->ranges[i].start < end;
}

bool special_overlaps(const struct special_view *v, uint64_t start, uint64_t end)
{
	if (!v->nr)
		return false;
	if (overlaps(v, start, end))
		return true;
	// CRIU on 32-bit x86 sign-extends the addresses of pagemaps.
	return start >> 32 == UINT32_MAX &&
	       overlaps(v, (uint32_t)start, (uint32_t)start + (end - start));
}
