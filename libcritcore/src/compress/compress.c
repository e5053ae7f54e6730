// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * compress.c - whole checkpoints between the plain and the compressed form: the public functions.
 *
 * What is there is checked first, then the new images are made beside the old ones (pack.c,
 * unpack.c), then they all change places (commit.c). Until that the checkpoint is not touched.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "compress/pages.h"

enum { MAX_ACCELERATION = 65537 };

struct conversion {
	bool compress;
	struct crit_compress_options options;
	struct survey survey;
	struct stage stage;
	struct pages_options pages;
	struct crit_compress_pages *reports; /* one for each pair */
};

static enum crit_status check_options(struct conversion *c, struct crit_error *err)
{
	uint32_t len = c->options.block_len;

	if (c->options.acceleration > MAX_ACCELERATION)
		return error_set(err, CRIT_INVALID, "an acceleration of %u is not from 1 to %d",
				 c->options.acceleration, MAX_ACCELERATION);
	if (len & (len - 1) || len > MAX_BLOCK_LEN)
		return error_set(err, CRIT_INVALID,
				 "blocks of %u bytes: not a power of two of at most 4 MiB", len);
	return CRIT_OK;
}

static enum crit_status set_block_len(struct conversion *c, struct crit_error *err)
{
	uint32_t len = c->options.block_len ? c->options.block_len : c->survey.page_size;

	if (len < c->survey.page_size)
		return error_set(err, CRIT_INVALID, "blocks of %u bytes are less than a page of %u",
				 len, c->survey.page_size);
	c->pages.block_len = len;
	c->pages.acceleration = c->options.acceleration ? (int)c->options.acceleration : 1;
	c->pages.pool = (struct pool_options){ .keep_going = c->options.keep_going,
					       .keep_going_ctx = c->options.ctx,
					       .total = c->survey.plain_len };
	return CRIT_OK;
}

static enum crit_status check_backup(const struct conversion *c, const char *name,
				     struct crit_error *err)
{
	char backup[NAME_MAX + 1];

	// Too long a name is found out when it is to be made.
	snprintf(backup, sizeof(backup), "%.*s.bak", NAME_MAX - 4, name);
	if (!source_has(c->survey.src, backup))
		return CRIT_OK;
	return error_set(err, CRIT_INVALID, "there is a backup already: %s", backup);
}

/** Say now what commit.c would say after all the work. */
static enum crit_status check_backups(const struct conversion *c, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;

	if (c->options.in_place)
		return CRIT_OK;
	status = check_backup(c, "inventory.img", err);
	for (size_t i = 0; !status && i < c->survey.nr; i++) {
		status = check_backup(c, c->survey.pairs[i].pagemap, err);
		if (!status)
			status = check_backup(c, c->survey.pairs[i].pages, err);
	}
	return status;
}

static enum crit_status ask(const struct conversion *c, struct crit_error *err)
{
	const struct pool_options *pool = &c->pages.pool;

	if (pool->keep_going && !pool->keep_going(pool->keep_going_ctx, pool->done, pool->total))
		return error_set(err, CRIT_INTERRUPTED, "interrupted");
	return CRIT_OK;
}

static enum crit_status convert_pair(struct conversion *c, size_t index, struct crit_error *err)
{
	const struct pair *pair = &c->survey.pairs[index];
	struct pages pages = { .survey = &c->survey, .pair = pair, .options = &c->pages };
	uint64_t len = pair->nr_pages * c->survey.page_size;
	unsigned threads = pool_threads(c->options.nr_threads);
	enum crit_status status;

	// Starting a thread costs as much as compressing some pages; more than jobs are no use.
	c->pages.pool.nr_threads = len / CHUNK < threads ? (unsigned)(len / CHUNK) : threads;
	status = pages_open(&pages, &c->stage, err);
	if (!status)
		status = c->compress ? pack_pages(&pages, err) : unpack_pages(&pages, err);
	if (!status)
		status = pages_finish(&pages, &c->stage, err);
	c->pages.pool.done += len;
	c->reports[index] = (struct crit_compress_pages){
		.pagemap = pair->pagemap,
		.nr_pages = pair->nr_pages,
		.len_before = pair->stored_len,
		.len_after = pages.out_off,
		.nr_kept = pages.nr_kept,
	};
	pages_close(&pages);
	return status;
}

