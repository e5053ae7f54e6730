// SPDX-License-Identifier: LGPL-2.1-or-later
/* archive.c - see archive.h. Members are sorted by name: hostile names cannot make that slow. */
#include "archive/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/unpacked.h"
#include "archive/verify.h"
#include "util/array.h"
#include "util/text.h"

/* ---- Names ----------------------------------------------------------------------------------- */

/** @return why a name is refused; NULL: it is not. */
static const char *check_name(const char *name)
{
	if (*name == '/')
		return "an absolute name";
	for (const char *part = name; *part;) {
		size_t len = strcspn(part, "/");

		if (len == 2 && part[0] == '.' && part[1] == '.')
			return "a name that leads out of the archive";
		part += len + (part[len] == '/');
	}
	return NULL;
}

/** Drop "." and empty parts, in place. */
static void normalize(char *name)
{
	char *to = name;

	for (const char *part = name; *part;) {
		size_t len = strcspn(part, "/");
		const char *next = part + len + (part[len] == '/');

		if (len && !(len == 1 && *part == '.')) {
			if (to != name)
				*to++ = '/';
			memmove(to, part, len);
			to += len;
		}
		part = next;
	}
	*to = '\0';
}

/* ---- The index ------------------------------------------------------------------------------- */

static char *copy_text(struct archive *a, const char *text)
{
	size_t len = strlen(text) + 1;
	char *copy = arena_alloc(&a->names, len);

	return copy ? memcpy(copy, text, len) : NULL;
}

/** Remember the first one. */
static void note_refused(struct archive *a, const char *name, const char *why)
{
	if (a->problem || asprintf(&a->problem, "its member %.200s was refused: %s", name,
				   why) < 0)
		return;
	text_make_printable(a->problem);
}

static bool add_pieces(struct archive *a, struct archive_member *to, const struct tar_member *m)
{
	to->first_piece = a->nr_pieces;
	to->nr_pieces = m->nr_pieces;
	for (size_t i = 0; i < m->nr_pieces; i++) {
		if (!array_grow(&a->pieces, a->nr_pieces, &a->cap_pieces, sizeof(*a->pieces)))
			return false;
		a->pieces[a->nr_pieces++] = m->pieces[i];
	}
	return true;
}

static const char *why_kind(enum tar_kind kind)
{
	switch (kind) {
	case TAR_FILE:
	case TAR_FOLDER:
		return NULL;
	case TAR_SYMLINK:
		return "a symbolic link, not an image";
	case TAR_HARDLINK:
		return "a hard link, not an image";
	default:
		return "not a regular file";
	}
}

static bool add_member(void *ctx, const struct tar_member *m)
{
	struct archive *a = ctx;
	struct archive_member *to;
	const char *wrong = check_name(m->name);
	char *name = copy_text(a, m->name);

	if (wrong) {
		note_refused(a, m->name, wrong);
		return true;
	}
	if (!name || !array_grow(&a->members, a->nr_members, &a->cap_members, sizeof(*to)))
		return false;
	normalize(name);
	if (!*name)
		return true; // the folder "./"
	to = &a->members[a->nr_members++];
	*to = (struct archive_member){
		.name = name,
		.refused = why_kind(m->kind),
		.kind = m->kind,
		.size = m->size,
		.off = m->off,
		.sparse = m->sparse,
		.mtime = m->mtime,
		.mtime_ns = m->mtime_ns,
	};
	if (m->kind == TAR_SYMLINK && !(to->target = copy_text(a, m->target)))
		return false;
	return add_pieces(a, to, m);
}

static int compare(const void *x, const void *y)
{
	const struct archive_member *a = x, *b = y;

	return strcmp(a->name, b->name);
}

/** Of several members with one name the first one stays, refused; a folder may be named again. */
static void drop_doubles(struct archive *a)
{
	size_t kept = 0;

	for (size_t i = 1; i < a->nr_members; i++) {
		struct archive_member *last = &a->members[kept];

		if (strcmp(a->members[i].name, last->name) != 0) {
			a->members[++kept] = a->members[i];
			continue;
		}
		if (last->kind == TAR_FOLDER && a->members[i].kind == TAR_FOLDER)
			continue;
		last->refused = "more than one of this name in the archive";
		note_refused(a, last->name, last->refused);
	}
	if (a->nr_members)
		a->nr_members = kept + 1;
}

