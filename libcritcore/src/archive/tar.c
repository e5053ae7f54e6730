// SPDX-License-Identifier: LGPL-2.1-or-later
/* tar.c - the walk over a tar archive; see tar.h. */
#include "archive/tar.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/tar_impl.h"

enum crit_status tar_bad(struct tar_walk *w, enum crit_status status, struct crit_error *err,
			 const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (w->name)
		return error_at(err, status, w->span.name, w->header, "%.120s: %s", w->name, text);
	return error_at(err, status, w->span.name, w->header, "%s", text);
}

const uint8_t *tar_bytes(struct tar_walk *w, uint64_t at, size_t len, struct crit_error *err)
{
	uint64_t left = at < w->span.len ? w->span.len - at : 0;
	size_t want = left < sizeof(w->window) ? (size_t)left : sizeof(w->window);

	if (at >= w->window_at && at + len <= w->window_at + w->window_len)
		return w->window + (at - w->window_at);
	w->window_at = at;
	w->window_len = 0;
	while (w->window_len < len) {
		ssize_t n = want > w->window_len
				    ? pread(w->span.fd, w->window + w->window_len,
					    want - w->window_len,
					    (off_t)(w->span.start + at + w->window_len))
				    : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			error_os(err, errno, "%s: reading at byte %llu", w->span.name,
				 (unsigned long long)at);
		else if (n == 0)
			tar_bad(w, CRIT_CORRUPT, err, "the archive ends in the middle of a header");
		if (n <= 0)
			return NULL;
		w->window_len += (size_t)n;
	}
	return w->window;
}

