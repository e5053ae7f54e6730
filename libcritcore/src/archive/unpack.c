// SPDX-License-Identifier: LGPL-2.1-or-later
/* unpack.c - see unpack.h. */
#include "archive/unpack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/decoder.h"
#include "util/pipe.h"

enum { CHUNK = 256 * 1024, HOLE = 4096 };

static const struct {
	uint8_t magic[PACKING_HEAD];
	size_t len;
	enum packing packing;
	const struct decoder_ops *ops;
} packings[] = {
	{ { 0x1f, 0x8b, 8 }, 3, PACKING_GZIP, &decoder_gzip },
	{ { 'B', 'Z', 'h' }, 3, PACKING_BZIP2, &decoder_bzip2 },
	{ { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, PACKING_XZ, &decoder_xz },
	{ { 0x28, 0xb5, 0x2f, 0xfd }, 4, PACKING_ZSTD, &decoder_zstd },
	{ { 0x04, 0x22, 0x4d, 0x18 }, 4, PACKING_LZ4, &decoder_lz4 },
};

enum { NR_PACKINGS = sizeof(packings) / sizeof(packings[0]) };

enum packing packing_of(const uint8_t *head, size_t len)
{
	for (size_t i = 0; i < NR_PACKINGS; i++)
		if (len >= packings[i].len && !memcmp(head, packings[i].magic, packings[i].len))
			return packings[i].packing;
	return PACKING_NONE;
}

/* ---- Bytes in -------------------------------------------------------------------------------- */

static enum crit_status keep_going(const struct unpack_input *in, struct crit_error *err)
{
	const struct archive_options *options = in->options;
	uint64_t total = in->span.len == UINT64_MAX ? 0 : in->span.len;

	if (options->keep_going && !options->keep_going(options->ctx, in->done, total))
		return error_set(err, CRIT_INTERRUPTED, "interrupted");
	return CRIT_OK;
}

static ssize_t read_some(struct unpack_input *in, void *buf, size_t len)
{
	uint64_t left = in->span.len - in->done;

	if (!in->is_pipe)
		return pread(in->span.fd, buf, left < len ? (size_t)left : len,
			     (off_t)(in->span.start + in->done));
	if (in->done < in->head_len) {
		if (len > in->head_len - in->done)
			len = in->head_len - (size_t)in->done;
		memcpy(buf, in->head + in->done, len);
		return (ssize_t)len;
	}
	return pipe_read(in->span.fd, buf, len);
}

int64_t unpack_read(struct unpack_input *in, void *buf, size_t len, struct crit_error *err)
{
	ssize_t n;

	// Whoever waits for a pipe can only be stopped here.
	while ((n = read_some(in, buf, len)) < 0 && errno == EINTR)
		if (keep_going(in, err))
			return -1;
	if (n < 0)
		error_os(err, errno, "%s: reading at byte %llu", in->span.name,
			 (unsigned long long)in->done);
	else
		in->done += (uint64_t)n;
	if (n > 0)
		digester_add(&in->digester, buf, (size_t)n);
	return n;
}

/* ---- Bytes out ------------------------------------------------------------------------------- */

/** $CRITCORE_UNPACK_LIMIT in bytes. 0: it is not set. */
static enum crit_status limit_of_user(uint64_t *limit, struct crit_error *err)
{
	const char *text = getenv("CRITCORE_UNPACK_LIMIT");
	unsigned long long value;
	char *end;

	*limit = 0;
	if (!text || !*text)
		return CRIT_OK;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || *text < '0' || *text > '9' || !value || value >> 33)
		return error_set(err, CRIT_INVALID,
				 "CRITCORE_UNPACK_LIMIT: '%.40s' is not a number of GiB", text);
	*limit = (uint64_t)value << 30;
	return CRIT_OK;
}

static enum crit_status check_limit(const struct unpack_output *out, struct crit_error *err)
{
	const struct archive_options *options = out->in->options;
	uint64_t limit = options->limit, spent = options->spent ? *options->spent : 0;

	if (!limit && limit_of_user(&limit, err))
		return CRIT_INVALID;
	if (!limit) {
		limit = (uint64_t)UNPACK_GIB << 30;
		if (out->len / UNPACK_RATIO > out->in->done)
			limit = (uint64_t)UNPACK_RATIO_GIB << 30;
	}
	if (spent <= limit && out->len <= limit - spent)
		return CRIT_OK;
	return error_set(err, CRIT_NO_MEMORY,
			 "%s: it has more than %llu bytes when unpacked, which is the limit",
			 out->in->span.name, (unsigned long long)limit);
}

