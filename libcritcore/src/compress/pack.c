// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pack.c - compressing the pages of one pagemap: pack_pages(). Layout as in FORMAT.md.
 *
 *	claim    the next blocks of the old pages image, a CHUNK or one block
 *	work     read them, find zeros, compress
 *	place    give each its offset; entries that are complete go into the new pagemap
 *	write
 *
 * Two readers go through the pagemap: the plan is ahead, the one that writes records follows.
 *
 * Runs of pages with holes in the file are left as they are, holes included: deduplication punches
 * pages out of a parent, and compressing what reads as zeros there would make them real zeros.
 */
#include <lz4.h>
#include <stdlib.h>

#include "compress/pages.h"

/* A block of a job. */
struct block {
	uint32_t len;	 /* of its memory */
	uint32_t stored; /* 0: zeros; len: raw */
	uint64_t off;	 /* in the new pages image */
	bool stay_raw;
	bool last;	 /* of its entry */
};

struct job {
	uint64_t in_off;
	size_t len; /* in the old pages image */
	size_t nr;
	struct block blocks[MAX_CHUNK_BLOCKS];
	bool copy; /* blocks[0] stands for pages with holes */
	uint64_t copy_len;
	uint8_t *in, *out;
	struct iovec iov[2 * MAX_CHUNK_BLOCKS];
};

struct packer {
	struct pages *pages;
	struct special_view special;
	uint64_t hole, hole_end; /* the next one at or behind in_off */
	bool keep;		 /* the plan's entry has holes */

	struct image *follow; /* the pagemap, for writing records */
	struct record rec;
	struct entry entry;
	bool in_entry, started, aligned, all_raw;
	struct buf sizes;
	uint64_t len;	  /* of memory that was placed */
	uint64_t payload; /* what it takes */
};

enum {
	COPY_LEN = 4 * 1024 * 1024,
	MAX_RECORD_LEN = 64 * 1024 * 1024, // that image.c reads
	MAX_HELD_RECORDS = 64 * 1024,
};

static const uint8_t zeros[MAX_PAGE_SIZE];

static bool all_zero(const uint8_t *p, size_t len)
{
	return !p[0] && !p[len - 1] && !memcmp(p, p + 1, len - 1);
}

/* ---- the plan ------------------------------------------------------------------------------- */

/** Does the entry that starts at in_off have holes? */
static bool has_holes(struct packer *k)
{
	struct pages *p = k->pages;

	if (k->hole_end <= p->in_off)
		k->hole = member_next_hole(p->old_pages.member, p->in_off, &k->hole_end);
	return k->hole < p->in_off + p->entry.payload;
}

/** Go to an entry with pages, if there are none left of this one. */
static enum crit_status plan_entry(struct packer *k, struct crit_error *err)
{
	struct pages *p = k->pages;

	while (!p->left) {
		enum crit_status status = pages_next_entry(p, err);

		if (status)
			return status;
		k->keep = p->left && has_holes(k);
		if (k->keep && !p->entry.has_flags)
			return error_at(err, CRIT_UNSUPPORTED, p->pair->pagemap, p->rec.off,
					"record %zu: pages punched out of an old image",
					p->rec.index);
	}
	return CRIT_OK;
}

static void claim_copy(struct packer *k, struct job *job)
{
	struct pages *p = k->pages;
	uint64_t nr_pages = COPY_LEN / p->page_size;

	if (nr_pages > p->left)
		nr_pages = p->left;
	job->copy = true;
	job->nr = 1;
	job->copy_len = nr_pages * p->page_size;
	p->nr_kept += nr_pages;
	p->left -= nr_pages;
	p->in_off += job->copy_len;
	job->blocks[0].last = !p->left;
}

static void claim_block(struct packer *k, struct job *job)
{
	struct pages *p = k->pages;
	uint64_t full = p->options->block_len / p->page_size;
	uint64_t nr_pages = p->left < full ? p->left : full;
	uint64_t start = p->entry.vaddr + (p->entry.nr_pages - p->left) * p->page_size;
	uint32_t len = (uint32_t)nr_pages * p->page_size;

	p->left -= nr_pages;
	p->in_off += len;
	job->len += len;
	job->blocks[job->nr++] = (struct block){
		.len = len,
		.stay_raw = special_overlaps(&k->special, start, start + len),
		.last = !p->left,
	};
}

