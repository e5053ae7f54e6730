// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * unpack.c - decompressing the pages of one pagemap: unpack_pages().
 *
 * The sizes of all blocks are known beforehand, and so is the place of all pages: jobs write where
 * they belong as soon as they are through. Pages without blocks are copied, and their holes stay.
 */
#include <lz4.h>
#include <stdlib.h>

#include "compress/pages.h"

enum { COPY_LEN = 1024 * 1024, MAX_HELD_RECORDS = 64 * 1024 };

struct block {
	uint64_t in_off;
	uint32_t stored; /* 0: zeros; len: raw */
	uint32_t len;	 /* of its memory */
};

struct job {
	uint64_t in_off, out_off; /* of the first block */
	uint64_t in_end;	  /* behind the last one */
	uint64_t len;		  /* of the memory of all */
	size_t nr;
	struct block blocks[MAX_CHUNK_BLOCKS];
	bool copy; /* no blocks: len bytes as they are */
	uint8_t *in, *out;
	size_t in_cap, out_cap;
};

static enum crit_status plan_entry(struct pages *p, struct crit_error *err)
{
	while (!p->left) {
		bool big_endian = image_big_endian(p->plan);
		enum crit_status status = pages_next_entry(p, err);

		if (status)
			return status;
		if (entry_present(&p->entry))
			entry_add_plain(&p->records, &p->rec, big_endian, &p->entry);
		else
			entry_add_copy(&p->records, &p->rec, big_endian);
		if (p->entry.flags & PAGE_ALIGNED)
			p->in_off = (p->in_off + p->page_size - 1) & ~((uint64_t)p->page_size - 1);
		status = stage_flush(&p->new_pagemap, &p->records, MAX_HELD_RECORDS, err);
		if (status)
			return status;
	}
	return CRIT_OK;
}

/** Hand out pages of the entry; @p stored of the old file. */
static void take(struct pages *p, struct job *job, uint64_t nr_pages, uint64_t stored)
{
	uint64_t len = nr_pages * p->page_size;

	p->left -= nr_pages;
	p->in_off += stored;
	p->out_off += len;
	job->len += len;
	job->in_end = p->in_off;
}

static void claim_copy(struct pages *p, struct job *job)
{
	uint64_t nr_pages = COPY_LEN / p->page_size;

	if (nr_pages > p->left)
		nr_pages = p->left;
	job->in_off = p->in_off;
	job->copy = true;
	take(p, job, nr_pages, nr_pages * p->page_size);
}

static enum crit_status claim_block(struct pages *p, struct job *job, struct crit_error *err)
{
	uint64_t nr_pages = p->left < p->entry.block_pages ? p->left : p->entry.block_pages;
	uint64_t stored;

	// entry_read() counted them.
	if (!block_sizes_next(&p->entry.sizes, &stored))
		return error_set(err, CRIT_CORRUPT, "%s: blocks are missing", p->pair->pagemap);
	if (!job->nr)
		job->in_off = p->in_off;
	job->blocks[job->nr++] = (struct block){ .in_off = p->in_off, .stored = (uint32_t)stored,
						 .len = (uint32_t)nr_pages * p->page_size };
	take(p, job, nr_pages, stored);
	return CRIT_OK;
}

static enum crit_status claim(void *ctx, void *arg, bool *more, struct crit_error *err)
{
	struct pages *p = ctx;
	struct job *job = arg;
	enum crit_status status = CRIT_OK;

	job->out_off = p->out_off;
	job->len = job->nr = 0;
	job->copy = false;
	while (!status && !job->copy && job->nr < MAX_CHUNK_BLOCKS) {
		status = plan_entry(p, err);
		if (status || (job->nr && !p->entry.compressed))
			break;
		if (job->nr && job->len + (uint64_t)p->entry.block_pages * p->page_size > CHUNK)
			break;
		if (p->entry.compressed)
			status = claim_block(p, job, err);
		else
			claim_copy(p, job);
	}
	*more = job->len;
	return status == CRIT_NOT_FOUND ? CRIT_OK : status;
}

static enum crit_status make_room(uint8_t **buf, size_t *cap, uint64_t len, struct crit_error *err)
{
	size_t want = len > CHUNK ? (size_t)len : CHUNK;

	if (want <= *cap)
		return CRIT_OK;
	free(*buf);
	*cap = 0;
	*buf = malloc(want);
	if (!*buf)
		return error_no_memory(err);
	*cap = want;
	return CRIT_OK;
}

static enum crit_status decompress(const struct pages *p, const struct block *block,
				   const uint8_t *in, uint8_t *out, struct crit_error *err)
{
	int len = (int)block->len;

	if (!block->stored)
		memset(out, 0, block->len);
	else if (block->stored == block->len)
		memcpy(out, in, block->len);
	else
		len = LZ4_decompress_safe((const char *)in, (char *)out, (int)block->stored, len);
	if (len != (int)block->len)
		return error_at(err, CRIT_CORRUPT, p->pair->pages, block->in_off,
				"a block of %u bytes that does not decompress to %u", block->stored,
				block->len);
	return CRIT_OK;
}

static enum crit_status work(void *ctx, void *arg, struct crit_error *err)
{
	const struct pages *p = ctx;
	struct job *job = arg;
	uint64_t in_len = job->in_end - job->in_off;
	enum crit_status status;
	uint8_t *out;

	if (job->copy)
		return make_room(&job->in, &job->in_cap, CHUNK, err);
	status = make_room(&job->in, &job->in_cap, in_len, err);
	if (!status)
		status = make_room(&job->out, &job->out_cap, job->len, err);
	if (!status)
		status = member_read(p->old_pages.member, job->in_off, job->in, in_len, err);
	out = job->out;
	for (size_t i = 0; !status && i < job->nr; i++) {
		const struct block *block = &job->blocks[i];

		status = decompress(p, block, job->in + (block->in_off - job->in_off), out, err);
		out += block->len;
	}
	return status;
}

static enum crit_status write_job(void *ctx, void *arg, uint64_t *done, struct crit_error *err)
{
	const struct pages *p = ctx;
	struct job *job = arg;
	struct iovec iov = { job->out, (size_t)job->len };

	*done = job->len;
	if (job->copy)
		return pages_copy(p, job->in_off, job->out_off, job->len, job->in, CHUNK, err);
	return pages_write(p, &iov, 1, job->out_off, err);
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
	.write = write_job,
	.release = release,
};

enum crit_status unpack_pages(struct pages *p, struct crit_error *err)
{
	struct pool_options pool = p->options->pool;
	enum crit_status status = pool_run(&ops, p, &pool, err);

	if (!status && p->in_off != p->pair->stored_len)
		status = error_set(err, CRIT_OS, "%s: somebody changed it meanwhile",
				   p->pair->pagemap);
	return status ? status : pages_set_len(p, p->out_off, err);
}
