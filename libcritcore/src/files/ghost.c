// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ghost.c - ghost-file-N.img, N in hex: a file that was deleted while it was open or mapped.
 *
 *	plain    = ghost_file_entry, all bytes of the file up to the end of the image
 *	chunked  = ghost_file_entry, { ghost_chunk_entry, its bytes }     since CRIU 3.3
 *
 * Of a chunked one the head has the size; what no chunk covers was a hole of the file and reads as
 * zeros. Several records of files.img may be kept in one image: they were hard links. An image that
 * breaks any of its promises is not used at all: which of its bytes are right nobody knows.
 */
#include "files/files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.pb-c.h"
#include "util/array.h"
#include "util/range.h"

enum { MAX_CHUNKS = 1 << 20, RECORD_SIZE_LEN = 4 };

enum crit_status ghost_add(struct files *files, size_t *cap, uint32_t id,
			   struct crit_error *err)
{
	struct ghost *ghost;

	if (!array_grow(&files->ghosts, files->nr_ghosts, cap, sizeof(*files->ghosts)))
		return error_no_memory(err);
	ghost = &files->ghosts[files->nr_ghosts++];
	memset(ghost, 0, sizeof(*ghost));
	ghost->id = id;
	snprintf(ghost->name, sizeof(ghost->name), "ghost-file-%x.img", id);
	return CRIT_OK;
}

static int compare_ghosts(const void *a, const void *b)
{
	uint32_t ia = ((const struct ghost *)a)->id, ib = ((const struct ghost *)b)->id;

	return (ia > ib) - (ia < ib);
}

void ghost_index(struct files *files)
{
	size_t nr = 0;

	if (!files->nr_ghosts)
		return;
	qsort(files->ghosts, files->nr_ghosts, sizeof(*files->ghosts), compare_ghosts);
	for (size_t i = 1; i < files->nr_ghosts; i++)
		if (files->ghosts[i].id != files->ghosts[nr].id)
			files->ghosts[++nr] = files->ghosts[i];
	files->nr_ghosts = nr + 1;
}

void ghosts_free(struct files *files)
{
	for (size_t i = 0; i < files->nr_ghosts; i++) {
		free(files->ghosts[i].problem);
		free(files->ghosts[i].chunks);
	}
	free(files->ghosts);
	files->ghosts = NULL;
	files->nr_ghosts = 0;
}

static enum crit_status add_chunk(struct ghost *ghost, size_t *cap, uint64_t start, uint64_t len,
				  uint64_t off, struct crit_error *err)
{
	struct ghost_chunk *chunk;

	if (!len)
		return CRIT_OK; // an extent that begins where the file ends
	if (ghost->nr_chunks == MAX_CHUNKS)
		return error_set(err, CRIT_NO_MEMORY, "%s: more than %d chunks", ghost->name,
				 MAX_CHUNKS);
	if (!array_grow(&ghost->chunks, ghost->nr_chunks, cap, sizeof(*ghost->chunks)))
		return error_no_memory(err);
	chunk = &ghost->chunks[ghost->nr_chunks++];
	chunk->start = start;
	chunk->end = start + len;
	chunk->off = off;
	return CRIT_OK;
}

/** How many bytes the image has from @p off on. */
static uint64_t bytes_from(const struct ghost *ghost, uint64_t off)
{
	uint64_t size = ghost->first.size;

	return size > off ? size - off : 0; // it may be another one than was read before
}

/** One chunk's head, and @p rec moved behind its bytes. */
static enum crit_status take_chunk(struct ghost *ghost, size_t *cap, struct record *rec,
				   const Criu__GhostChunkEntry *chunk, struct crit_error *err)
{
	uint64_t off = rec->off + RECORD_SIZE_LEN + rec->len;

	if (chunk->len > ghost->size || chunk->off > ghost->size - chunk->len)
		return error_at(err, CRIT_CORRUPT, ghost->name, rec->off,
				"%llu bytes at %llu of a file of %llu",
				(unsigned long long)chunk->len, (unsigned long long)chunk->off,
				(unsigned long long)ghost->size);
	if (chunk->len > bytes_from(ghost, off))
		return error_at(err, CRIT_CORRUPT, ghost->name, off,
				"the image ends in the middle of a chunk of %llu bytes",
				(unsigned long long)chunk->len);
	rec->off = off + chunk->len;
	rec->index++;
	return add_chunk(ghost, cap, chunk->off, chunk->len, off, err);
}

static int compare_chunks(const void *a, const void *b)
{
	const struct ghost_chunk *ca = a, *cb = b;

	return (ca->start > cb->start) - (ca->start < cb->start);
}

static enum crit_status sort_chunks(struct ghost *ghost, struct crit_error *err)
{
	if (ghost->nr_chunks)
		qsort(ghost->chunks, ghost->nr_chunks, sizeof(*ghost->chunks), compare_chunks);
	for (size_t i = 1; i < ghost->nr_chunks; i++)
		if (ghost->chunks[i].start < ghost->chunks[i - 1].end)
			return error_at(err, CRIT_CORRUPT, ghost->name, ghost->chunks[i].off,
					"two chunks have byte %llu of the file,",
					(unsigned long long)ghost->chunks[i].start);
	return CRIT_OK;
}