static enum crit_status put(struct unpack_output *out, const uint8_t *from, size_t len,
			    uint64_t off, struct crit_error *err)
{
	while (len) {
		ssize_t n = pwrite(out->fd, from, len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_os(err, errno, "%s: unpacking it in %s", out->in->span.name,
					out->place);
		out->stored += (uint64_t)n;
		from += n;
		off += (uint64_t)n;
		len -= (size_t)n;
	}
	return CRIT_OK;
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
	return !bytes[0] && !memcmp(bytes, bytes + 1, len - 1);
}

/** How many of @p len bytes at @p off, to the border of blocks, are alike: all zeros or not. */
static size_t alike(const uint8_t *from, size_t len, uint64_t off, bool *zero)
{
	size_t done = HOLE - (size_t)(off % HOLE);

	*zero = is_zero(from, done < len ? done : len);
	while (done < len && is_zero(from + done, len - done < HOLE ? len - done : HOLE) == *zero)
		done += HOLE;
	return done < len ? done : len;
}

/** Something else is not unpacked to its end only to find out. */
static enum crit_status check_content(struct unpack_output *out, struct crit_error *err)
{
	uint8_t head[TAR_BLOCK];
	ssize_t n = pread(out->fd, head, sizeof(head), 0);

	out->checked = true;
	if (n < 0)
		return error_os(err, errno, "%s", out->place);
	out->is_empty = tar_is_end(head, (size_t)n);
	if (!out->is_empty && !tar_is_header(head, (size_t)n))
		return error_set(err, CRIT_INVALID,
				 "%s: neither a tar archive nor a compressed one",
				 out->in->span.name);
	return CRIT_OK;
}

enum crit_status unpack_write(struct unpack_output *out, const void *data, size_t len,
			      struct crit_error *err)
{
	const uint8_t *from = data;
	enum crit_status status = CRIT_OK;

	while (!status && len) {
		bool zero;
		size_t part = alike(from, len, out->len, &zero);

		if (!zero)
			status = put(out, from, part, out->len, err);
		out->len += part;
		from += part;
		len -= part;
	}
	if (!status)
		status = check_limit(out, err);
	if (!status && !out->checked && out->len >= TAR_BLOCK)
		status = check_content(out, err);
	if (!status && out->is_empty && out->len > TAR_EMPTY)
		status = error_set(err, CRIT_INVALID, "%s: zeros, not a tar archive",
				   out->in->span.name);
	return status ? status : keep_going(out->in, err);
}

/** The zeros at the end. */
static enum crit_status finish(struct unpack_output *out, struct crit_error *err)
{
	if (ftruncate(out->fd, (off_t)out->len) != 0)
		return error_os(err, errno, "%s: unpacking it in %s", out->in->span.name,
				out->place);
	return CRIT_OK;
}

enum crit_status unpack_copy(struct unpack_input *in, struct unpack_output *out,
			     struct crit_error *err)
{
	uint8_t *chunk = malloc(CHUNK);
	enum crit_status status = chunk ? CRIT_OK : error_no_memory(err);

	while (!status) {
		struct crit_error why = { 0 };
		int64_t n = unpack_read(in, chunk, CHUNK, &why);

		if (n < 0 && err)
			*err = why;
		if (n < 0)
			status = why.status;
		if (n <= 0)
			break;
		status = unpack_write(out, chunk, (size_t)n, err);
	}
	free(chunk);
	return status ? status : finish(out, err);
}

/* ---- Decompressing --------------------------------------------------------------------------- */

struct pump {
	const struct decoder_ops *ops;
	void *decoder;
	struct unpack_input *in;
	struct unpack_output *out;
	bool between; /* two frames */
	bool eof;
	struct decoder_io io;
	uint8_t from[CHUNK], to[CHUNK];
};

static enum crit_status damaged(struct pump *p, const char *why, struct crit_error *err)
{
	return error_set(err, CRIT_CORRUPT, "%s: damaged or cut: %s", p->in->span.name, why);
}

static enum crit_status fill(struct pump *p, struct crit_error *err)
{
	struct crit_error why = { 0 };
	int64_t n;

	if (p->io.in_len || p->eof)
		return CRIT_OK;
	n = unpack_read(p->in, p->from, sizeof(p->from), &why);
	if (n < 0) {
		if (err)
			*err = why;
		return why.status;
	}
	p->eof = n == 0;
	p->io.in = p->from;
	p->io.in_len = (size_t)n;
	return CRIT_OK;
}

/** Behind a frame: zeros fill up a tape's block, anything else is the next frame. */
static enum crit_status step_between(struct pump *p, struct crit_error *err)
{
	while (p->io.in_len && !*p->io.in) {
		p->io.in++;
		p->io.in_len--;
	}
	if (!p->io.in_len)
		return CRIT_OK;
	p->between = false;
	return p->ops->reset(p->decoder) == DECODER_MORE ? CRIT_OK : error_no_memory(err);
}

static enum crit_status step(struct pump *p, struct crit_error *err)
{
	enum decoder_result got;
	size_t made;

	if (p->between)
		return step_between(p, err);
	p->io.out = p->to;
	p->io.out_len = sizeof(p->to);
	p->io.why = NULL;
	got = p->ops->step(p->decoder, &p->io);
	made = (size_t)(p->io.out - p->to);
	if (got == DECODER_NO_MEMORY)
		return error_set(err, CRIT_NO_MEMORY, "%s: unpacking it takes too much memory",
				 p->in->span.name);
	if (got == DECODER_DAMAGED)
		return damaged(p, p->io.why ? p->io.why : "not what its format asks for", err);
	if (got == DECODER_MORE && p->eof && !made)
		return damaged(p, "it ends in the middle", err);
	p->between = got == DECODER_END;
	return unpack_write(p->out, p->to, made, err);
}

static const struct decoder_ops *ops_of(enum packing packing)
{
	for (size_t i = 0; i < NR_PACKINGS; i++)
		if (packings[i].packing == packing)
			return packings[i].ops;
	return NULL;
}

enum crit_status unpack_all(enum packing packing, struct unpack_input *in,
			    struct unpack_output *out, struct crit_error *err)
{
	struct pump *p = calloc(1, sizeof(*p));
	enum crit_status status = CRIT_OK;

	if (!p)
		return error_no_memory(err);
	p->ops = ops_of(packing);
	p->decoder = p->ops->create();
	p->in = in;
	p->out = out;
	if (!p->decoder)
		status = error_no_memory(err);
	while (!status && !(p->eof && p->between && !p->io.in_len)) {
		status = fill(p, err);
		if (!status)
			status = step(p, err);
	}
	if (p->decoder)
		p->ops->destroy(p->decoder);
	free(p);
	return status ? status : finish(out, err);
}
