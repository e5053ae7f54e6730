// SPDX-License-Identifier: LGPL-2.1-or-later
/* pages_file.c - see pages_file.h. */
#include "pages/pages_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * Who reads a few bytes here and there thousands of times gets them three times as fast out of a
 * mapping. A debugger asks less often, and its process need not grow.
 */
enum { MAP_AFTER = 4096, MAX_MAPS = 64 };

enum { MIN_HOLE = 4096 }; /* bytes: no file system has smaller ones */

void pages_file_init(struct pages_file *file, struct chain *chain, struct source *src,
		     uint32_t pages_id)
{
	memset(file, 0, sizeof(*file));
	file->chain = chain;
	file->src = src;
	snprintf(file->name, sizeof(file->name), "pages-%u.img", pages_id);
}

static void close_member(struct pages_file *file)
{
	member_close(file->member);
	file->member = NULL;
}

void pages_file_deinit(struct pages_file *file)
{
	for (size_t i = 0; i < MAX_OPEN_PAGES; i++)
		if (file->chain && file->chain->open[i] == file)
			file->chain->open[i] = NULL;
	close_member(file);
	guard_unmap(file->map);
	if (file->chain)
		window_close(&file->chain->window, file);
}

/** The file that was opened longest ago makes room. */
static void keep_open(struct pages_file *file, struct member *member)
{
	struct chain *chain = file->chain;
	struct pages_file **slot = &chain->open[chain->next_open++ % MAX_OPEN_PAGES];

	if (*slot)
		close_member(*slot);
	*slot = file;
	file->member = member;
}

static enum crit_status open_again(struct pages_file *file, struct crit_error *err)
{
	struct member *member;
	enum crit_status status;

	if (file->member)
		return CRIT_OK;
	status = source_open_member(file->src, file->name, &member, err);
	if (status)
		return status;
	if (file->tried && !member_same(member, &file->first)) {
		member_close(member);
		return error_os(err, ESTALE, "%s", file->name);
	}
	keep_open(file, member);
	return CRIT_OK;
}

static bool is_there(struct pages_file *file)
{
	enum crit_status status;

	if (file->tried)
		return !file->why;
	status = open_again(file, NULL);
	if (status) {
		file->why = status == CRIT_NOT_FOUND ? CRIT_WHY_NO_PAGES
						     : CRIT_WHY_PAGES_UNREADABLE;
	} else {
		file->first = member_note(file->member);
	}
	file->tried = true;
	return !file->why;
}

/** Is there a hole at @p off? It, or what is not one, goes up to @p end. */
static bool is_hole(struct pages_file *file, uint64_t off, uint64_t *end)
{
	uint64_t hole, hole_end;

	*end = file->first.size;
	if (!file->first.has_holes)
		return false;
	if (off < file->known.start || off >= file->known.end) {
		if (open_again(file, NULL))
			return false; // reading it will say why
		hole = member_next_hole(file->member, off, &hole_end);
		file->known.start = off;
		file->known.hole = hole == off;
		file->known.end = hole == off ? hole_end : hole;
	}
	*end = file->known.end;
	return file->known.hole;
}

void pages_file_locate(struct pages_file *file, struct crit_origin *out)
{
	uint64_t end;

	out->source = file->name;
	if (!is_there(file)) {
		origin_unavailable(out, file->why);
		return;
	}
	if (out->off >= file->first.size) {
		origin_unavailable(out, CRIT_WHY_PAGES_SHORT);
		return;
	}
	if (is_hole(file, out->off, &end))
		origin_unavailable(out, CRIT_WHY_PUNCHED);
	else
		out->kind = CRIT_ORIGIN_IMAGE;
	origin_limit(out, end - out->off);
}

uint64_t pages_file_data_end(struct pages_file *file, uint64_t off)
{
	uint64_t end;

	if (!is_there(file) || off >= file->first.size || is_hole(file, off, &end))
		return off;
	return end;
}

void pages_file_locate_all(struct pages_file *file, uint64_t len, struct crit_origin *out)
{
	out->source = file->name;
	if (!is_there(file))
		origin_unavailable(out, file->why);
	else if (file->first.size < len || out->off > file->first.size - len)
		origin_unavailable(out, CRIT_WHY_PAGES_SHORT);
	else if (pages_file_data_end(file, out->off) - out->off < len)
		origin_unavailable(out, CRIT_WHY_PUNCHED);
	else
		out->kind = CRIT_ORIGIN_IMAGE;
}

