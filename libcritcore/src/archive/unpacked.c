// SPDX-License-Identifier: LGPL-2.1-or-later
/* unpacked.c - see unpacked.h. */
#include "archive/unpacked.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "archive/cache.h"
#include "archive/verify.h"
#include "util/scratch.h"

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && !memcmp(&a->st_mtim, &b->st_mtim, sizeof(a->st_mtim));
}

static enum crit_status check_unchanged(const struct tar_span *span, const struct stat *st,
					struct crit_error *err)
{
	struct stat now;

	if (fstat(span->fd, &now) == 0 && is_same(&now, st))
		return CRIT_OK;
	return error_set(err, CRIT_CORRUPT, "%s: it was written to while it was unpacked",
			 span->name);
}

static enum crit_status run(enum packing packing, struct unpack_input *in, int fd,
			    const char *place, struct crit_error *err)
{
	struct unpack_output out = { .fd = fd, .place = place, .in = in };
	enum crit_status status;
	struct digest found;

	digester_init(&in->digester, in->claim.kind);
	status = packing == PACKING_NONE ? unpack_copy(in, &out, err)
					 : unpack_all(packing, in, &out, err);
	if (in->options->spent)
		*in->options->spent += out.len;
	if (status)
		return status;
	found = digester_end(&in->digester);
	return digest_compare(&in->claim, &found, in->span.name, err);
}

/** Where the file goes that nobody else sees; its folder, for messages. */
static enum crit_status open_nameless(int *fd, char place[PATH_MAX], struct crit_error *err)
{
	int folder = cache_open();
	struct cache_new new;

	// The cache's disk has more room than a /tmp that is memory.
	if (folder >= 0 && !cache_create(folder, &new) && cache_path(place)) {
		cache_abandon(&new);
		close(folder);
		*fd = new.fd;
		return CRIT_OK;
	}
	if (folder >= 0)
		close(folder);
	strcpy(place, "$TMPDIR");
	return scratch_open(fd, err);
}

static enum crit_status without_cache(enum packing packing, struct unpack_input *in, int *fd,
				      struct crit_error *err)
{
	char place[PATH_MAX];
	enum crit_status status = open_nameless(fd, place, err);

	if (status)
		return status;
	status = run(packing, in, *fd, place, err);
	if (status)
		close(*fd);
	return status;
}

static bool ignore(void *ctx, const struct tar_member *member)
{
	(void)ctx, (void)member;
	return true;
}

/** What is no sound archive would only take room: it is opened again to find out the same. */
static bool is_worth_keeping(int fd, const char *name)
{
	struct tar_span span = { .fd = fd, .name = name };
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	span.len = (uint64_t)st.st_size;
	return tar_walk(&span, ignore, NULL, NULL) == CRIT_OK;
}

/** @param folder  The cache. */
static enum crit_status into_cache(int folder, const char *name, enum packing packing,
				   struct unpack_input *in, int *fd, struct crit_error *err)
{
	char place[PATH_MAX];
	struct cache_new new;
	enum crit_status status;
	struct stat before;

	if (fstat(in->span.fd, &before) != 0)
		return error_os(err, errno, "%s", in->span.name);
	if (!cache_path(place) || cache_create(folder, &new))
		return without_cache(packing, in, fd, err);
	status = run(packing, in, new.fd, place, err);
	if (!status)
		status = check_unchanged(&in->span, &before, err);
	// Should it get no name: it is unpacked, and there while it is open.
	if (!status && is_worth_keeping(new.fd, in->span.name)) {
		cache_note_digest(new.fd, &in->claim);
		cache_commit(&new, name, in->span.name);
	}
	cache_abandon(&new);
	if (status)
		close(new.fd);
	else
		*fd = new.fd;
	return status;
}

/** An entry may have been made when nobody asked for its digest. */
static enum crit_status check_entry(int fd, const struct unpack_input *in, struct crit_error *err)
{
	enum crit_status status;

	if (cache_has_digest(fd, &in->claim))
		return CRIT_OK;
	status = verify_span(&in->span, &in->claim, in->options, err);
	if (!status)
		cache_note_digest(fd, &in->claim);
	return status;
}

enum crit_status unpacked_open(enum packing packing, const struct tar_span *span,
			       const struct stat *st, const struct digest *claim,
			       const struct archive_options *options, int *fd,
			       struct crit_error *err)
{
	struct unpack_input in = { .span = *span, .options = options, .claim = *claim };
	enum crit_status status;
	char name[CACHE_NAME];
	int folder = st ? cache_open() : -1;

	if (folder < 0)
		return without_cache(packing, &in, fd, err);
	cache_name(name, st, span->start);
	*fd = cache_find(folder, name);
	if (*fd < 0)
		status = into_cache(folder, name, packing, &in, fd, err);
	else if ((status = check_entry(*fd, &in, err)))
		close(*fd);
	close(folder);
	return status;
}

enum crit_status unpacked_from_pipe(int pipe, const char *name,
				    const struct archive_options *options, int *fd,
				    struct crit_error *err)
{
	uint8_t head[PACKING_HEAD];
	struct unpack_input in = {
		.span = { .fd = pipe, .len = UINT64_MAX, .name = name },
		.is_pipe = true,
		.options = options,
	};

	while (in.head_len < sizeof(head)) {
		struct crit_error why = { 0 };
		int64_t n = unpack_read(&in, head + in.head_len, sizeof(head) - in.head_len, &why);

		if (n < 0 && err)
			*err = why;
		if (n < 0)
			return why.status;
		if (n == 0)
			break;
		in.head_len = in.done; // unpack_read() goes on in the pipe behind them
	}
	in.head = head;
	in.done = 0;
	return without_cache(packing_of(head, in.head_len), &in, fd, err);
}