static enum crit_status read_index(struct archive *a, struct crit_error *err)
{
	struct tar_span span = { .fd = a->fd, .start = a->start, .len = a->len, .name = a->label };
	enum crit_status status;
	struct stat st;

	if (fstat(a->fd, &st) != 0)
		return error_os(err, errno, "%s", a->label);
	a->mtime = st.st_mtim;
	status = tar_walk(&span, add_member, a, err);
	if (status)
		return status;
	if (a->nr_members)
		qsort(a->members, a->nr_members, sizeof(*a->members), compare);
	drop_doubles(a);
	return CRIT_OK;
}

/* ---- Opening --------------------------------------------------------------------------------- */

/** Read from another file from now on, all of it. */
static enum crit_status replace_file(struct archive *a, int fd, struct stat *st,
				     struct crit_error *err)
{
	close(a->fd);
	a->fd = fd;
	if (fstat(fd, st) != 0)
		return error_os(err, errno, "%s", a->label);
	a->start = 0;
	a->len = (uint64_t)st->st_size;
	return CRIT_OK;
}

/** Put the descriptor of what is in it in place of a compressed file's. */
static enum crit_status unwrap(struct archive *a, const struct archive_options *options,
			       struct crit_error *err)
{
	struct tar_span span = { .fd = a->fd, .start = a->start, .len = a->len, .name = a->label };
	size_t want = a->len < TAR_BLOCK ? (size_t)a->len : TAR_BLOCK;
	uint8_t head[TAR_BLOCK];
	enum crit_status status;
	enum packing packing;
	struct stat st;
	ssize_t n;
	int fd;

	while ((n = pread(a->fd, head, want, (off_t)a->start)) < 0 && errno == EINTR)
		;
	if (n < 0)
		return error_os(err, errno, "%s", a->label);
	if (tar_is_header(head, (size_t)n) ||
	    (a->len <= TAR_EMPTY && tar_is_end(head, (size_t)n)))
		return CRIT_OK;
	packing = packing_of(head, (size_t)n);
	if (packing == PACKING_NONE)
		return error_set(err, CRIT_INVALID, "%s: neither a directory nor an archive",
				 a->label);
	status = unpacked_open(packing, &span, a->private ? NULL : &a->st, &a->claim, options, &fd,
			       err);
	a->verified = !status && a->claim.kind != DIGEST_NONE;
	return status ? status : replace_file(a, fd, &st, err);
}

/** Put the descriptor of a file in place of a pipe's. */
static enum crit_status drain(struct archive *a, const struct archive_options *options,
			      struct crit_error *err)
{
	enum crit_status status;
	int fd;

	if (S_ISREG(a->st.st_mode))
		return CRIT_OK;
	a->private = true;
	status = unpacked_from_pipe(a->fd, a->label, options, &fd, err);
	return status ? status : replace_file(a, fd, &a->st, err);
}

/** @param fd  Taken over, also on failure. */
static enum crit_status create(const char *path, const char *label, int fd, struct archive **out,
			       struct crit_error *err)
{
	struct archive *a = calloc(1, sizeof(*a));

	if (!a) {
		close(fd);
		return error_no_memory(err);
	}
	a->nr_users = 1;
	a->fd = fd;
	a->path = strdup(path);
	a->label = strdup(label);
	a->claim = digest_of_path(label);
	arena_init(&a->names, 4 * (size_t)TAR_NAMES);
	*out = a;
	if (!a->path || !a->label)
		return error_no_memory(err);
	return fstat(fd, &a->st) != 0 ? error_os(err, errno, "%s", label) : CRIT_OK;
}

/** The second half of opening. */
static enum crit_status enter(struct archive *a, enum crit_status status,
			      const struct archive_options *options, struct archive **out,
			      struct crit_error *err)
{
	if (!status)
		status = unwrap(a, options, err);
	if (!status)
		status = read_index(a, err);
	if (status)
		archive_put(a);
	else
		*out = a;
	return status;
}