static enum crit_status claim(void *ctx, void *arg, bool *more, struct crit_error *err)
{
	struct packer *k = ctx;
	struct pages *p = k->pages;
	struct job *job = arg;
	enum crit_status status = CRIT_OK;

	job->in_off = p->in_off;
	job->len = job->nr = 0;
	job->copy = false;
	while (!job->copy && job->nr < MAX_CHUNK_BLOCKS &&
	       (!job->nr || job->len + p->options->block_len <= CHUNK)) {
		status = plan_entry(k, err);
		if (status || (k->keep && job->nr))
			break;
		if (k->keep)
			claim_copy(k, job);
		else
			claim_block(k, job);
	}
	*more = job->nr;
	return status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

/* ---- the work ------------------------------------------------------------------------------- */

static enum crit_status make_room(struct job *job, uint32_t block_len, struct crit_error *err)
{
	size_t len = block_len > CHUNK ? block_len : CHUNK;

	if (!job->in)
		job->in = malloc(len);
	if (!job->out)
		job->out = malloc(len + (size_t)LZ4_compressBound((int)block_len));
	return job->in && job->out ? CRIT_OK : error_no_memory(err);
}

/** @return bytes at @p out; block->len: keep it raw. */
static uint32_t compress(const struct block *block, const uint8_t *in, uint8_t *out,
			 int acceleration)
{
	int len;

	if (all_zero(in, block->len))
		return 0;
	if (block->stay_raw)
		return block->len;
	len = LZ4_compress_fast((const char *)in, (char *)out, (int)block->len,
				LZ4_compressBound((int)block->len), acceleration);
	// CRIU's rule: an eighth must be saved.
	return len <= 0 || (uint32_t)len >= block->len / 8 * 7 ? block->len : (uint32_t)len;
}

static enum crit_status work(void *ctx, void *arg, struct crit_error *err)
{
	const struct packer *k = ctx;
	const struct pages *p = k->pages;
	struct job *job = arg;
	enum crit_status status = make_room(job, p->options->block_len, err);
	const uint8_t *in = job->in;
	uint8_t *out = job->out;

	if (status || job->copy)
		return status;
	status = member_read(p->old_pages.member, job->in_off, job->in, job->len, err);
	for (size_t i = 0; !status && i < job->nr; i++) {
		struct block *block = &job->blocks[i];

		block->stored = compress(block, in, out, p->options->acceleration);
		in += block->len;
		if (block->stored < block->len)
			out += block->stored;
	}
	return status;
}

/* ---- the order ------------------------------------------------------------------------------ */

/** Go to the record of the next entry with pages; the others are copied. */
static enum crit_status follow_entry(struct packer *k, struct crit_error *err)
{
	struct pages *p = k->pages;
	bool big_endian = image_big_endian(k->follow);
	enum crit_status status;

	while (!(status = image_next(k->follow, &k->rec, err))) {
		status = entry_read_sound(&k->rec, p->pair->pagemap, p->page_size, &k->entry, err);
		if (status || entry_present(&k->entry))
			break;
		entry_add_copy(&p->records, &k->rec, big_endian);
	}
	k->in_entry = !status;
	k->started = k->aligned = false;
	k->all_raw = true;
	k->len = k->payload = 0;
	buf_clear(&k->sizes);
	return status;
}

static enum crit_status changed(const struct packer *k, struct crit_error *err)
{
	return error_set(err, CRIT_OS, "%s: somebody changed it meanwhile",
			 k->pages->pair->pagemap);
}

static void align(struct packer *k)
{
	struct pages *p = k->pages;

	p->out_off = (p->out_off + p->page_size - 1) & ~((uint64_t)p->page_size - 1);
	k->aligned = true;
}

static enum crit_status end_entry(struct packer *k, struct crit_error *err)
{
	struct pages *p = k->pages;