static uint64_t round_up(uint64_t len)
{
	return (len + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
}

static void forget_extended(struct tar_extended *ext)
{
	struct buf name = ext->name, link = ext->link;

	buf_clear(&name);
	buf_clear(&link);
	*ext = (struct tar_extended){ .name = name, .link = link };
}

/** Are @p stored bytes of contents there? */
static enum crit_status check_there(struct tar_walk *w, uint64_t stored, struct crit_error *err)
{
	uint64_t left = w->span.len - w->at;

	if (stored <= left)
		return CRIT_OK;
	return tar_bad(w, CRIT_CORRUPT, err, "%llu bytes where the archive has %llu more",
		       (unsigned long long)stored, (unsigned long long)left);
}

static void skip(struct tar_walk *w, uint64_t stored)
{
	uint64_t left = w->span.len - w->at;

	// What the last member is filled up with may be missing: nothing is lost.
	w->at += round_up(stored) < left ? round_up(stored) : left;
}

/* ---- Headers in front of a member's own ------------------------------------------------------ */

/** The contents of an L or K header: a name with its terminator. */
static enum crit_status take_long(struct tar_walk *w, struct buf *to, uint64_t len,
				  struct crit_error *err)
{
	const uint8_t *text;

	if (!len || len > TAR_NAME)
		return tar_bad(w, CRIT_CORRUPT, err, "a name of %llu bytes",
			       (unsigned long long)len);
	text = tar_bytes(w, w->at, (size_t)len, err);
	if (!text)
		return CRIT_CORRUPT;
	if (strnlen((const char *)text, (size_t)len) + 1 < len)
		return tar_bad(w, CRIT_CORRUPT, err, "a name with a NUL in it");
	buf_clear(to);
	buf_add(to, text, (size_t)len);
	buf_add_byte(to, '\0');
	return to->failed ? error_no_memory(err) : CRIT_OK;
}

static bool is_in_front(char type)
{
	return type == 'x' || type == 'X' || type == 'g' || type == 'L' || type == 'K' ||
	       type == 'V';
}

static enum crit_status take_in_front(struct tar_walk *w, const struct tar_header *h,
				      struct crit_error *err)
{
	enum crit_status status = check_there(w, h->size, err);

	if (status)
		return status;
	if (h->type == 'L')
		status = take_long(w, &w->ext.name, h->size, err);
	else if (h->type == 'K')
		status = take_long(w, &w->ext.link, h->size, err);
	else if (h->type != 'V')
		status = tar_pax_read(w, h->size, h->type == 'g', err);
	skip(w, h->size);
	return status;
}

/* ---- Members --------------------------------------------------------------------------------- */

static enum tar_kind kind_of(const struct tar_header *h, const char *name)
{
	size_t len = strlen(name);

	switch (h->type) {
	case '\0':
	case '0':
	case '7':
	case 'S':
		return len && name[len - 1] == '/' ? TAR_FOLDER : TAR_FILE;
	case '1':
		return TAR_HARDLINK;
	case '2':
		return TAR_SYMLINK;
	case '5':
		return TAR_FOLDER;
	default:
		return TAR_SPECIAL;
	}
}

/** Contents of what has none: some programs step over them, some take them for the next header. */
static enum crit_status check_empty(struct tar_walk *w, const struct tar_header *h, uint64_t size,
				    struct crit_error *err)
{
	if (h->type == 'M')
		return tar_bad(w, CRIT_UNSUPPORTED, err, "a part of an archive in volumes");
	if (size && h->type >= '1' && h->type <= '6')
		return tar_bad(w, CRIT_CORRUPT, err, "a link, folder or device with %llu bytes",
			       (unsigned long long)size);
	return CRIT_OK;
}

static enum crit_status take_sparse(struct tar_walk *w, const struct tar_header *h,
				    uint64_t stored, struct tar_member *m, struct crit_error *err)
{
	enum crit_status status = CRIT_OK;
	uint64_t map_len = 0;

	if (h->type == 'S') {
		w->nr_pieces = 0;
		status = tar_sparse_old(w, &m->size, err);
		if (!status)
			status = check_there(w, stored, err);
	} else if (!w->ext.has_real_size ||
		   (w->ext.in_data && (w->ext.major != 1 || w->ext.minor))) {
		return tar_bad(w, CRIT_UNSUPPORTED, err, "a sparse file in a form not known");
	} else {
		m->size = w->ext.real_size;
		if (w->ext.in_data)
			status = tar_sparse_in_data(w, stored, &map_len, err);
	}
	if (!status)
		status = tar_sparse_place(w, w->at + map_len, stored - map_len, m->size, err);
	m->sparse = true;
	m->pieces = w->pieces;
	m->nr_pieces = w->nr_pieces;
	return status;
}

static enum crit_status check_limits(struct tar_walk *w, struct crit_error *err)
{
	w->name_bytes += strlen(w->name) + 1;
	if (++w->nr_members > TAR_MEMBERS || w->name_bytes > TAR_NAMES)
		return tar_bad(w, CRIT_NO_MEMORY, err,
			       "more than %d members, or absurdly long names", TAR_MEMBERS);
	return CRIT_OK;
}

static enum crit_status take_member(struct tar_walk *w, const struct tar_header *h,
				    struct tar_member *m, struct crit_error *err)
{
	const struct tar_extended *ext = &w->ext;
	uint64_t stored = ext->has_size ? ext->size : h->size;
	enum crit_status status;

	m->name = w->name = ext->name.len ? (const char *)ext->name.data : h->name;
	m->target = ext->link.len ? (const char *)ext->link.data : h->link;
	m->kind = kind_of(h, m->name);
	m->header = w->header;
	m->size = stored;
	m->mtime = ext->has_mtime ? ext->mtime : h->mtime;
	m->mtime_ns = ext->mtime_ns;
	status = check_limits(w, err);
	if (!status)
		status = check_empty(w, h, stored, err);
	if (!status)
		status = check_there(w, stored, err);
	if (!status && m->kind == TAR_FILE && (h->type == 'S' || ext->is_sparse))
		status = take_sparse(w, h, stored, m, err);
	m->off = w->span.start + w->at;
	skip(w, stored);
	return status;
}

bool tar_is_end(const uint8_t *block, size_t len)
{
	return len >= TAR_BLOCK && !block[0] && !memcmp(block, block + 1, TAR_BLOCK - 1);
}

/** At a block of zeros: is it the end? */
static enum crit_status check_end(struct tar_walk *w, struct crit_error *err)
{
	const uint8_t *next;

	if (w->span.len - w->at < 2 * TAR_BLOCK)
		return CRIT_OK;
	next = tar_bytes(w, w->at + TAR_BLOCK, TAR_BLOCK, err);
	if (!next)
		return CRIT_CORRUPT;
	if (tar_is_end(next, TAR_BLOCK))
		return CRIT_OK;
	return tar_bad(w, CRIT_CORRUPT, err, "a lone block of zeros");
}

/** One header and what belongs to it. @param done  [out] It was the end. */
static enum crit_status step(struct tar_walk *w, tar_each_fn each, void *ctx, bool *done,
			     struct crit_error *err)
{
	const uint8_t *block = tar_bytes(w, w->at, TAR_BLOCK, err);
	struct tar_header header;
	struct tar_member member = { 0 };
	enum crit_status status;
	const char *wrong;

	if (!block)
		return CRIT_CORRUPT;
	if (tar_is_end(block, TAR_BLOCK)) {
		*done = true;
		return check_end(w, err);
	}
	wrong = tar_header_parse(block, &header);
	if (wrong)
		return tar_bad(w, CRIT_CORRUPT, err, "%s", wrong);
	w->at += TAR_BLOCK;
	if (is_in_front(header.type))
		return take_in_front(w, &header, err);
	status = take_member(w, &header, &member, err);
	if (!status && !each(ctx, &member))
		status = error_no_memory(err);
	forget_extended(&w->ext);
	w->nr_pieces = 0;
	return status;
}

enum crit_status tar_walk(const struct tar_span *span, tar_each_fn each, void *ctx,
			  struct crit_error *err)
{
	struct tar_walk *w = calloc(1, sizeof(*w));
	enum crit_status status = CRIT_OK;
	bool done = false;

	if (!w)
		return error_no_memory(err);
	w->span = *span;
	while (!status && !done && w->at < span->len) {
		w->name = NULL;
		w->header = w->at;
		status = step(w, each, ctx, &done, err);
	}
	buf_deinit(&w->ext.name);
	buf_deinit(&w->ext.link);
	free(w->pieces);
	free(w);
	return status;
}