enum crit_status archive_open(const char *path, int fd, const struct archive_options *options,
			      struct archive **out, struct crit_error *err)
{
	struct archive *a = NULL;
	enum crit_status status = create(path, path, fd, &a, err);

	if (!status) {
		a->len = (uint64_t)a->st.st_size;
		status = drain(a, options, err);
		a->dev = a->st.st_dev;
		a->ino = a->st.st_ino;
	}
	return enter(a, status, options, out, err);
}

enum crit_status archive_open_part(const struct archive_part *part,
				   const struct archive_options *options, struct archive **out,
				   struct crit_error *err)
{
	int fd = fcntl(part->fd, F_DUPFD_CLOEXEC, 0);
	struct archive *a = NULL;
	enum crit_status status;

	if (fd < 0)
		return error_os(err, errno, "%s", part->label);
	status = create(part->path, part->label, fd, &a, err);
	if (!status) {
		a->start = part->start;
		a->len = part->len;
		a->dev = part->dev;
		a->ino = part->ino;
		a->part = a->st.st_ino;
	}
	if (!status && part->outer) {
		a->st = part->outer->st; // the file that was given, not one of the cache
		a->private = part->outer->private;
		a->dev = part->outer->dev;
		a->ino = part->outer->ino;
		a->part = part->start;
	}
	return enter(a, status, options, out, err);
}

bool archive_annotate(struct archive *a, const struct archive_annotation *annotations, size_t nr)
{
	a->is_layer = true;
	a->annotations = calloc(nr ? nr : 1, sizeof(*a->annotations));
	for (size_t i = 0; a->annotations && i < nr; i++) {
		struct archive_annotation *to = &a->annotations[i];
		const char *value = annotations[i].value;

		to->name = copy_text(a, annotations[i].name);
		to->value = value ? copy_text(a, value) : NULL;
		if (!to->name || (value && !to->value))
			return false;
		a->nr_annotations++;
	}
	return a->annotations != NULL;
}

enum crit_status archive_verify(struct archive *a, const struct archive_options *options,
				struct crit_error *err)
{
	const struct tar_span span = { .fd = a->fd, .start = a->start, .len = a->len,
				       .name = a->label };
	enum crit_status status;

	if (archive_is_verified(a))
		return CRIT_OK;
	status = verify_span(&span, &a->claim, options, err);
	if (!status && a->claim.kind != DIGEST_NONE)
		__atomic_store_n(&a->verified, true, __ATOMIC_RELAXED);
	return status;
}

bool archive_is_verified(const struct archive *a)
{
	return __atomic_load_n(&a->verified, __ATOMIC_RELAXED);
}

struct archive *archive_get(struct archive *a)
{
	__atomic_add_fetch(&a->nr_users, 1, __ATOMIC_RELAXED);
	return a;
}

void archive_put(struct archive *a)
{
	if (!a || __atomic_sub_fetch(&a->nr_users, 1, __ATOMIC_ACQ_REL))
		return;
	if (a->fd >= 0)
		close(a->fd);
	arena_deinit(&a->names);
	free(a->members);
	free(a->pieces);
	free(a->annotations);
	free(a->problem);
	free(a->label);
	free(a->path);
	free(a);
}

/* ---- Looking up ------------------------------------------------------------------------------ */

size_t archive_lower_bound(const struct archive *a, const char *name)
{
	size_t low = 0, high = a->nr_members;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(a->members[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct archive_member *archive_find(const struct archive *a, const char *name)
{
	size_t i = archive_lower_bound(a, name);

	return i < a->nr_members && !strcmp(a->members[i].name, name) ? &a->members[i] : NULL;
}

bool archive_has_folder(const struct archive *a, const char *folder)
{
	const struct archive_member *m = archive_find(a, folder);
	size_t len = strlen(folder), i;
	char below[TAR_NAME + 1];

	if (!len || (m && m->kind == TAR_FOLDER))
		return true;
	if (len >= TAR_NAME || m)
		return false;
	memcpy(below, folder, len);
	memcpy(below + len, "/", 2);
	i = archive_lower_bound(a, below);
	return i < a->nr_members && !strncmp(a->members[i].name, below, len + 1);
}