static bool has_bytes(const struct pages_file *file, uint64_t off, size_t len)
{
	return off <= file->first.size && len <= file->first.size - off;
}

/** Map the file, when it is worth while; its descriptor is open. */
static void consider_map(struct pages_file *file)
{
	uint64_t size = file->first.size, off;
	int fd;

	if (++file->nr_small < MAP_AFTER || file->map || file->chain->nr_maps == MAX_MAPS ||
	    !size || size > SIZE_MAX / 2)
		return;
	file->nr_small = 0;
	if (member_in_file(file->member, 0, size, &fd, &off) &&
	    !guard_map(fd, off, (size_t)size, &file->map, NULL))
		file->chain->nr_maps++;
	else
		file->map = NULL;
}

/** False: read it the other way, which also says what is wrong, if something is. */
static bool read_mapped(struct pages_file *file, uint64_t off, void *buf, size_t len)
{
	if (!file->map || len >= WINDOW_FROM || !has_bytes(file, off, len))
		return false;
	memcpy(buf, (const uint8_t *)guard_data(file->map) + off, len);
	if (guard_intact(file->map))
		return true;
	guard_unmap(file->map);
	file->map = NULL;
	file->chain->nr_maps--;
	return false;
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
	return !bytes[0] && !memcmp(bytes, bytes + 1, len - 1);
}

/** May some of the bytes be zeros of a page that was punched out since the file was opened? Where
 *  the holes were then is known. Where they are now does not tell all: a hole of tmpfs that was
 *  read through a mapping is none any more. So no zeros of a file that was modified are
 *  believed. */
static bool met_hole(struct pages_file *file, uint64_t off, const uint8_t *bytes, size_t len)
{
	size_t part;

	for (size_t at = 0; at < len; at += part) {
		part = MIN_HOLE - (size_t)((off + at) % MIN_HOLE);
		if (part > len - at)
			part = len - at;
		if (is_zero(bytes + at, part))
			return open_again(file, NULL) ||
			       member_modified(file->member, &file->first);
	}
	return false;
}

/** False: read it the other way. */
static bool read_window(struct pages_file *file, uint64_t off, void *buf, size_t len)
{
	uint64_t start;
	int fd;

	if (!has_bytes(file, off, len) ||
	    !member_in_file(file->member, 0, file->first.size, &fd, &start))
		return false;
	return window_read(&file->chain->window, file, fd, start + file->first.size, start + off,
			   buf, len);
}

static enum crit_status read_bytes(struct pages_file *file, uint64_t off, void *buf, size_t len,
				   struct crit_error *err)
{
	enum crit_status status;

	if (read_mapped(file, off, buf, len))
		return CRIT_OK;
	status = open_again(file, err);
	if (status)
		return status;
	if (len < WINDOW_FROM)
		consider_map(file);
	else if (read_window(file, off, buf, len))
		return CRIT_OK;
	return member_read(file->member, off, buf, len, err);
}

/** Somebody deduplicates meanwhile. From now on it is known that there are holes. */
static void expect_holes(struct pages_file *file)
{
	file->first.has_holes = true;
	if (file->member)
		file->member->has_holes = true;
	file->known.end = file->known.start = 0;
}

bool pages_file_modified(struct pages_file *file)
{
	if (!open_again(file, NULL) && !member_modified(file->member, &file->first))
		return false;
	expect_holes(file);
	return true;
}

enum crit_status pages_file_read(struct pages_file *file, uint64_t off, void *buf, size_t len,
				 struct crit_error *err)
{
	enum crit_status status = read_bytes(file, off, buf, len, err);

	if (status || !len || !met_hole(file, off, buf, len))
		return status;
	expect_holes(file);
	return error_at(err, CRIT_CORRUPT, file->name, off, "bytes were punched out meanwhile,");
}

bool pages_file_place(struct pages_file *file, uint64_t off, uint64_t len, int *fd,
		      uint64_t *file_off)
{
	return !open_again(file, NULL) && member_in_file(file->member, off, len, fd, file_off);
}