	k->in_entry = false;
	if (k->len != k->entry.payload)
		return changed(k, err);
	if (k->sizes.len + k->rec.len + 64 > MAX_RECORD_LEN)
		return error_at(err, CRIT_UNSUPPORTED, p->pair->pagemap, k->rec.off,
				"record %zu: too many pages for blocks of %u bytes,", k->rec.index,
				p->options->block_len);
	entry_add_compressed(&p->records, &k->rec, image_big_endian(k->follow), &k->entry,
			     k->all_raw ? NULL : &k->sizes, k->payload,
			     p->options->block_len / p->page_size, k->aligned);
	return stage_flush(&p->new_pagemap, &p->records, MAX_HELD_RECORDS, err);
}

/** An entry whose first bytes are raw starts at a page boundary; old ones have no flag for it. */
static void place_block(struct packer *k, struct block *block)
{
	struct pages *p = k->pages;

	if (block->stored && !k->started) {
		if (block->stored == block->len && k->entry.has_flags)
			align(k);
		k->started = true;
	}
	block->off = p->out_off;
	p->out_off += block->stored;
	k->len += block->len;
	k->payload += block->stored;
	k->all_raw &= block->stored == block->len;
	wire_add_varint(&k->sizes, block->stored);
}

static void place_copy(struct packer *k, struct job *job)
{
	struct pages *p = k->pages;

	if (!k->started)
		align(k);
	k->started = true;
	job->blocks[0].off = p->out_off;
	p->out_off += job->copy_len;
	k->len += job->copy_len;
}

static enum crit_status place(void *ctx, void *arg, struct crit_error *err)
{
	struct packer *k = ctx;
	struct job *job = arg;
	enum crit_status status = CRIT_OK;

	for (size_t i = 0; !status && i < job->nr; i++) {
		if (!k->in_entry)
			status = follow_entry(k, err);
		if (status)
			return status == CRIT_NOT_FOUND ? changed(k, err) : status;
		if (job->copy)
			place_copy(k, job);
		else
			place_block(k, &job->blocks[i]);
		if (job->blocks[i].last)
			status = end_entry(k, err);
	}
	return status;
}

/* ---- writing -------------------------------------------------------------------------------- */

static void add_piece(struct job *job, size_t *nr, const uint8_t *base, size_t len)
{
	struct iovec *last = *nr ? &job->iov[*nr - 1] : NULL;

	if (last && (const uint8_t *)last->iov_base + last->iov_len == base)
		last->iov_len += len;
	else if (len)
		job->iov[(*nr)++] = (struct iovec){ (void *)(uintptr_t)base, len };
}

static enum crit_status write_blocks(const struct pages *p, struct job *job, struct crit_error *err)
{
	const uint8_t *in = job->in, *out = job->out;
	uint64_t start = 0, off = 0;
	size_t nr = 0;

	for (size_t i = 0; i < job->nr; i++) {
		const struct block *block = &job->blocks[i];
		bool raw = block->stored == block->len;

		if (block->stored && !nr)
			start = off = block->off;
		if (block->stored) {
			add_piece(job, &nr, zeros, (size_t)(block->off - off));
			add_piece(job, &nr, raw ? in : out, block->stored);
			off = block->off + block->stored;
		}
		in += block->len;
		if (!raw)
			out += block->stored;
	}
	return pages_write(p, job->iov, nr, start, err);
}

static enum crit_status write_job(void *ctx, void *arg, uint64_t *done, struct crit_error *err)
{
	const struct packer *k = ctx;
	struct job *job = arg;

	*done = job->copy ? job->copy_len : job->len;
	if (!job->copy)
		return write_blocks(k->pages, job, err);
	return pages_copy(k->pages, job->in_off, job->blocks[0].off, job->copy_len, job->in, CHUNK,
			  err);
}

static void release(void *arg)
{
	struct job *job = arg;

	free(job->in);
	free(job->out);
}

static const struct pool_ops ops = {
	.job_size = sizeof(struct job),
	.claim = claim,
	.work = work,
	.place = place,
	.write = write_job,
	.release = release,
};

enum crit_status pack_pages(struct pages *p, struct crit_error *err)
{
	struct packer k = { .pages = p,
			    .special = special_of(&p->survey->special, p->pair->shared,
						  p->pair->id) };
	struct pool_options pool = p->options->pool;
	struct record head;
	enum crit_status status = image_open(p->survey->src, p->pair->pagemap, IMG_PAGEMAP,
					     &k.follow, err);

	if (!status)
		status = image_next(k.follow, &head, err);
	if (!status)
		status = pool_run(&ops, &k, &pool, err);
	// What follows the last entry with pages.
	if (!status && (status = follow_entry(&k, err)) == CRIT_NOT_FOUND)
		status = CRIT_OK;
	else if (!status)
		status = changed(&k, err);
	if (!status)
		status = pages_set_len(p, p->out_off, err);
	buf_deinit(&k.sizes);
	image_close(k.follow);
	return status;
}