static enum crit_status read_chunks(struct ghost *ghost, struct image *img, struct arena *arena,
				    struct crit_error *err)
{
	enum crit_status status;
	struct record rec;
	size_t cap = 0;

	while (!(status = image_next(img, &rec, err))) {
		Criu__GhostChunkEntry *chunk;

		arena_reset(arena, image_decode_limit(rec.len));
		status = record_decode(&rec, ghost->name, &criu__ghost_chunk_entry__descriptor,
				       arena, &chunk, err);
		if (!status)
			status = take_chunk(ghost, &cap, &rec, chunk, err);
		if (status)
			return status;
		image_seek(img, &rec);
	}
	return status == CRIT_NOT_FOUND ? sort_chunks(ghost, err) : status;
}

/** The bytes of a plain one, which begin at @p off. */
static enum crit_status take_rest(struct ghost *ghost, const Criu__GhostFileEntry *head,
				  uint64_t off, struct crit_error *err)
{
	size_t cap = 0;

	ghost->size = bytes_from(ghost, off);
	if (head->has_size && head->size != ghost->size)
		return error_at(err, CRIT_CORRUPT, ghost->name, off,
				"%llu bytes of a file of %llu", (unsigned long long)ghost->size,
				(unsigned long long)head->size);
	return add_chunk(ghost, &cap, 0, ghost->size, off, err);
}

static enum crit_status read_image(struct ghost *ghost, struct image *img, struct arena *arena,
				   struct crit_error *err)
{
	Criu__GhostFileEntry *head;
	enum crit_status status;
	struct record rec;

	status = image_next(img, &rec, err);
	if (status == CRIT_NOT_FOUND)
		return error_set(err, CRIT_CORRUPT, "%s: no record", ghost->name);
	if (status)
		return status;
	arena_reset(arena, image_decode_limit(rec.len));
	status = record_decode(&rec, ghost->name, &criu__ghost_file_entry__descriptor, arena, &head,
			       err);
	if (status)
		return status;
	if (!S_ISREG(head->mode))
		return error_at(err, CRIT_CORRUPT, ghost->name, rec.off,
				"it is not of a regular file (mode 0%o),", head->mode);
	if (!head->has_chunks || !head->chunks)
		return take_rest(ghost, head, rec.off + RECORD_SIZE_LEN + rec.len, err);
	if (!head->has_size || head->size > INT64_MAX)
		return error_at(err, CRIT_CORRUPT, ghost->name, rec.off,
				"chunks without the size of the file,");
	ghost->size = head->size;
	return read_chunks(ghost, img, arena, err);
}

static enum crit_status load(struct files *files, struct ghost *ghost,
			     struct crit_error *err)
{
	struct image *img = NULL;
	struct member *m = NULL;
	struct arena arena;
	enum crit_status status;

	status = image_open(files->src, ghost->name, IMG_GHOST_FILE, &img, err);
	if (status)
		return status;
	status = source_open_member(files->src, ghost->name, &m, err);
	if (!status)
		ghost->first = member_note(m);
	member_close(m);
	arena_init(&arena, 0);
	if (!status)
		status = read_image(ghost, img, &arena, err);
	arena_deinit(&arena);
	image_close(img);
	return status;
}

struct ghost *ghost_find(struct files *files, uint32_t id)
{
	struct ghost key = { .id = id }, *ghost = NULL;
	struct crit_error err;

	if (files->nr_ghosts)
		ghost = bsearch(&key, files->ghosts, files->nr_ghosts, sizeof(key), compare_ghosts);
	if (!ghost || ghost->loaded)
		return ghost;
	ghost->loaded = true;
	ghost->sound = !load(files, ghost, &err);
	if (!ghost->sound) {
		ghost->problem = strdup(err.message);
		free(ghost->chunks);
		ghost->chunks = NULL;
		ghost->nr_chunks = 0;
	}
	return ghost;
}

void ghost_locate(const struct ghost *ghost, uint64_t off, uint64_t end, struct crit_origin *out)
{
	size_t i = ghost->nr_chunks ? RANGE_FIND(ghost->chunks, ghost->nr_chunks, end, off) : 0;
	const struct ghost_chunk *chunk = i < ghost->nr_chunks ? &ghost->chunks[i] : NULL;

	if (chunk && chunk->start <= off) {
		out->kind = CRIT_ORIGIN_IMAGE;
		out->source = ghost->name;
		out->off = chunk->off + (off - chunk->start);
		origin_narrow(out, out->vaddr + (chunk->end - off));
		return;
	}
	out->kind = CRIT_ORIGIN_ZERO;
	origin_narrow(out, out->vaddr + ((chunk ? chunk->start : end) - off));
}