static enum crit_status convert_inventory(struct conversion *c, struct crit_error *err)
{
	struct source *src = c->survey.src;
	struct stage_file f = { .fd = -1 };
	struct stage_unit unit = { 0 };
	struct stage_old old = { 0 };
	struct buf b = { 0 };
	enum crit_status status = stage_old_open(src, "inventory.img", &old, err);

	if (!status)
		status = inventory_add(src, c->compress ? c->pages.block_len : 0,
				       c->survey.has_parent, &b, err);
	if (!status)
		status = stage_create(&c->stage, "inventory.img", &f, err);
	if (!status)
		status = stage_flush(&f, &b, 0, err);
	if (!status)
		status = stage_finish(&f, &old, &unit.image, err);
	if (!status)
		status = stage_add(&c->stage, &unit, err);
	if (status)
		stage_unit_deinit(&c->stage, &unit);
	stage_abandon(&f);
	buf_deinit(&b);
	stage_old_close(&old);
	return status;
}

/** New images in the order in which they change: inventory.img says "compressed" from before the
 *  first pagemap is until after the last one was. */
static enum crit_status convert_all(struct conversion *c, struct crit_error *err)
{
	enum crit_status status = ask(c, err);

	if (!status && c->compress)
		status = convert_inventory(c, err);
	for (size_t i = 0; !status && i < c->survey.nr; i++) {
		status = convert_pair(c, i, err);
		if (!status)
			status = ask(c, err);
	}
	if (!status && !c->compress)
		status = convert_inventory(c, err);
	return status;
}

static enum crit_status convert(struct conversion *c, enum crit_compress_outcome *outcome,
				struct crit_error *err)
{
	enum crit_status status = survey_read(c->survey.src, !c->compress, &c->survey, err);

	if (status)
		return status;
	if (c->survey.inventory.compressed == c->compress || !c->survey.nr) {
		*outcome = c->survey.inventory.compressed == c->compress
				   ? CRIT_COMPRESS_ALREADY
				   : CRIT_COMPRESS_NO_PAGEMAPS;
		return CRIT_OK;
	}
	status = set_block_len(c, err);
	if (!status)
		status = check_backups(c, err);
	c->reports = calloc(c->survey.nr, sizeof(*c->reports));
	if (!status && !c->reports)
		status = error_no_memory(err);
	if (!status)
		status = convert_all(c, err);
	if (!status)
		status = stage_commit(&c->stage, c->options.in_place, err);
	if (status)
		return status;
	for (size_t i = 0; c->options.report && i < c->survey.nr; i++)
		c->options.report(c->options.ctx, &c->reports[i]);
	*outcome = CRIT_COMPRESS_DONE;
	return CRIT_OK;
}

static enum crit_status run(const char *dir, bool compress,
			    const struct crit_compress_options *options,
			    enum crit_compress_outcome *outcome, struct crit_error *err)
{
	struct conversion c = { .compress = compress };
	enum crit_compress_outcome ignored;
	struct source *src = NULL;
	enum crit_status status;

	if (options)
		c.options = *options;
	status = check_options(&c, err);
	if (!status)
		status = source_open(dir, &src, err);
	if (status)
		return status;
	if (source_is_archive(src)) {
		source_close(src);
		return error_set(err, CRIT_INVALID,
				 "%s: archives are not changed; unpack it first", dir);
	}
	c.survey.src = src;
	c.stage.dir_fd = source_dir_fd(src);
	status = convert(&c, outcome ? outcome : &ignored, err);
	stage_deinit(&c.stage);
	survey_deinit(&c.survey);
	free(c.reports);
	source_close(src);
	return status;
}

enum crit_status crit_checkpoint_compress(const char *dir,
					  const struct crit_compress_options *options,
					  enum crit_compress_outcome *outcome,
					  struct crit_error *err)
{
	return run(dir, true, options, outcome, err);
}

enum crit_status crit_checkpoint_decompress(const char *dir,
					    const struct crit_compress_options *options,
					    enum crit_compress_outcome *outcome,
					    struct crit_error *err)
{
	return run(dir, false, options, outcome, err);
}
