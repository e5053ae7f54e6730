// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * tar_sparse.c - where the bytes of a sparse file are. Its contents are the pieces that are not
 * holes, one behind the other; a map says where in the file each belongs. It is
 *
 *	old GNU		in the header (type S): 4 entries at 386, at 482 whether blocks with 21 more
 *			follow, at 483 the file's size
 *	GNU.sparse 0.x	in the extended header: see tar_pax.c
 *	GNU.sparse 1.0	lines in front of the contents: how many, then offset and length of each,
 *			filled up to a whole block
 *
 * An entry of no bytes says where the file ends and is dropped.
 */
#include <string.h>

#include "archive/tar_impl.h"
#include "util/array.h"

enum { ENTRY = 24, IN_HEADER = 4, IN_BLOCK = 21 };
enum { AT = 386, MORE_AT = 482, REAL_AT = 483, MORE_IN_BLOCK = 504 };

enum crit_status tar_sparse_add(struct tar_walk *w, uint64_t start, uint64_t len,
				struct crit_error *err)
{
	uint64_t last = w->nr_pieces ? w->pieces[w->nr_pieces - 1].end : 0;
	struct tar_piece *piece;

	if (start < last || len > INT64_MAX || start > INT64_MAX - len)
		return tar_bad(w, CRIT_CORRUPT, err, "a sparse map out of order");
	if (!len)
		return CRIT_OK;
	if (w->nr_pieces && start == last) {
		w->pieces[w->nr_pieces - 1].end += len;
		return CRIT_OK;
	}
	if (w->all_pieces + w->nr_pieces >= TAR_PIECES)
		return tar_bad(w, CRIT_NO_MEMORY, err, "sparse maps of more than %d entries",
			       TAR_PIECES);
	if (!array_grow(&w->pieces, w->nr_pieces, &w->cap_pieces, sizeof(*piece)))
		return error_no_memory(err);
	piece = &w->pieces[w->nr_pieces++];
	*piece = (struct tar_piece){ .start = start, .end = start + len };
	return CRIT_OK;
}

static enum crit_status take_entries(struct tar_walk *w, const uint8_t *at, size_t nr,
				     struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	for (; !status && nr && at[0]; nr--, at += ENTRY) {
		uint64_t start, len;

		if (!tar_number(at, 12, &start) || !tar_number(at + 12, 12, &len))
			return tar_bad(w, CRIT_CORRUPT, err, "a sparse map with a bad number");
		status = tar_sparse_add(w, start, len, err);
	}
	return status;
}

enum crit_status tar_sparse_old(struct tar_walk *w, uint64_t *real_size, struct crit_error *err)
{
	const uint8_t *block = tar_bytes(w, w->header, TAR_BLOCK, err);
	enum crit_status status;
	bool more;

	if (!block)
		return CRIT_CORRUPT;
	if (!tar_number(block + REAL_AT, 12, real_size))
		return tar_bad(w, CRIT_CORRUPT, err, "a size that is no number");
	more = block[MORE_AT];
	status = take_entries(w, block + AT, IN_HEADER, err);
	while (!status && more) {
		block = tar_bytes(w, w->at, TAR_BLOCK, err);
		if (!block)
			return CRIT_CORRUPT;
		w->at += TAR_BLOCK;
		more = block[MORE_IN_BLOCK];
		status = take_entries(w, block, IN_BLOCK, err);
	}
	return status;
}

/** The number on the next line at *at. */
static enum crit_status take_line(struct tar_walk *w, uint64_t *at, uint64_t stop, uint64_t *out,
				  struct crit_error *err)
{
	size_t room = stop - *at < 24 ? (size_t)(stop - *at) : 24;
	const uint8_t *text = room ? tar_bytes(w, *at, room, err) : NULL;
	const uint8_t *end = text ? memchr(text, '\n', room) : NULL;

	if (room && !text)
		return CRIT_CORRUPT;
	if (!end || !tar_decimal((const char *)text, (size_t)(end - text), out))
		return tar_bad(w, CRIT_CORRUPT, err, "a sparse map with a bad number");
	*at += (uint64_t)(end - text) + 1;
	return CRIT_OK;
}

enum crit_status tar_sparse_in_data(struct tar_walk *w, uint64_t stored, uint64_t *map_len,
				    struct crit_error *err)
{
	uint64_t at = w->at, stop = w->at + stored, nr, start, len;
	enum crit_status status;

	w->nr_pieces = 0;
	status = take_line(w, &at, stop, &nr, err);
	while (!status && nr--) {
		status = take_line(w, &at, stop, &start, err);
		if (!status)
			status = take_line(w, &at, stop, &len, err);
		if (!status)
			status = tar_sparse_add(w, start, len, err);
	}
	*map_len = (at - w->at + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
	if (!status && *map_len > stored)
		status = tar_bad(w, CRIT_CORRUPT, err, "a sparse map that is cut");
	return status;
}

enum crit_status tar_sparse_place(struct tar_walk *w, uint64_t off, uint64_t stored,
				  uint64_t real_size, struct crit_error *err)
{
	uint64_t all = 0;

	for (size_t i = 0; i < w->nr_pieces; i++) {
		w->pieces[i].off = w->span.start + off + all;
		all += w->pieces[i].end - w->pieces[i].start;
		if (all > stored)
			break;
	}
	if (all != stored)
		return tar_bad(w, CRIT_CORRUPT, err,
			       "a sparse map that is not of its %llu bytes",
			       (unsigned long long)stored);
	if (w->nr_pieces && w->pieces[w->nr_pieces - 1].end > real_size)
		return tar_bad(w, CRIT_CORRUPT, err, "a sparse map beyond its %llu bytes",
			       (unsigned long long)real_size);
	w->all_pieces += w->nr_pieces;
	return CRIT_OK;
}
